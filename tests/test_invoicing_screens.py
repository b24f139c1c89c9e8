"""What people see and do on the pages of the invoicing room."""

import logging
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import timezone

from essaim.hooks import guards, loose_ends, timeline, work_reasons
from essaim.models import Event, LegalFigure, Series
from invoicing import actions
from invoicing.actions import issuing
from invoicing.actions.fees import due_fees
from invoicing.models import Allocation, FrozenFile, FundingLink, Invoice, Payment
from invoicing.waiting import due_fees_of
from missions.models import Agreement
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_grants import given_application, given_disbursement, given_programme
from tests.given_invoicing import client_of, given_clause, given_client, given_invoice, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def on() -> date:
    return timezone.localdate()


@pytest.fixture
def quick(monkeypatch: Any) -> None:
    """Documents that this test need not print."""
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


@pytest.fixture
def worked(ada: Any, basile: Any, on: date) -> Agreement:
    """Two validated days, sixty days ago, under an agreement of Ada's coop."""
    given_issuer()
    coop = given_coop(owner=ada, by=basile)
    start = on - timedelta(days=70)
    agreement = given_agreement(coop, client_of(coop), by=basile, on=start)
    mission = given_mission(agreement, team=[ada], by=basile, on=start)
    for back in (60, 61):
        day = on - timedelta(days=back)
        given_day(ada, mission, day, by=basile, today=on)
    return agreement


