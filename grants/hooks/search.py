"""What the grants room lets be found."""

from django.utils.translation import gettext_lazy as _

from essaim import hooks
from essaim.search.kinds import Found, Searched, line, naming, page
from grants.models import Call, GrantApplication, Programme


def _application(row: GrantApplication) -> Found:
    funder = row.programme.funder
    who = row.coop or row.applicant
    words = f"{row.reference} {row.programme} {funder} {who}"
    return Found(row.pk, row.title, line(row.reference, funder, who), words)


def _programme(row: Programme) -> Found:
    words = f"{row.funder} {row.funder.legal_name} {row.facts}"
    return Found(row.pk, row.name, str(row.funder), words, is_last=row.archived_on is not None)


def _call(row: Call) -> Found:
    """A call is read on its programme's page."""
    detail = str(row.programme)
    return Found(row.pk, row.title, detail, f"{detail}", place=row.programme_id)


for _answer in (
    Searched(
        model="grants.GrantApplication",
        label=_("Grant applications"),
        icon="landmark",
        order=35,
        permission="grants.view_application",
        rows=lambda: GrantApplication.objects.select_related(
            "programme__funder", "coop__organisation", "applicant"
        ),
        tell=_application,
        url=page("grants:application"),
        follows={
            "crm.Coop": naming(GrantApplication, "coop"),
            "crm.Organisation": naming(GrantApplication, "applicant"),
            "grants.Programme": naming(GrantApplication, "programme"),
        },
    ),
    Searched(
        model="grants.Programme",
        label=_("Programmes"),
        icon="book-open",
        order=50,
        permission="grants.view_programme",
        rows=lambda: Programme.objects.select_related("funder"),
        tell=_programme,
        url=page("grants:programme"),
        follows={"crm.Organisation": naming(Programme, "funder")},
    ),
    Searched(
        model="grants.Call",
        label=_("Calls for projects"),
        icon="megaphone",
        order=52,
        permission="grants.view_programme",
        rows=lambda: Call.objects.select_related("programme"),
        tell=_call,
        url=page("grants:programme"),
        follows={"grants.Programme": naming(Call, "programme")},
    ),
):
    hooks.search.register(_answer.model)(_answer)
