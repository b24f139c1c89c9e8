"""The index of the search: refreshed with each write, in its transaction, or made anew."""

from collections.abc import Iterable, Iterator, Sequence

from django.db import models, transaction
from django.db.models import Exists, OuterRef

from essaim import hooks
from essaim.bulk import insert_missing, insert_rows, update_rows
from essaim.identifiers import search_key
from essaim.models import SearchEntry, SearchGram, SearchPost
from essaim.search.kinds import Found, Searched
from essaim.search.rules import grams_of, has_grams, words_of

BATCH = 500
SHOWN = ("kind", "place", "title", "detail", "key", "words", "is_last")


def answers() -> list[Searched]:
    """What the rooms let be found, in the order of kinds."""
    return sorted((a for rows in hooks.search.rows.values() for a in rows), key=lambda a: a.order)


def refresh(label: str, keys: Sequence[int], *, verb: str = "") -> None:
    """Read again what was written, and what follows from it; a constant number of queries."""
    own = hooks.search.of(label)
    changed = sorted({key for answer in own for key in _refresh(answer, keys)})
    moved = changed if own else list(keys)
    for answer in answers():
        for source, ask in answer.follows.items():
            joined = verb == f"{source}.receive"
            asked = keys if source == verb or joined else moved if source == label else ()
            if asked and (follow := sorted(set(ask(asked)))):
                refresh(answer.model, follow)


def forget(label: str, keys: Sequence[int]) -> None:
    """Take out of the index what is about to be deleted."""
    if hooks.search.of(label):
        _drop(list(SearchEntry.objects.filter(model=label, object_id__in=keys)))


def _entry(answer: Searched, found: Found) -> SearchEntry:
    title = words_of(found.title)
    known = set(title)
    others = (w for w in words_of(found.words) if w not in known)
    return SearchEntry(
        model=answer.model,
        kind=answer.order,
        object_id=found.key,
        place=found.key if found.place is None else found.place,
        title=found.title[:240],
        detail=found.detail[:240],
        key=search_key(found.title)[:240],
        words=f"{' '.join(title)}|{' '.join(others)}",
        is_last=found.is_last,
    )


def _told(answer: Searched, keys: Sequence[int]) -> dict[int, SearchEntry]:
    rows = answer.rows().filter(pk__in=keys)
    return {found.key: _entry(answer, found) for found in map(answer.tell, rows)}


def _posts(entry: SearchEntry) -> set[tuple[str, bool]]:
    title, _bar, others = entry.words.partition("|")
    return {(w, True) for w in title.split()} | {(w, False) for w in others.split()}


def _post(entry: SearchEntry, word: str, top: bool) -> SearchPost:  # noqa: FBT001
    return SearchPost(entry=entry, word=word, in_title=top, kind=entry.kind)


def _refresh(answer: Searched, keys: Sequence[int]) -> set[int]:
    """Put entries as their rows are now; the keys of those that changed."""
    told = _told(answer, keys)
    held = {
        entry.object_id: entry
        for entry in SearchEntry.objects.filter(model=answer.model, object_id__in=keys)
    }
    gone = [entry for key, entry in held.items() if key not in told]
    fresh = [entry for key, entry in told.items() if key not in held]
    changed = []
    for key, entry in told.items():
        before = held.get(key)
        if before is not None and any(getattr(before, n) != getattr(entry, n) for n in SHOWN):
            entry.pk = before.pk
            changed.append((before, entry))
    _drop(gone)
    _put(insert_missing(fresh, "object_id"))
    _change(changed)
    return {e.object_id for e in (*gone, *fresh)} | {e.object_id for _b, e in changed}


def _put(entries: Sequence[SearchEntry]) -> None:
    """Write the posts of entries that have none."""
    posts = [(entry, *post) for entry in entries for post in sorted(_posts(entry))]
    insert_rows([_post(entry, word, top) for entry, word, top in posts])
    _learn({word for _entry, word, _top in posts})


def _change(changed: Sequence[tuple[SearchEntry, SearchEntry]]) -> None:
    if not changed:
        return
    update_rows(SearchEntry, [after for _before, after in changed], SHOWN)
    more, less, lost = [], [], set()
    for before, after in changed:
        old, new = _posts(before), _posts(after)
        if old - new or before.kind != after.kind:
            less.append(after)
            lost |= {word for word, _top in old - new}
        else:
            more += [(after, *post) for post in sorted(new - old)]
    insert_rows([_post(entry, word, top) for entry, word, top in more])
    _learn({word for _entry, word, _top in more})
    if less:
        SearchPost.objects.filter(entry__in=less).delete()
        _put(less)
        _unlearn(lost)


