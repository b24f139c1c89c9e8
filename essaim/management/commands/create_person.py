"""Create the first person of an empty installation, with every role."""

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from essaim.models import User
from essaim.roles import Role


class Command(BaseCommand):
    help = "Create the first person of an empty installation, with every role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")

    def handle(self, *args: Any, email: str, name: str, **options: Any) -> None:
        if User.objects.filter(email__iexact=email.strip()).exists():
            raise CommandError("This address is already known.")
        password = getpass.getpass("Password (10 characters or more): ")
        if len(password) < 10:
            raise CommandError("The password is too short.")
        User.objects.create_user(
            email, password, name=name, **{f"is_{role}": True for role in Role.values}
        )
        self.stdout.write(f"{email} can sign in.")
