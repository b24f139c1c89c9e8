"""An English Chloé issues what a French one issues, to the byte; clients read French."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.contrib.messages import get_messages
from django.db import models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm import actions as crm
from crm.models import Contact
from essaim.models import User
from invoicing.files import FORMATS
from invoicing.models import FrozenFile, Invoice
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_invoice, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
ROOMS = ("essaim", "crm", "missions", "grants", "invoicing")
# The person's own row says which language it is; keys of rows differ from one play to the next.
OWN = {"essaim.User", "essaim.FormKey"}
Kept = list[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def _one_instant(monkeypatch: Any) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)


def words_kept() -> Kept:
    """Every text and every file that the rows of all rooms hold."""
    return sorted(_words())


def _words() -> Iterator[tuple[str, str, str]]:
    kinds = (models.CharField, models.TextField, models.BinaryField)
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS or model._meta.label in OWN:
            continue
        names = [f.attname for f in model._meta.concrete_fields if isinstance(f, kinds)]
        for row in model._base_manager.values(*names) if names else ():
            for name, value in row.items():
                text = bytes(value).hex() if isinstance(value, memoryview | bytes) else str(value)
                yield model._meta.label, name, text


def played(user: User, language: str, do: Callable[[Client], Any]) -> tuple[Kept, str]:
    """What is kept after a person did something in a language, and what they were told."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(language=language)
        answer = do(signed_in(user))
        assert answer.status_code == 302, answer.content.decode()[-3000:]
        kept, told = words_kept(), " ".join(str(m) for m in get_messages(answer.wsgi_request))
        transaction.set_rollback(True)
    return kept, told


def same_in_both(user: User, do: Callable[[Client], Any]) -> Kept:
    (french, told), (english, said) = (played(user, code, do) for code in ("fr", "en"))
    assert english == french
    # The person themselves is answered in their language.
    assert told != said
    return french


@pytest.fixture
def issuer(db: None) -> Any:
    return given_issuer()


def test_an_issued_invoice_is_the_same_to_the_byte(chloe: User, issuer: Any) -> None:
    draft = given_invoice(on=timezone.localdate(), issued=False)
    address = reverse("invoicing:issue", args=(draft.pk,))
    before = FrozenFile.objects.count()
    kept = same_in_both(chloe, lambda browser: browser.post(address))
    assert any(name == "content" for _model, name, _text in kept)
    assert FrozenFile.objects.count() == before and not Invoice.objects.get().number


def test_a_draft_from_days_is_worded_in_french(chloe: User, ada: User, issuer: Any) -> None:
    start = date(2026, 9, 1)
    coop = given_coop(owner=ada)
    agreement = given_agreement(coop, client_of(coop), rate=600, days=12, on=start)
    mission = given_mission(agreement, team=[ada], on=start)
    given_day(ada, mission, on=date(2026, 10, 5), quantity=1)
    data = {"payer": client_of(coop).pk, "agreement": agreement.pk, "until": "2026-10-31"}
    address = reverse("invoicing:prepare")
    kept = same_in_both(chloe, lambda browser: browser.post(address, data))
    assert any(model == "invoicing.InvoiceLine" and text for model, _name, text in kept)


def test_a_founder_is_written_to_in_french(basile: User, issuer: Any) -> None:
    coop = given_coop(owner=basile)
    emile = Contact.objects.create(first_name="Émile", last_name="Roos", email="emile@coop.test")
    note = crm.write_note(
        coop,
        title="Point",
        text="Le bail est relu.",
        participants=[emile],
        is_shared=True,
        share_confirmed=True,
        **acting(basile, timezone.localdate()),
    )
    address = reverse("crm:note_send", args=(note.pk,))
    to = [one.pk for one in note.participants.exclude(contact=None)]
    kept = same_in_both(basile, lambda browser: browser.post(address, {"to": to}))
    bodies = [x for model, name, x in kept if (model, name) == ("essaim.OutboxMessage", "body")]
    assert len(bodies) == 1 and "Le bail est relu." in bodies[0]


def test_what_bars_an_issue_is_said_in_english(chloe: User, issuer: Any) -> None:
    User.objects.filter(pk=chloe.pk).update(language="en")
    draft = given_invoice(on=timezone.localdate(), issued=False)
    draft.lines.all().delete()
    answer = signed_in(chloe).post(reverse("invoicing:issue", args=(draft.pk,)))
    assert answer.status_code == 409
    words = " ".join(m.text for m in answer.context["missing"])
    assert " line" in words and "ligne" not in words


@pytest.mark.parametrize(
    ("kind", "made"), [(kind, made) for kind, several in FORMATS.items() for made in several]
)
def test_every_export_is_the_same_to_the_byte(
    chloe: User, issuer: Any, kind: str, made: str
) -> None:
    today = timezone.localdate()
    number = given_invoice(on=today).number
    period = {"start": f"{today:%Y}-01-01", "end": f"{today:%Y-%m-%d}"}
    address = reverse("invoicing:export", args=(kind, made))
    files = []
    for language in ("fr", "en"):
        User.objects.filter(pk=chloe.pk).update(language=language)
        answer = signed_in(chloe).post(address, period)
        assert answer.status_code == 200
        files.append((answer["Content-Disposition"], b"".join(answer)))
    assert files[0] == files[1]
    if (kind, made) == ("entries", "fec"):
        assert str(number).encode() in files[0][1]
