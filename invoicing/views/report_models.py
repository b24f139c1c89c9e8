"""Pages of models of columns, of flat rates, and of what an envelope is paid from."""

from typing import Any

from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.views import Action, Column, FormPage, ListPage
from grants.models import Programme
from invoicing import actions
from invoicing.actions.report_models import usual_columns
from invoicing.claiming import usual_flat_rate
from invoicing.forms_reports import EnvelopeLinkForm, FlatRateForm, ReportModelForm
from invoicing.models import FlatRate, FundingLink, Layout, ReportModel
from invoicing.views.report_tabs import report_tabs
from missions.models import Envelope

LIST = (reverse_lazy("invoicing:report_models"), gettext_lazy("Columns and rates"))
MAKE = "invoicing.make_report"


class ReportModelList(ListPage):
    """Models of columns, and the flat rates of programmes."""

    model = ReportModel
    template_name = "invoicing/reports/models.html"
    title = gettext_lazy("Columns and rates")
    explains = gettext_lazy(
        "Columns in the order and the words of each funder, used again and again."
    )
    order = ("name",)
    select_related = ("programme",)
    columns = (
        Column(gettext_lazy("Name"), "name", phone="title"),
        Column(gettext_lazy("Programme"), "programme", phone="sub"),
        Column(gettext_lazy("Rows"), "get_layout_display", phone="sub"),
        Column(gettext_lazy("Columns"), lambda row: len(row.columns), "number", phone="amount"),
    )
    empty_title = gettext_lazy("No model yet.")
    empty_text = gettext_lazy("Keep the columns a funder wants under a name.")
    empty_icon = "columns-3"

    def get_queryset(self) -> Any:
        return super().get_queryset().current()

    def get_primary(self) -> Action:
        return Action(_("New model"), reverse("invoicing:report_model_new"), "plus", MAKE)

    def get_actions(self) -> list[Action]:
        url = reverse("invoicing:report_flat_rate")
        return [Action(_("Set the usual flat rate"), url, "percent", MAKE)]

    def row_url(self, row: ReportModel) -> str:
        return row.get_absolute_url() if self.request.user.has_perm(MAKE) else ""

    def get_context(self, **more: Any) -> dict[str, Any]:
        more |= {
            "tabs": report_tabs(self, "models"),
            "programmes": Programme.objects.current().exclude(flat_rate=None),
            "usual": usual_flat_rate(),
        }
        return super().get_context(**more)


class ReportModelNew(FormPage):
    form_class = ReportModelForm
    template_name = "invoicing/reports/columns.html"
    title = gettext_lazy("New model of columns")
    explains = gettext_lazy(
        "Written once in the funder’s words, it serves for each of its reports."
    )
    back = LIST
    success_message = gettext_lazy("The model is kept.")
    success_url = LIST[0]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"columns": usual_columns()}

    def get_initial(self) -> dict[str, Any]:
        return {"layout": Layout.COOP}

    def perform(self, form: Any) -> ReportModel:
        return actions.save_report_model(**self.facts_of(form), **self.act())

    def facts_of(self, form: Any) -> dict[str, Any]:
        data = form.cleaned_data
        kept = {name: data[name] for name in ("name", "programme", "layout")}
        return {**kept, "columns": form.columns(), "model": self.object}


class ReportModelEdit(ReportModelNew):
    model = ReportModel
    title = gettext_lazy("Change the model")
    explains = gettext_lazy("Reports to come follow; those already sent keep their columns.")

    def get_actions(self) -> list[Action]:
        url = reverse("invoicing:report_model_archive", args=(self.object.pk,))
        return [Action(_("Offer it no more"), url, "archive", MAKE)]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"columns": self.object.columns}

    def get_initial(self) -> dict[str, Any]:
        return {n: getattr(self.object, n) for n in ("name", "programme", "layout")}


class ReportModelArchive(FormPage):
    model = ReportModel
    template_name = "invoicing/reports/confirm.html"
    title = gettext_lazy("Offer this model no more")
    explains = gettext_lazy("It is no longer offered; reports made with it do not change.")
    submit_label = gettext_lazy("Offer it no more")
    success_message = gettext_lazy("The model is put away.")
    success_url = LIST[0]
    help = gettext_lazy("Reports made with it keep their columns.")

    def get_facts(self) -> str:
        return str(self.object)

    def perform(self, form: Any) -> ReportModel:
        return actions.archive_report_model(self.object, **self.act())


class FlatRateSet(FormPage):
    """The flat rate of programmes that have none of their own."""

    form_class = FlatRateForm
    title = gettext_lazy("Set the usual flat rate")
    explains = gettext_lazy(
        "A percentage on top of salaries, where a programme has no rate of its own."
    )
    back = LIST
    success_message = gettext_lazy("The flat rate is set; claims already begun keep theirs.")
    success_url = LIST[0]

    def get_initial(self) -> dict[str, Any]:
        return {"percent": usual_flat_rate()}

    def perform(self, form: Any) -> FlatRate:
        return actions.set_flat_rate(**form.cleaned_data, **self.act())


class EnvelopeLinkNew(FormPage):
    """Say which programme or which of our own applications pays an envelope."""

    model = Envelope
    form_class = EnvelopeLinkForm
    title = gettext_lazy("What pays this envelope?")
    explains = gettext_lazy("This tie lets reports say which grant paid which day.")
    submit_label = gettext_lazy("Tie them")
    submit_icon = "link"
    success_message = gettext_lazy("The envelope is tied to its funding.")

    def get_facts(self) -> str:
        return str(self.object)

    def perform(self, form: Any) -> FundingLink:
        given = form.cleaned_data
        return actions.link_funding(
            envelope=self.object,
            application=given["application"],
            # The application knows its programme.
            programme=None if given["application"] else given["programme"],
            **self.act(),
        )

    def get_success_url(self, done: FundingLink) -> str:
        return str(self.object.get_absolute_url())


class FundingLinkDrop(FormPage):
    """Untie what pays an agreement, a share or an envelope."""

    template_name = "invoicing/reports/confirm.html"
    title = gettext_lazy("Untie this funding")
    explains = gettext_lazy("Reports to come no longer count it; those already sent do not change.")
    submit_label = gettext_lazy("Untie")
    success_message = gettext_lazy("They are no longer tied.")
    help = gettext_lazy("Reports already sent keep what they told.")

    def load(self) -> None:
        super().load()
        rows = FundingLink.objects.select_related("agreement", "funding_share", "envelope")
        self.link = self.pick(rows, self.kwargs["pk"])
        share = self.link.funding_share
        self.held = self.link.envelope or self.link.agreement or share.agreement

    def get_facts(self) -> str:
        return str(self.link)

    def get_back(self) -> tuple[str, Any]:
        return (self.held.get_absolute_url(), str(self.held))

    def perform(self, form: Any) -> Any:
        actions.unlink_funding(self.link, **self.act())
        return self.held
