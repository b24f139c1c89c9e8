"""Pages of a file: pieces, budget, funders, episodes, plan and summary, as people use them."""

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import Document
from essaim.models import User
from grants import actions
from grants.models import BudgetLine, Call, CoFunder, Episode, Piece, PlanNeed, Programme
from grants.plans import plan_for
from grants.rules_plan import SURE_OF
from grants.states import ApplicationState
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_grants import (
    given_applicant,
    given_application,
    given_call,
    given_disbursement,
    given_organisation,
    given_programme,
    who,
)

pytestmark = pytest.mark.django_db
D = Decimal
PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def _page(name: str, *args: Any) -> str:
    return reverse(f"grants:{name}", args=args)


def _lines(*rows: tuple[str, str], side: str = "charges", start: int = 0) -> dict[str, str]:
    data = {f"{side}-TOTAL_FORMS": str(start + len(rows)), f"{side}-INITIAL_FORMS": "0"}
    for rank, (account, planned) in enumerate(rows):
        data |= {f"{side}-{rank}-account": account, f"{side}-{rank}-planned": planned}
    return data


def _budget(charges: Any, products: Any, **more: str) -> dict[str, str]:
    return {**_lines(*charges), **_lines(*products, side="products"), **more}


def _file(**facts: Any) -> Any:
    programme = given_programme(public_aid_cap=D(80), own_share_minimum=D(20))
    facts = {"requested": D(8000), "base": D(10000), "state": "drafting", **facts}
    return given_application(given_applicant(), programme, **facts)


# -- budget -----------------------------------------------------------------------------------


def test_a_budget_is_typed_computed_without_script_and_kept(basile: User) -> None:
    application, browser = _file(), signed_in(basile)
    url = _page("budget", application.pk)
    assert browser.get(url).status_code == 200
    data = _budget([("60", "4 000"), ("64", "6 000")], [("70", "1 900")])
    seen = browser.post(url, {**data, "preview": "1"})
    assert seen.status_code == 200
    assert "100,00\u00a0€" in seen.text
    assert "inférieur de 100,00" in seen.text
    assert not BudgetLine.objects.exists()
    data = _budget([("60", "4000"), ("64", "6000")], [("70", "2000")], carry="on")
    assert browser.post(url, data).status_code == 302
    application.refresh_from_db()
    assert (application.total_cost, application.own_share) == (D(10000), D(2000))
    page = browser.get(application.get_absolute_url()).text
    assert "10\u00a0000,00\u00a0€" in page
    assert "quilibré" in page


def test_with_htmx_only_the_balance_comes_back(basile: User) -> None:
    url = _page("budget", _file().pk)
    data = _budget([("60", "10000")], [("70", "2000")], preview="1")
    seen = signed_in(basile).post(url, data, headers={"HX-Request": "true"})
    assert seen.status_code == 200
    assert "<html" not in seen.text
    assert "quilibré" in seen.text


def test_more_rows_keep_what_was_typed(basile: User) -> None:
    url = _page("budget", _file().pk)
    data = _budget([("60", "4000")], [("70", "1900")], more="1")
    seen = signed_in(basile).post(url, data)
    assert seen.status_code == 200
    assert 'value="4000"' in seen.text
    assert 'name="charges-3-account"' in seen.text
    assert not BudgetLine.objects.exists()


@pytest.mark.parametrize(
    ("charges", "status"),
    [([("60", "-5")], 422), ([("60", "12,50")], 422), ([("", "5")], 422), ([("74", "5")], 422)],
)
def test_a_line_typed_wrong_is_said_beside_it(
    basile: User, charges: list[tuple[str, str]], status: int
) -> None:
    answer = signed_in(basile).post(_page("budget", _file().pk), _budget(charges, []))
    assert answer.status_code == status
    assert not BudgetLine.objects.exists()


def test_lines_are_changed_and_emptied_in_place(basile: User) -> None:
    application, browser = _file(), signed_in(basile)
    url = _page("budget", application.pk)
    browser.post(url, _budget([("60", "10")], [("70", "10")]))
    line = BudgetLine.objects.get(account="60")
    data = _budget([("62", "25")], [("70", "")])
    data |= {"charges-0-key": str(line.pk), "charges-INITIAL_FORMS": "1"}
    assert browser.post(url, data).status_code == 302
    (kept,) = BudgetLine.objects.all()
    assert (kept.pk, kept.account, kept.planned) == (line.pk, "62", D(25))


