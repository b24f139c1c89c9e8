"""The summary sheet of a coop: what it says, to whom, and what never comes on paper."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from crm import actions
from crm.models import Coop
from essaim.models import User
from grants.models import PlanNeed, PlanResource
from invoicing.coop_sheet import reached_on, sheet_of
from invoicing.coop_sheet_print import render_sheet
from tests.conftest import acting, person, signed_in
from tests.given_crm import given_contact, given_coop, kit_done
from tests.given_invoicing import client_of
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 20)


def words(content: bytes) -> str:
    pages = PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def paper(user: User, coop: Coop) -> str:
    answer = signed_in(user).get(reverse("invoicing:coop_sheet", args=(coop.pk,)))
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/pdf"
    return words(b"".join(answer))  # type: ignore[arg-type]


@pytest.fixture
def coop(ada: User, basile: User) -> Coop:
    made = given_coop("La Musette", owner=ada, by=basile, on=date(2026, 9, 1), siren="552100554")
    actions.edit_coop(made, commune="Colmar", **acting(basile, ON))
    given_contact(organisation=made.organisation, email="emile@musette.test", by=basile)
    agreement = given_agreement(made, client_of(made), by=basile, on=date(2026, 9, 2))
    mission = given_mission(agreement, team=[ada], by=basile, on=date(2026, 9, 2))
    given_day(ada, mission, date(2026, 10, 6), by=basile, today=ON)
    PlanNeed.objects.create(coop=made, kind="works", label="Chambre froide", amount=24000)
    PlanResource.objects.create(
        coop=made, kind="equity", label="Parts sociales", amount=Decimal(9000), certainty="certain"
    )
    return made


def test_the_office_reads_identity_missions_money_and_the_plan(basile: User, coop: Coop) -> None:
    text = paper(basile, coop)
    for said in ("La Musette", "Fiche de synthèse", "552100554", "Colmar", "Prise de contact"):
        assert said in text
    assert "emile@musette.test" in text and "suivie par Ada Lutz" in text
    assert "Jours faits" in text and "Chambre froide" in text and "Parts sociales" in text
    assert "24 000,00 €" in text.replace("\xa0", " ") and "15 000,00 €" in text.replace("\xa0", " ")
    assert "En attente" in text


def test_a_consultant_reads_days_and_no_amount(ada: User, coop: Coop) -> None:
    text = paper(ada, coop)
    assert "Jours faits" in text and "Facturé" in text and "Règlements" in text
    assert "€" not in text and "Plan de financement" not in text and "Chambre froide" not in text


def test_a_coop_out_of_reach_has_no_sheet(coop: Coop, dina: User) -> None:
    other = signed_in(person("Simon Stoll", "consultant"))
    assert other.get(reverse("invoicing:coop_sheet", args=(coop.pk,))).status_code == 404
    assert signed_in(dina).get(reverse("invoicing:coop_sheet", args=(coop.pk,))).status_code == 403


def test_no_internal_word_comes_on_paper_even_to_who_may_read_it(
    ada: User, basile: User, coop: Coop
) -> None:
    canary, act = "zibelineviolette", acting(ada, ON)
    actions.write_note(
        coop,
        title=canary,
        text=canary,
        tasks=[{"what": f"{canary} tâche", "owner": ada, "due_on": ON}],
        **act,
    )
    actions.add_task(what="Appeler la banque", coop=coop, due_on=ON, **act)
    actions.block(coop.current, reason=canary, **act)
    kit_done(coop.current, "contact", ada, ON)
    actions.move_on(coop.current, to="diagnosis", why=canary, reasons={"advised": canary}, **act)
    actions.pause(coop.current, review_on=ON, why=canary, **act)
    for user in (ada, basile):
        text = paper(user, coop)
        assert canary not in text and "Appeler la banque" in text


def test_stages_bear_the_dates_they_were_reached_last(basile: User) -> None:
    coop = given_coop("L’Échalote", owner=basile, on=date(2026, 3, 2))
    kit_done(coop.current, "contact", basile, date(2026, 4, 1))
    go: Any = {"reasons": {"advised": "Vu."}}
    actions.move_on(coop.current, to="diagnosis", **go, **acting(basile, date(2026, 4, 1)))
    actions.go_back(coop.current, to="contact", why="Repris", **acting(basile, date(2026, 5, 4)))
    found = reached_on(coop.current)
    assert found == {"contact": date(2026, 5, 4), "diagnosis": date(2026, 4, 1)}
    with translation.override("fr"):
        sheet = sheet_of(coop.current, user=basile, on=ON)
    assert [(s.state, s.since) for s in sheet.steps[:2]] == [
        ("current", date(2026, 5, 4)),
        ("todo", None),
    ]


def test_the_same_facts_on_the_same_day_give_the_same_bytes(basile: User, coop: Coop) -> None:
    with translation.override("fr"):
        sheet = sheet_of(coop.current, user=basile, on=ON)
    assert render_sheet(sheet) == render_sheet(sheet)
    assert len(PdfReader(BytesIO(render_sheet(sheet))).pages) == 1


def test_the_page_of_the_coop_leads_to_its_sheet(ada: User, coop: Coop) -> None:
    page = signed_in(ada).get(reverse("crm:coop", args=(coop.pk,))).content.decode()
    assert reverse("invoicing:coop_sheet", args=(coop.pk,)) in page