def page(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


# -- to bill ---------------------------------------------------------------------------------


def test_unbilled_work_is_drafted_from_its_row(worked: Any, chloe: Any) -> None:
    browser = signed_in(chloe)
    shown = page(browser.get("/facturation/"))
    assert "Préparer la facture" in shown
    assert "1 200,00 €" in shown
    assert "au-delà du rythme du contrat" in shown
    posted = {"payer": worked.client.pk, "agreement": worked.pk}
    answer = browser.post("/facturation/preparer/", posted)
    draft = Invoice.objects.get()
    assert answer["Location"] == draft.get_absolute_url()
    assert (draft.state, draft.net) == ("draft", D("1200.00"))
    assert "Rien n’attend d’être facturé." in page(browser.get("/facturation/"))


def test_all_of_a_payer_is_drafted_at_once_days_and_fees(
    worked: Any, chloe: Any, basile: Any
) -> None:
    application = given_application(worked.coop, state="agreed")
    given_disbursement(application, amount=D("10800.00"), received=True)
    given_clause(worked, application, by=chloe)
    signed_in(chloe).post("/facturation/preparer/", {"payer": worked.client.pk})
    nets = sorted(Invoice.objects.values_list("net", flat=True))
    assert nets == [D("300.00"), D("540.00"), D("1200.00")]


def test_fees_read_in_bulk_are_those_of_each_clause(worked: Any, chloe: Any, on: date) -> None:
    application = given_application(worked.coop, state="agreed")
    given_disbursement(application, amount=D("10800.00"), received=True)
    paid = given_clause(worked, application, by=chloe)
    other = given_application(worked.coop, state="agreed")
    awarded = given_clause(worked, other, base="awarded", by=chloe)
    actions.draft_fee(
        clause=paid, disbursement=application.disbursements.first(), **acting(chloe, on)
    )
    wanted = due_fees(paid) + due_fees(awarded)
    assert wanted
    assert due_fees_of([paid, awarded]) == wanted


def test_a_fee_is_drafted_from_its_row(worked: Any, chloe: Any) -> None:
    application = given_application(worked.coop, state="agreed")
    row = given_disbursement(application, amount=D("10800.00"), received=True)
    clause = given_clause(worked, application, by=chloe)
    browser = signed_in(chloe)
    assert "Honoraires liés à la subvention" in page(browser.get("/facturation/"))
    address = f"/facturation/honoraires/{clause.pk}/preparer/"
    browser.post(address, {"disbursement": row.pk})
    assert Invoice.objects.get().net == D("540.00")
    again = browser.post(address, {"disbursement": row.pk})
    assert again.status_code == 409
    assert "Rien n’est dû" in page(again)


def test_a_payer_without_siren_or_address_is_told_on_top(worked: Any, chloe: Any) -> None:
    client = worked.client
    client.siren = client.siret = client.street = client.billing_street = ""
    client.save()
    shown = page(signed_in(chloe).get("/facturation/"))
    assert "pas de SIREN, pas d’adresse" in shown


def test_another_s_payer_or_agreement_is_not_found(worked: Any, chloe: Any) -> None:
    browser = signed_in(chloe)
    given = {"payer": worked.client.pk, "agreement": 987654}
    assert browser.post("/facturation/preparer/", given).status_code == 404
    assert browser.post("/facturation/preparer/", {"payer": "x"}).status_code == 422
    assert not Invoice.objects.exists()


# -- the list --------------------------------------------------------------------------------


def test_part_paid_and_late_show_together_and_a_draft_has_no_date(
    chloe: Any, on: date, quick: None
) -> None:
    client = given_client()
    late = given_invoice(1000, client, on - timedelta(days=50), by=chloe)
    act = acting(chloe, on)
    actions.record_payment(
        client=client,
        amount=D("400.00"),
        received_on=on,
        method="transfer",
        invoices={late: D("400.00")},
        **act,
    )
    given_invoice(50, client, on, issued=False, by=chloe)
    browser = signed_in(chloe)
    answer = browser.get("/facturation/factures/")
    rows = {row.pk: row for row, _url in answer.context["rows"]}
    assert [label for label, _tone in rows[late.pk].badges] == ["Partiellement réglée", "En retard"]
    assert "Sans numéro" in page(answer)
    assert "En retard 1" in page(answer)
    shown = browser.get("/facturation/factures/", {"show": "late"}).context["rows"]
    assert [row.pk for row, _url in shown] == [late.pk]
    assert f"?invoice={late.pk}" in page(answer)


@pytest.mark.parametrize(("words", "found"), [("epicerie", 1), ("0001", 1), ("rien", 0)])
def test_invoices_are_found_by_client_without_accents_and_by_number(
    chloe: Any, on: date, quick: None, words: str, found: int
) -> None:
    given_invoice(10, given_client("Épicerie du Ried"), on, by=chloe)
    rows = signed_in(chloe).get("/facturation/factures/", {"q": words}).context["rows"]
    assert len(rows) == found


def test_an_empty_list_names_the_filter_that_hides_the_rest(chloe: Any) -> None:
    shown = page(signed_in(chloe).get("/facturation/factures/", {"show": "late"}))
    assert "En retard" in shown
    assert "Tout voir" in shown


# -- one invoice -----------------------------------------------------------------------------


def test_a_draft_says_what_it_lacks_and_cannot_be_issued_then(chloe: Any, on: date) -> None:
    given_issuer()
    client = given_client(street="", city="", postcode="")
    draft = given_invoice(100, client, on, issued=False, by=chloe)
    browser = signed_in(chloe)
    shown = page(browser.get(draft.get_absolute_url()))
    assert "L’adresse du client manque." in shown
    confirm = page(browser.get(f"/facturation/factures/{draft.pk}/emettre/"))
    assert "L’adresse du client manque." in confirm
    answer = browser.post(f"/facturation/factures/{draft.pk}/emettre/")
    assert answer.status_code == 409
    draft.refresh_from_db()
    assert (draft.state, draft.number) == ("draft", None)


def test_the_issue_page_has_no_date_and_ignores_what_is_posted(
    chloe: Any, on: date, caplog: Any
) -> None:
    draft = given_invoice(100, None, on, issued=False, by=chloe)
    browser = signed_in(chloe)
    address = f"/facturation/factures/{draft.pk}/emettre/"
    shown = browser.get(address).content.decode()
    assert 'type="date"' not in shown
    posted = {"number": "X-1", "state": "draft", "total": "1", "issued_on": "2020-01-01"}
    with caplog.at_level(logging.INFO, "essaim.refusals"):
        browser.post(address, posted)
    draft.refresh_from_db()
    assert (draft.number, draft.issued_on, draft.gross) == (
        f"FA-{on.year}-0001",
        on,
        D("120.00"),
    )
    assert "ignored:issued_on,number,state,total" in caplog.text


def test_the_pdf_of_an_issued_invoice_is_the_frozen_one(chloe: Any, on: date) -> None:
    invoice = given_invoice(100, None, on, by=chloe)
    file = FrozenFile.objects.get(kind="pdf", invoice=invoice)
    browser = signed_in(chloe)
    answer = browser.get(f"/facturation/factures/{invoice.pk}/pdf/")
    assert sha256(answer.content).hexdigest() == file.sha256
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    known = {"HTTP_IF_NONE_MATCH": answer["ETag"]}
    assert browser.get(f"/facturation/factures/{invoice.pk}/pdf/", **known).status_code == 304


def test_a_document_whose_pdf_waits_says_so(chloe: Any, on: date, quick: None) -> None:
    invoice = given_invoice(100, None, on, by=chloe)
    answer = signed_in(chloe).get(f"/facturation/factures/{invoice.pk}/pdf/")
    assert answer.status_code == 409
    assert "Le PDF reste à produire" in page(answer)


def test_the_preview_of_a_draft_is_kept_nowhere(chloe: Any, on: date) -> None:
    draft = given_invoice(100, None, on, issued=False, by=chloe)
    answer = signed_in(chloe).get(f"/facturation/factures/{draft.pk}/pdf/")
    assert answer.content.startswith(b"%PDF")
    assert "brouillon" in answer["Content-Disposition"]
    assert not FrozenFile.objects.exists()


def test_lines_are_added_and_taken_off_a_draft(chloe: Any, on: date) -> None:
    draft = given_invoice(100, None, on, issued=False, by=chloe)
    browser = signed_in(chloe)
    address = f"/facturation/factures/{draft.pk}/lignes/nouvelle/"
    posted = {"label": "Atelier", "quantity": "2,5", "unit": "DAY", "unit_price": "1 000,00"}
    browser.post(address, posted)
    draft.refresh_from_db()
    assert draft.net == D("2600.00")
    wrong = browser.post(address, posted | {"unit_price": "-5"})
    assert wrong.status_code == 422
    assert 'value="-5"' in wrong.content.decode()
    line = draft.lines.get(label="Atelier")
    browser.post(f"/facturation/factures/{draft.pk}/lignes/{line.pk}/retirer/")
    draft.refresh_from_db()
    assert draft.net == D("100.00")


def test_a_due_date_past_the_cap_is_refused_with_the_lawful_ways(chloe: Any, on: date) -> None:
    draft = given_invoice(100, None, on, issued=False, by=chloe)
    browser = signed_in(chloe)
    address = f"/facturation/factures/{draft.pk}/modifier/"
    late = on + timedelta(days=90)
    posted = {"title": "Formation", "wanted_due_on": f"{late:%Y-%m-%d}"}
    answer = browser.post(address, posted)
    assert answer.status_code == 409
    assert f"{late:%Y-%m-%d}" in answer.content.decode()
    assert "Ce qui donne du temps légalement" in page(answer)
    assert not Invoice.objects.exclude(wanted_due_on=None).exists()
    browser.post(address, posted | {"term_basis": "Accord interprofessionnel du 1er mars"})
    draft.refresh_from_db()
    assert draft.wanted_due_on == late


def test_a_free_invoice_starts_from_its_client(chloe: Any, on: date) -> None:
    given_issuer()
    client = given_client("Ville d’Obernai")
    browser = signed_in(chloe)
    posted = {"client_words": "obernai", "title": "Formation", "period_from": f"{on:%Y-%m-%d}"}
    browser.post("/facturation/factures/nouvelle/", posted)
    draft = Invoice.objects.get()
    assert (draft.client, draft.period_to, draft.created_by) == (client, on, chloe)


# -- credit notes and payments ---------------------------------------------------------------


def test_a_credit_note_takes_back_a_line_and_frees_its_days(worked: Any, chloe: Any) -> None:
    browser = signed_in(chloe)
    posted = {"payer": worked.client.pk, "agreement": worked.pk}
    browser.post("/facturation/preparer/", posted)
    invoice = Invoice.objects.get()
    browser.post(f"/facturation/factures/{invoice.pk}/emettre/")
    address = f"/facturation/factures/{invoice.pk}/avoir/"
    fields = {"words": "Erreur de mois."}
    for line in invoice.lines.all():
        fields |= {f"amount_{line.pk}": str(line.net), f"again_{line.pk}": "on"}
    browser.post(address, fields)
    credit = Invoice.objects.get(kind="credit_note")
    assert (credit.state, credit.net) == ("draft", D("1200.00"))
    browser.post(f"/facturation/factures/{credit.pk}/emettre/")
    assert "1 200,00 €" in page(browser.get("/facturation/"))
    nothing = browser.post(address, {"words": "Encore."})
    assert nothing.status_code == 409


def test_a_payment_settles_the_invoice_one_comes_from_then_the_oldest(
    chloe: Any, on: date, quick: None
) -> None:
    client = given_client()
    old = given_invoice(100, client, on - timedelta(days=20), by=chloe)
    new = given_invoice(200, client, on, by=chloe)
    browser = signed_in(chloe)
    address = f"/facturation/reglements/nouveau/?invoice={new.pk}"
    assert "240,00" in browser.get(address).content.decode()
    posted = {"amount": "300,00", "received_on": f"{on:%Y-%m-%d}", "method": "transfer"}
    answer = browser.post(address, posted)
    assert answer["Location"] == new.get_absolute_url()
    parts = dict(Allocation.objects.values_list("invoice__number", "amount"))
    assert parts == {new.number: D("240.00"), old.number: D("60.00")}


def test_amounts_typed_per_invoice_win_and_the_rest_is_a_balance(
    chloe: Any, on: date, quick: None
) -> None:
    client = given_client()
    first = given_invoice(100, client, on, by=chloe)
    browser = signed_in(chloe)
    posted = {
        "amount": "100",
        "received_on": f"{on:%Y-%m-%d}",
        "method": "cheque",
        f"part_{first.pk}": "70",
    }
    browser.post(f"/facturation/reglements/nouveau/?client={client.pk}", posted)
    payment = Payment.objects.get()
    assert "30,00 €" in page(browser.get(payment.get_absolute_url()))
    browser.post(
        f"/facturation/factures/{first.pk}/lettrer/",
        {"source": f"payment:{payment.pk}", "amount": "30"},
    )
    assert Invoice.objects.with_left().get(pk=first.pk).left == D("20.00")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("amount", "-5", "supérieure ou égale à"),
        ("amount", "1,234", "2 chiffres après la virgule"),
        ("received_on", "2999-01-01", "La date ne peut pas être"),
    ],
)
def test_a_wrong_payment_is_told_beside_its_field_and_kept(
    chloe: Any, on: date, quick: None, field: str, value: str, words: str
) -> None:
    invoice = given_invoice(100, None, on, by=chloe)
    posted = {"amount": "50", "received_on": f"{on:%Y-%m-%d}", "method": "transfer"}
    address = f"/facturation/reglements/nouveau/?invoice={invoice.pk}"
    answer = signed_in(chloe).post(address, posted | {field: value})
    assert answer.status_code == 422
    assert value in answer.content.decode()
    assert words in str(answer.context["form"].errors[field])
    assert not Payment.objects.exists()


