"""Help: the words of the trade, and the keys of the keyboard."""

from itertools import groupby
from typing import Any

from django.http import Http404
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy

from essaim import words
from essaim.keys import keys_for
from essaim.views.pages import Action, Page


class HelpIndex(Page):
    """Every word under its letter; `?q=` keeps those that answer a question."""

    title = gettext_lazy("Help")
    explains = gettext_lazy(
        "A word you do not know? Each has its page: what it is, where it shows."
    )
    template_name = "essaim/help/index.html"

    def get_actions(self) -> list[Action]:
        return [Action(gettext_lazy("Keys of the keyboard"), reverse("help_keys"), "keyboard")]

    def get_context(self, **more: Any) -> dict[str, Any]:
        question = self.request.GET.get("q", "")[:100].strip()
        found = words.find(question)
        letters = [] if question else [(k, list(v)) for k, v in groupby(found, lambda w: w.letter)]
        return super().get_context(q=question, found=found, letters=letters, **more)


class HelpWord(Page):
    """One word: what it is, what it changes in the tool, where it is on screen, its sources."""

    template_name = "essaim/help/word.html"
    back = (reverse_lazy("help"), gettext_lazy("Help"))
    word: words.Word

    def load(self) -> None:
        super().load()
        found = words.words().get(self.kwargs["slug"])
        if found is None:
            raise Http404(self.kwargs["slug"])
        self.word = found

    def get_title(self) -> str:
        return self.word.name

    def get_explains(self) -> str:
        return self.word.short

    def get_context(self, **more: Any) -> dict[str, Any]:
        known = words.words()
        return super().get_context(
            word=self.word,
            places=words.places(self.word, self.request.user),
            related=[known[slug] for slug in self.word.related if slug in known],
            **more,
        )


class KeysPage(Page):
    """The keys of the keyboard; the sheet that `?` opens is the middle of this page."""

    title = gettext_lazy("Keys of the keyboard")
    explains = gettext_lazy("What goes faster without the mouse; every one has a button as well.")
    template_name, partial = "essaim/help/keys.html", "sheet"
    back = (reverse_lazy("help"), gettext_lazy("Help"))

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(groups=keys_for(self.request.user), **more)
