"""Pages on the legal persons of a coop."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import actions, forms_legal
from crm.models import Coop
from crm.views.coop import CoopPart
from essaim.views import Page


class LegalPersons(Page):
    """The history of its legal form, what stands beside it, and what each gesture entails."""

    parent_model, parent_kwarg = Coop, "coop_pk"
    template_name, title = "crm/legal.html", _("Legal form")
    explains = _("What the coop is in law and was before: invoices bear the form of their date.")

    def get_parents(self) -> Any:
        return super().get_parents().select_related("organisation")

    def get_facts(self) -> str:
        return str(self.parent)

    def get_back(self) -> Any:
        return (reverse("crm:coop", args=(self.parent.pk,)), str(self.parent))

    def get_context(self, **more: Any) -> dict[str, Any]:
        current = self.parent.current
        periods = list(self.parent.organisation.legal_forms.order_by("-since", "-pk"))
        beside = self.parent.parallel_entities.select_related("organisation", "declared_by")
        may = self.request.user.has_perm("crm.change_coop")
        return super().get_context(**more) | {
            "coop": self.parent,
            "periods": periods,
            "now": next((p for p in periods if p.until is None), None),
            "beside": list(beside),
            "may_write": may and not (current is not None and current.is_read_only),
        }


class LegalPart(CoopPart):
    def get_success_url(self, done: Any) -> str:
        return reverse("crm:legal", args=(self.parent.pk,))

    def get_back(self) -> Any:
        return (reverse("crm:legal", args=(self.parent.pk,)), _("Legal form"))


class Transform(LegalPart):
    form_class, title = forms_legal.TransformForm, _("Change the legal form")
    explains = _("The former form stays in the history; what the change entails is said below.")
    template_name = "crm/legal_transform.html"
    submit_label, success_message = _("Note the new form"), _("The new legal form is noted.")

    def perform(self, form: Any) -> Any:
        return actions.transform(self.parent, **form.cleaned_data, **self.act())


class Parallel(LegalPart):
    form_class, title = forms_legal.ParallelEntityForm, _("Declare a second entity")
    explains = _("A second legal person beside the first, such as a shop beside an association.")
    template_name = "crm/legal_parallel.html"
    submit_label = _("Declare the second entity")
    success_message = _("The second entity is declared.")

    def perform(self, form: Any) -> Any:
        data = dict(form.cleaned_data)
        if data["organisation"] is not None:
            data = {k: data[k] for k in ("organisation", "since", "why")}
        return actions.declare_parallel_entity(self.parent, **data, **self.act())
