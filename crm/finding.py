"""Which organisation, coop or colleague a word of a file means: one reading, then memory."""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.identifiers import search_key
from essaim.models import ImportBatch, ImportRow, User

ORGANISATION, COOP = "crm.Organisation", "crm.Coop"
_JOINED = ("pk", "duplicate_of", "siret")


def references(*labels: str) -> dict[tuple[str, str], int]:
    """(model, reference in the earlier tool) -> key, from the imports that were written."""
    rows = ImportRow.objects.filter(
        batch__state=ImportBatch.State.WRITTEN, model__in=labels, object_id__isnull=False
    ).exclude(ref="")
    return {
        (model, ref.casefold()): int(key or 0)
        for model, ref, key in rows.order_by("pk").values_list("model", "ref", "object_id")
    }


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of an organisation."""

    key: int
    name: str
    city: str
    siret: str
    siren: str
    email: str
    coop: int | None
    is_archived: bool = False


class Organisations:
    """The organisations a person sees, found by reference, SIRET, or name and town."""

    def __init__(self, user: User) -> None:
        self.by_key: dict[int, Known] = {}
        self.ends: dict[int, Known] = {}
        self.by_siret: dict[str, Known] = {}
        self.by_siren: defaultdict[str, list[Known]] = defaultdict(list)
        self.by_name: defaultdict[str, list[Known]] = defaultdict(list)
        self.refs = references(ORGANISATION, COOP)
        self.of_coop: dict[int, Known] = {}
        names = ("pk", "legal_name", "usual_name", "city", "siret", "siren", "email", "coop")
        rows = Organisation.objects.visible_to(user).filter(duplicate_of=None)
        for *facts, archived_on in rows.values_list(*names, "archived_on"):
            pk, legal, usual, city, siret, siren, email, coop = facts
            place = (search_key(city), siret, siren, email, coop)
            known = Known(pk, usual or legal, *place, is_archived=archived_on is not None)
            # Out of the lists it is found by what is its own, not by a name.
            self._remember(known, {search_key(legal), search_key(usual)} - {""})
        self._follow_joins()

    def _remember(self, known: Known, names: set[str]) -> None:
        self.by_key[known.key] = known
        if known.siret:
            self.by_siret[known.siret] = known
        if known.coop is not None:
            self.of_coop[known.coop] = known
        if known.is_archived:
            return
        if known.siren:
            self.by_siren[known.siren].append(known)
        for name in names:
            self.by_name[name].append(known)

    def _follow_joins(self) -> None:
        """A row joined to another one is that other: its reference and SIRET mean it."""
        rows = Organisation.objects.exclude(duplicate_of=None)
        joined = {pk: (into, siret) for pk, into, siret in rows.values_list(*_JOINED)}
        for pk, (into, siret) in joined.items():
            end = into
            while end in joined:
                end = joined[end][0]
            if (known := self.by_key.get(end)) is None:
                continue
            self.ends[pk] = known
            if siret:
                self.by_siret.setdefault(siret, known)

    def by_ref(self, ref: str) -> Known | None:
        """What an earlier import made of this reference of the old tool."""
        bare = ref.casefold().strip()
        key = self.refs.get((ORGANISATION, bare))
        if key is not None:
            return self.by_key.get(key) or self.ends.get(key)
        return self.of_coop.get(self.refs.get((COOP, bare), 0))

    def named(self, name: str) -> list[Known]:
        return list(self.by_name.get(search_key(name), ()))

    def find(self, said: str) -> Known:
        """One organisation by its reference, SIRET, SIREN or name (« nom (ville) » too).

        Raises LookupError in words when there is none, or more than one.
        """
        bare = said.strip()
        digits = "".join(bare.split())
        if (found := self.by_ref(bare) or self.by_siret.get(digits)) is not None:
            if found.is_archived:
                words = _("“%(name)s” is archived: put it back in the lists first.")
                raise LookupError(words % {"name": found.name})
            return found
        several = list(self.by_siren.get(digits, ())) or self.named(bare)
        if not several and bare.endswith(")"):
            name, _sign, city = bare[:-1].rpartition("(")
            several = [k for k in self.named(name) if k.city == search_key(city)]
        if len(several) == 1:
            return several[0]
        if several:
            words = _("“%(name)s” is the name of %(count)s organisations: give its SIRET.")
            raise LookupError(words % {"name": bare[:60], "count": len(several)})
        words = _("“%(name)s” is not known: bring the organisations first, or mend the name.")
        raise LookupError(words % {"name": bare[:60]})

    def coop(self, said: str) -> Known:
        """The same among coops alone, found by the coop's own names."""
        try:
            found = self.find(said)
        except LookupError:
            coops = [k for k in self.named(said) if k.coop is not None]
            if len(coops) != 1:
                raise
            found = coops[0]
        if found.coop is None:
            raise LookupError(_("“%(name)s” is no coop.") % {"name": found.name})
        return found


class Colleagues:
    """The people of the structure, by e-mail or by name."""

    def __init__(self) -> None:
        people = list(User.objects.get_queryset())
        self.by_email = {p.email.casefold(): p for p in people}
        self.by_name: defaultdict[str, list[User]] = defaultdict(list)
        for person in people:
            self.by_name[search_key(person.name)].append(person)

    def find(self, said: str) -> User:
        """Raises LookupError in words."""
        found = self.by_email.get(said.strip().casefold())
        if found is None and len(same := self.by_name.get(search_key(said), [])) == 1:
            found = same[0]
        if found is None:
            words = _("nobody of the structure has the e-mail “%(email)s”: invite them first.")
            raise LookupError(words % {"email": said[:60]})
        return found
