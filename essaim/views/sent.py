"""Pages that record a form once: sent twice, it is answered as the first time."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from essaim import form_keys, form_tokens
from essaim.form_keys import AlreadySent
from essaim.form_tokens import Sent
from essaim.models import FormKey
from essaim.workflow import Missing

# Sent by the script that kept a day without network; it forgets the day on this answer alone.
OFFLINE, RECORDED = "X-Offline-Day", "X-Recorded"


class SentOnce(View):
    """What a page knows of the key of the form that comes back to it."""

    # Whoever asks has signed in and htmx has looked: the plain type knows neither.
    request: Any
    # The key is used in the transaction of what it records. Off for what has several of its own.
    in_one_go: bool = True
    # Another content under the same key asks before it is recorded; off where it is another choice.
    asks_again: bool = False
    # On where the answer goes through `once`; off where repeating does no harm: taking a file.
    counts_sendings: bool = False
    # What this key recorded before, with other values.
    used: FormKey | None = None

    @cached_property
    def sent(self) -> Sent | None:
        return form_tokens.read(self.request) if self.counts_sendings else None

    @property
    def key(self) -> UUID | None:
        if self.sent is None:
            return None
        return self.sent.uuid if self.asks_again else self.sent.of_its_content()

    def before(self) -> HttpResponseBase | None:
        """The answer to a form that was recorded already, or that another person opened."""
        if self.sent is None or self.key is None:
            return None
        if self.sent.user_pk != self.request.user.pk:
            return of_another(self.request)
        row = form_keys.find(self.key, self.request.user)
        if row is not None and (row.digest == self.sent.digest or self.was_offline):
            return self.answered_again(row)
        self.used = row
        return None

    def meanwhile(self) -> HttpResponseBase | None:
        """The same question once more, after a refusal: the first sending may just have ended."""
        return None if self.used is not None else self.before()

    def answered_again(self, row: FormKey) -> HttpResponseBase:
        if not self.was_offline:
            messages.info(self.request, _("It was recorded already: nothing was doubled."))
        return HttpResponseRedirect(row.led_to)

    @property
    def was_offline(self) -> bool:
        """Whether a script sends this, which waited for the network."""
        return OFFLINE in self.request.headers

    def told_plainly(self, answer: HttpResponseBase) -> HttpResponseBase:
        """To the script: recorded, by a header; a redirect would be hidden from it."""
        if not self.was_offline or not 300 <= answer.status_code < 400:
            return answer
        plain = HttpResponse(status=204)
        plain[RECORDED] = "yes"
        return plain

    def once(self, do: Callable[[], HttpResponseBase]) -> HttpResponseBase:
        """`do` and the use of the key of the form: both, or neither."""
        try:
            return form_keys.once(
                self.sent,
                self.key,
                do,
                by=self.request.user,
                at=timezone.now(),
                in_one_go=self.in_one_go,
            )
        except AlreadySent:
            row = form_keys.find(self.key, self.request.user) if self.key else None
            if row is None or self.sent is None:
                raise
            if row.digest == self.sent.digest:
                return self.answered_again(row)
            self.used = row
            return self.sent_otherwise()

    def sent_otherwise(self) -> HttpResponseBase:
        """The key recorded something else first."""
        raise NotImplementedError


def of_another(request: HttpRequest) -> HttpResponseBase:
    """The form was opened by somebody who has left this browser since."""
    words = _(
        "This form was opened by another person, who signed out since. Nothing was recorded: "
        "open the page again to send it in your own name."
    )
    context = {"missing": [Missing("person", words)], "back": (request.path, "")}
    return render(request, "essaim/refused.html", context, status=409)
