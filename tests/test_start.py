"""The first run: told by what exists, left and resumed, in the database's own words."""

from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from crm.actions.starting import choose_kit
from crm.models import Accompaniment, IssuerProfile, Organisation, Requirement, Structure
from essaim.models import Event, Series, StartMark, User
from essaim.postal import Postal
from essaim.roles import Role
from essaim.series import open_series
from essaim.series_reading import read_number
from essaim.workflow import Refused
from invoicing import actions, start
from invoicing.actions import sample, starting
from invoicing.models import Invoice
from invoicing.verification import verify
from tests.conftest import acting, person, signed_in
from tests.given_invoicing import given_client, given_invoice, given_issuer
from tests.test_features import who


@pytest.fixture
def iris(db: None) -> User:
    """Founds the office and holds every role."""
    return person("Iris Keller", *Role.values)


def states() -> list[str]:
    return [step.state for step in start.steps()]


def test_what_exists_is_done_whoever_made_it(iris: User, today: Any) -> None:
    assert states() == ["todo"] * 4
    given_issuer()
    person("Ada Lutz", "consultant")
    assert states() == ["done", "done", "done", "todo"]
    starting.take_kit(with_items=True, **acting(iris, today))
    assert states() == ["done"] * 4


def test_a_step_skipped_can_be_taken_later(iris: User, today: Any) -> None:
    starting.skip("issuer", **acting(iris, today))
    assert states()[0] == "skipped"
    assert start.next_url(start.steps()) == reverse("start:numbering")
    starting.say_who_we_are(**who(), **acting(iris, today))
    assert states()[0] == "done"
    starting.skip("issuer", **acting(iris, today))
    assert StartMark.objects.count() == 2


def test_only_a_wholly_empty_office_is_led_at_once_and_once_a_session(iris: User) -> None:
    client = signed_in(iris)
    assert client.get("/").url == reverse("start:issuer")
    assert client.get("/").status_code == 200
    person("Ada Lutz", "consultant")
    assert signed_in(iris).get("/").status_code == 200
    assert signed_in(person("Basile Roth", "coordinator")).get("/").status_code == 200


def test_an_administrator_without_the_books_is_told_who_may(iris: User) -> None:
    farid = person("Farid Kern", "administrator")
    words = signed_in(farid).get(reverse("start:home")).content.decode()
    assert "Pour quelqu’un qui a le rôle comptable" in words
    assert reverse("start:kit") in words


def test_the_first_step_writes_the_structure_too(iris: User, today: Any) -> None:
    starting.say_who_we_are(**who(), **acting(iris, today))
    held = Structure.objects.get().organisation
    assert (held.legal_name, held.city, held.siren) == ("Coop’Épi", "Strasbourg", "732829320")
    starting.say_who_we_are(**who(legal_name="Coop’Épi du Ried"), **acting(iris, today))
    assert Organisation.objects.get().legal_name == "Coop’Épi du Ried"


def test_a_cooperative_that_hides_it_says_what_it_does(iris: User, today: Any) -> None:
    form = {
        "legal_name": "Les Passeurs",
        "form": "scic",
        "siren": "732829320",
        "address": "1 rue X, 67000 Strasbourg",
        "regime": "receipts",
        "iban": "FR1420041010050500013M02606",
    }
    client = signed_in(iris)
    answer = client.post(reverse("start:issuer"), form)
    assert answer.status_code == 409
    assert "<details open>" in answer.content.decode()
    answer = client.post(reverse("start:issuer"), {**form, "operations": "accompagnement"})
    assert answer.status_code == 302


# -- numbers ---------------------------------------------------------------------------------------
def number(text: str, by: User, on: date) -> Series:
    return starting.number_from(read_number(text, year=on.year), **acting(by, on))


def issued(amount: int, on: date, by: User) -> Invoice:
    held = given_invoice(amount, given_client(f"Client {amount}"), on, issued=False)
    return actions.issue(invoice=held, **acting(by, on))


def test_a_numbering_is_taken_over_and_starts_again_next_year(iris: User) -> None:
    given_issuer()
    this, following = date(2026, 11, 23), date(2027, 1, 4)
    number("FA-2026-0042", iris, this)
    found = [issued(100, this, iris), issued(200, this, iris), issued(300, following, iris)]
    assert [i.number for i in found] == ["FA-2026-0042", "FA-2026-0043", "FA-2027-0001"]
    assert [i.rank for i in found] == [1, 2, 1]
    assert not [f for f in verify(at=found[-1].issued_at)[1] if f.is_error]
    page = signed_in(iris).get(reverse("invoicing:numbering")).content.decode()
    assert "FA-" in page


def test_a_numbering_that_never_restarts_goes_on(iris: User) -> None:
    given_issuer()
    number("EPI-118", iris, date(2026, 11, 23))
    found = [issued(100, date(2026, 11, 23), iris), issued(200, date(2027, 1, 4), iris)]
    assert [i.number for i in found] == ["EPI-118", "EPI-119"]
    assert not [f for f in verify(at=found[-1].issued_at)[1] if f.is_error]


