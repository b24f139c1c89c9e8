"""Before any page: its language, a second factor of those who must have one, what is read once."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override

from essaim import features
from essaim.models import User
from essaim.roles import Role
from essaim.tongue import COOKIE, known

MUST = (Role.ACCOUNTANT, Role.ADMINISTRATOR)
# Where a person without a second factor may still go: the account's own pages, and files.
OPEN = ("/compte/", settings.STATIC_URL)


class Tongue:
    """A page speaks the language of whoever signed in; to a stranger, the one last chosen here.

    French otherwise, whatever the browser asks: the office is French. Nothing of it is left for
    the next request of the same worker.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        chosen = user.language if isinstance(user, User) else request.COOKIES.get(COOKIE, "")
        language = known(chosen)
        with override(language):
            answer = self.get_response(request)
        answer.headers.setdefault("Content-Language", language)
        return answer


class SecondFactorAsked:
    """Where it is required, accountants and administrators reach nothing before they have one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SECOND_FACTOR == "required" and self.lacks(request):
            messages.warning(request, _("Your role asks for a second factor: add one to go on."))
            return redirect("mfa_index")
        return self.get_response(request)

    def lacks(self, request: HttpRequest) -> bool:
        if request.path.startswith(OPEN) or not isinstance(request.user, User):
            return False
        if not request.user.has_role(*MUST):
            return False
        found = Authenticator.objects.filter(user=request.user)
        return not found.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


class FeaturesReadOnce:
    """What the office uses is read at most once a request, and only if somebody asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with features.read_once():
            return self.get_response(request)
