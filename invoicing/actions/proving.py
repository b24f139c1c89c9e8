"""The verb of proof packs: make one, and note who took it."""

from datetime import date, datetime
from hashlib import sha256

from django.db import transaction

from essaim.models import User
from invoicing.actions.desk import log_export
from invoicing.archive import plain_name
from invoicing.proof import Perimeter, Proof, pack

KIND = "proof"


@transaction.atomic
def take_proof(
    of: Perimeter, *, first: date, last: date, by: User, on: date, at: datetime
) -> tuple[str, bytes, Proof]:
    """Make the proof pack of an envelope, an application or a programme, and log the export.

    Gives its name, its bytes and what it holds. Nothing is refused: what lacks is said in it.
    """
    proof, content = pack(of, first, last)
    name = f"justificatifs-{plain_name(str(of))}-{first:%Y%m%d}-{last:%Y%m%d}.zip"
    log_export(
        kind=KIND,
        file_format="zip",
        first=first,
        last=last,
        rows=len(proof.shares),
        fingerprint=sha256(content).hexdigest(),
        name=name[:120],
        perimeter={of._meta.label: of.pk},
        by=by,
        on=on,
        at=at,
    )
    return name, content, proof
