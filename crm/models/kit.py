"""The kit: what a stage asks for, and what each coop has of it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.stages import Stage
from essaim.scope import ScopedQuerySet

HELP_LENGTH = 5_000


class MilestoneKind(models.TextChoices):
    COMPANY = "company", _("Company created")
    OPENING = "opening", _("Opening")


def asked_by(accompaniment: Any) -> Any:
    """The condition under which an item is asked of this coop."""
    is_local = accompaniment.coop.organisation.is_in_alsace_moselle
    other_law = {"general_law": False} if is_local else {"local_law": False}
    only = Requirement.paths.through.objects.filter(requirement=OuterRef("pk"))
    mine = Exists(only.filter(path=accompaniment.path_id))
    return Q(~Exists(only) | mine, is_active=True, **other_law)


class RequirementQuerySet(ScopedQuerySet["Requirement"]):
    def visible_to(self, user: Any) -> "RequirementQuerySet":
        return self if user.role_codes else self.none()

    def asked_of(self, accompaniment: Any) -> "RequirementQuerySet":
        """Items in use for this coop: those of its path and of the civil law of its seat."""
        return self.filter(asked_by(accompaniment))

    def told_to(self, accompaniment: Any) -> "RequirementQuerySet":
        """Items asked of this coop, and those it settled while they were: none is ever lost."""
        held = Fulfilment.objects.filter(requirement=OuterRef("pk"), accompaniment=accompaniment)
        return self.filter(asked_by(accompaniment) | Exists(held.settled()))


class Requirement(models.Model):
    """One item of the kit, data of the office."""

    class Level(models.TextChoices):
        REQUIRED = "required", _("Required")
        ADVISED = "advised", _("Advised")

    code = models.SlugField(max_length=60, unique=True)
    stage = models.CharField(_("Stage"), max_length=16, choices=Stage.choices, blank=True)
    milestone = models.CharField(
        _("Milestone"), max_length=10, choices=MilestoneKind.choices, blank=True
    )
    title = models.CharField(_("Title"), max_length=160)
    why = models.TextField(_("Why"), blank=True, max_length=HELP_LENGTH)
    how = models.TextField(_("How"), blank=True, max_length=HELP_LENGTH)
    for_coop = models.TextField(
        _("What the coop is told"),
        blank=True,
        max_length=HELP_LENGTH,
        help_text=_("In words to the coop; empty, it reads how."),
    )
    level = models.CharField(
        _("Level"), max_length=10, choices=Level.choices, default=Level.ADVISED
    )
    paths = models.ManyToManyField("crm.Path", blank=True, verbose_name=_("Only on these paths"))
    local_law = models.BooleanField(_("Only in Alsace-Moselle"), default=False)
    general_law = models.BooleanField(_("Only outside Alsace-Moselle"), default=False)
    is_shared = models.BooleanField(_("Shown to the coop"), default=True)
    position = models.PositiveIntegerField(_("Position"), default=0)
    is_active = models.BooleanField(_("In use"), default=True)
    # The number of the version in force: what a tick of today is judged with.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RequirementQuerySet.as_manager()

    class Meta:
        ordering = ("position", "pk")
        constraints = (
            models.CheckConstraint(
                condition=(Q(stage="") & ~Q(milestone="")) | (~Q(stage="") & Q(milestone="")),
                name="requirement_is_of_a_stage_or_a_milestone",
            ),
            models.CheckConstraint(
                condition=~Q(local_law=True, general_law=True),
                name="requirement_is_of_one_civil_law",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("crm:kit_edit", args=(self.pk,))

    @property
    def place(self) -> str:
        """The stage or the milestone, in words."""
        return str(self.get_stage_display() or self.get_milestone_display())


class RequirementVersion(models.Model):
    """What an item said at one time; a fulfilment keeps the one it was judged with."""

    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    level = models.CharField(max_length=10, choices=Requirement.Level.choices)
    stage = models.CharField(max_length=16, choices=Stage.choices, blank=True)
    milestone = models.CharField(max_length=10, choices=MilestoneKind.choices, blank=True)
    why = models.TextField(blank=True)
    how = models.TextField(blank=True)
    # Empty for the kit that ships.
    since = models.DateField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    # The facts that make another demand of the same item.
    FACTS = ("title", "level", "stage", "milestone", "why", "how")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("requirement", "number"), name="one_version_of_a_requirement_a_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"

    @property
    def place(self) -> str:
        """The stage or the milestone, in words."""
        return str(self.get_stage_display() or self.get_milestone_display())


class KitQuestion(models.Model):
    """A question that comes back about an item, and its answer."""

    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField()
    question = models.CharField(_("Question"), max_length=200)
    answer = models.TextField(_("Answer"), max_length=2_000)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.question


class KitFileQuerySet(ScopedQuerySet["KitFile"]):
    def visible_to(self, user: Any) -> "KitFileQuerySet":
        return self if user.role_codes else self.none()

    def in_use(self) -> "KitFileQuerySet":
        return self.filter(withdrawn_on=None)


class KitFile(models.Model):
    """A template file of an item: a random name on disk, its real type, never overwritten."""

    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="files")
    title = models.CharField(_("Title"), max_length=160)
    file = models.FileField(_("File"), upload_to="kit/%Y/%m")
    original_name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    withdrawn_on = models.DateField(null=True, blank=True)

    objects = KitFileQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("crm:kit_file", args=(self.pk,))


class FulfilmentQuerySet(models.QuerySet["Fulfilment"]):
    def settled(self) -> "FulfilmentQuerySet":
        return self.exclude(status=Fulfilment.Status.MISSING)


class Fulfilment(models.Model):
    """What one accompaniment has of one requirement."""

    class Status(models.TextChoices):
        MISSING = "missing", _("Missing")
        DONE = "done", _("Done")
        WAIVED = "waived", _("Waived")
        BEFORE = "before", _("Before the take-over")

    accompaniment = models.ForeignKey(
        "crm.Accompaniment", models.PROTECT, related_name="fulfilments"
    )
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="fulfilments")
    # What the item said when it was judged: a later edit changes no meaning.
    version = models.ForeignKey(
        RequirementVersion, models.PROTECT, null=True, blank=True, related_name="+"
    )
    status = models.CharField(
        _("Status"), max_length=8, choices=Status.choices, default=Status.MISSING
    )
    on = models.DateField(_("Date"), null=True, blank=True)
    words = models.CharField(_("In words"), max_length=500, blank=True)
    document = models.ForeignKey(
        "crm.Document", models.PROTECT, null=True, blank=True, related_name="proves"
    )
    document_version = models.ForeignKey(
        "crm.DocumentVersion", models.PROTECT, null=True, blank=True, related_name="proves"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = FulfilmentQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("accompaniment", "requirement"), name="one_fulfilment_of_a_requirement"
            ),
            models.CheckConstraint(
                condition=Q(status="missing") | Q(on__isnull=False), name="fulfilment_has_a_date"
            ),
            models.CheckConstraint(
                condition=~Q(status="waived") | ~Q(words=""), name="waiver_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(status="missing") | Q(version__isnull=False),
                name="fulfilment_knows_the_version_it_was_judged_with",
            ),
            models.CheckConstraint(
                condition=Q(document=None, document_version=None)
                | Q(document__isnull=False, document_version__isnull=False),
                name="evidence_is_one_version_of_a_document",
            ),
        )

    def __str__(self) -> str:
        return f"{self.requirement}: {self.get_status_display()}"

    @property
    def is_settled(self) -> bool:
        return self.status != self.Status.MISSING
