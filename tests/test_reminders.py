"""Reminders: once a level, never two on a day, held when they must be, with their letter kept."""

from datetime import date, timedelta
from decimal import Decimal as D
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from pypdf import PdfReader

from essaim.models import OutboxMessage
from essaim.workflow import Refused
from invoicing.actions import holding, issuing, reminding
from invoicing.actions.plans import move_plan, propose_plan
from invoicing.actions.terms import close_dispute, open_dispute
from invoicing.models import AutoRemind, Instalment, Invoice, Reminder, ReminderLevel
from invoicing.reminding import Hold, coming_reminders, due_reminders, is_on_hold
from tests.conftest import acting
from tests.given_crm import given_contact, given_coop
from tests.given_invoicing import client_of, given_client
from tests.given_receivables import (
    DUE,
    given_late,
    given_payment,
    part_of,
    send_outbox,
    without_triggers,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def quick(monkeypatch: Any) -> None:
    """Letters and documents that this test need not print."""
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)
    monkeypatch.setattr(reminding, "render_letter", lambda **given: b"%PDF-1.7 letter")


def days(count: int) -> date:
    return DUE + timedelta(days=count)


def remind(invoice: Invoice, on: date, by: Any, **more: Any) -> Reminder:
    return reminding.remind(instalment=part_of(invoice), **more, **acting(by, on))


def printed(reminder: Reminder) -> str:
    reader = PdfReader(BytesIO(bytes(reminder.content)))
    text = " ".join(page.extract_text() for page in reader.pages)
    return " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())


def test_a_reminder_leaves_once_with_its_letter_and_the_invoice(chloe: Any) -> None:
    invoice = given_late()
    reminder = remind(invoice, days(8), chloe)
    assert (reminder.level.rank, reminder.owed, reminder.to) == (1, D("1200.00"), "compta@epi.test")
    assert "FA-2026-0001" in printed(reminder)
    assert "1 200,00 €" in printed(reminder)
    assert reminder.sha256 == sha256(bytes(reminder.content)).hexdigest()
    with pytest.raises(Refused):
        remind(invoice, days(8), chloe)
    assert send_outbox() == "1 sent, 0 waiting"
    letter, file = mail.outbox[0].attachments
    assert letter[0].startswith("RELANCE-1-FA-2026-0001")
    assert letter[1] == bytes(reminder.content)
    assert file[1] == bytes(invoice.files.get(kind="pdf").content)
    assert "Chloé Weiss" in mail.outbox[0].body
    assert send_outbox() == "0 sent, 0 waiting"


def test_first_levels_name_no_penalty_and_the_last_one_counts_them(quick: Any, chloe: Any) -> None:
    invoice = given_late()
    first = remind(invoice, days(8), chloe)
    second = remind(invoice, days(21), chloe)
    third = remind(invoice, days(45), chloe)
    for early in (first, second):
        assert "40,00" not in early.body
        assert (early.interest, early.fee) == (D(0), D(0))
    # 1,200.00 x 12 % x 45 / 365
    assert third.fee == D("40.00")
    assert third.interest == D("17.75")
    assert "17,75" in third.body
    assert "40,00" in third.body
    assert "12 %" in third.body.replace("\u00a0", " ")


def test_a_private_person_is_claimed_no_penalty(quick: Any, chloe: Any) -> None:
    client = given_client(billing_email="a@b.test")
    client.client_kind = "consumer"
    client.save()
    third = remind(given_late(client=client), days(45), chloe)
    assert (third.interest, third.fee) == (D(0), D(0))
    assert "pénalités" not in third.body
    assert "\n\n\n" not in third.body


def test_what_was_missed_is_caught_up_by_one_reminder_and_the_rest_is_marked(
    quick: Any, chloe: Any
) -> None:
    invoice = given_late()
    sent = remind(invoice, days(50), chloe)
    assert sent.level.rank == 3
    skipped = Reminder.objects.filter(state="skipped").order_by("level__rank")
    assert [row.level.rank for row in skipped] == [0, 1, 2]
    assert due_reminders(on=days(50)) == []
    assert due_reminders(on=days(500)) == []


