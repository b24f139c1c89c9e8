"""« Relances du jour »: what is due, one click for one or all, and who may hold it back."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import Coop
from essaim.money import ZERO, cents
from essaim.tongue import in_french, kept
from essaim.views import Action, DetailPage, FormPage, Page, file_response
from essaim.views.bulk import BULK_CAP
from essaim.workflow import Missing, Refused
from invoicing.actions import holding, reminding, sending
from invoicing.forms_reminders import HoldForm, LevelForm, RemindForm
from invoicing.models import Instalment, Invoice, Reminder, ReminderLevel
from invoicing.printing_letters import render_letter
from invoicing.reminding import ToRemind, coming_reminders, due_reminders, is_on_hold
from invoicing.texts import allowed_in, profile_of
from invoicing.views.bill import room_tabs
from invoicing.views.sending import TextEdit

SENT_SHOWN = 20


def day_url() -> str:
    return reverse("invoicing:reminders")


class DayReminders(Page):
    """What is due today, what is held back, what comes next, what was sent last."""

    title = gettext_lazy("Reminders of the day")
    explains = gettext_lazy(
        "Late invoices to write about today: read each one, or send them together."
    )
    about = "relance"
    template_name = "invoicing/reminders.html"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:receivables"), _("Receivables"))

    def get_actions(self) -> Sequence[Action]:
        url = reverse("invoicing:texts")
        return (Action(_("Texts and levels"), url, "pencil", "invoicing.manage_texts"),)

    def get_context(self, **more: Any) -> dict[str, Any]:
        due = due_reminders(on=self.today)
        sent = Reminder.objects.visible_to(self.request.user).sent()
        more |= {
            "due": [one for one in due if one.hold is None],
            "held": [one for one in due if one.hold is not None],
            "total": cents(sum((one.left for one in due if one.hold is None), ZERO)),
            "coming": coming_reminders(on=self.today)[:SENT_SHOWN],
            "sent": sent.defer("content", "body").select_related(
                "invoice__client", "level", "message"
            )[:SENT_SHOWN],
            "may_remind": self.request.user.has_perm("invoicing.remind"),
            "may_hold": self.request.user.has_perm("invoicing.hold_reminder"),
            "tabs": room_tabs(self, "receivables"),
        }
        return super().get_context(**more)


class _OfInstalment(Page):
    """A page about one instalment that this person may see."""

    model: Any = Instalment

    def get_objects(self) -> Any:
        seen = Invoice.objects.visible_to(self.request.user)
        rows = Instalment.objects.filter(invoice__in=seen.values("pk"))
        return rows.select_related("invoice__client")

    @cached_property
    def draft(self) -> reminding.Draft:
        one = reminding.due_now(self.object, on=self.today)
        return reminding.draft_of(one, profile_of(self.today))

    def get_back(self) -> tuple[str, Any]:
        return (day_url(), _("Reminders of the day"))


class RemindOne(_OfInstalment, FormPage):
    """Read one reminder, change its words, send it."""

    explains = gettext_lazy(
        "Read and change its words: it leaves as you see it, and a copy is kept."
    )

    form_class = RemindForm
    template_name = "invoicing/remind.html"
    submit_label = gettext_lazy("Send the reminder")
    submit_icon = "send"

    def check(self) -> None:
        super().check()
        self.draft  # noqa: B018 - refuses what is not due

    def get_title(self) -> str:
        return f"{self.draft.one.level} · {self.object.invoice}"

    def get_facts(self) -> str:
        return str(self.object.invoice.client)

    def get_actions(self) -> Sequence[Action]:
        url = reverse("invoicing:hold", args=(self.object.invoice_id,))
        return (Action(_("Suspend the reminders"), url, "pause", "invoicing.hold_reminder"),)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"addresses": self.draft.one.addresses}

    def get_initial(self) -> dict[str, Any]:
        return {
            "subject": self.draft.subject,
            "body": self.draft.body,
            "by_post": not self.draft.one.addresses,
        }

    def perform(self, form: Any) -> Reminder:
        given = form.cleaned_data
        channel = reminding.LETTER if given["by_post"] else reminding.MAIL
        return reminding.remind(
            instalment=self.object,
            to=form.recipient,
            subject=given["subject"],
            body=given["body"],
            channel=channel,
            **self.act(),
        )

    def get_success_message(self, done: Reminder) -> str:
        if done.channel == reminding.LETTER:
            return _("The letter is kept: print it and post it.")
        return _("The reminder is on its way to %(to)s.") % {"to": done.to}

    def get_success_url(self, done: Reminder) -> str:
        return done.get_absolute_url() if done.channel == reminding.LETTER else day_url()

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(draft=self.draft, **more)


class LetterPreview(_OfInstalment):
    """The letter as it would be kept, printed on demand and kept nowhere."""

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        content = render_letter(profile=profile_of(self.today), draft=self.draft, epoch=0)
        return file_response(content, f"relance-{self.object.pk}.pdf", "application/pdf")


class RemindMany(Page):
    """Send several reminders: first what would leave, then one click."""

    title = gettext_lazy("Send these reminders?")
    explains = gettext_lazy("Nothing leaves before you confirm this list.")
    template_name = "invoicing/remind_many.html"

    def get_back(self) -> tuple[str, Any]:
        return (day_url(), _("Reminders of the day"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect("invoicing:reminders")

    @cached_property
    def chosen(self) -> list[ToRemind]:
        keys = self.request.POST.getlist("pk")
        if len(keys) > BULK_CAP or not all(
            k.isascii() and k.isdigit() and len(k) < 19 for k in keys
        ):
            raise Http404("pk")
        wanted = {int(k) for k in keys}
        seen = Invoice.objects.visible_to(self.request.user)
        known = Instalment.objects.filter(pk__in=wanted, invoice__in=seen.values("pk"))
        if known.count() != len(wanted):
            raise Http404("pk")
        return [one for one in due_reminders(on=self.today) if one.instalment.pk in wanted]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.chosen:
            messages.warning(request, _("Nothing was chosen, or nothing of it is due any more."))
            return redirect("invoicing:reminders")
        if "confirm" not in request.POST:
            return self.show()
        ready = [one.instalment for one in self.chosen if not reminding.missing_of(one)]
        done = kept(lambda: reminding.remind_many(instalments=ready, **self.act()))
        words = ngettext(
            "%(count)s reminder is on its way.",
            "%(count)s reminders are on their way.",
            len(done.reminders),
        )
        messages.success(request, words % {"count": len(done.reminders)})
        for one, why in done.left_out:
            messages.warning(request, f"{one.invoice} : {why}")
        return redirect("invoicing:reminders")

    def get_context(self, **more: Any) -> dict[str, Any]:
        profile = profile_of(self.today)
        missing = [(one, reminding.missing_of(one)) for one in self.chosen]
        more |= {
            "ready": [reminding.draft_of(one, profile) for one, found in missing if not found],
            "left_out": [(one, str(found[0].text)) for one, found in missing if found],
        }
        return super().get_context(**more)


class ReminderPage(DetailPage):
    """A reminder that was sent: its words, its letter, whether it left."""

    explains = gettext_lazy(
        "Its words and its letter as they left, and whether they reached the client."
    )

    model = Reminder
    template_name = "invoicing/reminder.html"
    select_related = ("invoice__client", "level", "message", "by")

    def get_title(self) -> str:
        return f"{self.object.level} · {self.object.invoice}"

    def get_facts(self) -> str:
        return str(self.object.invoice.client)

    def get_back(self) -> tuple[str, Any]:
        return (self.object.invoice.get_absolute_url(), str(self.object.invoice))

    def get_context(self, **more: Any) -> dict[str, Any]:
        may = self.request.user.has_perm("invoicing.remind")
        return super().get_context(may_remind=may, **more)

    def get_actions(self) -> Sequence[Action]:
        if self.object.content is None:
            return ()
        url = reverse("invoicing:reminder_pdf", args=(self.object.pk,))
        return (Action(_("Download the letter"), url, "download"),)


class ReminderPdf(Page):
    """The letter as it was kept."""

    model = Reminder
    select_related = ("invoice", "level")

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.object.content is None:
            raise Refused([Missing("letter", _("This level was skipped: no letter was made."))])
        name = reminding.letter_name(self.object)
        return file_response(bytes(self.object.content), name, "application/pdf")


class ReminderAgain(FormPage):
    """Let a reminder that did not leave be tried again at once."""

    model = Reminder
    select_related = ("message", "invoice")
    title = gettext_lazy("Try to send it again?")
    explains = gettext_lazy("The same words leave once more, at once.")
    submit_label = gettext_lazy("Try again")
    submit_icon = "refresh-cw"
    success_message = gettext_lazy("It will be tried again in a moment.")

    def check(self) -> None:
        super().check()
        if self.object.message is None:
            raise Refused([Missing("message", _("No mail was written for this reminder."))])

    def get_facts(self) -> str:
        return f"{self.object.to} · {self.object.message.last_error}".strip(" ·")

    def perform(self, form: Any) -> Any:
        sending.try_again(message=self.object.message, **self.act())
        return self.object


# -- who may hold back --------------------------------------------------------------------------
class _OfFollowed(FormPage):
    """An invoice whose reminders this person may hold back: the office's, or of own coops."""

    model = Invoice
    select_related = ("client", "coop__organisation")

    def get_objects(self) -> Any:
        user = self.request.user
        rows = Invoice.objects.claims().select_related(*self.select_related)
        if user.has_perm("invoicing.view_invoice"):
            return rows
        mine = Coop.objects.visible_to(user)
        return rows.filter(Q(coop__in=mine) | Q(client__coop__in=mine))

    def get_facts(self) -> str:
        return f"{self.object.number} · {self.object.client}"

    def get_back(self) -> tuple[str, Any] | None:
        if self.request.user.has_perm("invoicing.view_invoice"):
            return super().get_back()
        return (reverse("today"), gettext_lazy("Today"))

    def get_success_url(self, done: Any) -> str:
        if self.request.user.has_perm("invoicing.view_invoice"):
            return self.object.get_absolute_url()
        return reverse("today")


