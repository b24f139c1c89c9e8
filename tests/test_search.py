"""Search over everything one may see: what is found, in which order, and by whom."""

from datetime import date
from typing import Any

import pytest
from django.core.files.base import ContentFile

from crm import actions
from essaim.models import SearchEntry, SearchGram, SearchPost, User
from essaim.search.query import find, recent
from invoicing import actions as invoicing
from missions import actions as missions
from tests.conftest import acting, person
from tests.given_crm import given_contact, given_coop, given_organisation
from tests.given_grants import given_application, given_call, given_programme
from tests.given_invoicing import client_of, given_invoice
from tests.given_missions import given_agreement, given_envelope, given_mission

ON = date(2026, 11, 23)
CANARY = "zibeline-violette"


def titles(user: User, question: str, *, kind: str = "", most: int = 10) -> list[str]:
    return [h.title for g in find(user, question, most=most, kind=kind).groups for h in g.hits]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("mirabelle", "Super Mirabelle"),
        ("mirabele", "Super Mirabelle"),
        ("MIRABELLE", "Super Mirabelle"),
        ("miarbelle", "Super Mirabelle"),
        ("mirab", "Super Mirabelle"),
        ("mirbel", "Super Mirabelle"),
        ("super mirabele", "Super Mirabelle"),
        ("abelle", "Super Mirabelle"),
        ("epicreie", "L’Épicerie d’Œuvre"),
        ("épicerie", "L’Épicerie d’Œuvre"),
        ("lepicerie oeuvre", "L’Épicerie d’Œuvre"),
        ("oeuvre", "L’Épicerie d’Œuvre"),
        ("coop 2", "Coop 2"),
        ("732 829 320", "Super Mirabelle"),
        ("732829320", "Super Mirabelle"),
        ("selestat mirabelle", "Super Mirabelle"),
    ],
)
def test_a_coop_is_found_whatever_the_accents_and_the_typing(
    question: str, name: str, basile: User
) -> None:
    given_coop("Super Mirabelle", siren="732829320")
    given_coop("L’Épicerie d’Œuvre", postcode="67000")
    given_coop("Coop 2", postcode="67000")
    given_coop("Coop 25", postcode="67000")
    assert titles(basile, question, kind="coop")[0] == name


@pytest.mark.parametrize("question", ["", " ", "x", "12 50", "zzzz", "%", "_", "'", "\x00", "👍"])
def test_nothing_is_found_where_nothing_is_meant(question: str, basile: User) -> None:
    given_coop("Super Mirabelle")
    actions.write_note(given_coop("Coop 25"), title="Le 12 mai, 50 membres", **acting(basile, ON))
    assert titles(basile, question) == []


def test_the_very_name_comes_first_then_the_beginning_then_the_words_then_the_likeness(
    basile: User,
) -> None:
    for name in ("Les amis de la Mirabelle", "Mirabelle et compagnie", "Mirabel", "Mirabelle"):
        given_coop(name, postcode="67000")
    found = titles(basile, "mirabelle", kind="coop")
    assert found == ["Mirabelle", "Mirabelle et compagnie", "Les amis de la Mirabelle", "Mirabel"]


def test_when_no_row_bears_all_the_words_those_that_bear_some_are_shown_as_such(
    basile: User,
) -> None:
    given_coop("Super Mirabelle")
    answer = find(basile, "mirabelle tartempion", most=5)
    assert answer.is_partial
    assert "Super Mirabelle" in [h.title for g in answer.groups for h in g.hits]
    assert not find(basile, "super mirabelle", most=5).is_partial