def test_the_budget_of_a_former_file_is_offered_to_the_next(basile: User) -> None:
    application, browser = _file(), signed_in(basile)
    browser.post(_page("budget", application.pk), _budget([("60", "10")], [("70", "10")]))
    later = given_application(application.coop, application.programme, title="L’an prochain")
    url = _page("budget_copy", later.pk)
    assert str(application) in browser.get(url).text
    assert browser.post(url, {"source": str(application.pk)}).status_code == 302
    assert later.budget_lines.count() == 2
    assert browser.post(url, {"source": str(application.pk)}).status_code == 409
    stranger = given_application(given_applicant("Épi Sud"))
    assert browser.post(_page("budget_copy", stranger.pk), {"source": later.pk}).status_code == 422


def test_what_was_spent_is_proposed_to_the_report(basile: User) -> None:
    application = _file(state="running", agreed=D(8000))
    browser = signed_in(basile)
    data = _budget([("60", "4000")], []) | {"charges-0-realised": "3 912,40"}
    assert browser.post(_page("budget", application.pk), data).status_code == 302
    assert "3912,40" in browser.get(_page("application_move", application.pk, "report")).text


# -- pieces -----------------------------------------------------------------------------------


def test_a_file_sent_for_a_piece_is_kept_and_shown(basile: User) -> None:
    coop = given_coop(owner=basile, by=basile)
    application = given_application(coop, state="drafting")
    browser = signed_in(basile)
    data = {"label": "Statuts", "step": "deposit", "is_required": "on"}
    assert browser.post(_page("piece_add", application.pk), data).status_code == 302
    piece = Piece.objects.get()
    deposit = _page("application_move", application.pk, "deposit")
    shown = browser.get(deposit).text
    assert "Statuts" in shown
    assert f"#piece-{piece.pk}" in shown
    assert browser.post(deposit, {"dated": timezone.localdate().isoformat()}).status_code == 409
    url = _page("piece_move", piece.pk, "make_ready")
    assert browser.get(url).status_code == 200
    assert browser.post(url, {"words": ""}).status_code == 409
    file = SimpleUploadedFile("statuts.pdf", PDF)
    assert browser.post(url, {"file": file}).status_code == 302
    assert Document.objects.get().title == "Statuts"
    assert browser.post(url, {"words": "encore"}).status_code == 409
    assert browser.post(deposit, {"dated": timezone.localdate().isoformat()}).status_code == 302
    assert "envoyée" in browser.get(application.get_absolute_url()).text


def test_a_program_file_with_a_false_name_is_refused(basile: User) -> None:
    coop = given_coop(owner=basile, by=basile)
    piece = actions.add_piece(
        given_application(coop), label="Statuts", step="deposit", **who(basile)
    )
    file = SimpleUploadedFile("statuts.pdf", b"MZ\x90\x00\x03\x00\x00")
    url = _page("piece_move", piece.pk, "make_ready")
    assert signed_in(basile).post(url, {"file": file}).status_code == 409
    assert not Document.objects.exists()


def test_a_programme_lists_what_it_asks(basile: User, chloe: User) -> None:
    programme, browser = given_programme(), signed_in(basile)
    url = _page("piece_kind_add", programme.pk)
    assert browser.post(url, {"label": "", "step": "deposit"}).status_code == 422
    assert browser.post(url, {"label": "RIB", "step": "claim"}).status_code == 302
    assert "RIB" in signed_in(chloe).get(programme.get_absolute_url()).text


# -- other funders, episodes ------------------------------------------------------------------


