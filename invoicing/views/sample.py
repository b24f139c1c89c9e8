"""Examples: added and removed in one click."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.views import FormPage
from essaim.workflow import Missing
from invoicing import forms_start
from invoicing.actions import sample


class Sample(FormPage):
    """What the examples are, and the one button that adds them."""

    form_class = forms_start.SampleForm
    title = gettext_lazy("Examples")
    template_name = "invoicing/start/sample.html"
    explains = gettext_lazy(
        "A few coops at various stages, to look around before writing your own."
    )
    submit_label = gettext_lazy("Add the examples")
    submit_icon = "sprout"
    success_message = gettext_lazy("The examples are here: each bears the word “exemple”.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if sample.is_there():
            return redirect("start:sample_remove")
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"asks": sample.has_real_coops()}

    def perform(self, form: Any) -> Any:
        return sample.add_sample(**form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("crm:board")


class SampleRemove(FormPage):
    """What was built on the examples since, and the one button that takes them away."""

    form_class = forms_start.SampleRemoveForm
    title = gettext_lazy("Remove the examples")
    explains = gettext_lazy("Only the examples go away; what you wrote yourself stays.")
    template_name = "invoicing/start/sample_remove.html"
    submit_label = gettext_lazy("Remove the examples")
    submit_icon = "trash-2"

    @cached_property
    def standing(self) -> tuple[list[Missing], list[Missing]]:
        return sample.standing()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not sample.is_there():
            return redirect("start:sample")
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"asks": bool(self.standing[1])}

    def get_initial(self) -> dict[str, Any]:
        return {"seen": sample.built_on()}

    def not_done(self, form: Any, missing: list[Missing]) -> HttpResponse:
        """The list is shown once more: it is what is read from now on."""
        form.data = form.data.copy()
        form.data["seen"] = sample.built_on()
        return super().not_done(form, missing)

    def perform(self, form: Any) -> int:
        return sample.remove_sample(**form.cleaned_data, **self.act())

    def get_success_message(self, done: int) -> str:
        return _("The examples are gone.")

    def get_success_url(self, done: Any) -> str:
        return reverse("start:sample")

    def get_context(self, **more: Any) -> dict[str, Any]:
        kept, added = self.standing
        return super().get_context(kept=kept, added=added, **more) | {"barred": bool(kept)}
