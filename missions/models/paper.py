"""Papers as they left: what a quote, an agreement or an amendment said, and its PDF."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from missions.models.agreement import Agreement
from missions.models.amendment import Amendment
from missions.models.quote import Quote


class FrozenPaperQuerySet(ScopedQuerySet["FrozenPaper"]):
    def visible_to(self, user: Any) -> "FrozenPaperQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()


class FrozenPaper(models.Model):
    """What was sent or signed, word for word: inserted, never changed."""

    class Kind(models.TextChoices):
        QUOTE = "quote", _("Quote")
        AGREEMENT = "agreement", _("Agreement")
        AMENDMENT = "amendment", _("Amendment")
        ANNEX = "annex", _("Annex on the fees tied to the grant")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    quote = models.ForeignKey(Quote, models.PROTECT, null=True, blank=True, related_name="papers")
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="papers"
    )
    amendment = models.ForeignKey(
        Amendment, models.PROTECT, null=True, blank=True, related_name="papers"
    )
    # The clause an annex explains: a row of a room above, known here by its key alone.
    clause_key = models.BigIntegerField(null=True, blank=True)
    rank = models.PositiveSmallIntegerField(default=1)
    contents = models.JSONField()
    digest = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = FrozenPaperQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="quote", quote__isnull=False, agreement=None, amendment=None)
                | Q(
                    kind__in=("agreement", "annex"),
                    quote=None,
                    agreement__isnull=False,
                    amendment=None,
                )
                | Q(kind="amendment", quote=None, agreement=None, amendment__isnull=False),
                name="frozen_paper_is_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(kind="annex", clause_key__isnull=False)
                | (~Q(kind="annex") & Q(clause_key=None)),
                name="only_an_annex_explains_a_clause",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.quote or self.agreement or self.amendment}"


class PaperFile(models.Model):
    """The bytes of a frozen paper, printed once."""

    # Printed after the fact: an import that is undone takes it along.
    goes_with_its_row = True

    paper = models.OneToOneField(FrozenPaper, models.PROTECT, related_name="file")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    rendered_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.paper} {self.sha256[:12]}"
