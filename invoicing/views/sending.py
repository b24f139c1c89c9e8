"""Documents sent by mail from their page or from the list, and the texts they start from."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.tongue import in_french
from essaim.views import Action, FormPage, Page
from essaim.workflow import Refused
from invoicing.actions import sending
from invoicing.addresses import addresses_of
from invoicing.forms_reminders import SendForm, TextForm
from invoicing.models import Invoice, MailText, ReminderLevel, Sending
from invoicing.rules_texts import fill
from invoicing.texts import allowed_in, document_facts, kind_of, profile_of
from invoicing.views.bill import room_tabs


@in_french()
def words_for(invoice: Any, profile: Any, texts: Mapping[str, MailText]) -> dict[str, str]:
    """The subject and the text a document's mail starts from, filled."""
    text = texts[kind_of(invoice)]
    facts = document_facts(invoice, profile)
    return {"subject": fill(text.subject, facts), "body": fill(text.body, facts)}


def texts_by_kind() -> dict[str, MailText]:
    return {text.kind: text for text in MailText.objects.all()}


class SendInvoice(FormPage):
    """Send an issued document with its frozen PDF, its words read first."""

    explains = gettext_lazy("Read the words, then send: the frozen PDF goes with them.")

    model = Invoice
    form_class = SendForm
    template_name = "invoicing/send.html"
    submit_label = gettext_lazy("Send")
    submit_icon = "send"
    success_message = gettext_lazy("The mail is on its way: its page says when it has left.")

    def get_objects(self) -> Any:
        return super().get_objects().with_left().select_related("client")

    def get_title(self) -> str:
        return _("Send %(number)s") % {"number": self.object}

    def get_facts(self) -> str:
        return str(self.object.client)

    def get_back(self) -> tuple[str, Any]:
        return (self.object.get_absolute_url(), str(self.object))

    def check(self) -> None:
        super().check()
        _file, problems = sending.sendable(self.object)
        if problems:
            raise Refused(problems)

    def get_form_kwargs(self) -> dict[str, Any]:
        client = self.object.client
        return {"addresses": addresses_of([client], on=self.today)[client.pk]}

    def get_initial(self) -> dict[str, Any]:
        return words_for(self.object, profile_of(self.today), texts_by_kind())

    def perform(self, form: Any) -> Invoice:
        given = form.cleaned_data
        sending.send_invoice(
            invoice=self.object,
            to=form.recipient,
            cc=given["cc"],
            subject=given["subject"],
            body=given["body"],
            reasons=self.reasons,
            **self.act(),
        )
        return self.object

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(file_name=sending.file_name(self.object), **more)


class SendAgain(FormPage):
    """Let a mail that did not leave be tried again at once."""

    model = Sending
    select_related = ("message", "invoice", "client")
    title = gettext_lazy("Try to send it again?")
    explains = gettext_lazy("The same mail leaves once more, at once.")
    submit_label = gettext_lazy("Try again")
    submit_icon = "refresh-cw"
    success_message = gettext_lazy("It will be tried again in a moment.")

    def get_facts(self) -> str:
        return f"{self.object.to} · {self.object.message.last_error}".strip(" ·")

    def perform(self, form: Any) -> Any:
        sending.try_again(message=self.object.message, **self.act())
        return self.object.invoice or self.object.client


# -- texts --------------------------------------------------------------------------------------
class Texts(Page):
    """The texts of mails and the levels of reminders, each a link to change it."""

    title = gettext_lazy("Mails and reminders")
    explains = gettext_lazy(
        "The words every mail starts from; they are read again before it leaves."
    )
    template_name = "invoicing/texts.html"

    def get_primary(self) -> Action:
        return Action(_("Add a level"), reverse("invoicing:level_new"), "plus")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:reminders"), _("Reminders of the day"))

    def get_context(self, **more: Any) -> dict[str, Any]:
        more |= {
            "texts": MailText.objects.all(),
            "levels": ReminderLevel.objects.all(),
            "tabs": room_tabs(self, "receivables"),
        }
        return super().get_context(**more)


class TextEdit(FormPage):
    """Change the text of one kind of mail."""

    explains = gettext_lazy(
        "Mails to come start from these words; those already sent do not change."
    )

    model = MailText
    form_class = TextForm
    template_name = "invoicing/text_edit.html"
    success_message = gettext_lazy("The text is kept.")

    def get_objects(self) -> Any:
        return MailText.objects.all()

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:texts"), _("Mails and reminders"))

    def get_success_url(self, done: Any) -> str:
        return reverse("invoicing:texts")

    def perform(self, form: Any) -> Any:
        return sending.write_text(text=self.object, **form.cleaned_data, **self.act())

    def known_words(self) -> Sequence[str]:
        return allowed_in(self.object)

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(known=[f"{{{w}}}" for w in self.known_words()], **more)
