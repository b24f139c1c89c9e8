"""What an administrator does about the account of somebody else."""

from typing import Any

from django.utils.translation import gettext_lazy

from essaim import second_factor
from essaim.models import User
from essaim.views.people import OnePerson


class SecondFactorReset(OnePerson):
    """Somebody lost their telephone: they sign in with the password, then set another up."""

    title = gettext_lazy("Take the second factor off")
    explains = gettext_lazy(
        "For somebody who lost their telephone: they set another factor up after signing in."
    )
    submit_label = gettext_lazy("Take the second factor off")
    success_message = gettext_lazy("The second factor is off: the password alone signs in.")

    def get_facts(self) -> Any:
        return str(self.object)

    def perform(self, form: Any) -> User:
        second_factor.reset_second_factor(user=self.object, **self.act())
        return self.object
