"""Columns and words that the tables of this room share."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.finding import Known, Organisations
from crm.models import LegalFormPeriod, Organisation
from essaim.identifiers import search_key
from essaim.imports.plan import REF, Column, Judged
from essaim.imports.values import Cells, Words

REFERENCE = Column(
    REF,
    gettext_lazy("Reference in the earlier tool"),
    ("ref ancienne", "référence", "ref", "id", "identifiant", "code"),
    help=gettext_lazy("What the earlier tool called it: a row brought twice is known by it."),
    example="ORG-001",
)
IDENTIFIERS = (
    Column("siret", "SIRET", ("n° siret", "numéro siret"), example="732 829 320 00074"),
    Column("siren", "SIREN", ("n° siren",)),
    Column("rna", "RNA", ("n° rna", "numéro rna")),
    Column(
        "court_register",
        gettext_lazy("Court register (Alsace-Moselle)"),
        ("registre", "registre du tribunal", "volume et folio"),
    ),
    Column("vat_number", gettext_lazy("VAT number"), ("tva", "numéro de tva", "tva intra")),
)
PLACE = (
    Column("email", gettext_lazy("E-mail"), ("courriel", "mail", "email")),
    Column("phone", gettext_lazy("Phone"), ("téléphone", "tél", "tel")),
    Column("website", gettext_lazy("Website"), ("site", "site internet", "site web")),
    Column("street", gettext_lazy("Street"), ("adresse", "rue", "voie")),
    Column("postcode", gettext_lazy("Postcode"), ("code postal", "cp"), example="57600"),
    Column("city", gettext_lazy("City"), ("ville", "commune"), example="Forbach"),
)
LEGAL = (
    Column(
        "legal_form",
        gettext_lazy("Legal form"),
        ("forme juridique", "statut juridique", "forme"),
        choices=[label for _code, label in LegalFormPeriod.Form.choices],
    ),
    Column("legal_form_since", gettext_lazy("Legal form since"), ("forme juridique depuis",)),
)


def form_words() -> Words:
    return Words(
        LegalFormPeriod.Form.choices,
        {
            "asso": "association",
            "association loi 1901": "association",
            "association loi 1908": "association",
            "association de préfiguration": "pre_association",
            "SAS": "sas_coop",
            "SCIC": "scic_sas",
            "sans": "none",
        },
    )


def legal_form(cells: Cells, judged: Judged, words: Words, on: Any) -> tuple[str, Any] | None:
    """The legal form with its first day, which it needs."""
    form = cells.pick("legal_form", words)
    since = cells.day("legal_form_since", latest=on)
    if not form:
        return None
    if since is None:
        if not judged.line.get("legal_form_since"):
            judged.fault("legal_form_since", _("say since when it has this legal form."))
        return None
    return form, since


def identity(cells: Cells) -> dict[str, Any]:
    """Fields of an organisation, as text, numbers of a spreadsheet made whole again."""
    fields: dict[str, Any] = {
        name: cells.text(name, _longest(name))
        for name in ("legal_name", "usual_name", "rna", "court_register", "vat_number")
    }
    fields |= {name: cells.text(name, _longest(name)) for name in ("street", "city", "phone")}
    fields["siret"], fields["siren"] = cells.digits("siret", 14), cells.digits("siren", 9)
    fields["postcode"] = cells.digits("postcode", 5)
    fields["email"] = cells.email("email")
    website = cells.text("website")
    fields["website"] = website if not website or "://" in website else f"https://{website}"
    return fields


def _longest(name: str) -> int:
    return int(getattr(Organisation._meta.get_field(name), "max_length", None) or 200)


def alike(known: Organisations, fields: Mapping[str, Any]) -> tuple[Known | None, list[Known]]:
    """The organisation that this surely is, and those that it may be."""
    siret = "".join(str(fields.get("siret", "")).split())
    if siret and siret in known.by_siret:
        return known.by_siret[siret], []
    names = {fields.get("legal_name", ""), fields.get("usual_name", "")} - {""}
    same = list({k.key: k for name in names for k in known.named(name)}.values())
    # Another SIRET is another establishment, whatever the name.
    same = [k for k in same if not (siret and k.siret)]
    city = search_key(str(fields.get("city", "")))
    here = [k for k in same if city and k.city == city]
    if len(here) == 1:
        return here[0], []
    siren = siret[:9] or "".join(str(fields.get("siren", "")).split())
    maybe = here or [k for k in same if not city or not k.city]
    maybe += [k for k in known.by_siren.get(siren, ()) if siren and k not in maybe]
    email = str(fields.get("email", "")).casefold()
    maybe += [
        k for k in known.by_key.values() if email and k.email.casefold() == email and k not in maybe
    ]
    return None, maybe[:5]


def candidate(known: Known) -> tuple[str, str]:
    """A choice for a doubtful row: « c'est celle-ci »."""
    words = f"{known.name} ({known.city.title()})" if known.city else known.name
    return f"org:{known.key}", _("It is “%(name)s”") % {"name": words}
