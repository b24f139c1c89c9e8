"""Pages on the family and on the members of a coop."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import actions, forms_legal
from crm.curves import drawn, target_of
from crm.family import family
from crm.models import Coop, MemberCount
from crm.views.coop import CoopForm
from essaim.views import Action, Page


class OfACoop(Page):
    """A page to read about one coop."""

    parent_model, parent_kwarg = Coop, "coop_pk"

    def get_parents(self) -> Any:
        return super().get_parents().select_related("organisation")

    def get_facts(self) -> str:
        return str(self.parent)

    def get_back(self) -> Any:
        return (reverse("crm:coop", args=(self.parent.pk,)), str(self.parent))


class Family(OfACoop):
    """Mother and baby coops, as far as one may see."""

    template_name, title = "crm/family.html", _("Family of the coop")
    explains = _("Which coop helped which to be born, as far as you may see.")

    def get_context(self, **more: Any) -> dict[str, Any]:
        tree = family(self.parent, self.request.user)
        return super().get_context(**more) | {"coop": self.parent, "tree": tree}

    def get_actions(self) -> list[Action]:
        address = reverse("crm:coop_edit", args=(self.parent.pk,))
        return [Action(_("Choose its mother"), address, "pencil", "crm.change_coop")]


class Members(OfACoop):
    """Every count with its source, corrected ones too, and their curve."""

    template_name, title = "crm/members.html", _("Members")
    explains = _("How the collective grows: each count has its date and its source.")

    def get_primary(self) -> Action:
        address = reverse("crm:members", args=(self.parent.pk,))
        return Action(_("Note a count"), address, "plus", "crm.change_coop")

    def get_context(self, **more: Any) -> dict[str, Any]:
        rows = MemberCount.history.filter(coop=self.parent)
        counts = list(rows.select_related("noted_by", "replaced_by").order_by("-as_of", "-pk"))
        current = self.parent.current
        target = target_of(self.parent, current)
        may = self.request.user.has_perm("crm.change_coop")
        return super().get_context(**more) | {
            "coop": self.parent,
            "counts": counts,
            "target": target,
            "curve": drawn([c for c in counts if c.replaced_on is None], target),
            "may_write": may and not (current is not None and current.is_read_only),
        }


class CorrectCount(CoopForm):
    model, form_class, title = MemberCount, forms_legal.CorrectCountForm, _("Correct a count")
    explains = _("The corrected count replaces the first one on the curve; both stay readable.")
    parent_field, submit_label = "coop", _("Correct the count")
    success_message = _("The count is corrected; the first one stays readable.")

    def perform(self, form: Any) -> Any:
        return actions.correct_count(self.object, **form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("crm:member_counts", args=(self.parent.pk,))

    def get_back(self) -> Any:
        return (reverse("crm:member_counts", args=(self.parent.pk,)), _("Members"))
