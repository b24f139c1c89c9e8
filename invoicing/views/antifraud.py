"""The notice on the law of cash registers, noted once before private customers' payments."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import IssuerProfile
from essaim.views import FormPage
from invoicing import actions
from invoicing.forms_terms import AntifraudForm
from invoicing.models import AntifraudNotice


class Antifraud(FormPage):
    """What CGI art. 286, I 3° bis asks of an issuer liable for VAT; noted once, kept for good."""

    form_class = AntifraudForm
    template_name = "invoicing/antifraud.html"
    title = gettext_lazy("Payments of private customers")
    explains = gettext_lazy(
        "What the tax office may ask about payments by private persons, and our answer."
    )
    about = "piste-audit"
    submit_label = gettext_lazy("Note it")
    submit_icon = "shield-check"
    success_message = gettext_lazy("It is noted: payments of private customers can be recorded.")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:payments"), _("Payments"))

    def perform(self, form: Any) -> AntifraudNotice:
        return actions.acknowledge_antifraud(**form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("invoicing:payments")

    def get_context(self, **more: Any) -> dict[str, Any]:
        profile = IssuerProfile.objects.at(self.today)
        noted = AntifraudNotice.objects.select_related("by").filter(
            siren=profile.siren if profile else ""
        )
        return super().get_context(profile=profile, noted=noted.first(), **more)
