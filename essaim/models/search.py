"""What the search is read from: an entry per thing, the words it is found by, their 3-grams.

No row here is business: all of it is rebuilt by `manage.py rebuild_search`.
"""

from django.db import models


class SearchEntry(models.Model):
    """One thing that can be found: as it is shown, and as it is compared."""

    model = models.CharField(max_length=60)
    # The order of its kind among the kinds, which posts repeat.
    kind = models.PositiveSmallIntegerField()
    object_id = models.BigIntegerField()
    # The key its address takes.
    place = models.BigIntegerField()
    title = models.CharField(max_length=240)
    detail = models.CharField(max_length=240, blank=True)
    # The title as it is typed: accents, case and punctuation folded.
    key = models.CharField(max_length=240, blank=True, db_index=True)
    # The words of its posts, to tell what changed without reading them.
    words = models.TextField(blank=True)
    # Archived things come after the others.
    is_last = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("model", "object_id"), name="a_thing_is_in_the_search_once"
            ),
        )

    def __str__(self) -> str:
        return self.title


class SearchPost(models.Model):
    """One word of one entry."""

    entry = models.ForeignKey(SearchEntry, models.DO_NOTHING, related_name="posts")
    word = models.CharField(max_length=40)
    in_title = models.BooleanField(default=False)
    kind = models.PositiveSmallIntegerField()

    class Meta:
        # All that a question reads: the rows themselves are left alone.
        indexes = (models.Index(fields=("word", "kind", "entry", "in_title"), name="search_word"),)

    def __str__(self) -> str:
        return self.word


class SearchGram(models.Model):
    """Three letters of a word that some entry bears: how a misspelt word is found."""

    gram = models.CharField(max_length=3)
    word = models.CharField(max_length=40, db_index=True)

    class Meta:
        indexes = (models.Index(fields=("gram", "word"), name="search_gram"),)

    def __str__(self) -> str:
        return self.gram