def test_another_funder_answers_on_a_date(basile: User) -> None:
    application, browser = _file(), signed_in(basile)
    town = given_organisation("Ville de Saverne", "authority")
    today = timezone.localdate()
    act = acting(basile, today)
    co = actions.add_co_funder(application, funder=town, amount=D(1600), **act)
    url = _page("co_funder_standing", co.pk)
    data = {"standing": "obtained", "dated": today.isoformat(), "amount": "1 500"}
    for wrong, code in (
        ({"dated": (today + timedelta(days=1)).isoformat()}, 409),
        ({"dated": (today - timedelta(days=1)).isoformat()}, 409),
        ({"standing": "planned"}, 409),
        ({"standing": "rich"}, 422),
    ):
        assert browser.post(url, {**data, **wrong}).status_code == code, wrong
    assert browser.post(url, data).status_code == 302
    co.refresh_from_db()
    assert (co.standing, co.standing_on, co.amount) == ("obtained", today, D(1500))
    assert "obtenu" in browser.get(application.get_absolute_url()).text


def test_another_funder_is_tied_to_our_own_file_there(basile: User) -> None:
    application, browser = _file(), signed_in(basile)
    region = given_organisation("Région Grand Est")
    there = given_application(application.coop, given_programme("Emploi", funder=region))
    stray = given_application(application.coop, given_programme("Autre"))
    act = acting(basile, timezone.localdate())
    co = actions.add_co_funder(application, funder=region, amount=D(10), **act)
    url = _page("co_funder_edit", co.pk)
    data = {"funder": str(region.pk), "amount": "10", "is_public": "on"}
    assert browser.post(url, {**data, "own_application": str(stray.pk)}).status_code == 409
    assert browser.post(url, {**data, "own_application": str(there.pk)}).status_code == 302
    assert CoFunder.objects.get().own_application == there
    assert there.get_absolute_url() in browser.get(application.get_absolute_url()).text


def test_an_episode_opens_and_closes_and_the_file_keeps_its_state(basile: User) -> None:
    application, browser = _file(state="refused"), signed_in(basile)
    url = _page("episode_open", application.pk)
    today = timezone.localdate()
    opened = {"kind": "appeal", "opened_on": today.isoformat(), "words": "Recours gracieux."}
    for wrong, code in (
        ({"opened_on": "2999-01-01"}, 409),
        ({"opened_on": "2026-01-01"}, 409),
        ({"closed_on": today.isoformat()}, 409),
        ({"outcome": "favourable"}, 409),
    ):
        assert browser.post(url, {**opened, **wrong}).status_code == code, wrong
    assert not Episode.objects.exists()
    assert browser.post(url, opened).status_code == 302
    episode = Episode.objects.get()
    closed = {**opened, "closed_on": today.isoformat(), "outcome": "favourable"}
    assert browser.post(_page("episode_edit", episode.pk), closed).status_code == 302
    application.refresh_from_db()
    assert application.state == "refused"
    shown = browser.get(application.get_absolute_url()).text
    assert "Recours gracieux." in shown
    assert "Favorable" in shown


def test_nothing_is_controlled_before_it_was_deposited(basile: User) -> None:
    url = _page("episode_open", _file().pk)
    data = {"kind": "control", "opened_on": timezone.localdate().isoformat()}
    assert signed_in(basile).post(url, data).status_code == 409


# -- plan of a coop ---------------------------------------------------------------------------


def test_every_state_of_a_file_has_its_place_in_the_plan() -> None:
    lost = {"refused", "no_answer", "withdrawn", "renounced", "lapsed"}
    assert set(SURE_OF) == set(ApplicationState.values) - lost


def test_a_plan_adds_files_by_how_sure_they_are_and_counts_nobody_twice(basile: User) -> None:
    coop = given_applicant()
    sure = given_application(coop, state="running", agreed=D(8000))
    given_application(coop, state="review", requested=D(5000))
    given_application(coop, state="drafting", requested=D(3000))
    given_application(coop, state="refused", requested=D(9000))
    town = given_organisation("Ville de Saverne", "authority")
    for amount in (D(1500), D(1000)):
        actions.add_co_funder(sure, funder=town, amount=amount, standing="obtained", **who())
    ministry = sure.programme.funder
    actions.add_co_funder(sure, funder=ministry, amount=D(70), standing="obtained", **who())
    actions.add_resource(coop, kind="loan", label="Prêt", amount=D(2000), **who())
    actions.add_need(coop, kind="investment", label="Caisse", amount=D(25000), **who())
    plan = plan_for(coop)
    assert [plan.sure(code) for code in ("certain", "awaited", "conditional")] == [
        D(9500),
        D(7000),
        D(3000),
    ]
    assert (plan.needed, plan.gap, plan.gap_when_certain) == (D(25000), D(5500), D(15500))


