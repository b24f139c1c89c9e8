"""Addresses and dates made up by hand are answered, never broken on; a broken page is logged."""

import logging
from datetime import date
from typing import Any

import pytest
from django import forms as plain
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from crm import board
from crm.actions import pause
from crm.models import Organisation
from essaim import forms
from essaim.models import User
from missions.models import Mission, MissionDay
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop, given_organisation
from tests.given_missions import given_agreement, given_mission

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["crm:coop", "crm:move", "crm:coop_edit"])
def test_a_number_too_large_for_the_database_is_not_found(basile: User, name: str) -> None:
    args: list[Any] = [10**30] + (["advance"] if name == "crm:move" else [])
    assert signed_in(basile).get(reverse(name, args=args)).status_code == 404


def test_a_coop_still_opens_and_moves_by_its_number(basile: User) -> None:
    coop = given_coop(owner=basile, on=date(2026, 1, 5))
    assert signed_in(basile).get(reverse("crm:coop", args=(coop.pk,))).status_code == 200
    move = reverse("crm:move", args=(coop.pk, "advance"))
    assert signed_in(basile).get(move).status_code == 200


@pytest.mark.parametrize("name", ["missions:log", "missions:log_budget", "missions:agreement_new"])
def test_a_figure_that_is_no_number_chooses_nothing(basile: User, name: str) -> None:
    answer = signed_in(basile).get(reverse(name), {"mission": "²", "coop": "²", "agreement": "²"})
    assert answer.status_code == 200


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31", "abc"])
def test_a_week_out_of_the_calendar_shows_this_one(ada: User, on: str) -> None:
    assert signed_in(ada).get(reverse("missions:week"), {"on": on}).status_code == 200


@pytest.mark.parametrize("typed", ["0026-11-03", "9999-12-31"])
def test_a_day_of_an_impossible_year_is_refused_beside_its_field(ada: User, typed: str) -> None:
    coop = given_coop(owner=ada, on=date(2026, 1, 5))
    mission = given_mission(given_agreement(coop, rate=600, days=2), team=[ada])
    data = {"worked_on": typed, "mission": mission.pk, "moment": "full_day", "work": "on_site"}
    answer = signed_in(ada).post(reverse("missions:log"), data)
    assert answer.status_code == 422
    assert "année en quatre chiffres" in answer.content.decode()
    assert not MissionDay.objects.filter(mission=mission).exists()


def test_an_hour_of_an_impossible_year_is_refused_too() -> None:
    class Hour(forms.Form):
        at = plain.DateTimeField()

    assert not Hour({"at": "0026-11-03 10:00"}).is_valid()
    assert Hour({"at": "2026-11-03 10:00"}).is_valid()


def test_a_broken_page_is_written_in_the_log_whatever_the_mode() -> None:
    rules = settings.LOGGING["loggers"]["django"]
    assert rules["handlers"] == ["console"]
    assert logging.getLevelName(rules["level"]) <= logging.ERROR


# -- what was typed ---------------------------------------------------------------------------


def test_an_abandonment_goes_through_from_its_page(basile: User) -> None:
    coop = given_coop(owner=basile, on=date(2026, 1, 5))
    url = reverse("crm:move", args=(coop.pk, "abandon"))
    browser = signed_in(basile)
    facts = {"reason_code": "no_premises", "effective_on": "2026-02-02", "decided_by": "AG"}
    asked = browser.get(url).context["form"].fields
    facts |= {name: field.choices[0][0] for name, field in asked.items() if ":" in name}
    assert browser.post(url, facts).status_code == 302
    assert coop.current is None or coop.current.activity == "abandoned"
    assert coop.accompaniments.get().abandon_reason == "no_premises"


def test_a_whole_name_is_chosen_though_it_begins_a_longer_one(basile: User) -> None:
    funder = given_organisation("Région Test", kind="funder")
    given_organisation("Préfecture de la Région Test", kind="authority")

    class Who(forms.Form):
        payer = forms.PickField(Organisation.objects.all())

    form = Who({"payer_words": "région test"})
    assert form.is_valid()
    assert form.cleaned_data["payer"] == funder
    assert not Who({"payer_words": "région"}).is_valid()


def test_an_agreement_that_ends_before_it_starts_says_so_beside_the_field(basile: User) -> None:
    url = reverse("missions:agreement_new")
    data = {"starts_on": "2026-05-01", "ends_on": "2026-04-01", "hours_per_day": "0"}
    form = signed_in(basile).post(url, data).context["form"]
    assert form.errors["ends_on"] == ["La fin ne peut pas précéder le début."]
    assert form.errors["hours_per_day"] == ["Une journée compte entre 0 et 24 heures."]


def test_a_broken_constraint_is_never_named_to_a_person() -> None:
    with translation.override("fr"):
        words = gettext("Constraint “%(name)s” is violated.") % {"name": "agreement_ends"}
    assert "agreement_ends" not in words


def test_days_are_counted_by_quarters_in_words() -> None:
    class Part(forms.Form):
        billed = forms.DaysField()

    with translation.override("fr"):
        assert "quarts de journée" in str(Part({"billed": "0,3"}).errors)


def test_a_bulk_action_on_nothing_says_so(basile: User) -> None:
    answer = signed_in(basile).post(reverse("missions:validate"), {}, follow=True)
    assert "cochez au moins une ligne" in answer.content.decode()


# -- what is said ------------------------------------------------------------------------------


def test_moving_says_the_stage_reached(basile: User) -> None:
    coop = given_coop(owner=basile, stage="collective", by=basile, on=date(2026, 1, 5))
    url = reverse("crm:move", args=(coop.pk, "go_back"))
    data = {"to": "diagnosis", "effective_on": "2026-02-02", "why": "Le groupe change"}
    page = signed_in(basile).post(url, data, follow=True).content.decode()
    assert "maintenant à l’étape « Diagnostic partagé »" in page.replace("\xa0", " ")


def test_a_paused_coop_is_never_past_its_limit(basile: User) -> None:
    coop = given_coop(owner=basile, by=basile, on=date(2024, 1, 5))
    row, stages = coop.current, list(coop.current.path.stages.all())
    assert board.limit_of(row, stages) == 21
    pause(row, review_on=date(2026, 9, 1), why="Été", **acting(basile, date(2026, 7, 1)))
    assert board.limit_of(coop.current, stages) is None


def test_a_narrow_cell_names_the_coop(ada: User) -> None:
    coop = given_coop("La Navette", owner=ada, on=date(2026, 1, 5))
    mission = given_mission(given_agreement(coop, rate=600, days=2), team=[ada])
    assert mission.short_name == "La Navette"
    start_up = Mission.objects.get(coop=coop, kind="start_up")
    assert start_up.short_name == f"La Navette · {start_up.get_kind_display()}"
