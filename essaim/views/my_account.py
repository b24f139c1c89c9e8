"""« Mon compte »: one calm page with the state of each thing, and a page to change each."""

from dataclasses import dataclass
from typing import Any

from allauth.mfa.recovery_codes.views import generate_recovery_codes
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.forms import CharField, ChoiceField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_info, gettext_lazy, ngettext, override, pgettext
from django.utils.translation import gettext as _
from django.views import View

from essaim import forms, my_account, second_factor
from essaim.formats import date_fr
from essaim.mails import Pace, kinds_for, pace_of
from essaim.models import User
from essaim.tongue import COOKIE, TONGUES
from essaim.views.edits import FormPage
from essaim.views.pages import Page, log_refusal

ACCOUNT = reverse_lazy("my_account")
BACK = (ACCOUNT, gettext_lazy("My account"))
A_YEAR = 60 * 60 * 24 * 365


class Own(Page):
    """A page of one's own account: open to whoever signed in, without a role too."""

    back = BACK

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.to_sign_in()
        return View.dispatch(self, request, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of the account: what it is, how it stands, where to change it."""

    icon: str
    label: Any
    state: Any
    url: str
    change: Any


class AccountPage(Own):
    """Everything that is one's own, each with its state."""

    template_name = "essaim/account/home.html"
    title = gettext_lazy("My account")
    explains = gettext_lazy("Your name, your language, your mails, and what protects your access.")
    back = None

    def get_facts(self) -> str:
        return str(self.request.user.email)

    def get_context(self, **more: Any) -> dict[str, Any]:
        user = self.request.user
        return super().get_context(
            person_lines=self.person_lines(user), safety_lines=self.safety_lines(user), **more
        )

    def person_lines(self, user: User) -> list[Line]:
        found = [
            Line("user-round", _("Name"), user.name, reverse("my_name"), _("Change")),
        ]
        if kinds := kinds_for(user):
            on = sum(pace_of(user, kind.code) != Pace.NEVER for kind in kinds)
            words = ngettext(
                "%(on)s kind of mail received, of %(all)s",
                "%(on)s kinds of mail received, of %(all)s",
                on,
            )
            state = words % {"on": on, "all": len(kinds)}
            label, change = _("Mails I receive"), _("Choose")
            found.append(Line("mail", label, state, reverse("my_mails"), change))
        if user.has_perm("essaim.own_feed"):
            found.append(self.feed_line(user))
        return found

    def feed_line(self, user: User) -> Line:
        feed = user.feed_tokens.filter(revoked_at=None).first()
        since = {"day": date_fr(feed.created_at)} if feed else {}
        state = _("In service since %(day)s") % since if feed else _("No address yet")
        label, change = _("Agenda in my calendar"), pgettext("verb", "Open")
        return Line("calendar-sync", label, state, reverse("my_feed"), change)

    def safety_lines(self, user: User) -> list[Line]:
        factors = second_factor.state_of(user)
        sessions = UserSession.objects.filter(user=user).count()
        opened = ngettext("%(count)s open session", "%(count)s open sessions", sessions)
        return [
            Line(
                "key-round",
                _("Password"),
                _("Ten characters at least"),
                reverse("account_change_password"),
                _("Change"),
            ),
            Line(
                "smartphone",
                _("Second factor"),
                self.factor_words(factors),
                reverse("mfa_index"),
                _("Manage"),
            ),
            Line(
                "key-square",
                _("Security keys and passkeys"),
                self.key_words(factors),
                reverse("mfa_list_webauthn"),
                _("See"),
            ),
            Line(
                "monitor-smartphone",
                _("Open sessions"),
                opened % {"count": sessions},
                reverse("usersessions_list"),
                _("See"),
            ),
        ]

    def factor_words(self, factors: second_factor.Factors) -> str:
        if not factors.any:
            return _("Not set up: the password alone opens your account")
        if not factors.codes:
            return _("In use, without a recovery code")
        words = ngettext(
            "In use, %(count)s recovery code left",
            "In use, %(count)s recovery codes left",
            factors.codes,
        )
        return words % {"count": factors.codes}

    def key_words(self, factors: second_factor.Factors) -> str:
        words = ngettext("%(count)s key", "%(count)s keys", factors.keys)
        return words % {"count": factors.keys} if factors.keys else _("No key yet.")


class OwnForm(Own, FormPage):
    success_url = ACCOUNT  # type: ignore[assignment]
    success_message = gettext_lazy("Saved.")


class NameForm(forms.Form):
    name = CharField(label=gettext_lazy("Name"), max_length=120)


class NamePage(OwnForm):
    form_class = NameForm
    title = gettext_lazy("My name")
    explains = gettext_lazy("Your colleagues read it beside what you do.")

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.request.user.name}

    def perform(self, form: Any) -> User:
        return my_account.rename(**form.cleaned_data, **self.act())


