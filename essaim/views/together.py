"""Two people, or two tabs, on the same form: both values are shown, and one is chosen."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Model
from django.http import HttpResponse
from django.utils.translation import gettext as _

from essaim import three_way
from essaim.form_tokens import SHOWN
from essaim.models import Event
from essaim.three_way import Clash, Shown, canonical, mark_of
from essaim.views.pages import Page, log_refusal
from essaim.workflow import Missing, Refused

KEEP = "keep_"


class Together(Page):
    """What a form page does when what it shows changed since it was opened."""

    # Off for what is no change of the values shown.
    edits: bool = True
    clashes: tuple[Clash, ...] = ()
    # The signed fingerprints the page carries, once both values were shown.
    shown_again: str = ""
    as_read: Mapping[str, str] = {}

    def get_form(self) -> Any:
        raise NotImplementedError

    def get_edited(self) -> Model | None:
        """The row whose values the form shows."""
        edited: Model | None = self.object if self.edits else None
        return edited

    def get_told(self) -> list[Model]:
        """The rows whose trail says who changed what the form shows."""
        edited = self.get_edited()
        return [] if edited is None else [edited]

    def blank_form(self) -> Any:
        """The form as a fresh page would show it."""
        method, self.request.method = self.request.method, "GET"
        try:
            return self.get_form()
        finally:
            self.request.method = method

    def get_shown(self, form: Any) -> str:
        """What the page carries to know, when it comes back, what changed meanwhile."""
        edited = self.get_edited()
        if self.shown_again or edited is None:
            return self.shown_again
        if self.request.method == "POST" and not self.used:
            return str(self.request.POST.get(SHOWN, ""))
        if not form.fields:
            return ""
        blank = self.blank_form() if form.is_bound else form
        marks = three_way.marks_of(blank)
        return three_way.write_shown(Shown(marks), self.request.user, self.request.get_full_path())

    # -- when it comes back -------------------------------------------------------------------

    def merged(self) -> bool:
        """Take what the other changed alone; False when both changed a field and none is chosen."""
        edited, posted = self.get_edited(), self.request.POST.get(SHOWN, "")
        if edited is None or not posted or self.used is not None:
            return True
        shown = three_way.read_shown(posted, self.request.user, self.request.get_full_path())
        if shown is None:
            return True
        self.as_read = dict(columns_of(edited))
        blank, typed = self.blank_form(), self.get_form()
        now = three_way.marks_of(blank)
        if not shown.asked and all(now.get(n, m) == m for n, m in shown.marks.items()):
            return True
        typed.is_valid()
        found = three_way.compare(shown, now, typed, turned=self.turned())
        asked = [n for n in dict.fromkeys((*shown.asked, *found.clashes)) if n in now]
        choice = {n: self.request.POST.get(KEEP + n, "") for n in asked}
        for name in found.clashes:
            choice[name] = ""  # it changed again since both values were shown
        theirs = [*found.theirs, *(n for n, kept in choice.items() if kept == "theirs")]
        self.take(blank, theirs)
        open_ones = [n for n, kept in choice.items() if kept not in ("theirs", "mine")]
        if open_ones:
            self.clashes = tuple(clash_of(blank, typed, name) for name in open_ones)
            again = Shown(now, tuple(open_ones))
            self.shown_again = three_way.write_shown(
                again, self.request.user, self.request.get_full_path()
            )
        return not open_ones

    def hold_still(self) -> None:
        """Hold the row until the transaction ends. Raises Refused when it moved since it was read.

        What the form shows is compared before; this closes the instant between the two.
        """
        edited = self.get_edited()
        if not self.as_read or edited is None or self.sent is None or not self.in_one_go:
            return
        rows = type(edited)._base_manager.select_for_update(of=("self",), no_key=True)
        held = rows.filter(pk=edited.pk).first()
        if held is not None and dict(columns_of(held)) != self.as_read:
            words = _("It was changed at this very instant: nothing is saved. Send it again.")
            raise Refused([Missing("changed", words)])

    def turned(self) -> set[str]:
        """The mark of the day the page was opened on: a default that midnight alone changed."""
        day = self.sent.opened_on if self.sent is not None else self.today
        return set() if day == self.today else {mark_of(canonical(None, day))}

    def take(self, blank: Any, names: list[str]) -> None:
        """Put the present values of these fields in the place of what was typed."""
        if not names:
            return
        data = self.request.POST.copy()
        for name in names:
            bound = blank[name]
            for key in [k for k in data if k == bound.html_name]:
                del data[key]
            for end in ("_other", "_words"):
                data.pop(bound.html_name + end, None)
            for key, values in three_way.as_posted(bound).items():
                data.setlist(key, values)
        self.request.POST = data

    def changed_answer(self) -> HttpResponse:
        """Answer 409: who changed it, when, and both values of each field to choose from."""
        log_refusal(self.request, "refused:changed:" + ",".join(c.name for c in self.clashes))
        return self.show(status=409, form=self.get_form(), missing=[])

    def last_change(self) -> Event | None:
        """The last thing done to it since the page was opened, where the trail tells."""
        told = self.get_told()
        if not told or self.sent is None:
            return None
        since = Event.objects.filter(at__gte=self.sent.opened_at).select_related("by")
        found = [
            since.filter(model=one._meta.label, object_id=one.pk).order_by("-at", "-pk").first()
            for one in told
        ]
        return max(filter(None, found), key=lambda event: event.at, default=None)

    def together_context(self, form: Any) -> dict[str, Any]:
        more: dict[str, Any] = {"form_shown": self.get_shown(form), "clashes": self.clashes}
        if self.clashes:
            more["last_change"] = self.last_change()
        return more


def columns_of(row: Model) -> Iterator[tuple[str, str]]:
    """What the row's own columns hold; files and the like by their name."""
    for column in row._meta.concrete_fields:
        if column.attname in row.__dict__:
            yield column.attname, str(getattr(row, column.attname))


def clash_of(blank: Any, typed: Any, name: str) -> Clash:
    mine = typed.cleaned_data.get(name, typed[name].data)
    now = blank.get_initial_for_field(blank.fields[name], name)
    return Clash(
        name,
        typed[name].label,
        three_way.spoken(blank[name], now),
        three_way.spoken(typed[name], mine),
    )
