"""A barred button says why in its place, and who may do what a role does not open."""

import re
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from crm.models import Requirement
from essaim.models import User
from essaim.views import Action, offered
from essaim.why import bars, reserved
from invoicing.actions import draft_credit, draft_free, issue
from missions import actions as missions
from missions.models import Agreement
from tests.conftest import acting, person, signed_in
from tests.given_crm import given_coop, kit_done
from tests.given_grants import given_application
from tests.given_invoicing import given_client, given_invoice, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission


def barred(page: str) -> dict[str, str]:
    """The barred buttons of a page: label -> the list each one opens."""
    found = re.findall(r'<details class="menu why">(.*?)</details>', page, re.S)
    return {re.findall(r"<span>(.*?)</span>", one)[0]: one for one in found}


def shown(user: User, url: str) -> str:
    return signed_in(user).get(url).content.decode()


# -- what is missing ----------------------------------------------------------


def test_a_coop_whose_kit_is_open_says_which_items_bar_the_next_stage(basile: User) -> None:
    coop = given_coop(owner=basile)
    asked = Requirement.objects.asked_of(coop.current).filter(stage="contact", level="required")
    assert asked
    why = barred(shown(basile, coop.get_absolute_url()))["Passer à l’étape suivante"]
    for item in asked:
        assert escape(item.title) in why
        assert reverse("crm:kit_item", args=(coop.pk, item.pk)) in why


def test_a_coop_whose_kit_is_settled_has_an_open_button(basile: User) -> None:
    coop = given_coop(owner=basile)
    kit_done(coop.current, "contact", basile, timezone.localdate())
    page = shown(basile, coop.get_absolute_url())
    assert "Passer à l’étape suivante" not in barred(page)
    assert f'href="{reverse("crm:move", args=(coop.pk, "advance"))}"' in page


def test_an_agreement_without_a_rate_says_so_where_it_is_mended(basile: User) -> None:
    today = timezone.localdate()
    coop = given_coop(owner=basile)
    agreement = given_agreement(coop, signed=False, by=basile, on=today)
    Agreement.objects.filter(pk=agreement.pk).update(daily_rate=0)
    why = barred(shown(basile, agreement.get_absolute_url()))["Enregistrer la signature"]
    assert "journalier" in why
    assert reverse("missions:agreement_edit", args=(agreement.pk,)) in why
    Agreement.objects.filter(pk=agreement.pk).update(daily_rate=Decimal(600))
    assert barred(shown(basile, agreement.get_absolute_url())) == {}


def test_a_draft_invoice_says_what_it_lacks_on_its_button(chloe: User) -> None:
    given_issuer()
    today = timezone.localdate()
    empty = draft_free(
        client=given_client(),
        title="Formation",
        period_from=today,
        period_to=today,
        **acting(chloe, today),
    )
    why = barred(shown(chloe, empty.get_absolute_url()))["Émettre (numéro définitif)"]
    assert reverse("invoicing:line_add", args=(empty.pk,)) in why
    whole = given_invoice(issued=False, by=chloe, on=today)
    page = shown(chloe, whole.get_absolute_url())
    assert barred(page) == {} and reverse("invoicing:issue", args=(whole.pk,)) in page


def test_what_the_form_of_a_move_asks_is_no_bar(basile: User) -> None:
    application = given_application(given_coop(owner=basile), state="complete", by=basile)
    page = shown(basile, application.get_absolute_url())
    # Its amount and its date are fields of its own page.
    assert barred(page) == {}
    assert bars(application, "award", user=basile, on=timezone.localdate()) == []


def test_an_application_without_its_amount_says_so(basile: User) -> None:
    application = given_application(given_coop(owner=basile), state="drafting", by=basile)
    type(application).objects.filter(pk=application.pk).update(requested=None)
    why = barred(shown(basile, application.get_absolute_url()))
    assert reverse("grants:application_edit", args=(application.pk,)) in "".join(why.values())


def test_an_invoice_credited_in_full_says_there_is_nothing_left_to_credit(chloe: User) -> None:
    today = timezone.localdate()
    invoice = given_invoice(by=chloe, on=today)
    credit = reverse("invoicing:credit", args=(invoice.pk,))
    assert f'href="{credit}"' in shown(chloe, invoice.get_absolute_url())
    line = invoice.lines.get()
    note = draft_credit(
        origin=invoice, words="Erreur", amounts={line.pk: line.net}, **acting(chloe, today)
    )
    issue(invoice=note, **acting(chloe, today))
    page = shown(chloe, invoice.get_absolute_url())
    assert f'href="{credit}"' not in page
    assert "il ne reste rien à rendre" in page


# -- whose role it takes ------------------------------------------------------


def test_a_role_that_lacks_the_right_learns_who_has_it(basile: User, chloe: User) -> None:
    invoice = given_invoice(issued=False, by=chloe, on=timezone.localdate())
    page = shown(basile, invoice.get_absolute_url())
    why = barred(page)["Émettre (numéro définitif)"]
    assert "Réservé à" in why and "Chloé Weiss" in why
    assert reverse("invoicing:issue", args=(invoice.pk,)) not in page


def test_a_consultant_learns_who_validates(ada: User, basile: User) -> None:
    today = timezone.localdate()
    coop = given_coop(owner=ada)
    mission = given_mission(given_agreement(coop, by=basile, on=today), by=basile, on=today)
    day = given_day(ada, mission, today, validated=False, by=basile, today=today)
    missions.submit_days([day], **acting(ada, today))
    why = barred(shown(ada, day.get_absolute_url()))["Valider"]
    assert "Basile Roth" in why
    assert "Valider" not in barred(shown(basile, day.get_absolute_url()))


def test_a_coordinator_learns_that_another_one_validates_their_days(basile: User) -> None:
    today = timezone.localdate()
    person("Odette Muller", "coordinator")
    mission = given_mission(by=basile, on=today)
    day = given_day(basile, mission, today, validated=False, by=basile, today=today)
    missions.submit_days([day], **acting(basile, today))
    why = barred(shown(basile, day.get_absolute_url()))["Valider"]
    assert "vos propres" in why.lower() or "vos journées" in why.lower()


def test_who_has_left_is_not_told(chloe: User) -> None:
    assert "Chloé Weiss" in reserved("invoicing.issue_invoice").text
    User.objects.filter(pk=chloe.pk).update(is_active=False)
    assert "Personne n’a ce rôle" in reserved("invoicing.issue_invoice").text


def test_a_button_is_told_only_when_it_asks_for_it(basile: User, chloe: User) -> None:
    quiet = Action("Émettre", "/", permission="invoicing.issue_invoice")
    assert offered(quiet, basile) is None
    assert offered(quiet, chloe) is quiet


def test_a_page_that_is_not_open_says_whose_it_is(ada: User, chloe: User) -> None:
    page = shown(ada, reverse("invoicing:exports"))
    assert "Réservé à" in page and "Chloé Weiss" in page


# -- the page of a barred move ------------------------------------------------


def test_a_disabled_button_leads_to_the_list(basile: User) -> None:
    today = timezone.localdate()
    mission = given_mission(given_agreement(given_coop(owner=basile), by=basile, on=today),
                            by=basile, on=today)  # fmt: skip
    given_day(basile, mission, today, validated=False, by=basile, today=today)
    page = shown(basile, reverse("missions:mission_move", args=(mission.pk, "close")))
    assert 'disabled aria-describedby="missing"' in page
    assert 'href="#missing"' in page and 'id="missing"' in page
