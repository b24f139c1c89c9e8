"""Screens of payments and deadlines: agenda, schedules, answers, rates, and what money brings."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from crm import actions as crm
from essaim.models import User
from grants import actions
from grants.models import AidQuestionSetting, Disbursement, PaymentTerms, ReminderPlan
from invoicing import actions as invoicing
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_grants import (
    DAY,
    given_applicant,
    given_application,
    given_call,
    given_disbursement,
    given_organisation,
    given_programme,
    move,
)
from tests.given_invoicing import client_of, given_clause, given_issuer
from tests.given_missions import given_agreement

pytestmark = pytest.mark.django_db
D = Decimal
CALENDAR = "/financements/echeances/"


def at(name: str, *args: Any) -> str:
    return reverse(f"grants:{name}", args=args)


def lines(rows: list[dict[str, str]]) -> dict[str, str]:
    """A list of lines as it is posted."""
    data = {"lines-TOTAL_FORMS": str(len(rows)), "lines-INITIAL_FORMS": "0"}
    return data | {f"lines-{n}-{k}": v for n, row in enumerate(rows) for k, v in row.items()}


# -- the agenda -------------------------------------------------------------------------------
def test_an_opening_that_passed_is_no_delay(basile: User) -> None:
    ago = timezone.localdate() - timedelta(days=5)
    call = given_call(given_programme(), opens_on=ago, title="Appel ouvert")
    given_application(given_applicant(), call.programme, call=call, title="Dossier à écrire")
    page = signed_in(basile).get(CALENDAR, {"view": "list"}).text
    assert "Dossier à écrire" in page
    assert "en retard" not in page


def test_a_late_evening_on_new_year_s_eve_stands_in_december(basile: User) -> None:
    call = given_call(
        given_programme(), deadline=datetime(2026, 12, 31, 22, 30, tzinfo=UTC), title="Appel FDVA"
    )
    december = signed_in(basile).get(CALENDAR, {"month": "2026-12"}).text
    square = december.split('datetime="2026-12-31"')[1].split("</td>")[0]
    assert str(call) in square
    assert "23:30" in square
    january = signed_in(basile).get(CALENDAR, {"month": "2027-01"}).text
    assert str(call) not in january.split("month-list")[1]


@pytest.mark.parametrize("month", ["2026-13", "abc", "1999-12", "9999-01", "2026-", ""])
def test_a_month_that_is_none_shows_this_one(basile: User, month: str) -> None:
    page = signed_in(basile).get(CALENDAR, {"month": month})
    assert page.status_code == 200
    assert f'datetime="{timezone.localdate():%Y-%m-%d}"' in page.text


def test_the_month_leads_to_its_neighbours_and_keeps_its_filters(basile: User) -> None:
    page = signed_in(basile).get(CALENDAR, {"month": "2026-12", "kind": "report"}).text
    assert "month=2026-11&amp;kind=report" in page
    assert "month=2027-01&amp;kind=report" in page


def test_the_agenda_narrows_by_kind_coop_and_person(basile: User, farid: User) -> None:
    on = timezone.localdate()
    for name, owner in (("Épi Sud", basile), ("La Grange", farid)):
        given_application(
            given_applicant(name),
            given_programme(f"Fonds {name}"),
            state="running",
            owner=owner,
            title=f"Aide {name}",
            report_due_on=on + timedelta(days=9),
            lapses_on=on + timedelta(days=19),
        )
    browser = signed_in(basile)
    whole = browser.get(CALENDAR, {"view": "list"}).text
    assert whole.count("Aide Épi Sud") == whole.count("Aide La Grange") == 2
    mine = browser.get(CALENDAR, {"view": "list", "person": str(basile.pk)}).text
    assert (mine.count("Aide Épi Sud"), mine.count("Aide La Grange")) == (2, 0)
    lapses = browser.get(CALENDAR, {"view": "list", "kind": "lapse"}).text
    assert (lapses.count("Aide Épi Sud"), lapses.count("Aide La Grange")) == (1, 1)
    none = browser.get(CALENDAR, {"view": "list", "coop": "999999"}).text
    assert "Aucune échéance avec ces filtres" in none


def test_tasks_and_reviews_stand_there_too(ada: User) -> None:
    on = timezone.localdate()
    coop = given_coop(owner=ada)
    crm.add_task(coop=coop, what="Rappeler la mairie", due_on=on, **acting(ada, on))
    crm.pause(coop.current, review_on=on, why="Été", **acting(ada, on))
    page = signed_in(ada).get(CALENDAR).text
    assert "Rappeler la mairie" in page
    assert "Point sur une pause" in page


def test_the_agenda_asks_as_many_questions_for_many(
    basile: User, django_assert_max_num_queries: Any
) -> None:
    on = timezone.localdate()
    browser = signed_in(basile)

    def given_some(count: int) -> None:
        for rank in range(count):
            application = given_application(
                given_applicant(f"Coop {rank}"),
                given_programme(f"Fonds {rank} {count}"),
                state="running",
                report_due_on=on,
            )
            given_disbursement(application, expected_on=on)

    given_some(1)
    browser.get(CALENDAR)
    counts = []
    for more in (0, 12):
        given_some(more)
        with django_assert_max_num_queries(60) as seen:
            assert browser.get(CALENDAR).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


# -- schedules and amounts --------------------------------------------------------------------
def test_a_programme_s_pattern_is_written_and_proposed(basile: User) -> None:
    programme, browser = given_programme(), signed_in(basile)
    pattern = [
        {"kind": "advance", "percent": "30", "months": "1", "pieces": "RIB"},
        {"kind": "balance", "percent": "70", "months": "", "pieces": ""},
        {"kind": "", "percent": "", "months": "", "pieces": ""},
    ]
    caps = {"advance_cap": "30", "before_balance_cap": "80"}
    url = at("payment_terms", programme.pk)
    assert browser.post(url, {**caps, **lines(pattern[:1])}).status_code == 409
    assert not PaymentTerms.objects.exists()
    assert browser.post(url, {**caps, **lines(pattern)}).status_code == 302
    assert "30&nbsp;%" in browser.get(programme.get_absolute_url()).text

    application = given_application(given_applicant(), programme, state="agreed", agreed=D(1000))
    url = at("schedule", application.pk)
    assert url in browser.get(application.get_absolute_url()).text
    shown = browser.get(url).text
    assert 'value="300,00"' in shown
    assert 'value="700,00"' in shown
    assert not application.disbursements.exists()
    rows = [
        {"kind": "advance", "expected_amount": "300", "pieces": "RIB"},
        {"kind": "balance", "expected_amount": "699,99"},
    ]
    refused = browser.post(url, lines(rows))
    assert refused.status_code == 409
    assert "699,99" in refused.text
    rows[1]["expected_amount"] = "700"
    assert browser.post(url, lines(rows)).status_code == 302
    assert application.disbursements.count() == 2
    assert url not in browser.get(application.get_absolute_url()).text


def test_a_line_half_filled_is_a_mistake(basile: User) -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(1000))
    answer = signed_in(basile).post(
        at("schedule", application.pk), lines([{"kind": "advance", "expected_amount": ""}])
    )
    assert answer.status_code == 422
    assert not application.disbursements.exists()


def test_the_amount_of_a_grant_is_changed_by_an_amendment(basile: User) -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(1000))
    browser, url = signed_in(basile), at("application_amount", application.pk)
    day = timezone.localdate().isoformat()
    data = {"dated": day, "amount": "1 200", "why": "Avenant n° 1"}
    assert browser.post(url, {**data, "why": ""}).status_code == 422
    assert browser.post(url, data).status_code == 302
    application.refresh_from_db()
    assert application.agreed == D(1200)


# -- claims and answers -----------------------------------------------------------------------
def test_a_piece_is_ticked_from_the_file(basile: User) -> None:
    application = given_application(given_applicant(), state="agreed")
    row = given_disbursement(application, pieces="RIB\nFactures")
    piece, browser = row.claim_pieces.get(label="RIB"), signed_in(basile)
    url = at("claim_piece", row.pk, piece.pk)
    assert url in browser.get(application.get_absolute_url()).text
    data = {"done_on": timezone.localdate().isoformat(), "words": "classeur"}
    assert browser.post(url, data).status_code == 302
    piece.refresh_from_db()
    assert piece.words == "classeur"
    page = browser.get(application.get_absolute_url()).text
    assert "Pièce d’une demande notée" in page
    assert "Grants.Disbursement" not in page


def test_the_answer_is_one_click_from_the_list(chloe: User) -> None:
    application = given_application(given_applicant(), state="agreed")
    row = given_disbursement(application, expected_on=DAY)
    browser, url = signed_in(chloe), at("arrival", row.pk)
    page = browser.get(at("disbursements")).text
    assert url in page
    assert "10\u00a0800,00\u00a0€" in page
    day = DAY.isoformat()
    assert browser.post(url, {"answer": "partly", "dated": day}).status_code == 409
    assert browser.post(url, {"answer": "received", "dated": day}).status_code == 302
    row.refresh_from_db()
    assert row.state == "received"
    assert browser.post(url, {"answer": "received", "dated": day}).status_code == 409


def test_the_sums_of_the_lists_are_those_of_their_rows(basile: User) -> None:
    on = timezone.localdate()
    application = given_application(given_applicant(), state="agreed", agreed=D(100))
    for days, amount in ((None, 1), (-5, 2), (1, 4), (30, 8), (31, 16), (60, 32), (61, 37)):
        day = None if days is None else on - timedelta(days=days)
        given_disbursement(application, "instalment", D(amount), expected_on=day)
    page = signed_in(basile).get(at("disbursements"))
    sums = {code: (amount, count) for code, _words, amount, count in page.context["sums"]}
    assert sums == {
        "": (D(100), 7),
        "unscheduled": (D(1), 1),
        "late_30": (D(12), 2),
        "late_60": (D(48), 2),
        "late_more": (D(37), 1),
    }
    for code, (_amount, count) in sums.items():
        listed = signed_in(basile).get(at("disbursements"), {"late": code})
        assert len(listed.context["rows"]) == count


# -- dates and reminders ----------------------------------------------------------------------
def test_the_report_by_law_follows_the_exercise_on_screen(basile: User) -> None:
    application = given_application(
        given_applicant(), state="running", project_until=date(2026, 5, 31)
    )
    browser = signed_in(basile)
    assert "30/06/2027" in browser.get(application.get_absolute_url()).text
    url = at("exercise_end", application.pk)
    assert browser.post(url, {"day": "31", "month": "6"}).status_code == 409
    assert browser.post(url, {"day": "30", "month": "6"}).status_code == 302
    page = browser.get(application.get_absolute_url()).text
    assert "31/12/2026" in page
    assert "30/06/2027" not in page


def test_days_of_reminders_are_edited_all_or_nothing(basile: User) -> None:
    browser, url = signed_in(basile), at("deadline_reminders")
    assert "30, 14, 7, 2" in browser.get(url).text
    kinds = ReminderPlan.objects.values_list("kind", flat=True)
    data = {f"days_{kind}": "21; 3" for kind in kinds}
    assert browser.post(url, {**data, "days_report": "trois"}).status_code == 422
    assert browser.post(url, {**data, "days_report": "400"}).status_code == 409
    assert ReminderPlan.objects.get(kind="deposit").days == [30, 14, 7, 2]
    assert browser.post(url, data).status_code == 302
    assert ReminderPlan.objects.get(kind="deposit").days == [21, 3]
    assert not AidQuestionSetting.current().asks_treasurers


# -- success rates ----------------------------------------------------------------------------
@pytest.fixture
def decided(db: None) -> None:
    """Two programmes of one funder: 2 awarded, 1 refused, 1 silent, 1 waiting."""
    first, second = given_programme("PNA"), given_programme("FDVA")
    for rank, (programme, state, asked, given_) in enumerate(
        [
            (first, "awarded", 1000, 800),
            (first, "refused", 3000, None),
            (second, "awarded", 500, 500),
            (second, "no_answer", 200, None),
            (second, "review", 700, None),
        ]
    ):
        given_application(
            given_applicant(f"Coop {rank}"),
            programme,
            state=state,
            requested=D(asked),
            awarded=D(given_) if given_ else None,
        )
    given_application(given_applicant("Pas déposé"), first, state="drafting")


@pytest.mark.usefixtures("decided")
def test_rates_by_programme_and_funder(basile: User, django_assert_num_queries: Any) -> None:
    from grants import rates

    with django_assert_num_queries(1):
        found = {line.programme: line for line in rates.rates(basile)}
    pna, fdva = found["PNA"], found["FDVA"]
    assert (pna.deposited, pna.by_count, pna.by_amount) == (2, D("50.0"), D("20.0"))
    assert (pna.share, pna.median_days) == (D("80.0"), 0)
    assert (fdva.deposited, fdva.by_count, fdva.counts["silent"]) == (3, D("100.0"), 1)
    (funder,) = rates.by_funder(found.values())
    assert (funder.deposited, funder.decided, funder.awarded) == (5, 3, D(1300))
    assert rates.in_all([]).by_count is None
    # Half a tenth goes up.
    assert rates.Rate("", counts={"awarded": 1, "refused": 15}).by_count == D("6.3")


@pytest.mark.usefixtures("decided")
def test_rates_are_shown_filtered_and_exported(basile: User) -> None:
    browser = signed_in(basile)
    page = browser.get(at("rates")).text
    assert "66,7\u00a0%" in page
    later = {"since": (DAY + timedelta(days=1)).isoformat()}
    assert "Aucun dossier" in browser.get(at("rates"), later).text
    file = browser.get(at("rates_file", "xlsx"))
    sheet = openpyxl.load_workbook(BytesIO(file.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == ["FDVA", "PNA"]
    assert rows[2][8:10] == (4000, 800)
    text = b"".join(browser.get(at("rates_file", "csv")).streaming_content).decode("utf-8-sig")
    assert text.splitlines()[2].startswith("Ministère de l’Agriculture;PNA;2;1;1;0;0;0;4000,00;800")


def test_days_to_decide_are_counted_from_the_deposit(basile: User) -> None:
    from grants import rates

    for gap in (10, 30, 31):
        application = given_application(
            given_applicant(f"Coop {gap}"), given_programme(f"F{gap}"), state="submitted"
        )
        move(application, "award", amount=D(100), on=DAY + timedelta(days=gap))
    assert rates.in_all(rates.rates(basile)).median_days == 30


# -- what money brings ------------------------------------------------------------------------
def test_a_reception_shows_the_fee_to_prepare(basile: User, chloe: User) -> None:
    given_issuer()
    coop = given_coop()
    agreement = given_agreement(coop, client_of(coop))
    application = given_application(coop, state="running")
    given_clause(agreement, application)
    row = given_disbursement(application)
    browser = signed_in(chloe)
    data = {"answer": "received", "dated": DAY.isoformat()}
    page = browser.post(at("arrival", row.pk), data, follow=True).text
    assert "540,00\u00a0€" in page
    assert "Préparer la facture" in page
    seen = signed_in(basile).get(application.get_absolute_url()).text
    assert "540,00\u00a0€" in seen
    assert "La comptable la préparera" in seen
    assert "Préparer la facture" not in seen
    clause = agreement.clauses.get()
    url = reverse("invoicing:prepare_fee", args=(clause.pk,))
    draft = browser.post(url, {"disbursement": str(row.pk)}, follow=True)
    assert draft.status_code == 200
    assert (
        "540,00\u00a0€"
        not in browser.get(application.get_absolute_url()).text.split('id="versements"')[0]
    )


def test_a_clawback_shows_the_credit_note_to_prepare(chloe: User) -> None:
    given_issuer()
    coop = given_coop()
    agreement = given_agreement(coop, client_of(coop))
    application = given_application(coop, state="running")
    clause = given_clause(agreement, application)
    row = given_disbursement(application, received=True)
    act = acting(chloe, timezone.localdate())
    draft = invoicing.draft_fee(clause=clause, disbursement=row, **act)
    invoicing.issue(invoice=draft, **act)
    move(application, "claw_back", amount=D(1000))
    back = application.disbursements.get(kind="clawback")
    actions.receive_disbursement(back, dated=act["on"], amount=D(-1000), **act)
    page = signed_in(chloe).get(application.get_absolute_url()).text
    assert "Un avoir est dû au client." in page
    assert "\u221250,00\u00a0€" in page


def test_an_overpayment_and_its_return_bear_no_fee(chloe: User) -> None:
    from invoicing.dues import due_fees

    given_issuer()
    coop = given_coop()
    agreement = given_agreement(coop, client_of(coop))
    application = given_application(coop, state="running", agreed=D(1000))
    clause = given_clause(agreement, application)
    row = given_disbursement(application, amount=D(1000))
    act = acting(chloe, timezone.localdate())
    actions.receive_disbursement(
        row,
        dated=act["on"],
        amount=D(1500),
        is_overpayment=True,
        reasons={"more_than_expected": "Deux fois."},
        **act,
    )
    assert [f.amount for f in due_fees(clause) if not f.is_fixed_part] == [D("50.00")]
    back = application.disbursements.get(kind="clawback")
    actions.receive_disbursement(back, dated=act["on"], amount=D(-500), **act)
    assert [f.amount for f in due_fees(clause) if not f.is_fixed_part] == [D("50.00")]


@pytest.mark.parametrize(("days", "warned"), [(10, True), (60, False)])
def test_an_invoice_due_after_the_claim_of_paid_expenses_asks_a_sentence(
    chloe: User, days: int, *, warned: bool
) -> None:
    given_issuer()
    coop = given_coop()
    agreement = given_agreement(coop, client_of(coop))
    on = timezone.localdate()
    act = acting(chloe, on)
    programme = given_programme("LEADER", funder=given_organisation("GAL"), paid_expenses_only=True)
    application = given_application(coop, programme, state="running")
    given_disbursement(application, "balance", claim_by=on + timedelta(days=days))
    invoicing.link_funding(agreement=agreement, application=application, **act)
    draft = invoicing.draft_free(
        client=agreement.client,
        title="Étude",
        period_from=on,
        period_to=on,
        agreement=agreement,
        **act,
    )
    invoicing.add_line(
        invoice=draft, label="Étude", quantity=D(1), unit="C62", unit_price=D(900), **act
    )
    draft.refresh_from_db()
    browser = signed_in(chloe)
    shown = browser.get(draft.get_absolute_url()).text
    assert ("ne rembourse que des dépenses acquittées" in shown) is warned
    url = reverse("invoicing:issue", args=(draft.pk,))
    answer = browser.post(url, {})
    assert answer.status_code == (409 if warned else 302)
    if warned:
        why = {"reason_due_after_claim_date": "Payée comptant par la coop."}
        assert browser.post(url, why).status_code == 302
    page = browser.get(application.get_absolute_url()).text
    assert ("ne rembourse que des dépenses acquittées, et sa dernière" in page) is warned
    assert Disbursement.objects.get().claim_by == on + timedelta(days=days)
