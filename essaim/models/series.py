"""Gap-free numbering and the head of the hash chain."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Series(models.Model):
    """A numbering pattern; its row is the lock and holds the chain's head.

    One series of a kind is open at a time; a used pattern is closed and the next one continues
    its chain.
    """

    kind = models.CharField(max_length=20)
    pattern = models.CharField(_("Pattern"), max_length=40)
    restarts = models.BooleanField(_("Restarts each year"), default=True)
    head = models.CharField(max_length=64, default="0" * 64)
    closed = models.BooleanField(default=False)
    continues = models.OneToOneField("self", models.PROTECT, null=True, blank=True)
    # Numbers up to the one before `first_number` were given elsewhere, in `first_year` when the
    # series restarts; ranks begin at 1 all the same, without a gap.
    first_number = models.PositiveIntegerField(default=1)
    first_year = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("kind",), condition=models.Q(closed=False), name="one_open_series_of_a_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pattern}"

    def shift(self, year: int) -> int:
        """How many numbers of this year were given elsewhere."""
        here = not self.restarts or self.first_year == year
        return self.first_number - 1 if here else 0


class SeriesYear(models.Model):
    """One year's counter of a series."""

    series = models.ForeignKey(Series, models.PROTECT, related_name="years")
    year = models.PositiveIntegerField()
    counter = models.PositiveIntegerField(default=0)
    last_on = models.DateField(null=True, blank=True)
    closed = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("series", "year"), name="one_counter_per_series_year"),
        )

    def __str__(self) -> str:
        return f"{self.series} {self.year}: {self.counter}"


class NumberSlot(models.Model):
    """The place of one document at the end of a chained series, while it is being issued.

    Written in order before the documents, emptied once the counter has passed them: it stands
    inside one transaction only. What is found here at rest was put by hand.
    """

    series = models.ForeignKey(Series, models.PROTECT, related_name="slots")
    year = models.PositiveIntegerField()
    rank = models.PositiveIntegerField()
    number = models.CharField(max_length=35)
    document = models.BigIntegerField()
    on = models.DateField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("series", "year", "rank"), name="a_rank_has_one_slot"),
            models.UniqueConstraint(
                fields=("series", "document"), name="a_document_has_one_slot_of_a_series"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} -> {self.document}"
