"""What somebody new to the tool stumbled on: double clicks, late dates, links that lead nowhere."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm import actions
from crm.hooks.milestones import milestones
from crm.models import Accompaniment, Path, Task
from essaim.models import User
from tests.conftest import signed_in
from tests.given_crm import given_coop
from tests.given_grants import given_application

pytestmark = pytest.mark.django_db


def now_by(user: User) -> dict[str, Any]:
    return {"by": user, "on": timezone.localdate(), "at": timezone.now()}


def test_a_task_ticked_twice_is_done_once(ada: User, basile: User) -> None:
    coop = given_coop(owner=ada, by=basile)
    task = actions.add_task(coop=coop, what="Relire", owner=ada, **now_by(basile))
    browser, url = signed_in(ada), reverse("crm:task_done", args=(task.pk,))
    for _click in range(2):
        assert browser.post(url).status_code == 302
    assert Task.objects.get(pk=task.pk).done_on == timezone.localdate()
    assert 'name="again"' in browser.get(reverse("crm:task", args=(task.pk,))).content.decode()
    for _click in range(2):
        assert browser.post(url, {"again": "on"}).status_code == 302
    assert Task.objects.get(pk=task.pk).done_on is None


def test_the_tick_in_the_list_of_tasks_carries_its_token(ada: User, basile: User) -> None:
    actions.add_task(what="Relire", owner=ada, **now_by(basile))
    browser, url = Client(enforce_csrf_checks=True), reverse("crm:tasks")
    browser.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = browser.get(url).content.decode()
    form = page[page.index("/fait/") : page.index("</form>", page.index("/fait/"))]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token is not None
    sent = {"csrfmiddlewaretoken": token[1], "next": url}
    task = Task.objects.get()
    assert browser.post(reverse("crm:task_done", args=(task.pk,)), sent).status_code == 302


def test_a_late_move_says_from_when_it_holds(basile: User) -> None:
    began = timezone.localdate() - timedelta(days=30)
    browser = signed_in(basile)
    for back, is_told in ((0, False), (5, True)):
        day = timezone.localdate() - timedelta(days=back)
        coop = given_coop(f"Coop {back}", owner=basile, by=basile, stage="collective", on=began)
        url = reverse("crm:move", args=(coop.pk, "advance"))
        sent = {"to": "buying_group", "effective_on": f"{day:%Y-%m-%d}", "reason_advised": "Prêts"}
        assert browser.post(url, sent).status_code == 302
        page = reverse("crm:coop", args=(coop.pk,)) + "?kind=move"
        assert (f"effet le {day:%d/%m/%Y}" in browser.get(page).content.decode()) is is_told


def test_each_date_given_to_a_milestone_is_in_the_timeline(basile: User, ada: User) -> None:
    coop = given_coop(owner=basile, by=basile, stage="set_up")
    today = timezone.localdate()
    for back in (9, 3):
        actions.date_milestone(
            coop.current,
            kind="company",
            happened_on=today - timedelta(days=back),
            **now_by(basile),
        )
    told = milestones(coop, user=basile, before=None, limit=5)
    dates = [f"{today - timedelta(days=back):%d/%m/%Y}" for back in (3, 9)]
    assert [entry.title for entry in told] == [f"Société créée : datée du {d}" for d in dates]
    assert milestones(coop, user=ada, before=None, limit=5) == []
    page = signed_in(basile).get(reverse("crm:coop", args=(coop.pk,)) + "?kind=milestone")
    assert told[0].title in page.content.decode()


def test_a_fault_in_a_row_of_the_form_is_told_on_top_with_its_link(basile: User) -> None:
    coop = given_coop(owner=basile, by=basile)
    rows = {f"next-{n}": v for n, v in (("TOTAL_FORMS", "1"), ("INITIAL_FORMS", "0"))}
    sent = {"kind": "note", "title": "Réunion", "next-0-due_on": "2026-12-01", **rows}
    answer = signed_in(basile).post(reverse("crm:note_new", args=(coop.pk,)), sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'class="summary bad"' in page and 'href="#id_next-0-what"' in page


def test_nobody_left_to_write_to_means_no_button_to_send(basile: User) -> None:
    coop = given_coop(owner=basile, by=basile)
    note = actions.write_note(
        coop, title="Seul", is_shared=True, share_confirmed=True, **now_by(basile)
    )
    page = signed_in(basile).get(note.get_absolute_url()).content.decode()
    assert reverse("crm:note_send", args=(note.pk,)) not in page


def test_a_mistyped_number_of_members_is_refused_with_words(basile: User) -> None:
    coop = given_coop(owner=basile, by=basile)
    sent = {"as_of": f"{timezone.localdate():%Y-%m-%d}", "registered": "1000001", "source": "x"}
    answer = signed_in(basile).post(reverse("crm:members", args=(coop.pk,)), sent)
    assert answer.status_code == 409 and "Aucune coop n’a" in answer.content.decode()


def test_an_association_does_not_turn_into_no_form_at_all(basile: User) -> None:
    coop = given_coop(owner=basile, by=basile)
    url = reverse("crm:legal_transform", args=(coop.pk,))
    for form in ("none", "authority"):
        sent = {"form": form, "since": f"{timezone.localdate():%Y-%m-%d}"}
        assert signed_in(basile).post(url, sent).status_code == 422
    assert 'value="scic_sas"' in signed_in(basile).get(url).content.decode()


def test_the_coop_page_says_which_aid_needs_an_amendment(basile: User) -> None:
    coop = given_coop(owner=basile, by=basile)
    given_application(coop, state="awarded", by=basile)
    page, browser = reverse("crm:coop", args=(coop.pk,)), signed_in(basile)
    assert "Avenant à demander" not in browser.get(page).content.decode()
    facts = {"legal_name": "SCIC du Ried", "form": "scic_sas", "since": timezone.localdate()}
    actions.declare_parallel_entity(coop, why="Elle tient le magasin", **facts, **now_by(basile))
    assert "Avenant à demander" in browser.get(page).content.decode()


def test_the_administrator_meets_no_barred_link_among_the_profiles(farid: User) -> None:
    page = signed_in(farid).get(reverse("crm:issuer"))
    assert reverse("crm:issuer_new") not in page.content.decode()


def test_a_coop_taken_over_tomorrow_is_refused_beside_that_date(basile: User) -> None:
    browser, url = signed_in(basile), reverse("crm:take_over")
    path = Path.objects.get(code="supermarket")
    day = timezone.localdate() + timedelta(days=1)
    sent = {"legal_name": "Coop", "commune": "Metz", "postcode": "57000", "path": str(path.pk)}
    sent |= {"stage": "set_up", "effective_on": f"{day:%Y-%m-%d}", "owner": str(basile.pk)}
    answer = browser.post(url, sent)
    assert answer.status_code == 409
    assert list(answer.context["form"].errors) == ["effective_on"]


def test_a_preview_of_handing_over_meets_the_refusals_of_the_real_thing(
    ada: User, basile: User, chloe: User, farid: User
) -> None:
    coop = given_coop(owner=ada, by=basile)
    browser, url = signed_in(farid), reverse("hand_over", args=(ada.pk,))
    barred = browser.post(url, {"everything": str(chloe.pk)})
    assert barred.status_code == 409 and 'name="sure"' in barred.content.decode()
    shown = browser.post(url, {"everything": str(basile.pk)})
    assert shown.status_code == 200 and shown.context["preview"]
    coop.current.refresh_from_db()
    assert coop.current.owner == ada
    assert browser.post(url, {"everything": str(basile.pk), "sure": "on"}).status_code == 302
    assert Accompaniment.objects.get(coop=coop).owner == basile
