"""What the signature asks of an agreement paid by grants."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from essaim.workflow import Missing
from missions.codes import Basis


def grant_for_one_mission(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """WARN: a grant earmarked for one mission looks like the price of a service (CGI art. 266)."""
    shares = obj.shares.filter(basis=Basis.GRANT, envelope=None).select_related("payer")
    words = _(
        "“%(payer)s” pays this one mission by a grant: tax may see the price of a service in it,"
        " with VAT. Say why it is a grant, or choose “price complement” or an order."
    )
    url = reverse("missions:agreement_shares", args=(obj.pk,))
    return [
        Missing("grant_for_one_mission", words % {"payer": share.payer}, url, level="warn")
        for share in shares
    ][:1]
