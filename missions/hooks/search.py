"""What the missions room lets be found."""

from django.utils.translation import gettext_lazy as _

from essaim import hooks
from essaim.search.kinds import Found, Searched, line, naming, page
from missions.models import Agreement, Envelope, Mission, Quote


def _agreement(row: Agreement) -> Found:
    words = f"{row.reference} {row.client} {row.client.legal_name} {row.coop or ''}"
    return Found(row.pk, row.title, line(row.reference, row.client, row.coop), words)


def _quote(row: Quote) -> Found:
    words = f"{row.title} {row.client} {row.client.legal_name} {row.coop or ''}"
    detail = line(row.title if row.number else "", row.client, row.coop)
    return Found(row.pk, row.reference or row.title, detail, words)


def _mission(row: Mission) -> Found:
    return Found(row.pk, row.title, line(row.coop), str(row.coop or ""))


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
        url=page("missions:agreement"),
        follows={
            "crm.Organisation": naming(Agreement, "client"),
            "crm.Coop": naming(Agreement, "coop"),
        },
    ),
    Searched(
        model="missions.Quote",
        label=_("Quotes"),
        icon="file-text",
        order=45,
        permission="missions.view_quote",
        rows=lambda: Quote.objects.select_related(*_BOTH),
        tell=_quote,
        url=page("missions:quote"),
        follows={"crm.Organisation": naming(Quote, "client"), "crm.Coop": naming(Quote, "coop")},
    ),
    Searched(
        model="missions.Mission",
        label=_("Missions"),
        icon="briefcase",
        order=60,
        permission="missions.view_mission",
        rows=lambda: Mission.objects.select_related("coop__organisation"),
        tell=_mission,
        url=page("missions:mission"),
        follows={"crm.Coop": naming(Mission, "coop")},
    ),
    Searched(
        model="missions.Envelope",
        label=_("Envelopes"),
        icon="mail",
        order=65,
        permission="missions.view_envelope",
        rows=lambda: Envelope.objects.select_related("payer"),
        tell=_envelope,
        url=page("missions:envelope"),
        follows={"crm.Organisation": naming(Envelope, "payer")},
    ),
):
    hooks.search.register(_answer.model)(_answer)
