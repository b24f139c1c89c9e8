"""Rows of a file are for the office, as the file itself."""

from typing import Any, TypeVar

from django.db import models

from essaim.roles import Role
from essaim.scope import ScopedQuerySet

M = TypeVar("M", bound=models.Model)


class OfficeQuerySet(ScopedQuerySet[M]):
    def visible_to(self, user: Any) -> "OfficeQuerySet[M]":
        """Amounts of grants are for the office; a consultant sees none of it."""
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()
