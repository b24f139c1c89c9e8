"""Create the first person of an empty installation, with every role."""

import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from essaim.models import User
from essaim.roles import Role


class Command(BaseCommand):
    help = "Create the first person of an empty installation, with every role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")

    def handle(self, *args: Any, email: str, name: str, **options: Any) -> None:
        email, name = email.strip(), " ".join(name.split())
        try:
            validate_email(email)
        except ValidationError as error:
            # The sign-in page would never take it.
            raise CommandError(f"{email}: this is no e-mail address.") from error
        if not name:
            raise CommandError("Give the name that colleagues will read.")
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError("This address is already known.")
        password = self.ask()
        User.objects.create_user(
            email, password, name=name, **{f"is_{role}": True for role in Role.values}
        )
        self.stdout.write(f"{email} can sign in.")

    def ask(self) -> str:
        """A password as the pages ask for it, typed twice: nobody else could change it yet."""
        password = getpass.getpass("Password (10 characters or more): ")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if getpass.getpass("The same again: ") != password:
            raise CommandError("The two differ: nobody was created.")
        return password
