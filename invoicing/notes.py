"""The legal texts of a document, written once: the PDF prints them, the XML carries them."""

from typing import Final

from django.utils.translation import gettext as _

from invoicing import wording
from invoicing.document import CREDIT_NOTE, InvoiceDocument
from invoicing.rules_efacture import treatment

# Subject codes of BT-21 (UNTDID 4451) that a French platform wants once each.
_WANTED: Final = (
    ("PMT", "recovery_fee"),
    ("PMD", "late_penalties"),
    ("AAB", "no_early_discount"),
)
OTHER: Final = "REG"
FREE: Final = "AAI"
ROUTE: Final = "BAR"


def treatment_of(doc: InvoiceDocument) -> str:
    """How the reform treats this document."""
    return treatment(
        regime=doc.regime,
        client_kind=doc.buyer.kind,
        country=doc.buyer.country,
        siren=doc.buyer.siren or doc.buyer.siret[:9],
        vat_status=doc.buyer.vat_status,
    )


def _instead(doc: InvoiceDocument) -> str:
    """What is said where the law asks for no such term."""
    if doc.kind == CREDIT_NOTE:
        return _("A credit note calls for no discount, no late interest and no recovery fee.")
    return _("Not a business client: no contractual late interest, no recovery fee.")


def printed_mentions(doc: InvoiceDocument) -> list[str]:
    """Every legal text of the document, each once, in their order."""
    found = [wording.mention(mention) for mention in doc.mentions]
    if doc.is_electronic and len(_asked(doc)) < len(_WANTED):
        found.append(_instead(doc))
    return found


def _asked(doc: InvoiceDocument) -> dict[str, str]:
    texts = {mention.code: wording.mention(mention) for mention in doc.mentions}
    return {subject: texts[code] for subject, code in _WANTED if code in texts}


def notes(doc: InvoiceDocument) -> list[tuple[str, str]]:
    """(subject code, text) of the notes BG-1, with the very texts of the PDF."""
    asked, wanted = _asked(doc), dict(_WANTED)
    found = [(subject, asked.get(subject) or _instead(doc)) for subject in wanted]
    codes = set(wanted.values())
    found += [(OTHER, wording.mention(m)) for m in doc.mentions if m.code not in codes]
    found += [(FREE, text) for text in (doc.reason, doc.note, doc.seller.standing) if text]
    return [*found, (ROUTE, treatment_of(doc))]


def terms_text(doc: InvoiceDocument) -> str:
    """BT-20: until when, the schedule in words when there are several dates."""
    if doc.kind == CREDIT_NOTE:
        return _("This amount is set against what you owe, or paid back on request.")
    parts = [
        _("%(amount)s by %(day)s")
        % {"amount": wording.euros(part.amount), "day": wording.day(part.due_on)}
        for part in doc.instalments
    ]
    if len(parts) == 1:
        return _("To pay by %(day)s.") % {"day": wording.day(doc.instalments[0].due_on)}
    return _("In %(count)s payments: %(parts)s.") % {
        "count": len(parts),
        "parts": " ; ".join(parts),
    }


def treatment_words(code: str) -> str:
    """Say on screen how the reform treats a document."""
    known = {
        "B2B": _("Exchanged between platforms from September 2027."),
        "B2BINT": _("Client abroad: not exchanged, we report it to the tax office."),
        "B2C": _("Client outside the exchange: we report it to the tax office."),
        "OUTOFSCOPE": _("Outside the reform: neither exchanged nor reported."),
    }
    return known[code]
