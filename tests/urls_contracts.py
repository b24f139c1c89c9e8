"""Addresses of quotes, phases and papers, and what each persona is answered."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from invoicing.models import SubsidyShareClause
from missions import actions
from missions.models import FrozenPaper
from tests.conftest import acting
from tests.given_contracts import given_phases, given_quote
from tests.given_invoicing import client_of
from tests.url_objects import ON
from tests.url_table import Objects, Row


def _quote(state: str) -> Callable[[Objects], Any]:
    def build(o: Objects) -> Any:
        until = timezone.localdate() + timedelta(days=20)
        by = o.people["basile"]
        client = client_of(o["coop"])
        return given_quote(client, o["coop"], state=state, by=by, on=ON, valid_until=until)

    return build


def _sent_agreement(o: Objects) -> Any:
    o["structure"]
    act = acting(o.people["basile"], ON)
    return actions.send_agreement(o["draft_agreement"], **act)


def _amendment(o: Objects) -> Any:
    act = acting(o.people["basile"], ON)
    return actions.create_amendment(
        o["agreement"], effective_on=ON, why="Suite", days_budgeted=40, **act
    )


def _sent_amendment(o: Objects) -> Any:
    return actions.send_amendment(_amendment(o), **acting(o.people["basile"], ON))


def _phase(o: Objects) -> Any:
    client = client_of(o["coop"])
    return given_phases(o["coop"], client, by=o.people["basile"], on=ON).phases.first()


def _paper(o: Objects) -> Any:
    o["contract_sent_quote"]
    return FrozenPaper.objects.filter(kind="quote").first()


OBJECTS: dict[str, Callable[[Objects], Any]] = {
    "contract_quote": _quote("draft"),
    "contract_sent_quote": _quote("sent"),
    "contract_accepted": _quote("accepted"),
    "contract_sent": _sent_agreement,
    "contract_amendment": _amendment,
    "contract_sent_amendment": _sent_amendment,
    "contract_phase": _phase,
    "contract_paper": _paper,
    "contract_clause": lambda o: SubsidyShareClause.objects.get(pk=o["clause"].pk),
}

_OFFICE = {"ada": 403, "basile": 200, "chloe": 200, "farid": 200, "stranger": 403}
_ONE = _OFFICE | {"ada": 404, "stranger": 404}
_LATE = _ONE | dict.fromkeys(("basile", "chloe", "farid"), 409)
_DONE = _ONE | dict.fromkeys(("basile", "chloe", "farid"), 302)
_WRONG = _ONE | dict.fromkeys(("basile", "chloe", "farid"), 422)
_UNKNOWN = _ONE | dict.fromkeys(("basile", "chloe", "farid"), 400)

ROWS: list[Row] = [
    Row(name="missions:quotes", **_OFFICE),
    Row(name="missions:quotes", **_OFFICE, query="?show=expired"),
    Row(name="missions:quote_new", **_OFFICE),
    Row(
        name="missions:quote_new",
        **_OFFICE | dict.fromkeys(("basile", "chloe", "farid"), 422),
        method="post",
    ),
    Row(name="missions:quote", args=("contract_quote",), **_ONE),
    Row(name="missions:quote", args=("contract_accepted",), **_ONE),
    Row(name="missions:quote_edit", args=("contract_quote",), **_ONE),
    Row(name="missions:quote_delete", args=("contract_quote",), **_DONE, method="post"),
    Row(name="missions:quote_delete", args=("contract_sent_quote",), **_LATE, method="post"),
    Row(name="missions:quote_version", args=("contract_sent_quote",), **_ONE),
    Row(name="missions:quote_agreement", args=("contract_accepted",), **_DONE, method="post"),
    Row(name="missions:quote_agreement", args=("contract_quote",), **_LATE, method="post"),
    Row(name="missions:quote_pdf", args=("contract_quote",), **_ONE),
    Row(name="missions:quote_pdf", args=("contract_sent_quote",), **_ONE),
    Row(name="missions:quote_scan", args=("contract_sent_quote",), **_ONE),
    Row(name="missions:quote_scan", args=("contract_sent_quote",), **_WRONG, method="post"),
    Row(name="missions:quote_move", args=("contract_sent_quote", "'accept_quote"), **_ONE),
    Row(name="missions:quote_move", args=("contract_sent_quote", "'forget"), **_UNKNOWN),
    Row(name="missions:phases", args=("draft_agreement",), **_ONE),
    Row(name="missions:report_delivered", args=("agreement",), **_ONE),
    Row(name="missions:agreement_scan", args=("agreement",), **_ONE),
    Row(name="missions:phase_move", args=("contract_phase", "'accept"), **_ONE),
    Row(name="missions:phase_move", args=("contract_phase", "'accept"), **_WRONG, method="post"),
    Row(name="missions:phase_move", args=("contract_phase", "'forget"), **_UNKNOWN),
    Row(name="missions:amendment_send", args=("contract_amendment",), **_ONE),
    Row(name="missions:amendment_pdf", args=("contract_amendment",), **_ONE),
    Row(name="missions:amendment_pdf", args=("contract_sent_amendment",), **_ONE),
    Row(name="missions:amendment_scan", args=("contract_sent_amendment",), **_ONE),
    Row(name="missions:paper", args=("contract_paper",), **_ONE),
    Row(name="invoicing:agreement_pdf", args=("draft_agreement",), **_ONE),
    Row(name="invoicing:agreement_pdf", args=("contract_sent",), **_ONE),
    Row(name="invoicing:clause_annex", args=("contract_clause",), **_ONE),
    Row(name="invoicing:clause_annex", args=("draft_clause",), **_ONE),
]
