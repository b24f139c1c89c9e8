"""The generic pages: who is answered what, in which order, and in how many queries."""

import logging
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import include, path

from crm.models import Organisation
from essaim import forms
from essaim.models import User
from essaim.views import (
    Action,
    BulkPage,
    Chips,
    Column,
    DetailPage,
    FormPage,
    Line,
    ListPage,
    TransitionPage,
    capped,
    file_response,
)
from essaim.views.lists import after
from essaim.workflow import Missing, Refused
from missions.models import Agreement
from tests.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class Organisations(ListPage):
    model, title, order, page_size = Organisation, "Organisations", ("sort_key",), 10
    columns = (
        Column("Nom", "name", phone="title"),
        Column("Ville", "city"),
        Column("Solde", lambda row: Decimal("1200"), "money", phone="amount"),
    )
    chips = (
        Chips("kind", (("", "Toutes"), ("funder", "Financeurs")), lambda r, v, p: r.filter(kind=v)),
    )
    search_fields = ("search_key",)
    empty_title, empty_text = "Aucune organisation.", "Créez la première."
    primary = Action("Nouvelle organisation", "/new/", "plus", "crm.change_organisation")

    def row_url(self, row: Any) -> str:
        return f"/o/{row.pk}/"


class One(DetailPage):
    model = Organisation


class CityForm(forms.Form):
    city = forms.forms.CharField(label="Ville", max_length=20)
    rate = forms.MoneyField(label="Tarif", required=False)


class EditCity(FormPage):
    model, form_class, title, success_message = Organisation, CityForm, "Ville", "C’est noté."

    def get_back(self) -> Any:
        return ("/", "Liste")

    def get_success_url(self, done: Any) -> str:
        return f"/o/{done.pk}/"

    def perform(self, form: Any) -> Any:
        if form.cleaned_data["city"] == "Taken":
            raise Refused(
                [Missing("city", "Déjà prise"), Missing("lease", "Pas de bail", "/lease/")]
            )
        if form.cleaned_data["city"] == "Warned" and not self.reasons.get("market"):
            raise Refused([Missing("market", "Étude conseillée", level="warn")])
        Organisation.objects.filter(pk=self.object.pk).update(city=form.cleaned_data["city"])
        return self.object


class MoveAgreement(TransitionPage):
    model = Agreement

    def get_back(self) -> Any:
        return ("/", "Conventions")

    def get_success_url(self, done: Any) -> str:
        return "/"


class Archive(BulkPage):
    model, success_url, success_message = Organisation, "/", "Archivées."

    def attempt(self, row: Any, data: Any) -> Line:
        if row.archived_on is not None:
            raise Refused([Missing("archived", "Déjà archivée.")])
        Organisation.objects.filter(pk=row.pk).update(archived_on=self.today)
        return Line(row, str(row))

    def line_of(self, row: Any) -> Line:
        return Line(row, str(row), "/mend/")

    def perform(self, rows: Any, data: Any) -> Any:
        if "race" in self.request.POST:
            raise Refused([Missing("race", "Trop tard.")])
        rows.update(archived_on=self.today)

    def get_submit_label(self, count: int, total: str) -> str:
        return f"Archiver {count}"


def sign_in(request: HttpRequest) -> HttpResponse:
    return HttpResponse("sign in")


account = [
    path("sign-in/", sign_in, name="account_login"),
    path("sign-out/", sign_in, name="account_logout"),
]
urlpatterns = [
    *account,
    path("", Organisations.as_view(permission="crm.view_organisation"), name="today"),
    path("o/<int:pk>/", One.as_view(permission="crm.view_organisation")),
    path("o/<int:pk>/city/", EditCity.as_view(permission="crm.set_client_kind")),
    path("a/<int:pk>/<str:edge>/", MoveAgreement.as_view(permission="missions.view_agreement")),
    path("archive/", Archive.as_view(permission="crm.change_organisation")),
    path("closed/", Organisations.as_view()),
    path("missions/", include(([path("log/", sign_in, name="log")], "missions"))),
    path("manifest.webmanifest", sign_in, name="manifest"),
    path("sw.js", sign_in, name="worker"),
]


def organisations(count: int, **more: Any) -> list[Organisation]:
    return [Organisation.objects.create(legal_name=f"Org {i:03}", **more) for i in range(count)]


@pytest.fixture
def agreement(today: date) -> Agreement:
    client = Organisation.objects.create(legal_name="Coop'Épi")
    return Agreement.objects.create(
        title="Convention", client=client, starts_on=today, kind="offered", days_budgeted=5
    )


