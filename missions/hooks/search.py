"""What the missions room lets be found."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from essaim import hooks
from essaim.search.kinds import Found, Searched
from missions.models import Agreement, Envelope, Mission, Quote


def _page(name: str) -> Callable[[int], str]:
    return lambda key: reverse(name, args=(key,))


def _line(*parts: Any) -> str:
    return " · ".join(dict.fromkeys(str(part) for part in parts if part))


def _of(model: Any, field: str) -> Callable[[Sequence[int]], Iterable[int]]:
    """The rows of a model whose `field` is one of these."""
    return lambda keys: model.objects.filter(**{f"{field}__in": keys}).values_list("pk", flat=True)


def _agreement(row: Agreement) -> Found:
    words = f"{row.reference} {row.client} {row.client.legal_name} {row.coop or ''}"
    return Found(row.pk, row.title, _line(row.reference, row.client, row.coop), words)


def _quote(row: Quote) -> Found:
    words = f"{row.title} {row.client} {row.client.legal_name} {row.coop or ''}"
    detail = _line(row.title if row.number else "", row.client, row.coop)
    return Found(row.pk, row.reference or row.title, detail, words)


def _mission(row: Mission) -> Found:
    return Found(row.pk, row.title, _line(row.coop), str(row.coop or ""))


def _envelope(row: Envelope) -> Found:
    return Found(row.pk, row.reference, str(row.payer), f"{row.payer} {row.engagement_number}")


_BOTH = ("client", "coop__organisation")

for _answer in (
    Searched(
        model="missions.Agreement",
        label=_("Agreements"),
        icon="handshake",
        order=40,
        permission="missions.view_agreement",
        rows=lambda: Agreement.objects.select_related(*_BOTH),
        tell=_agreement,
        url=_page("missions:agreement"),
        follows={"crm.Organisation": _of(Agreement, "client"), "crm.Coop": _of(Agreement, "coop")},
    ),
    Searched(
        model="missions.Quote",
        label=_("Quotes"),
        icon="file-text",
        order=45,
        permission="missions.view_quote",
        rows=lambda: Quote.objects.select_related(*_BOTH),
        tell=_quote,
        url=_page("missions:quote"),
        follows={"crm.Organisation": _of(Quote, "client"), "crm.Coop": _of(Quote, "coop")},
    ),
    Searched(
        model="missions.Mission",
        label=_("Missions"),
        icon="briefcase",
        order=60,
        permission="missions.view_mission",
        rows=lambda: Mission.objects.select_related("coop__organisation"),
        tell=_mission,
        url=_page("missions:mission"),
        follows={"crm.Coop": _of(Mission, "coop")},
    ),
    Searched(
        model="missions.Envelope",
        label=_("Envelopes"),
        icon="mail",
        order=65,
        permission="missions.view_envelope",
        rows=lambda: Envelope.objects.select_related("payer"),
        tell=_envelope,
        url=_page("missions:envelope"),
        follows={"crm.Organisation": _of(Envelope, "payer")},
    ),
):
    hooks.search.register(_answer.model)(_answer)