def test_saying_the_pattern_again_does_not_lose_the_next_number(iris: User, today: Any) -> None:
    held = number("FA-2026-0042", iris, today)
    open_series("invoice", pattern=held.pattern, restarts=True)
    held.refresh_from_db()
    assert (held.first_number, held.first_year) == (42, 2026)


# -- the kit ---------------------------------------------------------------------------------------
def test_no_kit_leaves_no_item_in_use_and_the_proposed_one_comes_back(
    iris: User, today: Any
) -> None:
    in_use = Requirement.objects.filter(is_active=True)
    total = Requirement.objects.count()
    starting.take_kit(with_items=False, **acting(iris, today))
    assert not in_use.exists()
    starting.take_kit(with_items=True, **acting(iris, today))
    assert in_use.count() == total
    kept = frozenset(Requirement.objects.values_list("pk", flat=True)[:3])
    assert starting.pick_kit(kept, **acting(iris, today)) == total - 3
    assert choose_kit(kept, **acting(iris, today)) == 0


# -- the first invoice -----------------------------------------------------------------------------
def test_the_first_invoice_is_a_draft_until_it_was_read(iris: User, today: Any) -> None:
    given_issuer()
    what: dict[str, Any] = {
        "client": "Coop’Épi du Ried",
        "address": Postal("8 rue Haute", "67600", "Sélestat"),
        "label": "Diagnostic",
        "unit_price": Decimal(480),
        "quantity": Decimal(2),
    }
    draft = starting.first_invoice(**what, **acting(iris, today))
    assert (draft.state, draft.net, draft.client.city) == ("draft", Decimal(960), "Sélestat")
    with pytest.raises(Refused) as refused:
        starting.first_invoice(**{**what, "client": "coop'épi du ried"}, **acting(iris, today))
    assert refused.value.missing[0].url.endswith(f"?client={draft.client.pk}")
    assert Organisation.objects.count() == 1


# -- the list of first things ----------------------------------------------------------------------
def test_the_list_is_told_by_rows_and_examples_do_not_count(iris: User, today: Any) -> None:
    def done() -> set[str]:
        return {one.code for one in start.open_firsts(iris) if one.is_done}

    assert done() == set()
    sample.add_sample(**acting(iris, today))
    assert done() == set()
    assert Accompaniment.objects.exists()
    assert states()[-1] == "todo"
    given_issuer()
    given_invoice()
    assert done() == {"invoice"}


def test_the_list_stands_on_today_until_it_is_put_away(iris: User, today: Any) -> None:
    starting.say_who_we_are(**who(), **acting(iris, today))
    number("F2026-0001", iris, today)
    starting.work_alone(**acting(iris, today))
    starting.take_kit(with_items=True, **acting(iris, today))
    client = signed_in(iris)
    assert "Pour commencer" in client.get("/").content.decode()
    client.post(reverse("start:put_away"))
    client.post(reverse("start:put_away"))
    assert "Pour commencer" not in client.get("/").content.decode()
    assert Event.objects.filter(verb="essaim.StartMark.mark").count() == 3


# -- the first account -----------------------------------------------------------------------------
def test_the_sign_in_page_says_how_the_first_account_is_made(client: Any, db: None) -> None:
    page = client.get(reverse("account_login")).content.decode()
    assert "create_person" in page
    person("Iris Keller", "administrator")
    assert "create_person" not in client.get(reverse("account_login")).content.decode()


def test_the_first_account_is_one_that_can_sign_in(monkeypatch: Any, db: None) -> None:
    typed: list[str] = []
    monkeypatch.setattr("getpass.getpass", lambda _ask: typed.pop(0))

    def made(email: str, *words: str, name: str = "Iris Keller") -> bool:
        typed[:] = words
        try:
            call_command("create_person", email, name, stdout=StringIO())
        except CommandError:
            return False
        return True

    good = "cerises du Ried"
    assert not made("iris@ici", good, good)
    assert not made("iris@example.org", good, good, name="  ")
    assert not made("iris@example.org", "password123", "password123")
    assert not made("iris@example.org", good, "cerises du Reid")
    assert not User.objects.exists()
    assert made(" iris@example.org ", good, good)
    assert not made("Iris@example.org", good, good)
    assert User.objects.get().check_password(good)


# -- what was set up by hand stays -----------------------------------------------------------------
def test_the_first_step_taken_again_leaves_the_vat_that_stands(iris: User, today: Any) -> None:
    starting.say_who_we_are(**who(), **acting(iris, today))
    IssuerProfile.objects.update(vat_rate=Decimal("5.5"))
    starting.say_who_we_are(**who() | {"phone": "03 88 00 00 00"}, **acting(iris, today))
    row = IssuerProfile.objects.get()
    assert (row.phone, row.vat_rate) == ("03 88 00 00 00", Decimal("5.5"))


@pytest.mark.parametrize(
    ("text", "words"),
    [("F{past}-0001", "Chaque numéro porterait"), ("FA {year}/12", "sans espace ni accent")],
)
def test_a_number_that_would_look_odd_for_years_is_refused(
    iris: User, today: date, text: str, words: str
) -> None:
    typed = text.format(past=today.year - 1, year=today.year)
    answer = signed_in(iris).post(reverse("start:numbering"), {"number": typed})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Series.objects.filter(kind="invoice").exists()
