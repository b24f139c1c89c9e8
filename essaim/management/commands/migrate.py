"""Django's migrate, which may run when triggers are missing: it is what puts them back."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate


class Command(Migrate):
    def check(self, *args: Any, **kwargs: Any) -> Any:
        # Checks of a database ask for its triggers, and these come at the end of this command.
        kwargs["databases"] = None
        return super().check(*args, **kwargs)
