"""Organisations brought from elsewhere: funders, partners, clients, in one statement a table."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.actions.bringing import bring_organisations, drafted_organisation
from crm.finding import Known, Organisations
from crm.imports.common import (
    IDENTIFIERS,
    LEGAL,
    PLACE,
    REFERENCE,
    alike,
    candidate,
    form_words,
    identity,
    legal_form,
)
from crm.models import Organisation
from essaim.identifiers import search_key
from essaim.imports.plan import CREATE, LINK, REF, SAME, Column, Judged, Line, Made
from essaim.imports.values import Cells, Words
from essaim.models import User
from essaim.workflow import Refused

KIND = Column(
    "kind",
    gettext_lazy("Kind"),
    ("type", "catégorie", "nature"),
    same_for_all=True,
    choices=[label for code, label in Organisation.Kind.choices if code != "coop"],
    example="Financeur",
)
BILLING = tuple(
    Column(f"billing_{name}", label, synonyms)
    for name, label, synonyms in (
        ("name", gettext_lazy("Billing name"), ("nom de facturation",)),
        ("street", gettext_lazy("Billing street"), ("adresse de facturation",)),
        ("postcode", gettext_lazy("Billing postcode"), ("code postal de facturation",)),
        ("city", gettext_lazy("Billing city"), ("ville de facturation",)),
        ("email", gettext_lazy("Billing e-mail"), ("courriel de facturation",)),
    )
)
COLUMNS = (
    Column(
        "legal_name",
        gettext_lazy("Legal name"),
        ("raison sociale", "nom légal", "nom", "dénomination", "organisation", "structure"),
        required=True,
        example="Région Grand Est",
    ),
    Column("usual_name", gettext_lazy("Usual name"), ("nom d’usage", "nom usuel", "sigle")),
    KIND,
    *IDENTIFIERS,
    *PLACE,
    *LEGAL,
    *BILLING,
    REFERENCE,
)


class OrganisationImporter:
    kind = "organisations"
    permission = "crm.change_organisation"
    order = 10

    def label(self) -> str:
        return _("Organisations")

    def help(self) -> str:
        return _("Funders, town halls, partners, producers: one row each, with its SIRET if any.")

    def columns(self) -> Sequence[Column]:
        return COLUMNS

    def judge(
        self, lines: Sequence[Line], *, by: User, on: date, at: datetime, dry: bool
    ) -> list[Judged]:
        known, seen, words = Organisations(by), _Seen(), _Said()
        return [self._judge(Judged(line), known, seen, words, on) for line in lines]

    def _judge(
        self, one: Judged, known: Organisations, seen: "_Seen", words: "_Said", on: date
    ) -> Judged:
        cells = Cells(one)
        cells.needed("legal_name")
        fields = identity(cells)
        fields["kind"] = cells.pick("kind", words.kinds) or Organisation.Kind.OTHER
        for name in ("billing_name", "billing_street", "billing_postcode", "billing_city"):
            fields[name] = cells.text(name)
        fields["billing_email"] = cells.email("billing_email")
        form = legal_form(cells, one, words.forms, on)
        one.title = fields["usual_name"] or fields["legal_name"]
        one.detail = " · ".join(filter(None, (fields["city"], fields["siret"])))
        try:
            row = drafted_organisation({k: v for k, v in fields.items() if v})
        except Refused as refused:
            one.refused(refused.missing)
            return one
        seen.check(one, fields)
        if one.faults:
            return one
        one.data = (row, form)
        return self._place(one, known, fields)

    def _place(self, one: Judged, known: Organisations, fields: dict[str, Any]) -> Judged:
        """New, there already, or doubtful."""
        ref = one.line.get(REF)
        sure = known.by_ref(ref) if ref else None
        maybe: list[Known] = []
        if sure is None:
            sure, maybe = alike(known, fields)
        if sure is None and one.line.choice.startswith("org:"):
            sure = known.by_key.get(int(one.line.choice.removeprefix("org:")))
        if sure is not None:
            # Linked when this file teaches its reference in the earlier tool.
            one.verdict = LINK if ref and known.by_ref(ref) is None else SAME
            one.detail, one.data = _("There already: %(name)s") % {"name": sure.name}, sure.key
        elif maybe:
            one.doubt([candidate(k) for k in maybe])
        return one

    def write(self, judged: Sequence[Judged], *, by: User, on: date, at: datetime) -> list[Made]:
        new = [one for one in judged if one.verdict == CREATE]
        bring_organisations([one.data for one in new], by=by, on=on, at=at)
        made = [Made(one.number, one.data[0]) for one in new]
        linked = [one for one in judged if one.verdict == LINK]
        return made + [Made(one.number, Organisation(pk=one.data), is_new=False) for one in linked]


class _Said:
    """The words of the file's columns."""

    def __init__(self) -> None:
        self.kinds = Words(Organisation.Kind.choices, _WAYS)
        self.forms = form_words()


class _Seen:
    """What earlier rows of the same file already said."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], int] = {}

    def check(self, one: Judged, fields: dict[str, Any]) -> None:
        name = f"{search_key(fields['legal_name'])} {search_key(fields['city'])}"
        keys = [("legal_name", name)] if not fields["siret"] else []
        keys += [("siret", "".join(fields["siret"].split()))] if fields["siret"] else []
        keys += [(REF, one.line.get(REF).casefold())] if one.line.get(REF) else []
        for column, key in keys:
            first = self.rows.setdefault((column, key), one.number)
            if first != one.number:
                one.fault(column, _("row %(row)s already says the same.") % {"row": first})


_WAYS = {
    "collectivité": "authority",
    "commune": "authority",
    "mairie": "authority",
    "région": "authority",
    "département": "authority",
    "partenaire": "partner",
    "association": "partner",
    "fournisseur": "producer",
    "producteur": "producer",
    "productrice": "producer",
    "client": "other",
}
