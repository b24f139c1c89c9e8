"""A coop that was merged or closed: its forms say why nothing changes instead of showing fields."""

import pytest
from django.urls import reverse

from crm import actions
from essaim.models import User
from tests.conftest import acting, signed_in
from tests.given_crm import BEGAN, given_coop

FORMS = (
    "coop_edit", "next_action", "block", "unblock", "milestone", "assign", "offer", "members",
    "task_new", "document_add", "note_new",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMS)
def test_a_merged_coop_refuses_its_forms_with_the_reason(basile: User, name: str) -> None:
    source, target = given_coop("Épi’Vosges", owner=basile), given_coop("Coop’Épi", owner=basile)
    actions.merge(source.current, into=target, why="Un seul projet", **acting(basile, BEGAN))
    browser = signed_in(basile)
    answer = browser.get(reverse(f"crm:{name}", args=(source.pk,)))
    page = answer.content.decode()
    assert answer.status_code == 409 and "<textarea" not in page
    assert "Épi’Vosges" in page and source.get_absolute_url() in page
    assert browser.get(reverse(f"crm:{name}", args=(target.pk,))).status_code == 200
