"""Codes of the pipeline: phases, stages and what each belongs to."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Phase(models.TextChoices):
    EMERGENCE = "emergence", _("Emergence")
    PREFIGURATION = "prefiguration", _("Prefiguration")
    SETTING_UP = "setting_up", _("Setting up")
    FOLLOW_UP = "follow_up", _("Follow-up phase")
    FINISHED = "finished", _("Finished")


class Stage(models.TextChoices):
    CONTACT = "contact", _("First contact")
    DIAGNOSIS = "diagnosis", _("Shared diagnosis")
    COLLECTIVE = "collective", _("Collective")
    BUYING_GROUP = "buying_group", _("Buying group")
    TEST_SHOP = "test_shop", _("Test shop")
    SET_UP = "set_up", _("Study and financing")
    PREMISES = "premises", _("Premises and works")
    FOLLOW_UP = "follow_up", _("Follow-up after opening")
    DONE = "done", _("Accompaniment finished")


class Activity(models.TextChoices):
    ACTIVE = "active", _("Under way")
    PAUSED = "paused", _("Paused")
    ABANDONED = "abandoned", _("Project stopped")
    MERGED = "merged", _("Merged")
    CLOSED = "closed", _("Completed")
    RELEASED = "released", _("Released")


PHASE_OF: dict[str, str] = {
    Stage.CONTACT: Phase.EMERGENCE,
    Stage.DIAGNOSIS: Phase.EMERGENCE,
    Stage.COLLECTIVE: Phase.PREFIGURATION,
    Stage.BUYING_GROUP: Phase.PREFIGURATION,
    Stage.TEST_SHOP: Phase.PREFIGURATION,
    Stage.SET_UP: Phase.SETTING_UP,
    Stage.PREMISES: Phase.SETTING_UP,
    Stage.FOLLOW_UP: Phase.FOLLOW_UP,
    Stage.DONE: Phase.FINISHED,
}
RANK: dict[str, int] = {code: rank for rank, code in enumerate(Stage.values)}
