"""What the accountant does on the pages of mails, reminders, receivables and balances."""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from essaim.hooks import timeline, work_reasons
from invoicing.actions import holding, issuing, reminding
from invoicing.models import Invoice, MailText, Refund, Reminder, ReminderLevel, Sending
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_client, given_invoice
from tests.given_receivables import (
    given_payment,
    part_of,
    quick_pdf,
    send_outbox,
    without_triggers,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", quick_pdf)
    monkeypatch.setattr(reminding, "render_letter", lambda **given: b"%PDF-1.7 letter")


@pytest.fixture
def on() -> date:
    return timezone.localdate()


def late(on: date, name: str = "Coop’Épi", **fields: Any) -> Invoice:
    """An invoice whose first reminder is due today or was due a little before."""
    client = given_client(name, kind="coop", billing_email="compta@epi.test", **fields)
    return given_invoice(1000, client, on - timedelta(days=40))


def page(answer: Any) -> str:
    text = answer.content.decode().replace("\u00a0", " ")
    return " ".join(text.replace("&#x27;", "'").replace("&nbsp;", " ").split())


# -- documents by mail -------------------------------------------------------------------------
def test_an_invoice_is_sent_from_its_page_and_the_page_says_when_it_left(
    chloe: Any, on: date
) -> None:
    invoice = late(on)
    browser = signed_in(chloe)
    address = f"/facturation/factures/{invoice.pk}/envoyer/"
    shown = browser.get(address)
    words = shown.context["form"].initial
    assert words["subject"] == "Facture FA-2026-0001 – Les Passeurs d’épicerie"
    assert "1 200,00 €" in words["body"].replace("\u00a0", " ")
    posted = {"address": "compta@epi.test", "cc": "elue@epi.test", **words}
    answer = browser.post(address, posted)
    assert answer["Location"] == invoice.get_absolute_url()
    assert "en route" in page(browser.get(invoice.get_absolute_url()))
    again = browser.post(address, posted)
    assert again.status_code == 409
    assert "a déjà été envoyée" in page(again)
    posted["reason_sent_today"] = "Elle s’est perdue."
    assert browser.post(address, posted).status_code == 302
    send_outbox()
    shown = page(browser.get(invoice.get_absolute_url()))
    assert "parti" in shown
    assert "elue@epi.test" in shown
    assert "Envoyée par courriel" in shown
    assert mail.outbox[0].cc == ["elue@epi.test"]


def test_wrong_addresses_and_empty_words_are_said_beside_their_field(chloe: Any, on: date) -> None:
    invoice = late(on)
    browser = signed_in(chloe)
    address = f"/facturation/factures/{invoice.pk}/envoyer/"
    assert browser.post(address, {}).status_code == 422
    posted = {"to": "compta", "subject": "Facture", "body": "Bonjour"}
    assert browser.post(address, posted).status_code == 422
    posted = {"address": "compta@epi.test", "cc": "non", "subject": "Facture", "body": "Bonjour"}
    answer = browser.post(address, posted)
    assert answer.status_code == 409
    assert "n’est pas une adresse électronique" in page(answer)
    assert not Sending.objects.exists()


def test_the_list_says_what_was_sent(chloe: Any, on: date) -> None:
    invoice = given_invoice(1000, given_client(billing_email="a@b.test"), on)
    browser = signed_in(chloe)
    assert "Envoyée" not in page(browser.get("/facturation/factures/?show=owed"))
    words = {"address": "a@b.test", "subject": "Facture", "body": "Bonjour"}
    browser.post(f"/facturation/factures/{invoice.pk}/envoyer/", words)
    send_outbox()
    assert "Envoyée" in page(browser.get("/facturation/factures/?show=owed"))


def test_several_are_sent_from_the_list_after_a_look(chloe: Any, on: date) -> None:
    first, second = late(on), late(on, "Le Ried")
    silent = given_invoice(100, given_client("Sans adresse"), on)
    draft = given_invoice(100, given_client("Brouillon"), on, issued=False)
    browser = signed_in(chloe)
    keys = [str(x.pk) for x in (first, second, silent, draft)]
    shown = browser.post("/facturation/factures/envoyer/", {"pk": keys}, follow=True)
    assert shown.status_code == 200
    assert not Sending.objects.exists()
    assert [line.row for line, _figure in shown.context["ready"]] == [first, second]
    assert {line.row for line in shown.context["left_out"]} == {silent, draft}
    seen = [f"{line.row.pk}:{line.stamp}" for line, _figure in shown.context["ready"]]
    posted = {"pk": keys[:2], "seen": seen, "confirm": "1"}
    answer = browser.post("/facturation/factures/envoyer/", posted, follow=True)
    assert "2 courriels sont en route." in page(answer)
    assert Sending.objects.count() == 2
    assert browser.post("/facturation/factures/envoyer/", posted).status_code == 409
    assert Sending.objects.count() == 2


# -- reminders ---------------------------------------------------------------------------------
def test_a_reminder_is_read_changed_and_sent(chloe: Any, on: date) -> None:
    invoice = late(on)
    browser = signed_in(chloe)
    shown = page(browser.get("/facturation/relances/"))
    assert "Première relance" in shown
    assert "1 200,00 €" in shown
    part = part_of(invoice)
    address = f"/facturation/relances/echeances/{part.pk}/"
    form = browser.get(address).context["form"]
    assert "Il reste" in form.initial["body"]
    posted = {"address": "compta@epi.test", "subject": "Un oubli ?", "body": "Bonjour Marthe,"}
    assert browser.post(address, posted)["Location"] == "/facturation/relances/"
    row = Reminder.objects.sent().get()
    assert (row.subject, row.body, row.level.rank) == ("Un oubli ?", "Bonjour Marthe,", 1)
    assert browser.post(address, posted).status_code == 409
    assert "Personne à relancer aujourd’hui." in page(browser.get("/facturation/relances/"))
    assert "Un oubli ?" in page(browser.get(row.get_absolute_url()))
    letter = browser.get(f"{row.get_absolute_url()}courrier.pdf")
    assert letter.content == b"%PDF-1.7 letter"


def test_all_of_the_day_leave_at_once_after_a_look(chloe: Any, on: date) -> None:
    first, second = late(on), late(on, "Le Ried")
    silent = given_invoice(100, given_client("Sans adresse"), on - timedelta(days=40))
    keys = [str(part_of(x).pk) for x in (first, second, silent)]
    browser = signed_in(chloe)
    shown = browser.post("/facturation/relances/envoyer/", {"pk": keys})
    assert len(shown.context["ready"]) == 2
    assert "imprimez le courrier" in page(shown)
    assert not Reminder.objects.exists()
    posted = {"pk": keys, "confirm": "1"}
    answer = browser.post("/facturation/relances/envoyer/", posted, follow=True)
    assert "2 relances sont en route." in page(answer)
    assert Reminder.objects.sent().count() == 2
    letter = {"by_post": "on", "subject": "Rappel", "body": "Bonjour,"}
    answer = browser.post(f"/facturation/relances/echeances/{keys[2]}/", letter)
    assert answer["Location"] == Reminder.objects.get(channel="letter").get_absolute_url()


def test_the_referent_is_told_on_their_page_sees_no_amount_and_suspends(
    ada: Any, basile: Any, chloe: Any, on: date
) -> None:
    coop = given_coop(owner=ada, by=basile)
    invoice = given_invoice(1000, client_of(coop), on - timedelta(days=36))
    with without_triggers():
        Invoice.objects.filter(pk=invoice.pk).update(coop=coop)
    [reason] = [
        r for ask in work_reasons.all() for r in ask(ada, on=on, limit=9)
        if r.code == "reminder_coming"
    ]  # fmt: skip
    browser = signed_in(ada)
    assert "Relance à venir" in page(browser.get("/"))
    shown = page(browser.get(reason.url))
    assert "1 200" not in shown
    assert "1 000" not in shown
    assert browser.post(reason.url, {"until": str(on), "reason": ""}).status_code == 422
    until = str(on + timedelta(days=30))
    posted = {"until": until, "reason": "Ils ouvrent samedi."}
    assert browser.post(reason.url, posted)["Location"] == "/"
    assert "Relance à venir" not in page(browser.get("/"))
    desk = signed_in(chloe)
    assert "Ils ouvrent samedi." in page(desk.get(invoice.get_absolute_url()))
    desk.post(f"/facturation/factures/{invoice.pk}/reprendre-relances/")
    assert "Ils ouvrent samedi." not in page(desk.get("/facturation/relances/"))


def test_a_coordinator_suspends_from_the_reminders_of_the_day(
    basile: Any, chloe: Any, on: date
) -> None:
    """They may not send: the page offers them what they may do."""
    due = late(on)
    coming = given_invoice(1000, given_client("La Musette", kind="coop"), on - timedelta(days=36))
    hold = "/facturation/factures/{}/suspendre-relances/"
    shown = page(signed_in(basile).get("/facturation/relances/"))
    assert hold.format(due.pk) in shown
    assert hold.format(coming.pk) in shown
    assert "Lire et envoyer" not in shown
    assert hold.format(due.pk) not in page(signed_in(chloe).get("/facturation/relances/"))


def test_another_consultant_holds_nothing_back(ada: Any, basile: Any, on: date) -> None:
    coop = given_coop(owner=basile, by=basile)
    invoice = given_invoice(1000, client_of(coop), on)
    assert (
        signed_in(ada).get(f"/facturation/factures/{invoice.pk}/suspendre-relances/").status_code
        == 404
    )


def test_texts_and_levels_are_edited_with_their_mistakes_told(chloe: Any) -> None:
    browser = signed_in(chloe)
    assert "Dernière relance" in page(browser.get("/facturation/relances/textes/"))
    text = MailText.objects.get(kind="invoice")
    address = f"/facturation/relances/textes/{text.pk}/"
    answer = browser.post(address, {"subject": "Facture {numro}", "body": "Bonjour"})
    assert answer.status_code == 409
    assert "{numro} ne désigne rien ici" in page(answer)
    browser.post(address, {"subject": "Facture {numero}", "body": "Bonjour {client}"})
    text.refresh_from_db()
    assert text.body == "Bonjour {client}"
    level = ReminderLevel.objects.get(rank=2)
    values = {"name": "Deuxième", "days": 21, "subject": "Rappel", "is_active": "on"}
    answer = browser.post(
        f"/facturation/relances/niveaux/{level.pk}/", {**values, "body": "{penalites}"}
    )
    assert answer.status_code == 409
    assert "ne parlent pas de pénalités" in page(answer)
    values |= {"name": "Mise en demeure", "days": 60, "body": "{penalites}"}
    assert browser.post("/facturation/relances/niveaux/nouveau/", values).status_code == 302
    assert ReminderLevel.objects.get(rank=4).name == "Mise en demeure"


def test_a_mail_that_does_not_leave_says_why_and_is_tried_again(
    chloe: Any, on: date, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "tests.test_outbox.Refusing"
    invoice = late(on)
    browser = signed_in(chloe)
    words = {"to": "down@essaim.test", "subject": "Facture", "body": "Bonjour"}
    browser.post(f"/facturation/factures/{invoice.pk}/envoyer/", words)
    for _try in range(3):
        send_outbox()
    assert "ConnectionRefusedError" in page(browser.get(invoice.get_absolute_url()))
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    row = Sending.objects.get()
    browser.post(f"/facturation/envois/{row.pk}/reessayer/")
    assert send_outbox() == "1 sent, 0 waiting"


def test_the_coop_s_timeline_tells_mails_and_reminders_to_the_office_alone(
    ada: Any, basile: Any, chloe: Any, on: date
) -> None:
    coop = given_coop(owner=ada, by=basile)
    invoice = given_invoice(1000, client_of(coop), on - timedelta(days=40))
    with without_triggers():
        Invoice.objects.filter(pk=invoice.pk).update(coop=coop)
    words = {"to": "a@b.test", "subject": "Facture", "body": "Bonjour"}
    signed_in(chloe).post(f"/facturation/factures/{invoice.pk}/envoyer/", words)
    reminding.remind(instalment=part_of(invoice), to="a@b.test", **acting(chloe, on))
    for kind in ("mail", "reminder"):
        [told] = [
            e for ask in timeline.of(kind) for e in ask(coop, user=basile, before=None, limit=5)
        ]
        assert str(invoice.number) in told.title
        assert [e for a in timeline.of(kind) for e in a(coop, user=ada, before=None, limit=5)] == []


# -- receivables -------------------------------------------------------------------------------
def test_receivables_are_shown_as_of_a_day_and_taken_away(chloe: Any, on: date) -> None:
    invoice = late(on)
    browser = signed_in(chloe)
    shown = page(browser.get("/facturation/creances/"))
    assert "1 200,00 €" in shown
    assert "1 à 30 j" in shown
    before = browser.get(f"/facturation/creances/?on_day={invoice.issued_on - timedelta(days=1)}")
    assert "Personne ne doit rien à cette date." in page(before)
    assert browser.get(f"/facturation/creances/?on_day={on + timedelta(days=1)}").status_code == 422
    table = b"".join(browser.get("/facturation/creances/balance.csv")).decode()
    assert "Coop’Épi;0,00;1200,00;0,00;0,00;0,00;0,00;1200,00" in table


def test_the_forecast_draws_certain_and_conditional_months(chloe: Any, on: date) -> None:
    late(on)
    given_invoice(500, given_client("Brouillon"), on, issued=False)
    shown = browser_page = page(signed_in(chloe).get("/facturation/prevision/"))
    assert "-hatched" in shown and "hatched" in shown.split("</defs>")[1].split("</svg>")[0]
    assert "1 200,00 €" in browser_page
    assert "600,00 €" in browser_page


def test_a_client_s_balance_is_used_on_several_invoices_and_the_rest_paid_back(
    chloe: Any, on: date
) -> None:
    client = given_client()
    first, second = given_invoice(100, client, on), given_invoice(200, client, on)
    paid = given_payment(client, "500", on)
    browser = signed_in(chloe)
    address = f"/facturation/clients/{client.pk}/affecter/"
    form = browser.get(address).context["form"]
    assert form.fields[f"part_{first.pk}"].initial == D("120.00")
    posted = {
        "sources": f"payment:{paid.pk}",
        f"part_{first.pk}": "120",
        f"part_{second.pk}": "300",
    }
    answer = browser.post(address, posted)
    assert answer.status_code == 409
    assert "C’est plus que ce qui reste" in page(answer) or "Plus que" in page(answer)
    assert browser.post(address, {"sources": f"payment:{paid.pk}"}).status_code == 409
    posted[f"part_{second.pk}"] = "100,50"
    assert browser.post(address, posted).status_code == 302
    assert issuing.amount_left(second) == D("139.50")
    back = f"/facturation/clients/{client.pk}/rembourser/"
    values = {"source": f"payment:{paid.pk}", "paid_on": str(on), "method": "transfer"}
    assert browser.post(back, {**values, "amount": "1000"}).status_code == 409
    assert browser.post(back, {**values, "amount": "279,50"}).status_code == 302
    assert Refund.objects.get().amount == D("279.50")
    assert browser.get(back).status_code == 409
    shown = page(browser.get(f"/facturation/clients/{client.pk}/"))
    assert "279,50 €" in shown
    assert "139,50 €" in shown


def test_a_statement_is_read_taken_away_and_sent(chloe: Any, on: date) -> None:
    invoice = late(on)
    client = invoice.client
    given_payment(client, "200", on, to={invoice: "200"})
    browser = signed_in(chloe)
    address = f"/facturation/clients/{client.pk}/releve/"
    assert "1 000,00 €" in page(browser.get(address))
    table = b"".join(browser.get(f"{address}releve.csv")).decode()
    assert "1000,00" in table
    assert browser.get(f"{address}releve.pdf").content.startswith(b"%PDF")
    form = browser.get(f"{address}envoyer/").context["form"]
    posted = {"address": "compta@epi.test", **form.initial}
    assert browser.post(f"{address}envoyer/", posted).status_code == 302
    send_outbox()
    [(name, content, _kind)] = mail.outbox[0].attachments
    assert name.startswith("RELEVE-COOPEPI")
    assert content.startswith(b"%PDF")
    assert "Relevés envoyés" in page(browser.get(f"/facturation/clients/{client.pk}/"))


def test_reminders_leave_by_themselves_only_once_ticked(chloe: Any, on: date) -> None:
    invoice = late(on)
    browser = signed_in(chloe)
    address = f"/facturation/clients/{invoice.client.pk}/relances-automatiques/"
    assert "Elles attendent un clic." in page(
        browser.get(f"/facturation/clients/{invoice.client.pk}/")
    )
    browser.post(address)
    assert "Chloé Weiss l’a décidé" in page(
        browser.get(f"/facturation/clients/{invoice.client.pk}/")
    )
    holding.run_reminders(on=on, at=timezone.now())
    assert not Reminder.objects.exists()
    browser.post(address)
    assert "Elles attendent un clic." in page(
        browser.get(f"/facturation/clients/{invoice.client.pk}/")
    )


def test_the_panel_of_an_organisation_says_amounts_to_the_office_alone(
    ada: Any, chloe: Any, on: date
) -> None:
    invoice = late(on)
    tag = Template("{% load invoicing_reminders %}{% client_account_panel who %}")
    for user, shown in ((chloe, True), (ada, False)):
        text = tag.render(Context({"user": user, "today": on, "who": invoice.client}))
        assert ("1 200,00" in text.replace("\u00a0", " ")) is shown


@pytest.mark.parametrize(
    "address", ["/facturation/creances/", "/facturation/relances/", "/facturation/prevision/"]
)
def test_a_page_asks_the_same_of_few_and_of_many(chloe: Any, on: date, address: str) -> None:
    browser = signed_in(chloe)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(address).status_code == 200
        return len(seen)

    for rank in range(2):
        late(on, f"Client {rank}")
    few = asked()
    for rank in range(10):
        late(on, f"Autre {rank}")
    assert asked() == few
