"""Pages of the kit: an edit says what it changes first, an item shows all it knows, the coop reads
what is shared and not one internal word."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from crm import actions
from crm.expected import expected_of
from crm.models import Document, KitFile, Requirement
from essaim.models import User
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
CANARY = "zibeline-violette"


def now(user: User) -> dict[str, Any]:
    return acting(user, timezone.localdate())


def form_of(item: Requirement, **more: Any) -> dict[str, Any]:
    """What the page of an item posts when nothing is changed."""
    names = ("title", "stage", "milestone", "level", "why", "how", "for_coop", "position")
    data = {name: getattr(item, name) for name in names}
    for flag in ("is_shared", "is_active", "local_law", "general_law"):
        if getattr(item, flag):
            data[flag] = "on"
    data |= {"questions-TOTAL_FORMS": "0", "questions-INITIAL_FORMS": "0"}
    return {k: v for k, v in (data | more).items() if v is not None}


def item(code: str = "consent") -> Requirement:
    return Requirement.objects.get(code=code)


@pytest.fixture
def coop(ada: User, basile: User) -> Any:
    return given_coop(owner=ada, by=basile)


def test_an_edit_says_first_how_many_coops_gain_lose_and_keep(coop: Any, basile: User) -> None:
    other = given_coop("Bocaux", owner=basile)
    actions.tick(other.current, requirement=item(), **now(basile))
    url, browser = reverse("crm:kit_edit", args=(item().pk,)), signed_in(basile)
    off = form_of(item(), is_active=None)
    answer = browser.post(url, off)
    page = answer.content.decode()
    assert answer.status_code == 409 and item().is_active
    for words in (
        "1 coop qui ne l’avait pas encore n’a plus à la fournir",
        "1 coop l’a déjà et la garde telle qu’elle a été jugée",
        "1 coop pourra quitter son étape actuelle",
    ):
        assert words in page
    mark = answer.context["effect"].mark
    # What was accepted is not what would happen any more: asked again.
    actions.tick(coop.current, requirement=item(), **now(basile))
    assert browser.post(url, off | {"confirmed": mark}).status_code == 409
    again = browser.post(url, off).context["effect"]
    assert (again.lost, again.kept) == (0, 2)
    assert browser.post(url, off | {"confirmed": again.mark}).status_code == 302
    assert not item().is_active
    assert other.current.fulfilments.get(requirement=item()).status == "done"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"title": "Accord écrit"}, {"changed": 1, "kept": 1}),
        ({"level": "advised"}, {"changed": 1, "kept": 1, "freed": 1}),
        ({"stage": "premises"}, {"changed": 1, "kept": 1, "freed": 1}),
        ({"stage": "", "milestone": "opening"}, {"changed": 1, "kept": 1, "freed": 1}),
        ({"local_law": "on"}, {}),
        ({"general_law": "on"}, {"lost": 1, "kept": 1, "freed": 1}),
        ({"for_coop": "Écrivez-nous."}, {}),
        ({"position": "900"}, {}),
        ({"is_shared": None}, {}),
    ],
)
def test_each_change_counts_what_it_does(
    change: dict[str, Any], told: dict[str, int], coop: Any, basile: User
) -> None:
    other = given_coop("Bocaux", owner=basile)
    actions.tick(other.current, requirement=item(), **now(basile))
    url = reverse("crm:kit_edit", args=(item().pk,))
    answer = signed_in(basile).post(url, form_of(item(), **change))
    assert answer.status_code == (409 if told else 302)
    effect = answer.context["effect"] if told else None
    names = ("gained", "lost", "changed", "kept", "barred", "freed")
    assert {n: v for n in names if (v := getattr(effect, n, 0))} == told


def test_a_new_required_item_says_whom_it_bars(coop: Any, basile: User) -> None:
    given_coop("Bocaux", owner=basile, stage="collective", by=basile)
    data = form_of(Requirement(code="x", title="Charte", stage="contact", level="required"))
    data |= {"code": "charte-nouvelle", "is_active": "on", "position": "5"}
    browser, url = signed_in(basile), reverse("crm:kit_new")
    effect = browser.post(url, data).context["effect"]
    assert (effect.gained, effect.barred) == (2, 1)
    data["questions-TOTAL_FORMS"] = "1"
    data |= {"questions-0-question": "Quand ?", "questions-0-answer": ""}
    assert browser.post(url, data | {"confirmed": effect.mark}).status_code == 422
    data["questions-0-answer"] = "Tout de suite."
    assert browser.post(url, data | {"confirmed": effect.mark}).status_code == 302
    assert Requirement.objects.get(code="charte-nouvelle").questions.get().answer


def test_template_files_are_added_served_and_taken_out(coop: Any, ada: User, basile: User) -> None:
    browser, key = signed_in(basile), item().pk
    add = reverse("crm:kit_file_new", args=(key,))
    lie = browser.post(add, {"file": SimpleUploadedFile("statuts.pdf", b"MZ not a pdf")})
    assert lie.status_code == 409 and "n’est pas ce que dit son nom" in lie.content.decode()
    good = {"file": SimpleUploadedFile("Accord.pdf", PDF), "title": "Accord type"}
    assert browser.post(add, good).status_code == 302
    kept = KitFile.objects.get()
    page = signed_in(ada).get(reverse("crm:kit_item", args=(coop.pk, key))).content.decode()
    assert "Accord type" in page and kept.get_absolute_url() in page
    answer = signed_in(ada).get(kept.get_absolute_url())
    assert answer.content == PDF and answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert browser.post(reverse("crm:kit_file_withdraw", args=(kept.pk,))).status_code == 302
    page = signed_in(ada).get(reverse("crm:kit_item", args=(coop.pk, key))).content.decode()
    assert "Accord type" not in page


def test_an_item_is_settled_with_a_file_of_the_same_gesture_and_tells_its_story(
    coop: Any, ada: User
) -> None:
    browser, url = signed_in(ada), reverse("crm:kit_item", args=(coop.pk, item().pk))
    page = browser.get(url).content.decode()
    for words in ("Pourquoi", "Comment", "il faut l’accord des personnes", "Ce qui est dit"):
        assert words in page
    posted = {"words": "Par mail", "file": SimpleUploadedFile("accord.pdf", PDF)}
    assert browser.post(url, posted).status_code == 302
    version = Document.objects.get().versions.get()
    page = browser.get(url).content.decode()
    assert version.get_absolute_url() in page and "Par mail" in page and "Validée" in page
    late = {"done_on": (timezone.localdate() + timedelta(days=1)).isoformat()}
    assert browser.post(url, late).status_code == 409
    browser.post(url, {"do": "untick"})
    page = browser.get(url).content.decode()
    assert "Validation retirée" in page and "Par mail" in page
    assert browser.post(url, {"waive": "on", "words": ""}).status_code == 409


def test_the_waiver_of_an_item_is_read_by_those_who_read_notes_alone(
    coop: Any, ada: User, chloe: User
) -> None:
    actions.waive(coop.current, requirement=item(), words=CANARY, **now(ada))
    url = coop.get_absolute_url()
    assert CANARY in signed_in(ada).get(url).content.decode()
    assert CANARY not in signed_in(chloe).get(url).content.decode()


def test_what_is_expected_says_what_is_done_now_and_next_and_nothing_internal(
    coop: Any, ada: User
) -> None:
    act = now(ada)
    actions.tick(coop.current, requirement=item("two-founders"), words=CANARY, **act)
    actions.block(coop.current, reason=CANARY, **act)
    actions.plan_next(coop.current, next_action=CANARY, **act)
    actions.write_note(coop, title=CANARY, text=CANARY, **act)
    page = signed_in(ada).get(reverse("crm:expected", args=(coop.pk,))).content.decode()
    answer = signed_in(ada).get(reverse("crm:expected_pdf", args=(coop.pk,)))
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(p.extract_text() for p in PdfReader(BytesIO(answer.content)).pages)
    flat = " ".join(text.split())
    for words in ("Accord pour garder les coordonnées", "Donnez-nous votre accord"):
        assert words in page and words in flat
    today = f"{timezone.localdate():%d/%m/%Y}"
    assert "Deux porteurs de projet nommés" in flat and today in flat
    assert "Diagnostic partagé" in flat and "Et si nous n’avons" not in flat
    # Items the office keeps to itself, and every internal word.
    for words in (CANARY, "Origine du contact", "Territoire du projet", "cochez"):
        assert words not in page and words not in flat


def test_the_kit_of_each_default_path_speaks_to_the_coop(basile: User) -> None:
    shared = Requirement.objects.filter(is_shared=True)
    for one in shared:
        told = one.for_coop or one.how
        assert told
        for inside in ("sur la fiche", "la fiche", "cochez", "se coche"):
            assert inside not in told, one.code


def test_the_number_of_queries_does_not_grow_with_the_kit(
    coop: Any, ada: User, basile: User, django_assert_num_queries: Any
) -> None:
    row = _row(coop)
    with django_assert_num_queries(5):
        expected_of(row, on=timezone.localdate())
    for n in range(30):
        questions = [("?", "!")]
        actions.write_requirement(
            code=f"plus-{n}", title="Plus", stage="contact", questions=questions, **now(basile)
        )
    row = _row(coop)
    with django_assert_num_queries(5):
        expected_of(row, on=timezone.localdate())


def _row(coop: Any) -> Any:
    rows = coop.accompaniments.select_related("coop__organisation", "path", "owner")
    return rows.get()