def test_much_cash_wants_a_sentence_that_is_kept(chloe: Any, on: date, quick: None) -> None:
    invoice = given_invoice(1500, given_client(kind="partner"), on, by=chloe)
    browser = signed_in(chloe)
    address = f"/facturation/reglements/nouveau/?invoice={invoice.pk}"
    posted = {"amount": "1500", "received_on": f"{on:%Y-%m-%d}", "method": "cash"}
    answer = browser.post(address, posted)
    assert answer.status_code == 409
    assert "reason_cash_limit" in answer.content.decode()
    browser.post(address, posted | {"reason_cash_limit": "Marché de Noël."})
    event = Event.objects.get(verb="invoicing.Payment.accept_cash")
    assert event.text.words == {"reason": "Marché de Noël."}


def test_the_cash_limit_is_the_one_of_the_legal_table(chloe: Any, on: date, quick: None) -> None:
    LegalFigure.objects.create(
        kind="cash_limit", value=D(300), effective_from=on, source="Décret d’essai", noted_on=on
    )
    invoice = given_invoice(500, given_client(kind="partner"), on, by=chloe)
    address = f"/facturation/reglements/nouveau/?invoice={invoice.pk}"
    posted = {"amount": "400", "received_on": f"{on:%Y-%m-%d}", "method": "cash"}
    answer = signed_in(chloe).post(address, posted)
    assert answer.status_code == 409
    assert "reason_cash_limit" in answer.content.decode()


