"""Ticked invoices: encashed, sent, or their PDFs taken away, each read before it is done."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from essaim.formats import date_fr
from essaim.money import ZERO
from essaim.tongue import kept
from essaim.views import Action, BulkPage, Line
from essaim.workflow import Missing
from invoicing import files
from invoicing.actions import sending
from invoicing.actions.many import encash_many, in_whole
from invoicing.addresses import addresses_of
from invoicing.files import DOCUMENTS, ZIP, Wanted
from invoicing.forms_desk import EncashForm
from invoicing.models import FrozenFile, Invoice, Payment, Sending
from invoicing.texts import profile_of
from invoicing.views.exports import answer_with
from invoicing.views.sending import texts_by_kind, words_for

ENCASH = Action(
    gettext_lazy("Encash"),
    reverse_lazy("invoicing:encash_many"),
    "banknote",
    "invoicing.record_payment",
)
SEND = Action(
    gettext_lazy("Send"), reverse_lazy("invoicing:send_many"), "send", "invoicing.send_document"
)
PDFS = Action(
    gettext_lazy("PDFs in a ZIP"),
    reverse_lazy("invoicing:pdf_many"),
    "download",
    "invoicing.export",
)


class _Invoices(BulkPage):
    """Invoices chosen in their list."""

    model = Invoice
    success_url = reverse_lazy("invoicing:invoices")
    back = (reverse_lazy("invoicing:invoices"), gettext_lazy("Invoices"))

    def get_objects(self) -> Any:
        return Invoice.objects.visible_to(self.request.user).with_left().select_related("client")

    def in_order(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.order_by("number", "pk")

    def line_of(self, row: Any) -> Line:
        return Line(row, str(row), row.get_absolute_url(), str(row.client))

    def told(self, row: Any, words: Any = "", **more: Any) -> Line:
        plain = self.line_of(row)
        return Line(row, plain.label, plain.url, plain.detail, words, **more)


class EncashMany(_Invoices):
    """Several invoices paid in whole on one day: read what each would settle, then confirm."""

    title = gettext_lazy("Encash these invoices?")
    explains = gettext_lazy(
        "For money that came in on the same day, each invoice paid in whole. A part payment is "
        "recorded from its invoice."
    )
    form_class = EncashForm
    figure_label = gettext_lazy("Left to pay")
    submit_icon = "banknote"

    def get_initial(self) -> dict[str, Any]:
        return {"received_on": self.today, "method": Payment.Method.TRANSFER, "by_client": False}

    def line_of(self, row: Any) -> Line:
        owed = row.is_issued and not row.is_credit_note and row.left > ZERO
        mend = f"{reverse('invoicing:payment_new')}?invoice={row.pk}" if owed else ""
        return Line(row, str(row), row.get_absolute_url(), str(row.client), mend=mend)

    def attempt(self, row: Any, data: Mapping[str, Any]) -> Line:
        left = in_whole(row)
        given = {name: data[name] for name in ("received_on", "method")}
        encash_many(invoices=[row], **given, **self.act())
        words = _("paid in whole; it was due on %(day)s") % {"day": date_fr(row.due_on)}
        return self.told(row, words, figure=left)

    def perform(self, rows: Any, data: Mapping[str, Any]) -> list[Payment]:
        return encash_many(invoices=self.in_order(rows), **data, **self.act())

    def get_submit_label(self, count: int, total: str) -> str:
        words = ngettext(
            "Encash %(count)s invoice (%(total)s)", "Encash %(count)s invoices (%(total)s)", count
        )
        return words % {"count": count, "total": total}

    def get_success_message(self, done: list[Payment]) -> str:
        words = ngettext("%(count)s payment recorded.", "%(count)s payments recorded.", len(done))
        return words % {"count": len(done)}


class SendMany(_Invoices):
    """Several documents sent by mail: what would leave, to whom, with which words."""

    title = gettext_lazy("Send these documents?")
    explains = gettext_lazy(
        "Read to whom each document would go; nothing leaves before you confirm."
    )
    submit_icon = "send"
    outcome = gettext_lazy("All the mails are written together, or none.")

    def judge(self, rows: Sequence[Any], data: Mapping[str, Any]) -> list[Line]:
        profile, texts = profile_of(self.today), texts_by_kind()
        addresses = addresses_of({row.client for row in rows}, on=self.today)
        today = Sending.objects.filter(invoice__in=rows, on=self.today)
        sent = {(pk, to.lower()) for pk, to in today.values_list("invoice_id", "to")}
        lines = []
        for row in rows:
            known = addresses[row.client_id]
            to = known[0].email if known else ""
            if missing := self.bars(row, to, again=(row.pk, to.lower()) in sent):
                lines.append(self.told(row, missing=missing))
                continue
            words = kept(partial(words_for, row, profile, texts))
            lines.append(self.told(row, f"{to} · {words['subject']}", more=words["body"], seen=to))
        return lines

    def bars(self, row: Any, to: str, *, again: bool) -> list[Missing]:
        """Why a document would not leave."""
        _file, problems = sending.sendable(row)
        if problems:
            return problems[:1]
        if not to:
            words = _("No e-mail address on the client’s page.")
            return [Missing("to", words, row.client.get_absolute_url())]
        if again:
            told = _("%(number)s was already sent to %(to)s today.")
            url = reverse("invoicing:send", args=(row.pk,))
            return [Missing("sent_today", told % {"number": row.number, "to": to}, url)]
        return []

    def perform(self, rows: Any, data: Mapping[str, Any]) -> list[Sending]:
        profile, texts = profile_of(self.today), texts_by_kind()
        chosen = list(self.in_order(rows))
        addresses = addresses_of({row.client for row in chosen}, on=self.today)
        mails = {
            row: {"to": addresses[row.client_id][0].email, **words_for(row, profile, texts)}
            for row in chosen
        }
        return sending.send_many(mails=mails, **self.act())

    def get_submit_label(self, count: int, total: str) -> str:
        words = ngettext("Send %(count)s mail", "Send %(count)s mails", count)
        return words % {"count": count}

    def get_success_message(self, done: list[Sending]) -> str:
        words = ngettext(
            "%(count)s mail is on its way.", "%(count)s mails are on their way.", len(done)
        )
        return words % {"count": len(done)}


class PdfMany(_Invoices):
    """The frozen PDFs of the ticked documents in one zip, noted in the log of exports."""

    title = gettext_lazy("Take these PDFs away?")
    submit_icon = "download"
    outcome = gettext_lazy("The file is noted among the exports, with its fingerprint.")

    def judge(self, rows: Sequence[Any], data: Mapping[str, Any]) -> list[Line]:
        frozen = FrozenFile.objects.filter(invoice__in=rows, kind=FrozenFile.Kind.PDF)
        sizes = dict(frozen.values_list("invoice_id", "size"))
        return [self.line_with(row, sizes.get(row.pk)) for row in rows]

    def line_with(self, row: Any, size: int | None) -> Line:
        if size is None:
            _file, problems = sending.sendable(row)
            return self.told(row, missing=problems[:1])
        weight = _("PDF of %(size)s kB") % {"size": max(1, round(size / 1024))}
        return self.told(row, weight)

    def perform(self, rows: Any, data: Mapping[str, Any]) -> Any:
        chosen = list(self.in_order(rows))
        dates = [row.issued_on for row in chosen]
        keys = tuple(sorted(row.pk for row in chosen))
        wanted = Wanted(DOCUMENTS, ZIP, min(dates), max(dates), keys=keys)
        built, _log = files.take(wanted, **self.act())
        return answer_with(built)

    def get_submit_label(self, count: int, total: str) -> str:
        words = ngettext("Take %(count)s PDF away", "Take %(count)s PDFs away", count)
        return words % {"count": count}
