"""What one person may find: the words of the question, the rows in their scope, the best first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Case, Count, F, IntegerField, Max, Q, Value, When, Window
from django.db.models.functions import RowNumber

from essaim.identifiers import search_key
from essaim.models import Event, SearchEntry, SearchGram, SearchPost
from essaim.search.index import answers
from essaim.search.kinds import Searched
from essaim.search.rules import EXACT, MOST_TYPED, PREFIX, best, grams_of, has_grams, terms_of

SHORTEST = 2  # letters before anything is looked for
LIKE = 200  # words of the index compared with a misspelt one
CHOSEN = 40  # of them, those that answer
IN_TITLE = 15  # what a word of the title weighs more
WHOLE, BEGINNING, AGED = 500, 200, -1_000
PER_KIND = 200  # rows of each kind that are looked at
_ABSENT = -10_000


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found."""

    kind: str
    key: int
    title: str
    detail: str
    url: str
    icon: str
    label: Any
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind; `more` says that there is more than is shown."""

    kind: str
    label: Any
    icon: str
    hits: Sequence[Hit]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Groups, the best first; `is_partial` when no row bears all the words."""

    groups: Sequence[Group] = ()
    is_partial: bool = False
    terms: Sequence[str] = ()


def slug(answer: Searched) -> str:
    """The name of a kind in an address."""
    return answer.model.split(".")[1].lower()


def kinds_for(user: Any) -> list[Searched]:
    """The kinds this person may find at all."""
    return [a for a in answers() if user.has_perm(a.permission)]


def _scope(user: Any, kinds: Iterable[Searched]) -> Q | None:
    """The entries whose rows this person may see; None when there is no such row."""
    scope = None
    for answer in kinds:
        model: Any = apps.get_model(answer.model)
        rows = model.objects.visible_to(user)
        if rows.query.is_empty():
            continue
        part = Q(model=answer.model, object_id__in=rows.order_by().values("pk"))
        scope = part if scope is None else scope | part
    return scope


def _alike(term: str) -> dict[int, list[str]]:
    """Words of the index that answer a term without beginning as it does, by likeness."""
    if not has_grams(term):
        return {}
    rows = SearchGram.objects.filter(gram__in=grams_of(term)).order_by().values("word")
    near = rows.annotate(shared=Count("gram", distinct=True)).order_by("-shared", "word")
    return best(term, near.values_list("word", flat=True)[:LIKE], CHOSEN)


def _begins(term: str) -> Q:
    """Words that begin so: a range every collation of both engines reads alike."""
    if len(term) < 3 and (term.isdigit() or len(term) < SHORTEST):
        return Q(word=term)
    return Q(word__gte=term, word__lte=f"{term}zzzzzzzz")


def _term(term: str, alike: dict[int, list[str]]) -> tuple[Q, Any]:
    """The posts that answer a term, and how well each does."""
    where = _begins(term)
    cases = [When(word=term, then=Value(EXACT)), When(where, then=Value(PREFIX))]
    for value, words in alike.items():
        cases.append(When(word__in=words, then=Value(value)))
        where |= Q(word__in=words)
    worth = Case(*cases, default=Value(_ABSENT), output_field=IntegerField())
    top = Case(When(in_title=True, then=Value(IN_TITLE)), default=Value(0))
    return where, Max(worth + top)


def _ranked(told: Sequence[tuple[Q, Any]], posts: Any, *, every: bool) -> dict[int, int]:
    """The entries that bear the terms, with their score: the best of each kind."""
    where = Q()
    for part, _worth in told:
        where |= part
    rows = posts.filter(where).order_by().values("entry", "kind")
    rows = rows.annotate(**{f"t{n}": worth for n, (_part, worth) in enumerate(told)})
    score: Any = Value(0)
    for n in range(len(told)):
        if every and len(told) > 1:
            rows = rows.filter(**{f"t{n}__gt": 0})
        borne = F(f"t{n}") if every else Case(When(**{f"t{n}__gt": 0}, then=F(f"t{n}")), default=0)
        score = score + borne
    rows = rows.annotate(score=score)
    order = Window(RowNumber(), partition_by=F("kind"), order_by=(F("score").desc(), "-entry"))
    best_of = rows.annotate(place=order).filter(place__lte=PER_KIND)
    return dict(best_of.values_list("entry", "score"))


