"""Mail leaves through the outbox: written with what it tells, sent once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone

from essaim import outbox, people
from essaim.models import OutboxAttachment, OutboxMessage, User
from essaim.outbox import LEASE, MOST_TRIES, Attached
from tests.conftest import acting, person

pytestmark = pytest.mark.django_db


def waiting(key: str = "one", to: str = "lea@essaim.test") -> OutboxMessage:
    return OutboxMessage.objects.create(
        key=key, to=to, subject="Bonjour", body="Un mot.", created_at=timezone.now()
    )


def send() -> str:
    out = StringIO()
    call_command("send_outbox", stdout=out)
    return out.getvalue().strip()


class Refusing(EmailBackend):
    """A server that is down for one address."""

    def send_messages(self, messages: Any) -> int:
        if any("down@essaim.test" in m.to for m in messages):
            raise ConnectionRefusedError("smtp")
        return int(super().send_messages(messages))


def test_a_message_leaves_once_however_often_it_is_sent() -> None:
    waiting()
    assert send() == "1 sent, 0 waiting"
    assert send() == "0 sent, 0 waiting"
    assert [m.subject for m in mail.outbox] == ["Bonjour"]
    assert OutboxMessage.objects.get().sent_at is not None


def test_a_server_that_is_down_keeps_the_message_and_lets_the_others_go(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.test_outbox.Refusing"
    waiting("a", "down@essaim.test")
    waiting("b")
    assert send() == "1 sent, 1 waiting"
    assert OutboxMessage.objects.get(key="a").sent_at is None
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send() == "1 sent, 0 waiting"
    assert len(mail.outbox) == 2


def put(key: str = "file", **more: Any) -> OutboxMessage:
    values = {"to": "lea@essaim.test", "subject": "Facture", "body": "Voici.", **more}
    return outbox.put(key=key, at=timezone.now(), **values)


def test_a_message_carries_its_files_its_copies_and_who_answers() -> None:
    held = put("held", attachments=[Attached(name="a.pdf", content=b"%PDF-1 a")])
    row = OutboxAttachment.objects.get(message=held)
    put(
        cc=["tom@essaim.test"],
        sender="La Ruche, des coops",
        reply_to="compta@ruche.test",
        attachments=[
            Attached(name="b.pdf", source=row),
            Attached(name="c.csv", content_type="text/csv", content="é;1".encode()),
        ],
    )
    assert send() == "2 sent, 0 waiting"
    first, second = mail.outbox
    assert first.attachments == [("a.pdf", b"%PDF-1 a", "application/pdf")]
    assert [(a[0], a[1]) for a in second.attachments] == [("b.pdf", b"%PDF-1 a"), ("c.csv", "é;1")]
    assert second.cc == ["tom@essaim.test"]
    assert second.reply_to == ["compta@ruche.test"]
    assert second.from_email == '"La Ruche, des coops" <essaim@localhost>'
    assert OutboxAttachment.objects.exclude(content=None).count() == 2
    assert second.message()["To"] == "lea@essaim.test"


def test_a_file_that_is_no_longer_the_one_attached_stays_with_its_message() -> None:
    held = put("held", attachments=[Attached(name="a.pdf", content=b"one")])
    row = OutboxAttachment.objects.get(message=held)
    put(attachments=[Attached(name="b.pdf", source=row)])
    OutboxAttachment.objects.filter(pk=row.pk).update(content=b"two")
    assert send() == "0 sent, 2 waiting"
    assert not mail.outbox
    assert "not the file that was attached" in OutboxMessage.objects.get(key="file").last_error


def test_a_failure_is_kept_counted_and_tried_again_later_and_later(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.test_outbox.Refusing"
    message = waiting(to="down@essaim.test")
    for _try in range(3):
        assert send() == "0 sent, 1 waiting"
    message.refresh_from_db()
    assert (message.attempts, message.last_error) == (3, "ConnectionRefusedError: smtp")
    assert message.next_try_at is not None
    assert message.next_try_at > timezone.now()
    assert send() == "0 sent, 0 waiting"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    outbox.try_again(message)
    assert send() == "1 sent, 0 waiting"
    message.refresh_from_db()
    assert (message.attempts, message.last_error) == (1, "")


def test_a_message_that_never_leaves_is_given_up_and_says_why(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.test_outbox.Refusing"
    message = waiting(to="down@essaim.test")
    OutboxMessage.objects.filter(pk=message.pk).update(attempts=MOST_TRIES - 1)
    assert send() == "0 sent, 1 waiting"
    message.refresh_from_db()
    assert message.given_up_at is not None
    assert message.last_error == "ConnectionRefusedError: smtp"
    OutboxMessage.objects.update(next_try_at=None)
    assert send() == "0 sent, 0 waiting"


def test_a_run_that_dies_lets_go_of_its_message_and_the_next_keeps_its_identity() -> None:
    message = waiting()
    now = timezone.now()
    held = outbox.claim(message.pk, at=now)
    assert held is not None
    identity = outbox.mail_of(held).message()["Message-ID"]
    # Another run finds it taken, for as long as the first may still be sending it.
    assert outbox.claim(message.pk, at=now + LEASE) is None
    assert send() == "0 sent, 0 waiting"
    OutboxMessage.objects.update(leased_until=now - timedelta(seconds=1))
    assert send() == "1 sent, 0 waiting"
    assert mail.outbox[0].message()["Message-ID"] == identity
    # The first run wakes up: it holds nothing any more and writes nothing over what happened.
    outbox.failed(held, OSError("too late"), at=timezone.now())
    message.refresh_from_db()
    assert message.last_error == ""
    assert message.sent_at is not None


def test_a_subject_on_two_lines_leaves_as_one() -> None:
    put(subject="Facture\nBcc: tom@essaim.test")
    assert send() == "1 sent, 0 waiting"
    assert mail.outbox[0].subject == "Facture Bcc: tom@essaim.test"
    assert mail.outbox[0].recipients() == ["lea@essaim.test"]


def test_what_is_undone_sends_no_mail(farid: User) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        people.invite(
            email="lea@essaim.test",
            name="Léa",
            roles=[],
            link=lambda user: "http://testserver/",
            **acting(farid, date(2026, 11, 23)),
        )
        raise RuntimeError
    assert send() == "0 sent, 0 waiting"
    assert not User.objects.filter(email="lea@essaim.test").exists()


def _send_from_a_hand(_: int) -> str:
    try:
        return send()
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_four_runs_at_once_send_each_message_once() -> None:
    person("Ada Lutz", "consultant")
    for i in range(10):
        waiting(str(i))
    with ThreadPoolExecutor(4) as hands:
        list(hands.map(_send_from_a_hand, range(4)))
    assert len(mail.outbox) == 10
    assert not OutboxMessage.objects.filter(sent_at=None).exists()
