"""How allauth lets people in: by invitation only, with an e-mail address and a second factor."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest

from essaim.models import User
from essaim.tongue import speaking_to


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is closed; people come by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A forgotten password is answered in the language of whose it is."""
        with speaking_to(context.get("user")):
            super().send_mail(template_prefix, email, context)


def _key(secret: str) -> Fernet:
    digest = hashlib.sha256(f"essaim.second-factor:{secret}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def _box() -> MultiFernet:
    """Keys made of the project's secret, the present one first: a former one still opens."""
    return MultiFernet([_key(s) for s in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are not kept in clear: a stolen backup does not give them away."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: User) -> str:
        return user.email

    def _get_site_name(self) -> str:
        return str(settings.MFA_TOTP_ISSUER)