@pytest.fixture
def everything(ada: User, basile: User, chloe: User) -> dict[str, str]:
    """A row of each kind, by the words that find it."""
    coop = given_coop("Super Mirabelle", owner=ada, by=basile)
    act = acting(basile, ON)
    given_organisation("Ville de Barr", siret="73282932000074", by=basile)
    given_contact("Émile", organisation=coop.organisation, email="emile@mirabelle.test", by=basile)
    actions.write_note(coop, title="Visite du local", text=f"Secret {CANARY}", **act)
    actions.add_task(coop=coop, what="Rappeler la mairie", owner=ada, **act)
    pdf = ContentFile(b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n%%EOF\n", "statuts-2026.pdf")
    actions.add_document(coop, file=pdf, title="Statuts signés", **act)
    agreement = given_agreement(coop, client_of(coop), by=basile, on=ON, title="Convention lilas")
    given_mission(agreement, team=[ada], by=basile, on=ON, title="Mission jonquille")
    region = given_organisation("Région Grand Est", kind="funder", by=basile)
    given_envelope(region, by=basile, reference="Enveloppe pervenche")
    programme = given_programme(name="Dispositif capucine")
    given_call(programme, title="Appel dahlia")
    given_application(coop, programme, title="Dossier glaïeul", reference="GE-2026-77")
    invoice = given_invoice(client=client_of(coop), by=chloe, on=ON)
    invoicing.record_payment(
        client=invoice.client,
        received_on=ON,
        amount=100,
        method="transfer",
        reference="VIR PIVOINE",
        **acting(chloe, ON),
    )
    return {
        "coop": "super mirabelle",
        "organisation": "73282932000074",
        "contact": "emile@mirabelle.test",
        "note": CANARY,
        "task": "rappeler mairie",
        "document": "statuts-2026.pdf",
        "agreement": "convention lilas",
        "mission": "mission jonquille",
        "envelope": "pervenche",
        "programme": "capucine",
        "call": "dahlia",
        "grantapplication": "GE-2026-77",
        "invoice": invoice.number,
        "payment": "vir pivoine",
    }


ALL = {
    *("coop", "organisation", "contact", "note", "task", "document", "agreement", "mission"),
    *("envelope", "programme", "call", "grantapplication", "invoice", "payment"),
}
MONEY = {"agreement", "envelope", "grantapplication", "invoice", "payment"}


@pytest.mark.parametrize(
    ("who", "kinds"),
    [
        ("ada", ALL - MONEY),
        ("basile", ALL),
        ("farid", ALL),
        # Internal notes are not the accountant's to read.
        ("chloe", ALL - {"note"}),
        ("dina", set()),
        ("stranger", {"organisation", "programme", "call"}),
    ],
)
def test_each_finds_what_they_may_see_and_nothing_else(
    who: str, kinds: set[str], everything: dict[str, str], request: Any
) -> None:
    user = (
        person("Simon Stoll", "consultant") if who == "stranger" else request.getfixturevalue(who)
    )
    found = {
        kind
        for kind, question in everything.items()
        if any(g.kind == kind for g in find(user, question, most=5).groups)
    }
    assert found == kinds


def test_words_of_an_internal_note_are_found_by_its_readers_alone(
    everything: dict[str, str], ada: User, chloe: User, basile: User
) -> None:
    assert find(chloe, CANARY, most=5).groups == ()
    for user in (ada, basile):
        (group,) = find(user, CANARY, most=5).groups
        (hit,) = group.hits
        assert hit.title == "Visite du local"
        assert "zibeline" not in hit.detail
    # Nor by likeness.
    assert find(chloe, "zibelinne violete", most=5).groups == ()


def test_what_is_left_out_is_counted_in_ones_own_scope(ada: User, basile: User) -> None:
    mine = given_coop("Mirabelle d’Ada", owner=ada, by=basile)
    for n in range(5):
        given_coop(f"Mirabelle {n}", by=basile)
    (group,) = [g for g in find(ada, "mirabelle", most=1).groups if g.kind == "coop"]
    assert [h.key for h in group.hits] == [mine.pk]
    assert not group.more
    (group,) = [g for g in find(basile, "mirabelle", most=5).groups if g.kind == "coop"]
    assert len(group.hits) == 5
    assert group.more


def test_a_renamed_coop_is_found_by_its_new_name_with_all_that_names_it(
    everything: dict[str, str], basile: User
) -> None:
    coop = find(basile, "super mirabelle", most=1, kind="coop").groups[0].hits[0]
    organisation = actions.edit_organisation(
        client_of_key(coop.key), legal_name="Super Quetsche", **acting(basile, ON)
    )
    assert organisation.name == "Super Quetsche"
    kinds = {g.kind for g in find(basile, "quetsche", most=5).groups}
    assert kinds >= {"coop", "organisation", "note", "task", "agreement", "invoice", "mission"}
    left = {g.kind for g in find(basile, "super mirabelle", most=5).groups}
    assert "coop" not in left
    # What is frozen keeps the name it was printed with.
    assert "invoice" in left


def client_of_key(key: int) -> Any:
    return actions.coops.Coop.objects.get(pk=key).organisation


def test_a_draft_thrown_away_leaves_the_index(chloe: User, ada: User) -> None:
    draft = given_invoice(issued=False, by=chloe, on=ON)
    invoicing.edit_draft(invoice=draft, title="Pimprenelle", **acting(chloe, ON))
    assert titles(chloe, "pimprenelle") != []
    invoicing.delete_draft(invoice=draft, **acting(chloe, ON))
    assert titles(chloe, "pimprenelle") == []
    assert not SearchEntry.objects.filter(model="invoicing.Invoice").exists()
    assert not SearchPost.objects.filter(word="pimprenelle").exists()
    assert not SearchGram.objects.filter(word="pimprenelle").exists()


def test_an_archived_organisation_comes_last(basile: User) -> None:
    old = given_organisation("Mirabelle", by=basile)
    given_organisation("Les amis de la Mirabelle", by=basile)
    assert titles(basile, "mirabelle")[0] == "Mirabelle"
    actions.archive_organisation(old, reason="Dissoute", **acting(basile, ON))
    assert titles(basile, "mirabelle") == ["Les amis de la Mirabelle", "Mirabelle"]


def test_recent_things_are_ones_own_and_still_in_scope(
    everything: dict[str, str], ada: User, basile: User
) -> None:
    assert recent(ada) == []
    coop = given_coop("La Noisette", owner=ada, by=basile)
    actions.write_note(coop, title="Appel du matin", **acting(ada, ON))
    assert [h.title for h in recent(ada)] == ["Appel du matin"]
    actions.assign(coop.current, owner=basile, **acting(basile, ON))
    assert recent(ada) == []
    assert "Appel du matin" not in [h.title for h in recent(basile)]


def test_a_day_of_work_tells_the_search_nothing(ada: User, basile: User) -> None:
    agreement = given_agreement(given_coop(owner=ada, by=basile), by=basile, on=ON)
    mission = given_mission(agreement, team=[ada], by=basile, on=ON)
    before = SearchEntry.objects.count()
    missions.log_day(
        mission=mission,
        worked_on=ON,
        moment="full_day",
        work="on_site",
        subject="Pimprenelle",
        **acting(ada, ON),
    )
    assert SearchEntry.objects.count() == before
