"""Mail leaves through the outbox: written with what it tells, sent once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone

from essaim import people
from essaim.models import OutboxMessage, User
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