def test_a_payment_is_undone_with_a_reason(chloe: Any, on: date, quick: None) -> None:
    invoice = given_invoice(100, None, on, by=chloe)
    browser = signed_in(chloe)
    posted = {"amount": "120", "received_on": f"{on:%Y-%m-%d}", "method": "transfer"}
    browser.post(f"/facturation/reglements/nouveau/?invoice={invoice.pk}", posted)
    payment = Payment.objects.get()
    address = f"/facturation/reglements/{payment.pk}/annuler/"
    assert browser.post(address, {"why": ""}).status_code == 422
    browser.post(address, {"why": "Doublon."})
    assert Invoice.objects.with_left().get(pk=invoice.pk).left == D("120.00")
    assert browser.post(address, {"why": "Encore."}).status_code == 409


# -- clauses, numbering, reports -------------------------------------------------------------


def test_a_draft_clause_lists_what_it_lacks_and_is_activated_once_complete(
    worked: Any, chloe: Any
) -> None:
    browser = signed_in(chloe)
    application = given_application(worked.coop, state="agreed")
    address = f"/facturation/honoraires/nouvelle/?agreement={worked.pk}"
    terms = {"base": "paid", "fixed_part_is": "added", "applications": [application.pk]}
    browser.post(address, terms | {"rate": "5"})
    clause = worked.clauses.get()
    assert "Le plafond en euros manque." in page(browser.get(clause.get_absolute_url()))
    move = f"/facturation/honoraires/{clause.pk}/move/activate/"
    assert browser.post(move).status_code == 409
    whole = {
        "rate": "5",
        "cap": "2000",
        "floor": "0",
        "fixed_part": "300",
        "tail_months": "12",
        "payment_days": "30",
        "on_reduction": "La part suit.",
        "on_withdrawal": "Rien de plus.",
    }
    browser.post(f"/facturation/honoraires/{clause.pk}/modifier/", terms | whole)
    browser.post(move)
    clause.refresh_from_db()
    assert clause.state == "active"


