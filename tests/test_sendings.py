"""Documents sent by mail: the frozen file, once, and what became of it."""

from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from essaim.models import OutboxMessage
from essaim.workflow import Refused
from invoicing.actions import issuing, sending
from invoicing.models import Invoice, MailText, Sending
from tests.conftest import acting
from tests.given_invoicing import TODAY, given_client, given_invoice
from tests.given_receivables import quick_pdf, send_outbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def quick(monkeypatch: Any) -> None:
    """Documents that this test need not print."""
    monkeypatch.setattr(issuing, "render_one", quick_pdf)


def send(invoice: Invoice, chloe: Any, **more: Any) -> Sending:
    values = {"to": "compta@epi.test", "subject": "Facture", "body": "Bonjour,"} | more
    return sending.send_invoice(invoice=invoice, **values, **acting(chloe, TODAY))


def codes(refused: Any) -> set[str]:
    return {m.code for m in refused.value.missing}


def test_the_frozen_file_leaves_as_it_is_with_our_name_and_our_address(chloe: Any) -> None:
    invoice = given_invoice()
    done = send(invoice, chloe, cc=["elue@epi.test"])
    assert not Sending.objects.left().exists()
    assert send_outbox() == "1 sent, 0 waiting"
    assert Sending.objects.left().get() == done
    [message] = mail.outbox
    [(name, content, kind)] = message.attachments
    assert (name, kind) == ("FA-2026-0001-COOPEPI-DU-RIED.pdf", "application/pdf")
    assert content == bytes(invoice.files.get(kind="pdf").content)
    assert message.recipients() == ["compta@epi.test", "elue@epi.test"]
    assert message.from_email.startswith('"Les Passeurs') or "=?utf-8?" in message.from_email
    assert send_outbox() == "0 sent, 0 waiting"


def test_a_big_file_is_not_copied(quick: Any, chloe: Any) -> None:
    done = send(given_invoice(), chloe)
    file = done.message.attachments.get()
    assert (file.content, file.source_model) == (None, "invoicing.FrozenFile")


def test_a_draft_or_a_pending_pdf_is_refused(monkeypatch: Any, chloe: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)
    with pytest.raises(Refused) as refused:
        send(given_invoice(issued=False), chloe)
    assert codes(refused) == {"state"}
    with pytest.raises(Refused) as refused:
        send(given_invoice(), chloe)
    assert codes(refused) == {"pdf"}
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"to": ""}, "to"),
        ({"to": "compta"}, "to"),
        ({"to": "a@b.test\nBcc: c@d.test"}, "to"),
        ({"cc": ["ok@a.test", "non"]}, "cc"),
        ({"cc": [f"c{rank}@a.test" for rank in range(6)]}, "cc"),
        ({"subject": "  "}, "subject"),
        ({"body": ""}, "body"),
    ],
)
def test_what_is_typed_wrong_is_said_beside_its_field(
    quick: Any, chloe: Any, values: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        send(given_invoice(), chloe, **values)
    assert codes(refused) == {code}


def test_the_same_again_on_the_same_day_wants_a_sentence(quick: Any, chloe: Any) -> None:
    invoice = given_invoice()
    send(invoice, chloe)
    with pytest.raises(Refused) as refused:
        send(invoice, chloe, to="COMPTA@epi.test")
    [found] = refused.value.missing
    assert (found.code, found.level) == ("sent_today", "warn")
    send(invoice, chloe, to="autre@epi.test")
    send(invoice, chloe, to="COMPTA@epi.test", reasons={"sent_today": "Perdue, redemandée."})
    assert Sending.objects.count() == 3


def test_several_leave_together_or_none_does(quick: Any, chloe: Any) -> None:
    first, second = given_invoice(), given_invoice(500, given_client("Autre"))
    draft = given_invoice(300, given_client("Brouillon"), issued=False)
    words = {"to": "a@b.test", "subject": "Facture", "body": "Bonjour"}
    act = acting(chloe, TODAY)
    with pytest.raises(Refused):
        sending.send_many(mails={first: words, draft: words}, **act)
    assert not Sending.objects.exists()
    assert len(sending.send_many(mails={first: words, second: words}, **act)) == 2
    assert send_outbox() == "2 sent, 0 waiting"


def test_a_sending_is_never_changed(quick: Any, chloe: Any) -> None:
    done = send(given_invoice(), chloe)
    rows = Sending.objects.filter(pk=done.pk)
    for attack in (lambda: rows.update(to="x@y.test"), lambda: rows.update(body=""), rows.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            attack()


def test_a_mail_that_did_not_leave_is_tried_again_on_demand(
    quick: Any, chloe: Any, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "tests.test_outbox.Refusing"
    done = send(given_invoice(), chloe, to="down@essaim.test")
    for _try in range(3):
        send_outbox()
    assert send_outbox() == "0 sent, 0 waiting"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    sending.try_again(message=done.message, **acting(chloe, TODAY))
    assert send_outbox() == "1 sent, 0 waiting"
    done.message.refresh_from_db()
    with pytest.raises(Refused):
        sending.try_again(message=done.message, **acting(chloe, TODAY))


def test_the_text_of_a_kind_is_edited_with_known_words(chloe: Any) -> None:
    text = MailText.objects.get(kind="invoice")
    act = acting(chloe, TODAY)
    sending.write_text(text=text, subject="Facture {numero}", body="Bonjour {client}", **act)
    text.refresh_from_db()
    assert text.subject == "Facture {numero}"
    with pytest.raises(Refused) as refused:
        sending.write_text(text=text, subject="{penalites}", body="{retard}", **act)
    assert codes(refused) == {"subject", "body"}


def test_every_kind_has_a_text_whose_words_are_known() -> None:
    for text in MailText.objects.all():
        assert sending.text_problems({"body": text.body}, sending.allowed_in(text)) == []
    assert MailText.objects.count() == len(MailText.Kind.values)
