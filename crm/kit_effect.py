"""What an edit of the kit changes for the coops under way, counted before it is saved."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import ngettext_lazy

from crm.models import Accompaniment, Fulfilment, Requirement, RequirementVersion


@dataclass(frozen=True, slots=True)
class Asked:
    """The facts of an item that decide of whom it is asked, and what it bars."""

    stage: str
    level: str
    is_active: bool
    local_law: bool
    general_law: bool
    paths: frozenset[int]

    def by(self, row: Any) -> bool:
        """Whether the item is asked of this accompaniment."""
        law = self.local_law, self.general_law
        is_local = row.coop.organisation.is_in_alsace_moselle
        fits = not (law[0] and not is_local) and not (law[1] and is_local)
        return self.is_active and fits and (not self.paths or row.path_id in self.paths)

    def bars(self, row: Any) -> bool:
        """Whether the item, unsettled, keeps this accompaniment in its stage."""
        return self.by(row) and self.level == "required" and self.stage == row.stage


@dataclass(frozen=True, slots=True)
class Effect:
    """How many accompaniments under way gain, lose, keep an item; none loses what it settled."""

    gained: int = 0
    lost: int = 0
    changed: int = 0
    kept: int = 0
    barred: int = 0
    freed: int = 0

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) for f in fields(self))

    @property
    def mark(self) -> str:
        """What a confirmation repeats: another effect asks again."""
        return ".".join(str(getattr(self, f.name)) for f in fields(self))

    def sentences(self) -> list[str]:
        """The effect in words, nothing said of what does not happen."""
        counts = [(f.name, getattr(self, f.name)) for f in fields(self)]
        return [str(WORDS[name] % {"count": count}) for name, count in counts if count]


# What each count means, in the order of `Effect`.
WORDS: dict[str, Any] = {
    "gained": ngettext_lazy(
        "%(count)s coop under way is asked for it from now on.",
        "%(count)s coops under way are asked for it from now on.",
        "count",
    ),
    "lost": ngettext_lazy(
        "%(count)s coop that had not done it is no longer asked for it.",
        "%(count)s coops that had not done it are no longer asked for it.",
        "count",
    ),
    "changed": ngettext_lazy(
        "%(count)s coop that has not done it yet reads it as it is now.",
        "%(count)s coops that have not done it yet read it as it is now.",
        "count",
    ),
    "kept": ngettext_lazy(
        "%(count)s coop has settled it and keeps it as it was judged.",
        "%(count)s coops have settled it and keep it as it was judged.",
        "count",
    ),
    "barred": ngettext_lazy(
        "%(count)s coop cannot leave its present stage without it.",
        "%(count)s coops cannot leave their present stage without it.",
        "count",
    ),
    "freed": ngettext_lazy(
        "%(count)s coop may leave its present stage without it.",
        "%(count)s coops may leave their present stage without it.",
        "count",
    ),
}


def asked_now(item: Requirement) -> Asked:
    """What the item asks as it is kept; a new item asks nothing yet."""
    if item.pk is None:
        return Asked("", "", False, False, False, frozenset())  # noqa: FBT003
    return _asked({}, item, item.paths.values_list("pk", flat=True))


def _asked(fields_: Mapping[str, Any], item: Requirement, paths: Collection[int]) -> Asked:
    names = ("stage", "level", "is_active", "local_law", "general_law")
    values = {name: fields_.get(name, getattr(item, name)) for name in names}
    return Asked(paths=frozenset(paths), **values)


def effect_of(item: Requirement, new: Mapping[str, Any]) -> Effect:
    """Count what saving these fields (and `paths`) would do; two queries and one pass."""
    before = asked_now(item)
    paths = [path.pk for path in new["paths"]] if "paths" in new else before.paths
    after = _asked(new, item, paths)
    says = {n for n in RequirementVersion.FACTS if n in new and new[n] != getattr(item, n)}
    settled = set(
        Fulfilment.objects.settled().filter(requirement=item.pk).values_list("accompaniment")
    )
    rows = Accompaniment.objects.live().select_related("coop__organisation")
    count: Counter[str] = Counter()
    for row in rows:
        count.update(_of(row, before, after, (row.pk,) in settled, bool(says) and bool(item.pk)))
    return Effect(**count)


def _of(row: Any, before: Asked, after: Asked, settled: bool, says: bool) -> list[str]:  # noqa: FBT001
    """What happens to one accompaniment."""
    was, will = before.by(row), after.by(row)
    if settled:
        return ["kept"] if says or was != will else []
    found = []
    if was != will:
        found.append("gained" if will else "lost")
    elif will and says:
        found.append("changed")
    if before.bars(row) != after.bars(row):
        found.append("barred" if after.bars(row) else "freed")
    return found