def test_the_numbering_shows_the_next_number_and_continues_a_used_series(
    chloe: Any, on: date, quick: None
) -> None:
    given_invoice(10, None, on, by=chloe)
    browser = signed_in(chloe)
    assert f"FA-{on.year}-0002" in page(browser.get("/facturation/numerotation/"))
    wrong = browser.post("/facturation/numerotation/", {"pattern": "FA-{year}"})
    assert wrong.status_code == 409
    browser.post(
        "/facturation/numerotation/", {"pattern": "F{year}/{number:05d}", "restarts": "on"}
    )
    assert Series.objects.filter(kind="invoice", closed=False).get().continues is not None


def test_the_reports_show_days_and_amounts_per_coop(worked: Any, chloe: Any, on: date) -> None:
    address = f"/facturation/bilans/?start={on.year - 1}-01-01&end={on:%Y-%m-%d}"
    answer = signed_in(chloe).get(address)
    (line,) = [row for row in answer.context["coops"] if row.label == str(worked.coop)]
    assert (line.days["billed"], line.billed) == (2, D("1200.00"))


def test_the_panel_tells_a_consultant_one_word_and_the_office_amounts(
    worked: Any, chloe: Any, ada: Any, on: date, quick: None
) -> None:
    act = acting(chloe, on - timedelta(days=50))
    draft = actions.draft_from_days(payer=worked.client, agreement=worked, **act)
    actions.issue(invoice=draft, **act)
    template = Template("{% load invoicing %}{% invoicing_panel coop %}")

    def drawn(user: Any) -> str:
        context = Context({"user": user, "coop": worked.coop, "today": on})
        return template.render(context).replace("\u00a0", " ")

    assert "en retard" in drawn(ada)
    assert "€" not in drawn(ada)
    assert "1 440,00 €" in drawn(chloe)


# -- what the other rooms ask ----------------------------------------------------------------


def test_a_draft_bars_the_end_of_an_accompaniment_without_telling_amounts_to_all(
    worked: Any, chloe: Any, ada: Any, on: date
) -> None:
    actions.draft_from_days(payer=worked.client, agreement=worked, **acting(chloe, on))
    accompaniment = worked.coop.current

    def found(user: Any) -> Any:
        rooms = guards.of(("crm.Accompaniment", "finish"))
        rows = [m for guard in rooms for m in guard(accompaniment, by=user, on=on, data=None)]
        return next(m for m in rows if m.code == "draft_invoice")

    assert found(chloe).url
    assert (found(ada).url, "1" in found(ada).text) == ("", False)


