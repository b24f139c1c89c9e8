"""How allauth lets people in: by invitation only, with an e-mail address."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is closed; people come by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