def test_the_plan_is_on_screen_in_a_table_and_on_paper(basile: User) -> None:
    coop, browser = given_applicant(), signed_in(basile)
    url = _page("plan", coop.pk)
    assert "Rien à payer" in browser.get(url).text
    need = {"kind": "start_up", "label": "=Frais", "amount": "1 200,50"}
    assert browser.post(_page("need_add", coop.pk), {**need, "amount": "0"}).status_code == 409
    assert browser.post(_page("need_add", coop.pk), {**need, "label": ""}).status_code == 422
    assert browser.post(_page("need_add", coop.pk), need).status_code == 302
    data = {"kind": "own", "label": "Apport", "amount": "200", "certainty": "certain"}
    assert browser.post(_page("resource_add", coop.pk), data).status_code == 302
    assert "1\u00a0000,50\u00a0€" in browser.get(url).text
    table = b"".join(browser.get(_page("plan_csv", coop.pk))).decode("utf-8-sig")
    assert "'=Frais" in table
    assert "1000,50" in table
    paper = browser.get(_page("plan_pdf", coop.pk))
    assert paper.content.startswith(b"%PDF")
    need_row = PlanNeed.objects.get()
    assert browser.post(_page("need_remove", need_row.pk)).status_code == 302
    assert not PlanNeed.objects.exists()


def _text_of(content: bytes) -> str:
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as document:
        return str(len(document.pages))


def test_a_file_is_printed_on_a_summary(basile: User) -> None:
    application, browser = _file(state="agreed", agreed=D(8000)), signed_in(basile)
    actions.add_piece(application, label="Statuts", step="report", **who())
    given_disbursement(application, amount=D(1000))
    answer = browser.get(_page("summary", application.pk))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert _text_of(answer.content) == "1"
    assert answer.content == browser.get(_page("summary", application.pk)).content


def test_de_minimis_is_counted_on_the_day_asked(basile: User) -> None:
    application, browser = _file(state="awarded", agreed=D(8000)), signed_in(basile)
    Programme.objects.update(is_de_minimis=True)
    url = _page("de_minimis", application.applicant_id)
    day = application.decided_on
    assert "8\u00a0000,00\u00a0€" in browser.get(f"{url}?on={day}").text
    before = browser.get(f"{url}?on={day - timedelta(days=1)}").text
    assert "Aucune aide de minimis" in before
    data = {"giver": "Ville", "granted_on": day.isoformat(), "amount": "500"}
    add = _page("other_aid_add", application.applicant_id)
    assert browser.post(add, {**data, "granted_on": "2999-01-01"}).status_code == 409
    assert browser.post(add, data).status_code == 302
    assert "8\u00a0500,00\u00a0€" in browser.get(f"{url}?on={day}").text


# -- catalogue --------------------------------------------------------------------------------


def test_calls_are_narrowed_by_state_funder_kind_and_territory(basile: User) -> None:
    now, today = timezone.now(), timezone.localdate()
    region = given_organisation("Région Grand Est")
    one = given_programme("Emploi", funder=region)
    two = given_programme("Prêt", kind="loan")
    soon = now + timedelta(days=20)
    given_call(one, title="Ouvert", deadline=soon, territory="Moselle et Vosges")
    given_call(two, title="Fermé encore", deadline=soon, opens_on=today + timedelta(days=5))
    given_call(two, title="Permanent", recurrence="open")
    given_call(one, title="Passé", deadline=now - timedelta(days=2))
    away = given_call(one, title="Rangé", deadline=soon)
    actions.archive_call(away, **acting(basile, today))
    browser, url = signed_in(basile), _page("calls")
    titles = ("Ouvert", "Fermé encore", "Permanent", "Passé", "Rangé")
    for query, shown in (
        ("", {"Ouvert", "Fermé encore", "Permanent"}),
        ("?show=open", {"Ouvert", "Permanent"}),
        ("?show=past", {"Passé"}),
        ("?show=archived", {"Rangé"}),
        (f"?funder={region.pk}", {"Ouvert"}),
        ("?kind=loan", {"Fermé encore", "Permanent"}),
        ("?territory=vosges", {"Ouvert"}),
    ):
        text = browser.get(url + query).text
        assert {t for t in titles if f">{t}<" in text} == shown, query