def _found(question: str, terms: Sequence[str], kinds: Sequence[Searched], scope: Q) -> Any:
    """(entries in scope with their score, whether they bear all the terms)."""
    told = [_term(term, _alike(term)) for term in terms]
    orders = [answer.order for answer in kinds]
    posts = SearchPost.objects.filter(kind__in=orders)
    named = SearchEntry.objects.filter(key=search_key(question), kind__in=orders)
    exact = dict.fromkeys(named.values_list("pk", flat=True)[:PER_KIND], EXACT)
    for every in (True, False) if len(terms) > 1 else (True,):
        scores = exact | _ranked(told, posts, every=every)
        seen = _seen(scores, scope)
        if len(scores) >= PER_KIND and len(seen) < len(scores):
            # Others' rows may have taken the room of one's own: ask among one's own alone.
            mine = SearchEntry.objects.filter(scope).values("pk")
            scores = exact | _ranked(told, posts.filter(entry__in=mine), every=every)
            seen = _seen(scores, scope)
        if seen:
            return [(scores[e.pk] + _weight(e, question), e) for e in seen], every
    return [], True


def _seen(scores: dict[int, int], scope: Q) -> list[SearchEntry]:
    return list(SearchEntry.objects.filter(scope, pk__in=scores)) if scores else []


def _weight(entry: SearchEntry, question: str) -> int:
    """The very name comes first, then those that begin so; archived things last."""
    key = search_key(question)
    whole = WHOLE if entry.key == key else BEGINNING if entry.key.startswith(key) else 0
    return whole + (AGED if entry.is_last else 0)


def _hit(entry: SearchEntry, answer: Searched) -> Hit:
    return Hit(
        kind=slug(answer),
        key=entry.object_id,
        title=entry.title,
        detail=entry.detail,
        url=answer.url(entry.place),
        icon=answer.icon,
        label=answer.label,
        is_last=entry.is_last,
    )


def find(user: Any, question: str, *, most: int, kind: str = "") -> Answer:
    """The best things of each kind, at most so many of each; a fixed number of queries.

    Nothing that the person may not see counts, not even in what is said to be left out.
    """
    question = " ".join(question[:MOST_TYPED].split())
    terms = terms_of(question)
    if sum(map(len, terms)) < SHORTEST:
        return Answer()
    kinds = [a for a in kinds_for(user) if kind in ("", slug(a))]
    scope = _scope(user, kinds)
    if scope is None:
        return Answer(terms=terms)
    found, every = _found(question, terms, kinds, scope)
    return Answer(tuple(_grouped(found, kinds, most)), not every, terms)


def _grouped(
    found: Sequence[tuple[int, SearchEntry]], kinds: Sequence[Searched], most: int
) -> list[Group]:
    """By kind: the kind of the best thing first, then in the order of kinds."""
    groups = []
    for answer in kinds:
        mine = [(score, e) for score, e in found if e.model == answer.model]
        if not mine:
            continue
        mine.sort(key=lambda pair: (-pair[0], pair[1].title, pair[1].pk))
        hits = [_hit(entry, answer) for _score, entry in mine[:most]]
        group = Group(slug(answer), answer.label, answer.icon, hits, len(mine) > most)
        groups.append((-(mine[0][0] // 100), answer.order, group))
    return [group for _top, _order, group in sorted(groups, key=lambda g: g[:2])]


def recent(user: Any, *, most: int = 6, among: int = 60) -> list[Hit]:
    """What this person wrote last, of what may be found."""
    kinds = {a.model: a for a in kinds_for(user)}
    events = Event.objects.filter(by=user).order_by("-pk").values_list("model", "object_id")
    order = list(dict.fromkeys(pair for pair in events[:among] if pair[0] in kinds))
    if not order:
        return []
    pairs = Q()
    for model, key in order:
        pairs |= Q(model=model, object_id=key)
    seen = _scope(user, [kinds[m] for m in dict.fromkeys(model for model, _key in order)])
    if seen is None:
        return []
    rows = {(e.model, e.object_id): e for e in SearchEntry.objects.filter(pairs).filter(seen)}
    return [_hit(rows[p], kinds[p[0]]) for p in order if p in rows][:most]