def _drop(entries: Sequence[SearchEntry]) -> None:
    if not entries:
        return
    keys = [entry.pk for entry in entries]
    SearchPost.objects.filter(entry__in=keys).delete()
    SearchEntry.objects.filter(pk__in=keys).delete()
    _unlearn({word for entry in entries for word, _top in _posts(entry)})


def _learn(words: Iterable[str]) -> None:
    """Take apart the words that no entry bore yet."""
    spelt = sorted(filter(has_grams, words))
    if not spelt:
        return
    known = set(SearchGram.objects.filter(word__in=spelt).values_list("word", flat=True))
    fresh = [word for word in spelt if word not in known]
    insert_rows([SearchGram(gram=gram, word=word) for word in fresh for gram in grams_of(word)])


def _unlearn(words: Iterable[str]) -> None:
    """Forget the words that no entry bears any more: a name that was erased leaves no trace."""
    spelt = sorted(filter(has_grams, words))
    if spelt:
        borne = SearchPost.objects.filter(word=OuterRef("word"))
        SearchGram.objects.filter(~Exists(borne), word__in=spelt).delete()


# -- all of it ---------------------------------------------------------------------------------


def _keys_of(rows: "models.QuerySet[models.Model]", name: str) -> Iterator[tuple[int, ...]]:
    """The keys of rows in batches, by place: constant memory, and a transaction may end between."""
    last = -1
    while True:
        page = rows.filter(**{f"{name}__gt": last}).order_by(name).values_list(name, flat=True)
        found = tuple(page[:BATCH])
        if not found:
            return
        yield found
        last = found[-1]


def rebuild(answer: Searched) -> dict[str, int]:
    """Make the entries of one model anew, batch by batch; counts of all and of those mended."""
    held = SearchEntry.objects.filter(model=answer.model)
    counts = {"entries": 0, "mended": 0}
    for keys in _keys_of(answer.rows().order_by(), "pk"):
        with transaction.atomic():
            counts["mended"] += len(_refresh(answer, keys)) + _mend(answer.model, keys)
        counts["entries"] += len(keys)
    for keys in _keys_of(held, "object_id"):
        with transaction.atomic():
            counts["mended"] += len(_refresh(answer, keys))
    return counts


def _mend(label: str, keys: Sequence[int]) -> int:
    """Write anew the posts of entries whose posts are not those of their words."""
    entries = {e.pk: e for e in SearchEntry.objects.filter(model=label, object_id__in=keys)}
    posts: dict[int, list[tuple[str, bool]]] = {}
    found = SearchPost.objects.filter(entry__in=entries).values_list("entry", "word", "in_title")
    for entry, word, top in found:
        posts.setdefault(entry, []).append((word, top))
    wrong = [e for pk, e in entries.items() if sorted(posts.get(pk, ())) != sorted(_posts(e))]
    SearchPost.objects.filter(entry__in=wrong).delete()
    _put(wrong)
    return len(wrong)


def rebuild_all() -> dict[str, dict[str, int]]:
    """Make the whole index anew; counts by model."""
    known = answers()
    counts = {answer.model: rebuild(answer) for answer in known}
    strays = SearchEntry.objects.exclude(model__in=[answer.model for answer in known])
    for keys in _keys_of(strays, "pk"):
        with transaction.atomic():
            _drop(list(SearchEntry.objects.filter(pk__in=keys)))
    _relearn()
    return counts


def _relearn() -> None:
    """Drop the letters of words that no entry bears, then those of words missing them."""
    borne = SearchPost.objects.filter(word=OuterRef("word"))
    SearchGram.objects.filter(~Exists(borne)).delete()
    taken = SearchGram.objects.filter(word=OuterRef("word"))
    lacking = SearchPost.objects.filter(~Exists(taken)).order_by("word")
    words = lacking.values_list("word", flat=True).distinct()
    last = ""
    while page := list(words.filter(word__gt=last)[:BATCH]):
        _learn(page)
        last = page[-1]
