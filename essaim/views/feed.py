"""« Mon agenda »: the private address of one's deadlines, and what a calendar reads there."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.forms import BooleanField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from essaim import forms
from essaim.agenda import NEVER_CHANGED, gather, mine
from essaim.feeds import close_feed, open_feed, reader_of
from essaim.ics import ICS_TYPE, calendar_of
from essaim.models import FeedToken
from essaim.tongue import speaking_to
from essaim.views.edits import FormPage

BEFORE, AFTER = timedelta(days=60), timedelta(days=400)
FEED = reverse_lazy("my_feed")


class FeedForm(forms.Form):
    only_mine = BooleanField(
        label=gettext_lazy("Only what I follow"),
        help_text=gettext_lazy(
            "Calls, and the files, tasks and coops whose owner I am; otherwise all I may see."
        ),
        required=False,
    )


class FeedPage(FormPage):
    """One's own address: made, told once, renewed."""

    template_name = "essaim/feed.html"
    form_class = FeedForm
    title = gettext_lazy("My agenda")
    explains = gettext_lazy("Read-only: nothing changed in your calendar comes back here.")
    back = (reverse_lazy("settings"), gettext_lazy("Set-up"))
    token: str = ""

    def living(self) -> FeedToken | None:
        return self.request.user.feed_tokens.filter(revoked_at=None).first()

    def get_initial(self) -> dict[str, Any]:
        row = self.living()
        return {"only_mine": row.only_mine if row else False}

    def get_context(self, **more: Any) -> dict[str, Any]:
        address = ""
        if self.token:
            address = self.request.build_absolute_uri(reverse("feed", args=(self.token,)))
        row = self.living()
        label = _("Renew my address") if row else _("Create my address")
        more |= {"feed": row, "address": address, "submit_label": label}
        return super().get_context(**more)

    def perform(self, form: Any) -> FeedToken:
        row, self.token = open_feed(**form.cleaned_data, **self.act())
        return row

    def done(self, done: FeedToken) -> HttpResponseBase:
        """The token is told on this very answer, which nobody keeps, and never again."""
        answer = self.show(form=self.get_form_class()(initial=self.get_initial()), missing=[])
        answer["Cache-Control"] = "no-store"
        return answer


class FeedRevoke(FormPage):
    title = gettext_lazy("Revoke my address")
    explains = gettext_lazy("The address stops at once: calendars that read it see nothing new.")
    submit_label = gettext_lazy("Revoke my address")
    success_message = gettext_lazy("The address is revoked: a calendar that reads it gets nothing.")
    success_url = FEED
    back = (FEED, gettext_lazy("My agenda"))

    def get_context(self, **more: Any) -> dict[str, Any]:
        words = _(
            "Calendars that read your agenda will find nothing there. You can make a new one."
        )
        return super().get_context(help=words, **more)

    def perform(self, form: Any) -> FeedToken:
        return close_feed(**self.act())


class Feed(View):
    """The agenda behind a token: no session, and only what its person may see at this moment."""

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        reader = reader_of(token, at=timezone.now())
        if reader is None:
            raise Http404("feed")
        today = timezone.localdate()
        with speaking_to(reader.user):
            found = gather(reader.user, first=today - BEFORE, last=today + AFTER)
            if reader.only_mine:
                found = mine(reader.user, found)
            content = calendar_of(
                found, name=_("Essaim, deadlines of %(name)s") % {"name": reader.user}
            )
        etag = quote_etag(sha256(content).hexdigest())
        changed = max((due.stamped or NEVER_CHANGED for due in found), default=NEVER_CHANGED)
        answer: Any = HttpResponse(content, content_type=ICS_TYPE)
        answer["ETag"] = etag
        answer["Cache-Control"] = "private, max-age=300"
        answer["X-Robots-Tag"] = "noindex"
        answer["Content-Disposition"] = 'inline; filename="essaim.ics"'
        answer["Last-Modified"] = http_date(changed.timestamp())
        # What left the window or was settled changes no stamp: the fingerprint alone decides.
        return get_conditional_response(request, etag=etag, response=answer) or answer
