"""What the catalogue is set to: when a programme is to be read again."""

from datetime import date

from essaim.days import add_months
from grants.models import CatalogueSetting


def recheck_before(on: date) -> date:
    """A programme checked before this day is to be checked again; one query."""
    setting = CatalogueSetting.objects.order_by("pk").first() or CatalogueSetting()
    return add_months(on, -setting.recheck_months)
