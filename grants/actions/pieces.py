"""Every write on pieces: what a programme asks for, and what a file has of it."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from crm import actions as crm
from crm.models import Document
from essaim.models import User
from essaim.workflow import Missing, perform, perform_many, record
from essaim.writing import put
from grants.actions.common import refuse_any
from grants.models import GrantApplication, Piece, PieceKind, Programme
from grants.states import ENDED

KIND_FACTS = frozenset({"label", "step", "is_required", "help"})


@transaction.atomic
def add_piece_kind(
    programme: Programme, *, by: User, on: date, at: datetime, **facts: Any
) -> PieceKind:
    """Ask a piece of every new file of the programme; open files keep their list."""
    last = programme.piece_kinds.aggregate(last=Max("position"))["last"] or 0
    kind = PieceKind(programme=programme, position=last + 1)
    changed = put(kind, facts, KIND_FACTS)
    refuse_any(_wrong_label(kind.label))
    kind.save()
    record(kind, "create", by=by, on=on, at=at, codes={"fields": changed})
    return kind


@transaction.atomic
def edit_piece_kind(
    kind: PieceKind, *, by: User, on: date, at: datetime, **facts: Any
) -> PieceKind:
    kind = PieceKind.objects.select_for_update(of=("self",), no_key=True).get(pk=kind.pk)
    changed = put(kind, facts, KIND_FACTS)
    refuse_any(_wrong_label(kind.label))
    kind.save()
    record(kind, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return kind


@transaction.atomic
def archive_piece_kind(kind: PieceKind, *, by: User, on: date, at: datetime) -> PieceKind:
    """It is asked of no new file any more; asked again when it was archived already."""
    kind = PieceKind.objects.select_for_update(of=("self",), no_key=True).get(pk=kind.pk)
    kind.archived_on = None if kind.archived_on else on
    kind.save()
    verb = "archive" if kind.archived_on else "unarchive"
    record(kind, verb, by=by, on=on, at=at)
    return kind


def copy_kinds(application: GrantApplication) -> int:
    """Give a file the pieces of its programme that it lacks; return how many."""
    held = set(application.pieces.exclude(kind=None).values_list("kind", flat=True))
    kinds = application.programme.piece_kinds.current().exclude(pk__in=held)
    rows = [
        Piece(
            application=application,
            kind=kind,
            label=kind.label,
            step=kind.step,
            is_required=kind.is_required,
            help=kind.help,
            position=kind.position,
        )
        for kind in kinds
    ]
    Piece.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def take_programme_pieces(
    application: GrantApplication, *, by: User, on: date, at: datetime
) -> GrantApplication:
    """Bring an open file up to what its programme asks for today."""
    refuse_any(_closed(application))
    count = copy_kinds(application)
    record(application, "take_pieces", by=by, on=on, at=at, codes={"pieces": count})
    return application


@transaction.atomic
def add_piece(
    application: GrantApplication, *, by: User, on: date, at: datetime, **facts: Any
) -> Piece:
    """Ask one more piece of this file alone."""
    last = application.pieces.aggregate(last=Max("position"))["last"] or 0
    piece = Piece(application=application, position=last + 1)
    changed = put(piece, facts, KIND_FACTS)
    refuse_any([*_closed(application), *_wrong_label(piece.label)])
    piece.save()
    record(piece, "create", by=by, on=on, at=at, codes={"fields": changed})
    return piece


@transaction.atomic
def ready_piece(
    piece: Piece,
    *,
    by: User,
    on: date,
    at: datetime,
    evidence: Document | None = None,
    file: Any = None,
    words: str = "",
) -> Piece:
    """The piece is here: a document of the coop, a file to keep, or words that say where it is."""
    coop = piece.application.coop
    if file is not None and coop is None:
        told = _("Our own structure keeps no papers here: write where the piece is.")
        refuse_any([Missing("file", told)])
    if file is not None and coop is not None:
        evidence = crm.add_document(coop, file=file, title=piece.label, by=by, on=on, at=at)
    perform(piece, "make_ready", by=by, on=on, at=at, evidence=evidence, words=words)
    return piece


def send_ready(
    application: GrantApplication, *, step: str, dated: date, by: User, on: date, at: datetime
) -> None:
    """What was ready for a step leaves with it."""
    rows = Piece.objects.filter(application=application, step=step, state=Piece.State.READY)
    perform_many(rows, "send_piece", by=by, on=on, at=at, dated=dated)


def _wrong_label(label: str) -> list[Missing]:
    return [] if label.strip() else [Missing("label", _("Name the piece."))]


def _closed(application: GrantApplication) -> list[Missing]:
    if application.state not in ENDED:
        return []
    return [Missing("state", _("The file is ended: nothing more is asked of it."))]