def test_an_abandonment_decides_of_unpaid_invoices_and_of_drafts(
    worked: Any, chloe: Any, on: date, quick: None
) -> None:
    act = acting(chloe, on)
    draft = actions.draft_from_days(payer=worked.client, agreement=worked, **act)
    issued = given_invoice(100, worked.client, on, by=chloe)
    assert (issued.coop, issued.client) == (None, worked.coop.organisation)
    accompaniment = worked.coop.current
    (room,) = [r for r in loose_ends.all() if type(r).__name__ == "InvoiceEnds"]
    owed, end = room.find(accompaniment, user=chloe)
    assert owed.key == f"invoice-{issued.pk}"
    assert (end.key, dict(end.choices).keys()) == (
        f"draft_invoice-{draft.pk}",
        {"delete", "keep"},
    )
    assert room.settle(accompaniment, end.key, "delete", **act)
    assert not Invoice.objects.filter(pk=draft.pk).exists()
    again = actions.draft_from_days(payer=worked.client, agreement=worked, **act)
    actions.issue(invoice=again, **act)
    _owed, end = room.find(accompaniment, user=chloe)
    assert room.settle(accompaniment, end.key, "credit", **act)
    assert again.credit_notes.get().state == "draft"


def test_the_timeline_shows_invoices_and_payments_to_those_who_may(
    worked: Any, chloe: Any, ada: Any, on: date, quick: None
) -> None:
    act = acting(chloe, on)
    draft = actions.draft_from_days(payer=worked.client, agreement=worked, **act)
    invoice = actions.issue(invoice=draft, **act)
    actions.record_payment(
        client=invoice.client,
        amount=D("40.00"),
        received_on=on,
        method="transfer",
        invoices={invoice: D("40.00")},
        **act,
    )
    for kind in ("invoice", "payment"):
        (provider,) = timeline.of(kind)
        (entry,) = provider(worked.coop, user=chloe, before=None, limit=10)
        assert entry.url
        assert provider(worked.coop, user=ada, before=None, limit=10) == []
        place = (entry.at, entry.kind, entry.key)
        assert provider(worked.coop, user=chloe, before=place, limit=10) == []


def test_work_past_its_rhythm_and_late_invoices_call_the_accountant(
    worked: Any, chloe: Any, basile: Any, on: date, quick: None
) -> None:
    given_invoice(100, worked.client, on - timedelta(days=50), by=chloe)

    def codes(user: Any) -> set[str]:
        rooms = work_reasons.all()
        return {reason.code for room in rooms for reason in room(user, on=on, limit=20)}

    mine = {"unbilled_work", "late_invoice", "pending_pdf"}
    assert mine <= codes(chloe)
    assert mine.isdisjoint(codes(basile))


def test_money_received_names_the_clauses_that_now_owe(worked: Any, chloe: Any) -> None:
    application = given_application(worked.coop, state="agreed")
    clause = given_clause(worked, application, by=chloe)
    given_disbursement(application, amount=D("10800.00"), received=True)
    event = Event.objects.get(verb="grants.Disbursement.receive")
    assert {"clauses_due": [clause.pk]} in event.reactions


def test_signing_asks_a_draft_clause_to_be_complete_and_warns_of_an_early_commitment(
    worked: Any, chloe: Any, basile: Any, on: date
) -> None:
    programme = given_programme("LEADER", no_early_commitment=True)
    application = given_application(worked.coop, programme)
    agreement = given_agreement(worked.coop, signed=False, by=basile, on=on)
    actions.save_clause(agreement=agreement, applications=[], **acting(chloe, on))
    browser = signed_in(chloe)
    browser.post(
        f"/facturation/conventions/{agreement.pk}/financement/", {"application": application.pk}
    )
    assert FundingLink.objects.get().application == application
    rooms = guards.of(("missions.Agreement", "sign"))
    found = [m for guard in rooms for m in guard(agreement, by=chloe, on=on, data=None)]
    bars = {m.code for m in found if m.level == "bar"}
    warns = {m.code for m in found if m.level == "warn"}
    assert {"clause_rate_missing", "clause_grants_missing"} <= bars
    assert "commitment_before_acknowledgement" in warns
