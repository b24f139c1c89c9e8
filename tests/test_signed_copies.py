"""Signed copies, evidence of acceptance and reports are kept among the coop's documents."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from crm.models import Document
from essaim.workflow import Refused
from missions import actions
from tests.conftest import acting, signed_in
from tests.given_contracts import given_phases, given_quote
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_client, given_issuer
from tests.given_missions import TODAY, given_agreement

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def paper(name: str = "signe.pdf") -> ContentFile:
    return ContentFile(PDF, name)


def test_the_signed_copy_is_kept_and_shown(chloe: Any) -> None:
    given_issuer()
    coop = given_coop()
    act = acting(chloe, TODAY)
    agreement = given_agreement(coop, client_of(coop), by=chloe)
    quote = given_quote(client_of(coop), coop, state="sent", by=chloe)
    for row in (agreement, quote):
        kept = actions.attach_scan(row, paper(), **act)
        row.refresh_from_db()
        assert row.signed_scan == kept
        page = signed_in(chloe).get(row.get_absolute_url()).content.decode()
        assert kept.get_absolute_url() in page
    assert Document.objects.filter(coop=coop).count() == 2


def test_a_draft_or_a_paper_of_several_coops_keeps_none(chloe: Any) -> None:
    given_issuer()
    coop, act = given_coop(), acting(chloe, TODAY)
    draft = given_agreement(coop, client_of(coop), signed=False, by=chloe)
    several = given_agreement(None, given_client("Réseau"), by=chloe)
    for row in (draft, several):
        with pytest.raises(Refused) as refused:
            actions.attach_scan(row, paper(), **act)
        assert [m.code for m in refused.value.missing] == ["file"]
    assert not Document.objects.exists()


def test_an_acceptance_keeps_its_evidence_from_the_screen(chloe: Any) -> None:
    given_issuer()
    coop = given_coop()
    today = timezone.localdate()
    phase = given_phases(coop, client_of(coop), [1000], by=chloe, on=today).phases.get()
    url = reverse("missions:phase_move", args=(phase.pk, "accept"))
    browser = signed_in(chloe)
    said = {"accepted_on": str(today), "accepted_by": "Émile Zorn"}
    wrong = browser.post(url, {**said, "evidence": ContentFile(b"MZ\x90", "outil.exe")})
    assert wrong.status_code in (409, 422)
    phase.refresh_from_db()
    assert phase.state == "planned"
    browser.post(url, {**said, "evidence": paper("pv.pdf")})
    phase.refresh_from_db()
    assert (phase.state, phase.accepted_by) == ("accepted", "Émile Zorn")
    assert phase.evidence is not None


def test_the_report_delivered_keeps_its_file(chloe: Any) -> None:
    given_issuer()
    coop = given_coop()
    today = timezone.localdate()
    agreement = given_agreement(coop, client_of(coop), rhythm="report", by=chloe, on=today)
    url = reverse("missions:report_delivered", args=(agreement.pk,))
    signed_in(chloe).post(url, {"delivered_on": str(today), "file": paper("rapport.pdf")})
    agreement.refresh_from_db()
    assert agreement.report_delivered_on == today
    assert agreement.report is not None
