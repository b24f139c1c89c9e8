"""People who sign in, and the roles they hold."""

from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from essaim.roles import Role, allows


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)

    def with_role(self, role: str) -> "UserQuerySet":
        return self.filter(**{f"is_{Role(role).value}": True})

    def visible_to(self, user: "User") -> "UserQuerySet":
        """Colleagues are known to all staff; a person without a role sees nobody."""
        return self if user.role_codes else self.none()


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def active(self) -> UserQuerySet:
        return self.get_queryset().active()

    def with_role(self, role: str) -> UserQuerySet:
        return self.get_queryset().with_role(role)

    def visible_to(self, user: "User") -> UserQuerySet:
        return self.get_queryset().visible_to(user)

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=email.strip().lower(), **extra)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=(email or "").strip().lower())


class User(AbstractBaseUser):
    """A person of the structure; roles add up, none means an explanation and nothing else."""

    email = models.EmailField(_("E-mail"), unique=True)
    name = models.CharField(_("Name"), max_length=120)
    is_active = models.BooleanField(_("Active"), default=True)
    is_consultant = models.BooleanField(_("Consultant"), default=False)
    is_coordinator = models.BooleanField(_("Coordinator"), default=False)
    is_accountant = models.BooleanField(_("Accountant"), default=False)
    is_administrator = models.BooleanField(_("Administrator"), default=False)
    joined_on = models.DateField(null=True, blank=True)
    language = models.CharField(
        _("Language"), max_length=2, choices=settings.LANGUAGES, default="fr"
    )
    shortcuts = models.BooleanField(_("Keyboard shortcuts"), default=True)
    # Kind of mail -> when it comes; a kind that is not named comes as it does by default.
    mails = models.JSONField(_("Mails I receive"), default=dict, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(Lower("email"), name="user_email_is_unique_whatever_its_case"),
        )

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def role_codes(self) -> frozenset[str]:
        if not self.is_active:
            return frozenset()
        return frozenset(role.value for role in Role if getattr(self, f"is_{role.value}"))

    def has_role(self, *roles: str) -> bool:
        """Whether this person holds one of these roles."""
        return not self.role_codes.isdisjoint(str(r) for r in roles)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return allows(self.role_codes, perm)

    @property
    def sees_everything(self) -> bool:
        """Coordinators, accountants and administrators see every coop."""
        return self.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)

    @property
    def initials(self) -> str:
        words = [w for w in self.name.replace("-", " ").split() if w]
        return "".join(w[0] for w in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()
