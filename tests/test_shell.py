"""The shell: tags, menus by role, fields, error pages, sign-in."""

import ast
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import lucide
import pytest
from django import forms as django_forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.template import Context, Template
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.utils import timezone

from crm.models import Organisation
from essaim import forms
from essaim.context_processors import nav_for, shell
from essaim.hooks import Listed, TimelineEntry, WorkReason
from essaim.models import User
from essaim.templatetags import essaim_tags as tags
from essaim.workflow import Missing
from tests.conftest import signed_in

ROOT = Path(settings.BASE_DIR)
NBSP = "\u00a0"


def drawn(source: str, **context: Any) -> str:
    """A template with the shell's tags, as text."""
    return Template("{% load essaim_tags %}" + source).render(Context(context))


# -- tags ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("1200"), "1 200,00 €"),
        (Decimal("1234567.8"), "1 234 567,80 €"),
        (Decimal("-0.5"), "\u22120,50 €"),
        (Decimal("0.005"), "0,01 €"),
        (0, "0,00 €"),
        (None, "—"),
    ],
)
def test_an_amount_is_written_the_french_way_and_never_breaks(value: Any, shown: str) -> None:
    assert tags.money(value) == shown.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("value", "as_days", "as_fraction"),
    [
        ("0.5", "0,5 j", "½"),
        ("1.50", "1,5 j", "1½"),
        ("12.00", "12 j", "12"),
        ("0.25", "0,25 j", "¼"),
    ],
)
def test_days_lose_their_useless_zeros(value: str, as_days: str, as_fraction: str) -> None:
    assert tags.days(Decimal(value)) == as_days.replace(" ", NBSP)
    assert tags.fraction(Decimal(value)) == as_fraction


@pytest.mark.parametrize(
    ("gap", "due", "words", "late"),
    [
        (12, True, "dans 12 j", False),
        (0, True, "aujourd’hui", False),
        (-6, True, "en retard de 6 j", True),
        (-6, False, "il y a 6 j", False),
    ],
)
def test_a_date_says_how_far_it_is(
    today: date,
    gap: int,
    due: bool,  # noqa: FBT001
    words: str,
    late: bool,  # noqa: FBT001
) -> None:
    day = today + timedelta(days=gap)
    shown = drawn("{% when day due=due %}", day=day, due=due, today=today)
    assert f'datetime="{day.isoformat()}"' in shown
    assert f"{day:%d/%m/%Y}" in shown
    assert words.replace(" ", NBSP) in shown
    assert ("late" in shown) is late


def test_a_near_day_is_named_by_its_weekday() -> None:
    assert tags.day_fr(date(2026, 11, 16)) == "lun. 16"


def test_a_badge_never_speaks_by_colour_alone() -> None:
    shown = tags.badge("En retard", "bad")
    assert "En retard" in shown
    assert "<svg" in shown
    assert 'aria-hidden="true"' in shown


def test_an_object_may_show_several_badges() -> None:
    class Invoice:
        badges = (("Partiellement réglée", "warn"), ("En retard", "bad"))

    assert tags.state_badge(Invoice()).count("<span") == 2


def test_words_of_people_are_escaped_everywhere() -> None:
    bad = "<img src=x onerror=alert(1)>"
    shown = drawn(
        "{% badge bad %}{% person bad %}{{ bad }}"
        "{% include 'essaim/components/timeline.html' with entries=entries %}"
        "{% include 'essaim/components/missing.html' with missing=missing %}",
        bad=bad,
        missing=[Missing("x", bad, bad)],
        entries=[TimelineEntry(date(2026, 1, 1), "note", 1, bad, "", bad)],  # type: ignore[arg-type]
    )
    assert "<img" not in shown


def test_links_keep_the_filters_and_leave_the_page() -> None:
    request = RequestFactory().get("/?show=late&after=x&q=a")
    assert tags.qs_with({"request": request}, show="open") == "?show=open&q=a"
    assert tags.qs_with({"request": request}, show=None, q="") == "?"


def test_icons_are_inlined_and_hidden_from_readers() -> None:
    assert tags.icon("sun").startswith("<svg")
    assert 'aria-hidden="true"' in tags.icon("sun")
    assert 'aria-label="Soleil"' in tags.icon("sun", "Soleil")


