"""The index of the search is what its rows say: after a played story, after damage, in bulk."""

from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from crm import actions
from crm.models import Coop, Organisation
from essaim.models import SearchEntry, SearchGram, SearchPost, User
from essaim.search import index
from essaim.search.index import rebuild_all
from essaim.search.query import find
from invoicing.demo.stage import Stage
from invoicing.demo.story import play
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop, given_organisation
from tests.given_missions import given_envelope

ON = date(2026, 11, 23)


def indexed() -> tuple[set[Any], list[Any], list[Any]]:
    """Everything the search reads, whatever the keys of its rows."""
    names = ("model", "object_id", "place", "title", "detail", "key", "words", "is_last")
    posts = SearchPost.objects.values_list("entry__model", "entry__object_id", "word", "in_title")
    return (
        set(SearchEntry.objects.values_list(*names)),
        sorted(posts),
        sorted(set(SearchGram.objects.values_list("gram", "word"))),
    )


class _Over(Exception):
    pass


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    with django_db_blocker.unblock(), translation.override("fr"):
        try:
            with transaction.atomic():
                yield play(ON)
                raise _Over
        except _Over:
            pass


@pytest.mark.django_db
def test_after_the_whole_story_the_index_is_what_a_rebuild_makes(story: Stage) -> None:
    kept = indexed()
    assert len({label for label, *_rest in kept[0]}) >= 12
    counts = rebuild_all()
    assert {model: told["mended"] for model, told in counts.items() if told["mended"]} == {}
    assert indexed() == kept
    # From nothing it makes the same.
    SearchPost.objects.all().delete()
    SearchEntry.objects.all().delete()
    SearchGram.objects.all().delete()
    rebuild_all()
    assert indexed() == kept


@pytest.mark.django_db
def test_the_people_of_the_story_find_what_is_theirs(story: Stage) -> None:
    people = User.objects.active().filter(pk__in=[user.pk for user in story.users.values()])
    seen = {user: find(user, "mirabelle", most=5).groups for user in people}
    mine = Coop.objects.filter(organisation__search_key__contains="mirabelle")
    follow = {u for u in people if mine.filter(pk__in=Coop.objects.visible_to(u)).exists()}
    assert {user for user, groups in seen.items() if groups} == follow
    assert 0 < len(follow) < len(people)
    consultant = next(u for u in story.users.values() if not u.sees_everything)
    kinds = {g.kind for g in find(consultant, "mirabelle", most=5).groups}
    assert not kinds & {"invoice", "payment", "agreement", "grantapplication"}


def test_a_damaged_index_is_mended_and_strays_leave(basile: User) -> None:
    given_coop("Super Mirabelle", by=basile)
    given_coop("Le Garde-Manger", by=basile)
    kept = indexed()
    SearchPost.objects.filter(word="mirabelle").delete()
    SearchGram.objects.filter(word="mirabelle").delete()
    SearchGram.objects.create(gram="zzz", word="zzzz")
    SearchEntry.objects.filter(title="Le Garde-Manger").update(title="Autre chose")
    for model, key in (("crm.Coop", 10**9), ("old.Model", 1)):
        stray = SearchEntry.objects.create(
            model=model, object_id=key, place=key, kind=10, title="Fantôme", words="fantome|"
        )
        SearchPost.objects.create(entry=stray, word="fantome", kind=10)
    out = StringIO()
    call_command("rebuild_search", stdout=out)
    assert indexed() == kept
    coops = SearchEntry.objects.filter(model="crm.Coop").count()
    assert f"crm.Coop: {coops} (" in out.getvalue()


def test_rows_written_before_there_was_an_index_are_found_once_it_is_built(basile: User) -> None:
    Organisation.objects.create(legal_name="Ancienne Minoterie", kind="partner")
    assert find(basile, "minoterie", most=5).groups == ()
    rebuild_all()
    assert find(basile, "minoterie", most=5).groups[0].hits[0].title == "Ancienne Minoterie"


def queries(work: Any) -> int:
    with CaptureQueriesContext(connection) as seen:
        work()
    return len(seen)


def test_many_rows_are_told_in_as_many_queries_as_few(basile: User) -> None:
    def renamed(rows: list[Organisation], word: str) -> int:
        for row in rows:
            Organisation.objects.filter(pk=row.pk).update(legal_name=f"{word} {row.pk}")
        keys = [row.pk for row in rows]
        return queries(lambda: index.refresh("crm.Organisation", keys))

    rows = [given_organisation(f"Ferme {n}", kind="producer", by=basile) for n in range(41)]
    # The last keeps its name: no word is forgotten in one case and not in the other.
    assert renamed(rows[:3], "Zvergek") == renamed(rows[3:40], "Zpotagek") <= 26


def test_a_write_that_tells_nothing_new_costs_two_queries(basile: User) -> None:
    coop = given_coop(by=basile)
    assert queries(lambda: index.refresh("crm.Coop", [coop.pk])) == 2
    assert queries(lambda: index.refresh("missions.MissionDay", [1])) == 0


@pytest.mark.parametrize("name", ["search", "search_palette"])
def test_a_larger_office_asks_as_many_queries(name: str, basile: User) -> None:
    browser = signed_in(basile)
    url = f"{reverse(name)}?q=mirabele+coop"

    def asked() -> int:
        browser.get(url)
        return queries(lambda: browser.get(url))

    for n in range(3):
        given_coop(f"Mirabelle coop {n}", by=basile)
    few = asked()
    for n in range(3, 30):
        given_coop(f"Mirabelle coop {n}", by=basile)
        actions.add_task(what=f"Mirabelle coop {n}", **acting(basile, ON))
    assert asked() == few <= 9


def test_two_who_write_the_same_new_entry_do_not_clash(basile: User) -> None:
    """The second insertion meets the first one's row and leaves it."""
    organisation = given_organisation("Moulin", by=basile)
    entry = SearchEntry.objects.get(model="crm.Organisation", object_id=organisation.pk)
    twin = SearchEntry(
        model=entry.model,
        object_id=entry.object_id,
        place=1,
        kind=30,
        title="Moulin",
        words="moulin|",
    )
    assert index.insert_missing([twin], "object_id") == []
    assert SearchEntry.objects.get(model="crm.Organisation", object_id=organisation.pk) == entry


def test_what_followed_a_joined_organisation_bears_the_name_of_the_other(basile: User) -> None:
    source, target = (given_organisation(n, by=basile) for n in ("Vieux Moulin", "Grand Pressoir"))
    given_envelope(source, by=basile, reference="Enveloppe pervenche")
    actions.join_organisations(source, into=target, **acting(basile, ON))
    kept = indexed()
    assert sum(told["mended"] for told in rebuild_all().values()) == 0
    assert indexed() == kept
    titles = [h.title for g in find(basile, "pressoir", most=5).groups for h in g.hits]
    assert "Enveloppe pervenche" in titles


@pytest.mark.django_db
def test_an_index_that_holds_something_is_left_alone_when_asked_for(basile: User) -> None:
    given_organisation("Les Ormeaux")
    SearchEntry.objects.filter(title="Les Ormeaux").update(title="Autre nom")
    call_command("rebuild_search", "--if-empty")
    assert SearchEntry.objects.filter(title="Autre nom").exists()
    for rows in (SearchPost, SearchGram, SearchEntry):
        rows.objects.all().delete()
    call_command("rebuild_search", "--if-empty", stdout=StringIO())
    assert SearchEntry.objects.filter(title="Les Ormeaux").exists()
