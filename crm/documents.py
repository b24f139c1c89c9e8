"""Which version of a document another row was judged on."""

from typing import Any

from crm.models import DocumentPin, DocumentVersion


def judged(row: Any, field: str) -> DocumentVersion | None:
    """The version that `row.field` (a key to Document) was judged on: the pinned one when a later
    version came since, else the current one. None without a document."""
    document = getattr(row, f"{field}_id")
    if document is None:
        return None
    pins = DocumentPin.objects.filter(model=row._meta.label, field=field, object_id=row.pk)
    pin = pins.filter(version__document=document).select_related("version").first()
    if pin is not None:
        return pin.version
    return DocumentVersion.objects.filter(document=document).order_by("-number").first()
