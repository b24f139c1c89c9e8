"""The curve of a coop's members, from its counts and its target."""

from collections.abc import Sequence
from typing import Any

from crm.models import MemberCount
from crm.rules_curve import Count, Curve, curve


def target_of(coop: Any, accompaniment: Any) -> int | None:
    """The coop's own target, else that of its path."""
    if coop.members_target:
        return int(coop.members_target)
    return getattr(getattr(accompaniment, "path", None), "members_target", None)


def drawn(counts: Sequence[MemberCount], target: int | None, **size: int) -> Curve | None:
    """The curve of these counts."""
    return curve([Count(c.as_of, c.registered, c.active) for c in counts], target, **size)