def test_paid_credited_and_drafts_are_not_reminded(quick: Any, chloe: Any) -> None:
    paid, other = given_late(), given_late(500, client=given_client("Autre"))
    given_late(issued=False, client=given_client("Brouillon"))
    given_payment(paid.client, "1200", days(2), to={paid: "1200"})
    due = due_reminders(on=days(9))
    assert [one.invoice for one in due] == [other]
    with pytest.raises(Refused):
        remind(paid, days(9), chloe)


def test_what_is_left_is_what_is_asked(quick: Any, chloe: Any) -> None:
    invoice = given_late()
    given_payment(invoice.client, "700", days(1), to={invoice: "700"})
    assert remind(invoice, days(8), chloe).owed == D("500.00")


def test_each_instalment_is_reminded_on_its_own_dates(quick: Any, chloe: Any) -> None:
    invoice = given_late()
    _cut(invoice, days(0), days(30))
    first, second = Instalment.objects.filter(invoice=invoice).order_by("position")
    assert [(o.instalment, o.left) for o in due_reminders(on=days(9))] == [(first, D("600.00"))]
    reminding.remind(instalment=first, **acting(chloe, days(9)))
    # 600 received settles the first one: only the second is owed, and it is not late.
    given_payment(invoice.client, "600", days(10), to={invoice: "600"})
    assert due_reminders(on=days(21)) == []
    assert [o.instalment for o in due_reminders(on=days(38))] == [second]


def _cut(invoice: Invoice, *dates: date) -> None:
    """Two instalments of an issued invoice, past the triggers that keep it."""
    half = invoice.gross / len(dates)
    with without_triggers():
        Instalment.objects.filter(invoice=invoice).delete()
        for position, due_on in enumerate(dates, 1):
            Instalment.objects.create(
                invoice=invoice, position=position, due_on=due_on, amount=half
            )


def test_an_address_is_found_among_those_who_pay_first(quick: Any, chloe: Any) -> None:
    client = given_client()
    given_contact("Paul Pré", organisation=client, role="president", email="p@epi.test")
    given_contact("Tina Trésor", organisation=client, role="treasurer", email="t@epi.test")
    given_late(client=client)
    [one] = due_reminders(on=days(8))
    assert [a.email for a in one.addresses] == ["t@epi.test", "p@epi.test"]


def test_a_client_without_address_gets_a_letter_to_print(quick: Any, chloe: Any) -> None:
    invoice = given_late(client=given_client())
    with pytest.raises(Refused) as refused:
        remind(invoice, days(8), chloe)
    assert refused.value.missing[0].code == "to"
    letter = remind(invoice, days(8), chloe, channel="letter")
    assert (letter.channel, letter.message) == ("letter", None)
    assert not OutboxMessage.objects.exists()


def test_a_hold_stops_reminders_until_its_date_and_says_why(
    quick: Any, chloe: Any, basile: Any
) -> None:
    invoice = given_late()
    act = acting(basile, days(5))
    holding.hold_reminders(
        invoice=invoice, until=days(12), reason="Ils attendent la région.", **act
    )
    [one] = due_reminders(on=days(9))
    assert one.hold is not None
    assert "Ils attendent la région." in one.hold.text
    with pytest.raises(Refused) as refused:
        remind(invoice, days(12), chloe)
    assert refused.value.missing[0].code == "hold"
    assert is_on_hold(invoice, on=days(13)) is None
    assert remind(invoice, days(13), chloe).level.rank == 1


def test_a_hold_can_be_lifted_and_asks_for_a_reason_and_a_date(quick: Any, basile: Any) -> None:
    invoice = given_late()
    act = acting(basile, days(5))
    with pytest.raises(Refused) as refused:
        holding.hold_reminders(invoice=invoice, until=days(4), reason=" ", **act)
    assert {m.code for m in refused.value.missing} == {"until", "reason"}
    holding.hold_reminders(invoice=invoice, until=days(30), reason="Accord oral.", **act)
    holding.hold_reminders(invoice=invoice, until=days(12), reason="Plutôt le 12.", **act)
    hold = is_on_hold(invoice, on=days(9))
    assert hold is not None
    assert "Plutôt le 12." in hold.text
    holding.release_reminders(invoice=invoice, **act)
    assert is_on_hold(invoice, on=days(9)) is None
    with pytest.raises(Refused):
        holding.release_reminders(invoice=invoice, **act)