def test_programmes_are_marked_when_they_are_to_be_read_again(basile: User) -> None:
    today = timezone.localdate()
    fresh = given_programme("Frais", checked_on=today - timedelta(days=100), on=today)
    given_programme("Jamais lu")
    browser, url = signed_in(basile), _page("programmes")
    text = browser.get(f"{url}?show=recheck").text
    assert ">Jamais lu<" in text
    assert ">Frais<" not in text
    recheck = _page("recheck")
    assert browser.post(recheck, {"months": "0"}).status_code == 409
    assert browser.post(recheck, {"months": "2"}).status_code == 302
    assert ">Frais<" in browser.get(f"{url}?show=recheck").text
    assert browser.post(_page("checked", fresh.pk)).status_code == 302
    assert ">Frais<" not in browser.get(f"{url}?show=recheck").text


def test_a_programme_is_archived_and_comes_back(basile: User) -> None:
    programme, browser = given_programme("Ancien"), signed_in(basile)
    url = _page("programme_archive", programme.pk)
    assert browser.post(url).status_code == 302
    assert ">Ancien<" not in browser.get(_page("programmes")).text
    assert ">Ancien<" in browser.get(_page("programmes") + "?show=archived").text
    assert browser.post(url).status_code == 302
    assert ">Ancien<" in browser.get(_page("programmes")).text


def test_a_deadline_is_typed_and_shown_on_the_clock_of_its_zone(basile: User) -> None:
    programme, browser = given_programme(), signed_in(basile)
    data = {
        "title": "Appel",
        "deadline": "31/01/2027 12:00",
        "zone": "Indian/Reunion",
        "recurrence": "once",
        "stages": ["set_up", "premises"],
    }
    assert browser.post(_page("call_new", programme.pk), data).status_code == 302
    call = Call.objects.get()
    assert call.deadline is not None
    assert call.deadline.isoformat() == "2027-01-31T08:00:00+00:00"
    assert "31/01/2027 12:00" in browser.get(_page("call_edit", call.pk)).text
    page = browser.get(programme.get_absolute_url()).text
    assert "heure de La Réunion" in page
    assert call.stage_words in page


# -- costs ------------------------------------------------------------------------------------


def _count(browser: Any, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


def test_the_lists_and_pages_cost_the_same_for_few_and_many(basile: User) -> None:
    application = _file(state="agreed", agreed=D(8000))
    programme, coop, browser = application.programme, application.coop, signed_in(basile)
    pages = (
        _page("calls"),
        _page("plan", coop.pk),
        _page("budget", application.pk),
        application.get_absolute_url(),
        _page("de_minimis", application.applicant_id),
        programme.get_absolute_url(),
    )

    def grow(count: int) -> None:
        for n in range(count):
            actions.add_piece(application, label=f"P{n}", step="report", **who())
            given_call(programme, title=f"A{n}", recurrence="open")
            actions.add_need(coop, kind="other", label="X", amount=D(1), **who())
            actions.add_resource(coop, kind="other", label="X", amount=D(1), **who())
            funder = given_organisation(f"Ville {programme.calls.count()}")
            actions.add_co_funder(application, funder=funder, amount=D(1), **who())
            aid = {"giver": "Ville", "granted_on": who()["on"], "amount": D(1)}
            actions.add_other_aid(coop.organisation, **aid, **who())
        BudgetLine.objects.bulk_create(
            BudgetLine(application=application, side="charge", account="60", planned=1)
            for _n in range(count)
        )

    grow(3)
    few = [_count(browser, url) for url in pages]
    grow(9)
    assert [_count(browser, url) for url in pages] == few