# -- who is answered what -----------------------------------------------------


def test_an_unknown_person_is_led_to_sign_in_and_back(client: Client) -> None:
    answer = client.get("/o/1/?x=1")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/o/1/%3Fx%3D1")


def test_a_fragment_asked_by_an_unknown_person_moves_the_whole_page(client: Client) -> None:
    answer = client.get("/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/sign-in/")


def test_a_person_without_role_gets_a_calm_explanation(dina: User) -> None:
    answer = signed_in(dina).get("/")
    assert answer.status_code == 403
    assert "Votre compte est prêt" in answer.content.decode()


def test_what_one_may_not_see_does_not_exist_even_without_the_right(ada: User) -> None:
    coop = Organisation.objects.create(legal_name="Coop", kind="coop")
    assert signed_in(ada).get(f"/o/{coop.pk}/city/").status_code == 404


def test_what_one_sees_without_the_right_is_forbidden_and_logged(
    ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    funder = Organisation.objects.create(legal_name="Région", kind="funder")
    with caplog.at_level(logging.INFO, "essaim.refusals"):
        assert signed_in(ada).post(f"/o/{funder.pk}/city/", {"city": "secret"}).status_code == 403
    assert f"user={ada.pk} path=/o/{funder.pk}/city/ reason=forbidden" in caplog.text
    assert "secret" not in caplog.text


def test_a_page_that_names_no_permission_is_closed_to_all(farid: User) -> None:
    assert signed_in(farid).get("/closed/").status_code == 403


@pytest.mark.parametrize("key", ["99999999999999999999999", "0"])
def test_a_key_that_cannot_exist_is_not_found(chloe: User, key: str) -> None:
    assert signed_in(chloe).get(f"/o/{key}/").status_code == 404


# -- lists --------------------------------------------------------------------


@pytest.mark.parametrize("count", [10, 200])
def test_a_list_asks_as_many_queries_for_ten_rows_as_for_two_hundred(
    basile: User, count: int
) -> None:
    organisations(count)
    browser = signed_in(basile)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get("/").status_code == 200
    sql = [q["sql"] for q in seen.captured_queries]
    assert len(sql) == 3, sql  # session, user, rows
    assert not [q for q in sql if "COUNT(" in q or "OFFSET" in q]


def test_pages_follow_one_another_without_gap_or_repeat(basile: User) -> None:
    for name in ("b", "a", "a", "a", "c") * 5:
        Organisation.objects.create(legal_name=name)
    browser, url, seen = signed_in(basile), "/?", []
    while url:
        context = browser.get(url).context
        seen += [row.pk for row, _link in context["rows"]]
        url = f"/?after={context['next_cursor']}" if context["next_cursor"] else ""
    expected = Organisation.objects.order_by("sort_key", "pk").values_list("pk", flat=True)
    assert seen == list(expected)


def test_the_next_page_keeps_the_filters(basile: User) -> None:
    organisations(12, kind="funder")
    page = signed_in(basile).get("/?kind=funder").content.decode()
    assert "?kind=funder&amp;after=" in page


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WzFd", "W251bGwsbnVsbF0", "%ff"])
def test_a_made_up_cursor_gives_the_first_page(basile: User, cursor: str) -> None:
    organisations(3)
    answer = signed_in(basile).get(f"/?after={cursor}")
    assert (answer.status_code, len(answer.context["rows"])) == (200, 3)


def test_the_key_predicate_is_the_form_an_index_reads() -> None:
    assert after(("-d", "-pk"), (1, 2)) == Q(d__lte=1) & ~(Q(d=1) & Q(pk__gte=2))
    assert after(("d", "pk"), (1, 2)) == Q(d__gte=1) & ~(Q(d=1) & Q(pk__lte=2))


def test_a_search_does_not_mind_accents_nor_case(basile: User) -> None:
    Organisation.objects.create(legal_name="L’Épicerie Verte")
    organisations(2)
    answer = signed_in(basile).get("/?q=EPICERIE+verte")
    assert [str(row) for row, _url in answer.context["rows"]] == ["L’Épicerie Verte"]


def test_an_empty_list_teaches_the_next_step(basile: User) -> None:
    page = signed_in(basile).get("/").content.decode()
    assert "Créez la première." in page
    assert "Nouvelle organisation" in page


def test_an_empty_filter_names_itself_and_offers_to_see_all(basile: User) -> None:
    organisations(1)
    page = signed_in(basile).get("/?kind=funder").content.decode()
    assert "Rien ici avec\u00a0: Financeurs" in page
    assert "Tout voir" in page
    assert "Créez la première." not in page


def test_an_action_is_shown_to_those_who_may_do_it(basile: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(Organisations, "primary", Action("Fermé", "/x/", "", "crm.set_client_kind"))
    organisations(1)
    assert "Fermé" not in signed_in(basile).get("/").content.decode()


def test_htmx_receives_the_rows_alone(basile: User) -> None:
    organisations(1)
    answer = signed_in(basile).get("/", headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<div id="rows">')
    assert "HX-Request" in answer["Vary"]


def test_a_count_stops_at_its_cap(basile: User) -> None:
    organisations(5)
    assert capped(Organisation.objects.all(), 3) == 3
    with CaptureQueriesContext(connection) as seen:
        capped(Organisation.objects.all())
    assert "LIMIT 100" in seen.captured_queries[0]["sql"]


# -- forms --------------------------------------------------------------------


@pytest.fixture
def funder() -> Organisation:
    return Organisation.objects.create(legal_name="Région", kind="funder", city="Metz")


def test_a_good_form_calls_the_action_and_says_so(chloe: User, funder: Organisation) -> None:
    browser = signed_in(chloe)
    answer = browser.post(f"/o/{funder.pk}/city/", {"city": "Colmar"})
    assert (answer.status_code, answer["Location"]) == (302, f"/o/{funder.pk}/")
    funder.refresh_from_db()
    assert funder.city == "Colmar"
    assert "C’est noté." in browser.get("/").content.decode()


def test_a_bad_field_says_what_is_wrong_beside_it_and_keeps_what_was_typed(
    chloe: User, funder: Organisation
) -> None:
    answer = signed_in(chloe).post(f"/o/{funder.pk}/city/", {"city": "Nancy", "rate": "-3,50"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Nancy"' in page
    assert 'value="-3,50"' in page
    assert 'aria-invalid="true"' in page
    assert '<a href="#id_rate">Tarif</a>' in page
    funder.refresh_from_db()
    assert funder.city == "Metz"


def test_a_refusal_lists_what_is_missing_and_says_a_fields_own_beside_it(
    chloe: User, funder: Organisation
) -> None:
    answer = signed_in(chloe).post(f"/o/{funder.pk}/city/", {"city": "Taken"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'id="id_city_error"' in page
    assert "Déjà prise" in page
    assert '<a href="/lease/">Pas de bail</a>' in page
    assert 'value="Taken"' in page


def test_a_warning_asks_one_sentence_then_lets_pass(chloe: User, funder: Organisation) -> None:
    browser, url = signed_in(chloe), f"/o/{funder.pk}/city/"
    answer = browser.post(url, {"city": "Warned"})
    assert answer.status_code == 409
    assert 'name="reason_market"' in answer.content.decode()
    assert browser.post(url, {"city": "Warned", "reason_market": " "}).status_code == 409
    assert browser.post(url, {"city": "Warned", "reason_market": "Vu"}).status_code == 302


def test_protected_names_are_ignored_and_logged(
    chloe: User, funder: Organisation, caplog: pytest.LogCaptureFixture
) -> None:
    posted = {"city": "Barr", "state": "issued", "number": "FA-1", "owner": "3"}
    with caplog.at_level(logging.INFO, "essaim.refusals"):
        answer = signed_in(chloe).post(f"/o/{funder.pk}/city/", posted)
    assert answer.status_code == 302
    assert "reason=ignored:number,owner,state" in caplog.text
    assert "FA-1" not in caplog.text


# -- moves --------------------------------------------------------------------


def test_a_move_goes_through_the_door(basile: User, agreement: Agreement) -> None:
    assert signed_in(basile).post(f"/a/{agreement.pk}/send/").status_code == 302
    agreement.refresh_from_db()
    assert agreement.state == "sent"


def test_looking_at_a_move_changes_nothing(basile: User, agreement: Agreement) -> None:
    answer = signed_in(basile).get(f"/a/{agreement.pk}/send/")
    assert (answer.status_code, answer.context["barred"]) == (200, False)
    agreement.refresh_from_db()
    assert agreement.state == "draft"


def test_an_unknown_edge_is_a_bad_request_and_logged(
    basile: User, agreement: Agreement, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "essaim.refusals"):
        assert signed_in(basile).post(f"/a/{agreement.pk}/fly/").status_code == 400
    assert "reason=unknown_edge" in caplog.text


def test_a_move_of_another_state_is_refused_with_the_reason(
    basile: User, agreement: Agreement
) -> None:
    browser = signed_in(basile)
    shown = browser.get(f"/a/{agreement.pk}/start/")
    assert shown.context["barred"]
    assert "disabled" in shown.content.decode()
    assert browser.post(f"/a/{agreement.pk}/start/").status_code == 409


def test_a_move_out_of_sight_is_not_found(ada: User, agreement: Agreement) -> None:
    assert signed_in(ada).post(f"/a/{agreement.pk}/send/").status_code == 404


def test_a_move_without_its_own_right_is_forbidden(
    basile: User, agreement: Agreement, monkeypatch: Any
) -> None:
    monkeypatch.setattr("essaim.views.edits._may", lambda *_: False)
    assert signed_in(basile).post(f"/a/{agreement.pk}/send/").status_code == 403


# -- many rows, files ---------------------------------------------------------


def test_a_bulk_action_takes_the_chosen_rows_only(basile: User) -> None:
    one, two, three = organisations(3)
    browser = signed_in(basile)
    shown = browser.post("/archive/", {"pk": [one.pk, two.pk], "next": "/?q=x"}, follow=True)
    assert shown.status_code == 200
    assert Organisation.objects.current().count() == 3, "a preview writes nothing"
    seen = [f"{line.row.pk}:{line.stamp}" for line, _figure in shown.context["ready"]]
    posted = {"pk": [one.pk, two.pk], "seen": seen, "confirm": "1", "next": "/?q=x"}
    answer = browser.post("/archive/", posted)
    assert (answer.status_code, answer["Location"]) == (302, "/?q=x")
    assert list(Organisation.objects.current()) == [three]
    again = browser.post("/archive/", posted)
    assert again.status_code == 409, "what was read is no longer so"
    assert "rien n’a été fait" in again.content.decode()


def test_a_bulk_preview_leaves_out_what_is_refused_and_says_why(basile: User) -> None:
    one, two, three = organisations(3)
    Organisation.objects.filter(pk=two.pk).update(archived_on=date(2026, 1, 5))
    shown = signed_in(basile).get("/archive/", {"pk": [one.pk, two.pk, three.pk]})
    assert [line.row for line, _figure in shown.context["ready"]] == [one, three]
    assert [(line.row, line.missing[0].code) for line in shown.context["left_out"]] == [
        (two, "archived")
    ]
    assert "Déjà archivée." in shown.content.decode()


def test_a_bulk_action_refused_at_the_last_moment_does_nothing(basile: User) -> None:
    (one,) = organisations(1)
    posted = {"pk": [one.pk], "seen": [f"{one.pk}:-"], "confirm": "1", "race": "1"}
    answer = signed_in(basile).post("/archive/", posted)
    assert answer.status_code == 409
    assert "Trop tard." in answer.content.decode()
    assert Organisation.objects.current().count() == 1


def test_a_bulk_action_with_a_foreign_key_does_nothing(ada: User) -> None:
    mine = Organisation.objects.create(legal_name="Partenaire", kind="partner")
    foreign = Organisation.objects.create(legal_name="Coop", kind="coop")
    answer = signed_in(ada).post("/archive/", {"pk": [mine.pk, foreign.pk]})
    assert answer.status_code == 404
    assert Organisation.objects.current().count() == 2


@pytest.mark.parametrize("bad", ["x", "-1", "1e3"])
def test_a_bulk_action_refuses_keys_that_are_none(basile: User, bad: str) -> None:
    assert signed_in(basile).post("/archive/", {"pk": [bad]}).status_code == 400


def test_a_bulk_action_does_not_send_elsewhere(basile: User) -> None:
    (one,) = organisations(1)
    far = {"pk": [one.pk], "next": "https://evil.example/"}
    shown = signed_in(basile).post("/archive/", far, follow=True)
    assert shown.context["back"][0] == "/"
    posted = far | {"seen": [f"{one.pk}:-"], "confirm": "1"}
    assert signed_in(basile).post("/archive/", posted)["Location"] == "/"


@pytest.mark.parametrize("content", [b"a;b", (part for part in (b"a;", b"b"))])
def test_a_file_is_kept_not_opened_nor_sniffed(content: Any) -> None:
    answer = file_response(content, "facture é.csv", "text/csv")
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''facture")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert b"".join(answer) == b"a;b"
