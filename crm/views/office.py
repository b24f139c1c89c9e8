"""Pages of our own office: the kit, the paths, the structure, what invoices print."""

from typing import Any

from django import forms as plain
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from crm import actions, forms_journal
from crm.models import IssuerProfile, Path, Structure
from crm.stages import Stage
from essaim.views import Action, Column, FormPage, ListPage


class PathList(ListPage):
    model, title, order = Path, _("Paths"), ("position",)
    explains = _("The roads a coop may take: each path says which stages it goes through.")
    about = "parcours"
    columns = (
        Column(_("Label"), "label", phone="title"),
        Column(_("Member target"), "members_target", "number", phone="amount"),
        Column(_("Stages"), template="crm/cells/stages.html"),
    )

    def get_queryset(self) -> Any:
        return super().get_queryset().prefetch_related("stages")

    def row_url(self, row: Path) -> str:
        return reverse("crm:path_edit", args=(row.pk,))


class PathEdit(FormPage):
    explains = _("Coops on this path see its stages; the history of their moves does not change.")
    model, form_class = Path, forms_journal.PathForm
    success_message = _("The path is saved.")

    def get_back(self) -> Any:
        return (reverse("crm:paths"), _("Paths"))

    def get_initial(self) -> dict[str, Any]:
        return {"label": self.object.label, "members_target": self.object.members_target}

    def get_formsets(self) -> dict[str, Any]:
        made = plain.formset_factory(forms_journal.StageForm, extra=0, max_num=8, validate_max=True)
        initial = forms_journal.StageForm.initial_of(self.object)
        data = self.request.POST if self.request.method == "POST" else None
        stages: Any = made(data, initial=initial, prefix="stages")
        stages.label = _("Stages of this path")
        for form in stages:
            code = form["stage"].value()
            if code in Stage.values:
                form.fields["is_used"].label = Stage(code).label
        return {"stages": stages}

    def perform(self, form: Any) -> Path:
        stages = [
            {name: row[name] for name in ("stage", "is_optional", "limit_days")}
            for row in self.formsets["stages"].cleaned_data
            if row.get("is_used")
        ]
        return actions.write_path(self.object, stages=stages, **form.cleaned_data, **self.act())


class OurStructure(FormPage):
    """Who we are and how the office works."""

    form_class, title = forms_journal.StructureForm, _("Our structure")
    explains = _("Which organisation is ours, and the customs of the office.")
    success_message = _("Saved.")

    def get_form_kwargs(self) -> dict[str, Any]:
        found = Structure.objects.select_related("organisation").first()
        return {"instance": found} if found is not None else {}

    def get_initial(self) -> dict[str, Any]:
        found = Structure.objects.select_related("organisation").first()
        if found is None:
            return {}
        names = ("legal_name", "street", "postcode", "city")
        return {name: getattr(found.organisation, name) for name in names}

    def perform(self, form: Any) -> Structure:
        return actions.set_structure(**form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("crm:structure")


class Issuer(ListPage):
    """Dated profiles: what invoices print of us, the last one on top."""

    model, title, order = IssuerProfile, _("What our invoices say of us"), ("-effective_from",)
    columns = (
        Column(_("In force from"), "effective_from", "date", phone="sub"),
        Column(_("Legal name"), "legal_name", phone="title"),
        Column(_("VAT regime"), "get_regime_display"),
        Column("SIREN", "siren", phone="side"),
        Column("IBAN", "iban", phone="hide"),
    )
    empty_title = _("No profile yet.")
    explains = _("Each invoice copies the profile of its day: a new one never changes the past.")
    about = "emetteur"
    empty_text = _("Write what invoices print of us: name, form, registration, VAT, IBAN.")

    def row_url(self, row: IssuerProfile) -> str:
        if not self.request.user.has_perm("crm.manage_issuer"):
            return ""
        return f"{reverse('crm:issuer_new')}?on={row.effective_from:%Y-%m-%d}"

    def get_primary(self) -> Action:
        return Action(_("New profile"), reverse("crm:issuer_new"), "plus", "crm.manage_issuer")

    def get_actions(self) -> list[Action]:
        address = reverse("crm:structure")
        return [
            Action(_("Logo"), reverse("crm:logo"), "image", "crm.manage_issuer"),
            Action(_("Our structure"), address, "stamp", "essaim.manage_tables"),
        ]


class IssuerNew(FormPage):
    form_class, title = forms_journal.IssuerForm, _("New profile")
    explains = _("It holds from its date on; issued documents keep their own copy.")
    success_message = _("The profile is saved.")

    def get_back(self) -> Any:
        return (reverse("crm:issuer"), _("What our invoices say of us"))

    def get_edited(self) -> IssuerProfile | None:
        """The profile of the date asked, to be corrected; else the last one, from today."""
        rows = IssuerProfile.objects.visible_to(self.request.user)
        asked = self.asked_date()
        found = rows.filter(effective_from=asked).first() if asked else None
        return found or rows.first()

    def get_initial(self) -> dict[str, Any]:
        last = self.get_edited()
        if last is None:
            return {"effective_from": self.today}
        names = forms_journal.IssuerForm.Meta.fields
        asked = self.asked_date()
        from_ = asked if asked == last.effective_from else self.today
        return {name: getattr(last, name) for name in names} | {"effective_from": from_}

    def asked_date(self) -> Any:
        try:
            return parse_date(self.request.GET.get("on", ""))
        except ValueError:
            return None

    def perform(self, form: Any) -> IssuerProfile:
        return actions.write_issuer_profile(**form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("crm:issuer")
