"""Agreements with their clauses, and the annex for a coop's board, as PDF."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from essaim.views import Page
from invoicing.annex import agreement_contents, annex_contents
from invoicing.models import SubsidyShareClause
from missions.models import Agreement, FrozenPaper
from missions.views.papers import paper_response, preview_response


class AgreementPdf(Page):
    """The frozen bytes of an agreement that left or was signed; a draft is marked as one."""

    model = Agreement
    title = gettext_lazy("Agreement")
    select_related = ("client", "coop__organisation")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        agreement = self.object
        name = slugify(f"convention {agreement.reference or agreement.pk} {agreement.client}")[:80]
        paper = agreement.papers.filter(kind=FrozenPaper.Kind.AGREEMENT).last()
        if paper is not None and agreement.state != Agreement.State.DRAFT:
            return paper_response(self, paper, name)
        return preview_response(agreement_contents(agreement, on=self.today), name)


class ClauseAnnex(Page):
    """The page that explains a share of a grant: kept as it was once the clause is active."""

    model = SubsidyShareClause
    title = gettext_lazy("Annex on the fees tied to the grant")
    select_related = ("agreement__client", "agreement__coop__organisation")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        clause = self.object
        name = slugify(f"annexe {clause.agreement.client} {clause.pk}")[:80]
        paper = FrozenPaper.objects.filter(kind="annex", clause_key=clause.pk).last()
        if paper is not None:
            return paper_response(self, paper, name)
        return preview_response(annex_contents(clause, on=self.today), name)
