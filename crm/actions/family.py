"""What a mother coop may be (essaimage): no coop descends from its own daughter."""

from django.utils.translation import gettext as _

from crm import rules_family
from crm.models import Coop
from essaim.writing import refuse


def mothers() -> dict[int, int]:
    """The mother of each coop that has one, in one query."""
    found = Coop.objects.filter(mother__isnull=False).order_by().values_list("pk", "mother_id")
    return dict(found)


def refuse_a_circle(coop: Coop) -> None:
    """Raise Refused when the coop would descend from itself, at any depth.

    The coop and the line of its mother are locked in key order and read again: two persons who
    close a circle together wait for each other.
    """
    mother = coop.mother_id
    if mother is None:
        return
    if mother == coop.pk:
        refuse("mother", _("A coop can't be its own mother."))
    line = {coop.pk, mother, *rules_family.ancestors(mothers(), mother)}
    held = Coop.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=line)
    list(held.order_by("pk").values_list("pk", flat=True))
    if rules_family.closes_a_circle(mothers(), coop.pk, mother):
        text = _("“%(mother)s” already descends from “%(coop)s”: choose a coop of another line.")
        refuse("mother", text % {"mother": coop.mother, "coop": coop})
