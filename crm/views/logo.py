"""Our logo: what documents show, a new one, none."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import actions
from crm.forms_logo import LogoForm
from crm.models import IssuerProfile, Logo
from crm.pictures import MAX_BYTES
from essaim.views import FormPage, Page, file_response


class LogoPage(FormPage):
    form_class, title = LogoForm, _("Our logo")
    template_name = "crm/logo.html"
    explains = _("Shown on documents from today; those already issued keep theirs.")
    success_message = _("The logo is saved.")

    def get_back(self) -> Any:
        return (reverse("crm:issuer"), _("What our invoices say of us"))

    def get_context(self, **more: Any) -> dict[str, Any]:
        profile = IssuerProfile.objects.at(self.today)
        return super().get_context(**more) | {"logo": profile.logo if profile else None}

    def perform(self, form: Any) -> IssuerProfile:
        given = form.cleaned_data["logo"]
        if given is None or form.cleaned_data["without"]:
            return actions.drop_logo(**self.act())
        # One byte past the limit is enough to know that it is passed.
        return actions.wear_logo(content=given.read(MAX_BYTES + 1), **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("crm:logo")


class LogoFile(Page):
    """The picture itself, for the page that shows it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row = Logo.objects.filter(sha256=self.kwargs["sha256"]).first()
        if row is None:
            raise Http404("logo")
        kind = "image/png" if row.kind == Logo.Kind.PNG else "image/svg+xml"
        answer = file_response(bytes(row.content), f"logo.{row.kind}", kind, inline=True)
        answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return answer
