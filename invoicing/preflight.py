"""What of one document would make it unprintable or refused by a platform, before its number."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final
from unicodedata import category

from django.urls import reverse
from django.utils.translation import gettext as _

from essaim.fonts import FRENCH, missing_glyphs
from essaim.workflow import Missing
from invoicing import bt
from invoicing.document import InvoiceDocument
from invoicing.models import Invoice
from invoicing.rules_efacture import ENGAGEMENT_LIMIT, chorus_problems

_DRAWN: Final = frozenset(FRENCH) | frozenset(" \n\r\t")
_LINES: Final = frozenset("\n\r\t")


def document_problems(invoice: Invoice, doc: InvoiceDocument) -> list[Missing]:
    """Everything of this document that would refuse its issue, in words; writes nothing."""
    return [*_chorus(invoice, doc), *_exchange(doc), *_undrawn(doc)]


def _chorus(invoice: Invoice, doc: InvoiceDocument) -> Iterator[Missing]:
    """Chorus Pro refuses what lacks the references its client asks for (CCP L2192-1)."""
    client = invoice.client
    if doc.kind not in bt.TYPES or client.client_kind != client.ClientKind.PUBLIC:
        return
    found = chorus_problems(
        requirement=client.chorus,
        siret=client.siret,
        service=doc.service_code,
        engagement=doc.order_number,
    )
    of_client = reverse("crm:organisation_edit", args=(client.pk,))
    of_draft = reverse("invoicing:invoice_edit", args=(invoice.pk,))
    for problem in found:
        on_draft = "engagement" in problem.code
        yield Missing(
            problem.code, _chorus_words(problem.code), of_draft if on_draft else of_client
        )


def _chorus_words(code: str) -> str:
    if code == "chorus_engagement_too_long":
        return _(
            "Chorus Pro takes an engagement number of %(limit)s characters at most: shorten it."
        ) % {"limit": ENGAGEMENT_LIMIT}
    known = {
        "chorus_siret_missing": _(
            "Chorus Pro finds a public client by its SIRET: write it on the client."
        ),
        "chorus_service_missing": _(
            "This public client wants its Chorus service code: write it on the client."
        ),
        "chorus_engagement_missing": _(
            "This public client wants an engagement number: write it as the order number."
        ),
        "chorus_either_missing": _(
            "This public client wants a Chorus service code on its page, or an engagement number"
            " on the invoice: write one of them."
        ),
    }
    return known[code]


def _exchange(doc: InvoiceDocument) -> Iterator[Missing]:
    if not doc.is_electronic or not doc.lines:
        return
    try:
        bt.check(doc)
    except bt.NotExchangeable as refused:
        words = {
            "out_of_scope_is_mixed": _(
                "What is outside VAT (a membership) can't stand on an electronic invoice beside"
                " the rest: make a document of its own."
            ),
            "only_discounts": _("A discount alone is no invoice: make a credit note."),
        }
        yield Missing(refused.code, words[refused.code])


# -- characters --------------------------------------------------------------------------------
def texts_of(value: Any) -> Iterator[str]:
    """Every text of a document, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts_of(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts_of(getattr(value, field.name))


def _undrawn(doc: InvoiceDocument) -> Iterator[Missing]:
    """A character no font draws makes the PDF invalid; a control character, the XML."""
    texts = list(texts_of(doc))
    odd = {char for text in texts for char in text} - _DRAWN
    controls = {char for char in odd if category(char) in ("Cc", "Cs", "Co", "Cn")} - _LINES
    bad = controls | set(missing_glyphs("".join(sorted(odd - controls))) if odd - controls else "")
    for text in texts:
        if found := sorted(bad & set(text)):
            bad -= set(found)
            words = {
                "characters": " ".join(
                    c if c not in controls else f"U+{ord(c):04X}" for c in found
                ),
                "text": "".join(c for c in text if c not in controls)[:80],
            }
            yield Missing(
                "characters",
                _("No font of ours draws %(characters)s in “%(text)s”: write it otherwise.")
                % words,
            )