class MailsForm(forms.Form):
    """One choice per kind of mail this person may receive."""

    def setup(self) -> None:
        for kind in kinds_for(self.user):
            self.fields[kind.code] = ChoiceField(
                label=kind.label,
                help_text=kind.says,
                choices=kind.choices,
                initial=pace_of(self.user, kind.code).value,
                widget=forms.ChipsRadio,
            )


class MailsPage(OwnForm):
    template_name = "essaim/account/mails.html"
    form_class = MailsForm
    title = gettext_lazy("Mails I receive")
    explains = gettext_lazy("Which mails Essaim writes to you, and when.")

    def perform(self, form: Any) -> User:
        return my_account.choose_mails(paces=form.cleaned_data, **self.act())


class ShortcutsPage(Own):
    """Single letters as shortcuts: on or off, at one click."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect(ACCOUNT)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        wanted = request.POST.get("shortcuts", "")
        if wanted not in ("on", "off"):
            return self.bad_request("shortcuts")
        my_account.set_shortcuts(is_on=wanted == "on", **self.act())
        if request.headers.get("X-Requested-With") == "fetch":
            return HttpResponse(status=204)
        words = {"on": _("Shortcuts are on."), "off": _("Shortcuts are off.")}
        messages.success(request, words[wanted])
        return redirect(next_of(request))


class LanguagePage(Page):
    """The language of the screens: kept with the person, and in a cookie for the sign-in page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return View.dispatch(self, request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect(ACCOUNT)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        language = request.POST.get("language", "")
        if language not in TONGUES:
            log_refusal(request, "language")
            return render(request, "400.html", status=400)
        if request.user.is_authenticated:
            my_account.speak(language=language, **self.act())
            with override(language):
                name = get_language_info(language)["name_local"]
                words = _("The screens now speak this language: %(name)s.")
                messages.success(request, words % {"name": name})
        answer = redirect(next_of(request))
        answer.set_cookie(
            COOKIE,
            language,
            max_age=A_YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return answer


class SessionEnd(Own):
    """One session of one's own, ended from the list: that browser has to sign in again."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect("usersessions_list")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row = UserSession.objects.filter(user=self.request.user, pk=self.kwargs["pk"]).first()
        if row is None:
            raise Http404("session")
        my_account.end_session(session=row, **self.act())
        messages.success(request, _("The session is ended: that browser has to sign in again."))
        return redirect("usersessions_list")


def next_of(request: HttpRequest) -> str:
    """The page one comes from, when it is ours; one's account otherwise."""
    given = request.POST.get("next", "")
    if given and url_has_allowed_host_and_scheme(given, {request.get_host()}):
        return given
    return str(ACCOUNT) if request.user.is_authenticated else reverse("account_login")


def recovery_codes(request: HttpRequest) -> HttpResponseBase:
    """allauth's page, but not before there is a second factor that the codes could replace."""
    if request.user.is_authenticated and not second_factor.state_of(request.user).any:
        messages.warning(
            request,
            _("Recovery codes stand in for a second factor: set one up first, they come with it."),
        )
        return redirect("mfa_index")
    answer: HttpResponseBase = generate_recovery_codes(request)
    return answer
