"""What the palette lets one do or open, from the role table and the rail."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from essaim import words
from essaim.context_processors import ACCOUNT, RAIL, SETUP, Entry, address
from essaim.identifiers import search_key
from essaim.search.rules import PREFIX, likeness, terms_of, words_of


def _do(name: str, label: Any, permission: str) -> Entry:
    return Entry(name, label, "plus", [(name, permission)])


DOES = (
    _do("missions:log", _("Log a day"), "missions.log_day"),
    _do("crm:coop_new", _("New coop"), "crm.add_coop"),
    _do("missions:expense_new", _("Log an expense"), "missions.log_expense"),
    _do("crm:contact_new", _("New contact"), "crm.change_contact"),
    _do("crm:organisation_new", _("New organisation"), "crm.change_organisation"),
    _do("missions:quote_new", _("New quote"), "missions.change_quote"),
    _do("missions:agreement_new", _("New agreement"), "missions.change_agreement"),
    _do("grants:application_new", _("New grant application"), "grants.change_application"),
    _do("invoicing:invoice_new", _("New invoice"), "invoicing.draft_invoice"),
    _do("invoicing:payment_new", _("Record a payment"), "invoicing.record_payment"),
)
FIRST = DOES[:2]
HELP = (
    Entry("help", _("Help"), "book-open", [("help", "essaim.view_today")]),
    Entry("keys", _("Keys of the keyboard"), "keyboard", [("help_keys", "essaim.view_today")]),
)
# Pages of words told beside the commands: the likeliest ones.
WORDS = 2


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do or to open."""

    label: str
    icon: str
    url: str


def _open(entry: Entry, user: Any) -> Command | None:
    for name, permission in entry.ways:
        url = address(name)
        if url and (not permission or user.has_perm(permission)):
            return Command(str(entry.label), entry.icon, url)
    return None


def _answers(command: Command, terms: list[str]) -> bool:
    words = words_of(command.label)
    return all(any(likeness(term, word) >= PREFIX for word in words) for term in terms)


def commands_for(user: Any, question: str = "", *, most: int = 6) -> list[Command]:
    """The commands this person may give whose words begin as typed; the first ones without."""
    terms = terms_of(question)
    entries = (*DOES, *RAIL, *SETUP, *ACCOUNT, *HELP) if terms else (*FIRST, *RAIL)
    found = [c for entry in entries if (c := _open(entry, user)) and _answers(c, terms)]
    return (found + _words(question if terms else ""))[:most]


def _words(question: str) -> list[Command]:
    """The pages of the words whose name begins as typed."""
    typed = search_key(question)
    named = [w for w in words.find(question) if typed and search_key(w.name).startswith(typed)]
    label = _("Help: %(name)s")
    return [Command(label % {"name": w.name}, "book-open", w.url) for w in named[:WORDS]]
