"""The product's story, played end to end through the actions, and what it leaves behind."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import translation
from pypdf import PdfReader

from crm.models import Accompaniment, Coop
from essaim.models import Event
from invoicing.bt import TYPES
from invoicing.demo.stage import Stage
from invoicing.demo.story import play, tell
from invoicing.models import FrozenFile, Invoice
from invoicing.verification import verify
from missions.models import DayBeneficiary, DayShare, MissionDay
from tests.gates import packaging_failures, pdfa_failures, xml_failures

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


class _Over(Exception):
    """Ends the story's transaction, so that it leaves nothing to the other tests."""


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    with django_db_blocker.unblock(), translation.override("fr"):
        try:
            with transaction.atomic():
                yield play(TODAY)
                raise _Over
        except _Over:
            pass


def printed(invoice: Invoice) -> str:
    content = bytes(FrozenFile.objects.get(kind="pdf", invoice=invoice).content)
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())


def test_coops_stand_at_every_kind_of_place(story: Stage) -> None:
    activities = set(Accompaniment.objects.values_list("activity", flat=True))
    assert activities == {"active", "paused", "abandoned", "merged"}
    assert Accompaniment.objects.count() >= 12
    stages = set(Accompaniment.objects.values_list("stage", flat=True))
    assert {"contact", "diagnosis", "collective", "set_up", "follow_up"} <= stages
    moves = story.accompaniment("mirabelle").moves.values_list("from_stage", "to_stage")
    assert ("buying_group", "set_up") in set(moves)
    assert Coop.objects.filter(accompaniments=None).count() == 11


def test_days_are_kept_as_they_were_and_half_of_them_are_not_billed(story: Stage) -> None:
    assert 110 <= MissionDay.objects.count() <= 145
    moments = set(MissionDay.objects.values_list("moment", flat=True))
    assert {"full_day", "morning", "afternoon", "evening"} <= moments
    quantity = DayShare.objects.current().values("nature").annotate(days=Sum("quantity"))
    days = {row["nature"]: row["days"] for row in quantity}
    assert days["billed"] <= sum(days.values()) / 2
    assert {"billed", "covered", "given", "volunteer"} <= set(days)
    assert MissionDay.objects.filter(pair_of__isnull=False, state__in=("validated", "billed"))
    assert MissionDay.objects.to_validate().count() >= 4
    over = MissionDay.objects.filter(is_over_budget=True)
    assert set(over.values_list("arbitration", "state")) == {
        ("offered", "validated"),
        ("pending", "logged"),
    }


def test_a_workshop_serves_five_coops_and_counts_once(story: Stage) -> None:
    day = MissionDay.objects.filter(work="collective").earliest("worked_on")
    fractions = DayBeneficiary.objects.filter(day=day).values_list("fraction", flat=True)
    assert len(fractions) == 5
    assert sum(fractions) == 1
    shares = day.shares.filter(generation=1)
    assert sum(s.quantity for s in shares) == 1
    assert sum(s.amount for s in shares) == Decimal("700.00")


def test_the_golden_fees_are_to_the_cent_on_the_pdfs(story: Stage) -> None:
    fees = Invoice.objects.issued().filter(clause__isnull=False).order_by("rank")
    paid = list(fees.filter(coop=story.coops["quetsche"]))
    assert [f.net for f in paid] == [Decimal(x) for x in ("300", "540", "900", "144")]
    awarded = list(fees.filter(coop=story.coops["garde"]))
    assert [(f.kind, f.net) for f in awarded] == [
        ("invoice", Decimal(300)),
        ("invoice", Decimal(1800)),
        ("credit_note", Decimal(216)),
    ]
    for fee, amount in zip(
        (*paid[1:], *awarded[1:]),
        ("540,00", "900,00", "144,00", "1 800,00", "216,00"),
        strict=True,
    ):
        assert f"{amount} €" in printed(fee)
    assert str(awarded[1].number) in printed(awarded[2])


def test_a_shared_day_makes_one_invoice_a_payer(story: Stage) -> None:
    agreement = story.things["agreement:echalote"]
    payers = Invoice.objects.issued().filter(agreement=agreement).values_list("client", flat=True)
    assert set(payers) == {
        story.organisations["commune"].pk,
        story.organisations["echalote"].pk,
    }
    total = Invoice.objects.issued().filter(agreement=agreement).aggregate(t=Sum("net"))["t"]
    shares = DayShare.objects.filter(billed__line__invoice__agreement=agreement)
    shares = shares.filter(billed__line__invoice__state="issued")
    assert total == shares.aggregate(t=Sum("amount"))["t"]


def test_invoices_stand_in_every_state(story: Stage) -> None:
    assert Invoice.objects.filter(state="draft", agreement__isnull=False).count() == 2
    assert Invoice.objects.overdue(on=TODAY).exists()
    rows = Invoice.objects.claims().with_left()
    assert any(0 < row.left < row.gross for row in rows)
    assert any(row.left == 0 for row in rows)
    assert Invoice.objects.issued().filter(kind="credit_note", agreement__isnull=False).count() == 2


def test_all_issued_documents_verify_and_have_their_pdf(story: Stage) -> None:
    count, findings = verify(at=datetime(2026, 11, 24, tzinfo=UTC))
    assert count >= 12
    assert findings == []


def test_every_write_left_an_event_in_the_order_of_the_story(story: Stage) -> None:
    dates = list(
        Event.objects.filter(verb="invoicing.Invoice.issue")
        .order_by("pk")
        .values_list("on", flat=True)
    )
    assert dates == sorted(dates)
    assert max(Event.objects.values_list("on", flat=True)) <= TODAY


def test_the_story_is_told_in_about_twenty_lines(story: Stage) -> None:
    lines = tell(story)
    assert 15 <= len(lines) <= 24
    assert "1 584" not in " ".join(lines)
    whole = "\n".join(lines)
    for turn in ("en pause puis reprise, 28 j", "décisions prises", "a rejoint"):
        assert turn in whole


def test_every_invoice_of_the_story_passes_every_gate(story: Stage, tmp_path: Path) -> None:
    files = FrozenFile.objects.filter(invoice__kind__in=list(TYPES)).select_related("invoice")
    found = {(f.invoice.number, f.kind): bytes(f.content) for f in files}
    pdfs = {number: content for (number, kind), content in found.items() if kind == "pdf"}
    assert len(pdfs) >= 24
    for number, content in pdfs.items():
        xml = found[number, "xml"]
        assert packaging_failures(content, xml) == [], number
        assert xml_failures(xml) == [], number
    assert pdfa_failures({str(k): v for k, v in pdfs.items()}, tmp_path) == {}
    assert {kind for _number, kind in found} == {"pdf", "xml", "plain", "acquitted"}