def test_a_dispute_and_a_plan_that_is_kept_hold_reminders_back(quick: Any, chloe: Any) -> None:
    invoice = given_late()
    act = acting(chloe, days(5))
    open_dispute(invoice=invoice, words="Une journée comptée deux fois.", **act)
    hold = is_on_hold(invoice, on=days(9))
    assert hold is not None
    assert "comptée deux fois" in hold.text
    close_dispute(invoice=invoice, outcome="ungrounded", words="Vérifié.", **act)
    assert is_on_hold(invoice, on=days(9)) is None
    rows = [(days(20), D("600.00")), (days(50), D("600.00"))]
    plan = propose_plan(invoice=invoice, rows=rows, **act)
    assert is_on_hold(invoice, on=days(9)) is None
    move_plan(plan, "sign", **act)
    assert is_on_hold(invoice, on=days(20)) == Hold(
        "plan", "Un échéancier signé est en cours et tenu."
    )
    # Its first date is not kept: what is late is reminded again.
    assert is_on_hold(invoice, on=days(21)) is None
    given_payment(invoice.client, "600", days(21), to={invoice: "600"})
    assert is_on_hold(invoice, on=days(49)) is not None


# -- by themselves -----------------------------------------------------------------------------
def run(on: date) -> Any:
    return holding.run_reminders(on=on, at=acting_at(on))


def acting_at(on: date) -> Any:
    return acting(None, on)["at"]  # type: ignore[arg-type]


@pytest.fixture
def followed(ada: Any, basile: Any, chloe: Any, quick: Any) -> Invoice:
    """An invoice of Ada's coop, whose reminders leave by themselves."""
    coop = given_coop(owner=ada, by=basile)
    client = client_of(coop)
    client.billing_email = "compta@epi.test"
    client.save()
    invoice = given_late(client=client)
    _set_coop(invoice, coop)
    holding.set_auto_remind(client=client, automatic=True, **acting(chloe, DUE))
    return Invoice.objects.get(pk=invoice.pk)


def _set_coop(invoice: Invoice, coop: Any) -> None:
    with without_triggers():
        Invoice.objects.filter(pk=invoice.pk).update(coop=coop)


def test_the_referent_is_told_three_days_before_and_it_leaves_in_the_name_of_who_ticked(
    followed: Invoice, ada: Any, chloe: Any
) -> None:
    assert run(days(4)).reminders == []
    assert not OutboxMessage.objects.exists()
    assert run(days(5)).reminders == []
    told = OutboxMessage.objects.get()
    assert told.to == ada.email
    assert followed.number in told.body
    assert "1 200" not in told.body
    assert run(days(5)).reminders == []
    assert run(days(7)).reminders == []
    [sent] = run(days(8)).reminders
    assert (sent.is_automatic, sent.by, sent.level.rank) == (True, chloe, 1)
    assert run(days(8)).reminders == []
    assert OutboxMessage.objects.count() == 2


def test_after_a_stop_it_is_announced_then_caught_up_by_one_level(
    followed: Invoice, ada: Any
) -> None:
    assert run(days(30)).reminders == []
    assert OutboxMessage.objects.get().to == ada.email
    assert run(days(32)).reminders == []
    [sent] = run(days(33)).reminders
    assert sent.level.rank == 2
    assert Reminder.objects.filter(state="skipped").count() == 2
    assert run(days(34)).reminders == []


def test_a_referent_who_suspends_stops_it(followed: Invoice, ada: Any) -> None:
    run(days(5))
    holding.hold_reminders(
        invoice=followed, until=days(40), reason="Ils ouvrent samedi.", **acting(ada, days(6))
    )
    assert run(days(8)).reminders == []
    assert coming_reminders(on=days(19)) == []