def _icons_of(path: Path) -> Iterator[str]:
    """The icons a template or a view names, those of its Actions too."""
    named = r"""(?:{% icon |\bicon(?:_name)?=|empty_icon = )["']([a-z0-9-]+)["']"""
    yield from re.findall(named, path.read_text())
    if path.suffix == ".py":
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Action":
                for given in call.args[2:3]:
                    if isinstance(given, ast.Constant) and given.value:
                        yield str(given.value)


def test_every_icon_named_in_a_template_or_a_view_exists() -> None:
    files = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/views/*.py")]
    for path in files:
        for name in _icons_of(path):
            lucide._load_icon(name)


def test_a_misspelt_icon_takes_no_page_down() -> None:
    assert tags.icon("no-such-icon").startswith("<svg")


# -- menus --------------------------------------------------------------------


@pytest.fixture
def every_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("essaim.context_processors.address", lambda name: f"/{name}/")


@pytest.mark.usefixtures("every_address")
def test_the_rail_shows_each_role_its_own_entries(
    ada: User, basile: User, chloe: User, dina: User
) -> None:
    def keys(user: User) -> list[str]:
        return [link.key for link in nav_for(user).rail]

    assert keys(ada) == ["today", "crm", "missions", "grants"]
    assert keys(basile) == ["today", "crm", "missions", "grants", "invoicing", "reports"]
    assert keys(dina) == []
    assert nav_for(ada).rail[3].url == "/grants:programmes/"
    assert nav_for(basile).rail[3].url == "/grants:applications/"
    assert not nav_for(chloe).log
    assert [link.key for link in nav_for(ada).bar] == ["today", "crm", "missions"]
    assert [link.key for link in nav_for(basile).bar] == ["today", "crm", "invoicing"]


def test_an_address_that_is_not_built_is_left_out(farid: User) -> None:
    assert all(link.url for link in nav_for(farid).rail)


def test_the_context_knows_today_and_the_brand(rf: RequestFactory) -> None:
    context = shell(rf.get("/"))
    assert isinstance(context["today"], date)
    assert (context["brand"], context["demo"]) == ("Essaim", settings.DEMO)


# -- forms --------------------------------------------------------------------


class Sample(forms.Form):
    rate = forms.MoneyField(label="Tarif", help_text="Hors taxes")
    day = django_forms.DateField(label="Jour", widget=forms.DateChips())
    text = django_forms.CharField(label="Texte", widget=django_forms.Textarea, required=False)

    def setup(self) -> None:
        chips = self.fields["day"].widget
        assert isinstance(chips, forms.DateChips)
        chips.today = self.on
        chips.days = [self.on, self.on - timedelta(days=1)] if self.on else []


@pytest.mark.parametrize(
    ("typed", "read"),
    [("1 200,50", "1200.50"), (f"1{NBSP}200,5 €", "1200.5"), ("12.30", "12.30"), ("0", "0")],
)
def test_an_amount_is_read_as_french_people_type_it(typed: str, read: str) -> None:
    assert forms.MoneyField().clean(typed) == Decimal(read)


@pytest.mark.parametrize("typed", ["-1", "NaN", "1e400", "abc", "1,234", "inf", "9" * 30])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        forms.MoneyField().clean(typed)


def test_a_quantity_goes_by_quarters() -> None:
    assert forms.DaysField().clean("1,75") == Decimal("1.75")
    with pytest.raises(ValidationError):
        forms.DaysField().clean("0,3")


def test_a_date_is_a_chip_or_any_other_date(today: date) -> None:
    both = QueryDict(f"rate=1&day={today}&day_other=2026-11-02")
    assert Sample(both, on=today).fields["day"].widget.value_from_datadict(both, {}, "day") == (
        "2026-11-02"
    )
    form = Sample(QueryDict(f"rate=1&day={today}"), on=today)
    assert form.is_valid()
    assert form.cleaned_data["day"] == today
    shown = str(form["day"])
    assert ">Hier<" in shown
    assert f'value="{today}" checked' in shown


def test_a_note_of_ten_megabytes_is_refused(today: date) -> None:
    form = Sample({"rate": "1", "day": str(today), "text": "x" * 10_000_001}, on=today)
    assert "text" in form.errors


def test_a_form_never_saves() -> None:
    class OrganisationForm(forms.ModelForm):
        class Meta:
            model = Organisation
            fields = ("city", "website")

    form = OrganisationForm({"website": "coop.example"})
    assert form.is_valid()
    assert form.cleaned_data["website"] == "https://coop.example"
    with pytest.raises(TypeError):
        OrganisationForm().save()


def test_a_field_ties_its_help_and_its_error_to_its_control(today: date) -> None:
    form = Sample({"rate": "x"}, on=today)
    form.is_valid()
    shown = drawn("{% field form.rate %}", form=form)
    assert 'aria-describedby="id_rate_helptext id_rate_error"' in shown
    assert 'id="id_rate_helptext"' in shown
    assert 'id="id_rate_error"' in shown
    assert 'for="id_rate"' in shown


@pytest.mark.django_db
def test_one_of_many_is_found_by_a_part_of_its_name() -> None:
    for name in ("L’Échalote", "L’Échelle", "La Musette"):
        Organisation.objects.create(legal_name=name)
    pick = forms.PickField(Organisation.objects.all())
    assert pick.clean(("", "musette")).legal_name == "La Musette"
    with pytest.raises(ValidationError) as many:
        pick.clean(("", "ech"))
    assert many.value.code == "many"
    chosen = next(iter(pick.widget.candidates))
    assert pick.clean((str(chosen.pk), "ech")) == chosen
    assert pick.clean((str(chosen.pk), "")) == chosen


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "code"), [("", "required"), ("999", "gone"), ("x", "gone")])
def test_a_choice_out_of_reach_is_refused(key: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        forms.PickField(Organisation.objects.all()).clean((key, ""))
    assert refused.value.code == code


# -- pages --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["400.html", "500.html", "403_csrf.html"])
def test_these_error_pages_stand_alone(name: str) -> None:
    page = get_template(name).render()
    assert 'lang="fr"' in page
    assert "Revenir à ma journée" in page
    assert "essaim/app.css" in page


@pytest.mark.django_db
def test_an_unknown_address_is_answered_in_french(client: Client) -> None:
    answer = client.get("/rien-ici/")
    assert answer.status_code == 404
    assert "Rien à cette adresse" in answer.content.decode()


@pytest.mark.django_db
def test_the_demonstration_offers_a_button_per_person_and_only_there(
    client: Client, ada: User, basile: User, settings: Any
) -> None:
    url = "/compte/connexion/"
    assert ada.email not in client.get(url).content.decode()
    settings.DEMO = True
    page = client.get(url).content.decode()
    assert f'value="{ada.email}"' in page
    assert f'value="{basile.email}"' in page


@pytest.mark.django_db
def test_one_button_signs_in_on_the_demonstration_only(
    client: Client, ada: User, settings: Any
) -> None:
    assert client.post("/demonstration/", {"email": ada.email}).status_code == 404
    settings.DEMO = True
    assert client.post("/demonstration/", {"email": "nobody@essaim.test"}).status_code == 404
    assert client.get("/demonstration/").status_code == 405
    assert client.post("/demonstration/", {"email": ada.email})["Location"] == "/"
    assert client.get("/").context["user"] == ada


@pytest.mark.django_db
def test_a_person_without_role_is_welcomed_by_an_explanation(dina: User) -> None:
    answer = signed_in(dina).get("/")
    assert answer.status_code == 200
    assert "Votre compte est prêt" in answer.content.decode()


@pytest.mark.django_db
def test_today_gathers_what_the_rooms_say_latest_first(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = timezone.localdate()
    rows = [
        WorkReason("b", "Bilan à rendre", "/b/", on + timedelta(days=3)),
        WorkReason("a", "Journée à noter", "/a/", on),
        WorkReason("l", "Bail à relancer", "/l/", on - timedelta(days=6), "bad"),
    ]
    registry: Listed[Any] = Listed([lambda user, *, on, limit: rows])
    monkeypatch.setattr("essaim.waiting.work_reasons", registry)
    page = signed_in(ada).get("/").content.decode()
    assert page.index("Bail à relancer") < page.index("Journée à noter") < page.index("Bilan")
    assert "en retard de 6 j".replace(" ", NBSP) in page


@pytest.mark.django_db
def test_an_empty_day_says_what_will_stand_there(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("essaim.waiting.work_reasons", Listed())
    assert "Rien ne vous attend" in signed_in(ada).get("/").content.decode()


@pytest.mark.django_db
def test_a_person_may_choose_or_change_a_password(client: Client, ada: User) -> None:
    browser = signed_in(ada)
    assert browser.get("/compte/mot-de-passe/").status_code == 200
    ada.set_unusable_password()
    ada.save()
    browser = signed_in(ada)
    assert browser.get("/compte/mot-de-passe/", follow=True).status_code == 200


@pytest.mark.django_db
def test_signing_in_fails_alike_for_known_and_unknown_people(client: Client, ada: User) -> None:
    def answer(email: str) -> str:
        page = client.post("/compte/connexion/", {"login": email, "password": "wrong"})
        return re.sub(r'value="[^"]*"', "", page.content.decode())

    assert answer(ada.email) == answer("nobody@essaim.test")


@pytest.mark.django_db
def test_a_forgotten_password_answers_alike_for_known_and_unknown_people(
    client: Client, ada: User
) -> None:
    url = "/compte/mot-de-passe/oublie/"
    known = client.post(url, {"email": ada.email})
    unknown = client.post(url, {"email": "nobody@essaim.test"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


class Inline(HTMLParser):
    """Collects what a strict content policy refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.found += [n for n in names if n == "style" or n.startswith("on") or n == "hx-on"]
        # Data for a script of ours is read, never run.
        is_data = names.get("type") == "application/json"
        if tag == "style" or (tag == "script" and "src" not in names and not is_data):
            self.found.append(tag)


def test_no_template_holds_a_style_or_a_script() -> None:
    templates = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")]
    assert templates
    for path in templates:
        if "print" in path.parts or "pdf" in path.name or "invoicing/pdf" in str(path):
            continue
        reader = Inline()
        reader.feed(re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", path.read_text(), flags=re.DOTALL))
        assert not reader.found, path


def _contrast(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(lch: tuple[float, ...]) -> float:
    """Relative luminance of an OKLCH colour (CSS Color 4)."""
    from math import cos, radians, sin

    light, a, b = lch[0], lch[1] * cos(radians(lch[2])), lch[1] * sin(radians(lch[2]))
    roots = (
        light + 0.3963377774 * a + 0.2158037573 * b,
        light - 0.1055613458 * a - 0.0638541728 * b,
        light - 0.0894841775 * a - 1.2914855480 * b,
    )
    long, medium, short = (root**3 for root in roots)
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(max(c, 0.0), 1.0) for c in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _tokens() -> dict[str, list[tuple[float, ...]]]:
    css = (ROOT / "essaim/static/essaim/app.css").read_text()
    number = r"([\d.]+)%? ([\d.]+) ([\d.]+)"
    pairs = re.findall(rf"--([\w-]+): light-dark\(oklch\({number}\), oklch\({number}\)\)", css)
    out = {}
    for name, *values in pairs:
        numbers = [float(v) for v in values]
        out[name] = [(n[0] / 100, n[1], n[2]) for n in (numbers[:3], numbers[3:])]
    return out


GROUNDS = ("bg", "side", "well", "paper", "raise")


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back"),
    [(ink, ground) for ink in ("ink", "muted", "accent", "red", "amber") for ground in GROUNDS]
    + [(tone, f"{tone}-soft") for tone in ("accent", "red", "amber", "blue")]
    + [("on-accent", "accent"), ("on-accent", "accent-hover")],
)
def test_text_is_readable_on_its_ground_in_light_and_dark(front: str, back: str, mode: int) -> None:
    tokens = _tokens()
    assert _contrast(tokens[front][mode], tokens[back][mode]) >= 4.5


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "paper"])
def test_the_edge_of_a_field_is_seen(ground: str, mode: int) -> None:
    tokens = _tokens()
    assert _contrast(tokens["edge"][mode], tokens[ground][mode]) >= 3
