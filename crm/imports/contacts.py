"""People brought from elsewhere, with what they are in one organisation or several."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.actions.bringing import RoleGiven, bring_contacts, drafted_contact
from crm.finding import Organisations, references
from crm.models import Contact, ContactRole
from essaim.identifiers import search_key
from essaim.imports.plan import LINK, REF, SAME, Column, Judged, Line, Made
from essaim.imports.values import Cells, Words
from essaim.models import User
from essaim.workflow import Refused

ROLES = [label for _code, label in ContactRole.Role.choices]
SETS = ("", "_2", "_3")
_OF = (
    ("organisation", gettext_lazy("Organisation"), ("structure", "coop", "association")),
    ("role", gettext_lazy("Role"), ("rôle", "fonction", "qualité")),
    ("since", gettext_lazy("Since"), ("depuis", "depuis le")),
    ("until", gettext_lazy("Until"), ("jusqu’au", "jusqu’à")),
)
COLUMNS = (
    Column("first_name", gettext_lazy("First name"), ("prénom",), example="Odile"),
    Column(
        "last_name",
        gettext_lazy("Last name"),
        ("nom", "nom de famille"),
        required=True,
        example="Hartmann",
    ),
    Column("email", gettext_lazy("E-mail"), ("courriel", "mail", "email")),
    Column("phone", gettext_lazy("Phone"), ("téléphone", "tél", "tel", "portable")),
    *(
        Column(
            f"{code}{mark}",
            label if not mark else format_lazy("{} {}", label, mark[1:]),
            tuple(f"{word}{mark.replace('_', ' ')}" for word in synonyms),
            choices=ROLES if code == "role" else (),
        )
        for mark in SETS
        for code, label, synonyms in _OF
    ),
    Column(
        "legal_basis",
        gettext_lazy("Legal basis"),
        ("base légale", "rgpd"),
        same_for_all=True,
        choices=[label for _code, label in Contact.LegalBasis.choices],
    ),
    Column("consent_on", gettext_lazy("Consent given on"), ("consentement", "consentement le")),
    Column(
        "last_contact_on",
        gettext_lazy("Last contact by them"),
        ("dernier contact", "dernier contact le"),
    ),
    Column(REF, gettext_lazy("Reference in the earlier tool"), ("référence", "ref", "id")),
)
_WAYS = {
    "fondatrice": "founder",
    "fondateur": "founder",
    "porteur de projet": "founder",
    "porteuse de projet": "founder",
    "présidente": "president",
    "président": "president",
    "coprésidente": "president",
    "trésorier": "treasurer",
    "trésorière": "treasurer",
    "référente": "referent",
    "référent": "referent",
    "élu": "elected",
    "élue": "elected",
    "maire": "elected",
    "salarié": "employee",
    "salariée": "employee",
}


Period = tuple[date | None, date | None]


class People:
    """Who is known already, and what they are where."""

    def __init__(self, user: User) -> None:
        self.by_email: defaultdict[str, list[Contact]] = defaultdict(list)
        self.by_name: defaultdict[str, list[Contact]] = defaultdict(list)
        self.by_key: dict[int, Contact] = {}
        self.refs = references("crm.Contact")
        for contact in Contact.objects.visible_to(user).filter(duplicate_of=None):
            self.by_key[contact.pk] = contact
            self.by_name[named(contact.first_name, contact.last_name)].append(contact)
            if contact.email:
                self.by_email[contact.email.casefold()].append(contact)
        self._follow_joins()
        self.periods: defaultdict[tuple[int, int, str], list[Period]] = defaultdict(list)
        names = ("contact", "organisation", "role", "since", "until")
        for contact_, organisation, role, since, until in ContactRole.objects.values_list(*names):
            self.periods[contact_, organisation, role].append((since, until))
        self.words = Words(ContactRole.Role.choices, _WAYS)
        self.bases = Words(Contact.LegalBasis.choices)
        # Those of this very file, by e-mail or by name without one.
        self.here: dict[str, tuple[Contact, int]] = {}

    def _follow_joins(self) -> None:
        """Whoever was written down twice is found by the reference of either row."""
        rows = Contact.objects.exclude(duplicate_of=None)
        joined = dict(rows.values_list("pk", "duplicate_of"))
        for pk, into in joined.items():
            end = into
            while end in joined:
                end = joined[end]
            if end in self.by_key:
                self.by_key[pk] = self.by_key[end]

    def sure(self, ref: str, email: str) -> Contact | None:
        key = self.refs.get(("crm.Contact", ref.casefold()))
        if ref and key in self.by_key:
            return self.by_key[key]
        same = self.by_email.get(email.casefold(), []) if email else []
        return same[0] if len(same) == 1 else None

    def has(self, contact: Contact, given: RoleGiven) -> bool:
        """Whether the role is noted already for a day of this period."""
        key = (contact.pk or id(contact), given.organisation, given.role)
        new = (given.since, given.until)
        found = any(_meet(new, old) for old in self.periods[key])
        if not found:
            self.periods[key].append(new)
        return found


def _meet(one: Period, other: Period) -> bool:
    """Whether two periods share a day; an unknown end is open."""
    starts = [one[0] or date.min, other[0] or date.min]
    return max(starts) <= min(one[1] or date.max, other[1] or date.max)


def named(first: str, last: str) -> str:
    return search_key(f"{first} {last}")


class ContactImporter:
    kind = "contacts"
    permission = "crm.change_contact"
    order = 20

    def label(self) -> str:
        return _("Contacts and their roles")

    def help(self) -> str:
        return _(
            "People, and what they are where. Somebody in several organisations: several rows, or"
            " the columns organisation 2, role 2, organisation 3, role 3."
        )

    def columns(self) -> Sequence[Column]:
        return COLUMNS

    def judge(
        self, lines: Sequence[Line], *, by: User, on: date, at: datetime, dry: bool
    ) -> list[Judged]:
        people, known = People(by), Organisations(by)
        return [self._judge(Judged(line), people, known, on) for line in lines]

    def _judge(self, one: Judged, people: People, known: Organisations, on: date) -> Judged:
        cells = Cells(one)
        fields: dict[str, Any] = {
            "first_name": cells.text("first_name", 80),
            "last_name": cells.needed("last_name", 80),
            "email": cells.email("email"),
            "phone": _phone(cells),
            "legal_basis": cells.pick("legal_basis", people.bases),
            "consent_on": cells.day("consent_on", latest=on),
            "last_contact_on": cells.day("last_contact_on", latest=on),
        }
        one.title = f"{fields['first_name']} {fields['last_name']}".strip()
        said = [self._role(one, cells, people, known, mark, on) for mark in SETS]
        given = [role for role in said if role is not None]
        try:
            contact = drafted_contact({k: v for k, v in fields.items() if v}, on=on)
        except Refused as refused:
            one.refused(refused.missing)
        if one.faults:
            return one
        return self._place(one, contact, given, people, known)

    def _role(
        self, one: Judged, cells: Cells, people: People, known: Organisations, mark: str, on: date
    ) -> RoleGiven | None:
        said = cells.text(f"organisation{mark}")
        role = cells.pick(f"role{mark}", people.words)
        since, until = cells.day(f"since{mark}", latest=on), cells.day(f"until{mark}")
        if not said:
            if one.line.get(f"role{mark}"):
                one.fault(f"organisation{mark}", _("say in which organisation."))
            return None
        if since is not None and until is not None and until < since:
            one.fault(f"until{mark}", _("A role can't end before it began."))
        try:
            organisation = known.find(said)
        except LookupError as error:
            one.fault(f"organisation{mark}", str(error))
            return None
        return RoleGiven(organisation.key, role or ContactRole.Role.OTHER, since, until)

    def _place(
        self,
        one: Judged,
        contact: Contact,
        given: list[RoleGiven],
        people: People,
        known: Organisations,
    ) -> Judged:
        """New, known with a role more, there already, or doubtful."""
        email = contact.email.casefold()
        name = named(contact.first_name, contact.last_name)
        mine = f"@{email}" if email else name
        where = ", ".join(known.by_key[g.organisation].name for g in given)
        person = people.sure(one.line.get(REF), email)
        if person is None and one.line.choice.startswith("person:"):
            person = people.by_key.get(int(one.line.choice.removeprefix("person:")))
        first = people.here.get(mine)
        if person is None and first is not None:
            person, one.verdict = first[0], LINK
            where = _("same person as row %(row)s") % {"row": first[1]} + (
                f" · {where}" if where else ""
            )
        if person is None and people.by_name.get(name):
            maybe = [(f"person:{c.pk}", _same(c)) for c in people.by_name[name][:5]]
            if one.doubt(maybe):
                return one
        if person is None:
            people.here[mine] = (contact, one.number)
            people.here.setdefault(name, (contact, one.number))
        else:
            one.verdict = LINK
        who = person or contact
        new = [g for g in given if not people.has(who, g)]
        taught = (
            one.line.get(REF) and ("crm.Contact", one.line.get(REF).casefold()) not in people.refs
        )
        if person is not None and not new and not taught:
            one.verdict = SAME
        one.data, one.detail = (who, new), where
        return one

    def write(self, judged: Sequence[Judged], *, by: User, on: date, at: datetime) -> list[Made]:
        new = {id(one.data[0]) for one in judged if one.data[0].pk is None}
        roles = bring_contacts([one.data for one in judged], by=by, on=on, at=at)
        left = iter(roles)
        made = []
        for one in judged:
            mine = tuple(next(left) for _given in one.data[1])
            fresh = id(one.data[0]) in new
            new.discard(id(one.data[0]))
            made.append(Made(one.number, one.data[0], is_new=fresh, more=mine))
        return made


def _phone(cells: Cells) -> str:
    """A number kept as a number lost its first zero."""
    text = cells.text("phone", 30)
    return f"0{text}" if text.isdecimal() and len(text) == 9 else text


def _same(contact: Contact) -> str:
    words = f"{contact} ({contact.email})" if contact.email else str(contact)
    return _("It is “%(name)s”") % {"name": words}