def test_a_client_who_is_not_ticked_is_never_written_to_alone(quick: Any, chloe: Any) -> None:
    invoice = given_late()
    for count in range(0, 60, 5):
        run(days(count))
    assert not Reminder.objects.exists()
    holding.set_auto_remind(client=invoice.client, automatic=True, **acting(chloe, DUE))
    holding.set_auto_remind(client=invoice.client, automatic=False, **acting(chloe, DUE))
    assert not AutoRemind.objects.exists()


# -- what cannot be undone ---------------------------------------------------------------------
def test_a_reminder_is_never_changed_nor_sent_again_at_its_level(quick: Any, chloe: Any) -> None:
    reminder = remind(given_late(), days(8), chloe)
    rows = Reminder.objects.filter(pk=reminder.pk)
    for attack in (
        lambda: rows.update(body="Autre chose."),
        lambda: rows.update(content=b"x"),
        lambda: rows.delete(),
        lambda: Reminder.objects.create(
            instalment=reminder.instalment, invoice=reminder.invoice, level=reminder.level,
            state="skipped", on=days(9), at=reminder.at, by=chloe,
        ),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            attack()
    reminder.refresh_from_db()
    assert bytes(reminder.content) == b"%PDF-1.7 letter"


def test_a_letter_that_cannot_be_printed_leaves_nothing(chloe: Any, monkeypatch: Any) -> None:
    invoice = given_late()

    def broken(**given: Any) -> bytes:
        raise OSError("no Pango")

    monkeypatch.setattr(reminding, "render_letter", broken)
    with pytest.raises(OSError, match="Pango"):
        remind(invoice, days(8), chloe)
    assert not Reminder.objects.exists()
    assert not OutboxMessage.objects.exists()


# -- levels ------------------------------------------------------------------------------------
def save(rank: int, chloe: Any, **values: Any) -> ReminderLevel:
    level = ReminderLevel.objects.get(rank=rank)
    given = {name: getattr(level, name) for name in holding.LEVEL_FIELDS} | values
    return holding.save_level(level=level, **given, **acting(chloe, DUE))


def test_the_defaults_are_those_of_the_house() -> None:
    assert list(ReminderLevel.objects.values_list("rank", "days")) == [
        (0, -5),
        (1, 8),
        (2, 21),
        (3, 45),
    ]


def test_levels_are_edited_with_known_words_in_their_order(quick: Any, chloe: Any) -> None:
    save(1, chloe, days=10, body="Bonjour {client}, il reste {reste}.")
    invoice = given_late()
    assert due_reminders(on=days(8)) == []
    assert (
        remind(invoice, days(10), chloe).body
        == "Bonjour Coop’Épi du Ried, il reste 1\u00a0200,00\u00a0€."
    )
    for rank, values, code in (
        (1, {"body": "{montants}"}, "body"),
        (2, {"subject": "Pénalités {penalites}"}, "subject"),
        (2, {"days": 45}, "days"),
        (1, {"days": -1}, "days"),
        (0, {"days": 3}, "days"),
    ):
        with pytest.raises(Refused) as refused:
            save(rank, chloe, **values)
        assert {m.code for m in refused.value.missing} == {code}


def test_a_level_is_added_after_the_last_and_one_put_aside_is_never_due(
    quick: Any, chloe: Any
) -> None:
    values = {
        "name": "Mise en demeure",
        "days": 60,
        "subject": "Mise en demeure",
        "is_active": True,
    }
    made = holding.save_level(level=None, body="{penalites}", **values, **acting(chloe, DUE))
    assert made.rank == 4
    save(1, chloe, is_active=False)
    given_late()
    assert due_reminders(on=days(9)) == []
    assert [o.level.rank for o in due_reminders(on=days(61))] == [4]


def test_asking_what_is_due_costs_the_same_for_few_and_many(
    quick: Any, chloe: Any, django_assert_num_queries: Any
) -> None:
    for rank in range(3):
        given_late(client=given_client(f"Client {rank}", billing_email=f"c{rank}@a.test"))
    with django_assert_num_queries(9):
        assert len(due_reminders(on=days(9))) == 3
    for rank in range(12):
        given_late(client=given_client(f"Autre {rank}", billing_email=f"d{rank}@a.test"))
    with django_assert_num_queries(9):
        assert len(due_reminders(on=days(9))) == 15