class Hold(_OfFollowed):
    """Suspend the reminders of an invoice until a date, with a reason; no amount is shown."""

    form_class = HoldForm
    title = gettext_lazy("Suspend the reminders")
    explains = gettext_lazy("No reminder leaves until this date; the reason is kept.")
    submit_label = gettext_lazy("Suspend")
    submit_icon = "pause"
    success_message = gettext_lazy("The reminders wait until this date.")

    def perform(self, form: Any) -> Any:
        return holding.hold_reminders(invoice=self.object, **form.cleaned_data, **self.act())


class Release(_OfFollowed):
    """Let the reminders of an invoice go on."""

    title = gettext_lazy("Let the reminders go on?")
    explains = gettext_lazy("Reminders take up where they stood.")
    submit_label = gettext_lazy("Let them go on")
    submit_icon = "play"
    success_message = gettext_lazy("The reminders go on.")

    def check(self) -> None:
        super().check()
        hold = is_on_hold(self.object, on=self.today)
        if hold is None or hold.code != "suspended":
            words = _("The reminders of this invoice are not suspended.")
            raise Refused([Missing("hold", words)])

    def perform(self, form: Any) -> Any:
        return holding.release_reminders(invoice=self.object, **self.act())


# -- levels -------------------------------------------------------------------------------------
class LevelEdit(TextEdit):
    """Change when a level falls due, and its words."""

    explains = gettext_lazy("How long after the due date it leaves, and in which words.")

    model = ReminderLevel
    form_class = LevelForm
    success_message = gettext_lazy("The level is kept.")

    def get_objects(self) -> Any:
        return ReminderLevel.objects.all()

    def perform(self, form: Any) -> Any:
        return holding.save_level(level=self.object, **form.cleaned_data, **self.act())


class LevelNew(LevelEdit):
    """Add a level after the last one."""

    title = gettext_lazy("Add a level")
    explains = gettext_lazy("One more step, after the last one: later, and firmer.")

    def known_words(self) -> Sequence[str]:
        last = ReminderLevel.objects.order_by("-rank").first()
        return allowed_in(last) if last is not None else ()
