"""Pieces of a file: asked by the programme, proved, sent, answered; what lacks bars the deposit."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction

from crm import actions as crm
from crm.models import Document
from essaim import hooks
from essaim.models import EventText, User
from essaim.scope import state_fields
from essaim.workflow import Refused, perform
from grants import actions
from grants.models import Piece, PieceKind
from tests.conftest import acting
from tests.given_crm import given_coop
from tests.given_grants import (
    DAY,
    given_applicant,
    given_application,
    given_call,
    given_disbursement,
    given_our_structure,
    given_programme,
    who,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def _programme(*kinds: tuple[str, str, bool]) -> Any:
    programme = given_programme()
    for label, step, required in kinds:
        actions.add_piece_kind(programme, label=label, step=step, is_required=required, **who())
    return programme


def _file(state: str = "drafting", step: str = "deposit", coop: Any = None) -> Any:
    programme = _programme(("Statuts", step, True), ("Devis", step, False))
    return given_application(coop or given_applicant(), programme, state=state)


def _act(piece: Piece, edge: str, **data: Any) -> None:
    with transaction.atomic():
        perform(piece, edge, **data, **who())


def test_a_new_file_is_asked_what_its_programme_asks() -> None:
    application = _file()
    assert [(p.label, p.state, p.is_required) for p in application.pieces.all()] == [
        ("Statuts", "missing", True),
        ("Devis", "missing", False),
    ]


def test_a_kind_archived_is_asked_of_no_new_file_and_an_open_one_may_catch_up() -> None:
    application = _file()
    programme = application.programme
    actions.archive_piece_kind(PieceKind.objects.get(label="Devis"), **who())
    actions.add_piece_kind(programme, label="RIB", step="claim", **who())
    assert application.pieces.count() == 2
    actions.take_programme_pieces(application, **who())
    actions.take_programme_pieces(application, **who())
    assert [p.label for p in application.pieces.all()] == ["Statuts", "Devis", "RIB"]
    other = given_application(given_applicant("Épi Sud"), programme)
    assert [p.label for p in other.pieces.all()] == ["Statuts", "RIB"]


def test_the_deposit_is_barred_while_a_required_piece_lacks_and_names_it() -> None:
    application = _file()
    piece = application.pieces.get(label="Statuts")
    with pytest.raises(Refused) as refused:
        actions.move(application, "deposit", dated=DAY, **who())
    (missing,) = refused.value.missing
    assert (missing.level, missing.url) == ("bar", piece.get_absolute_url())
    assert "Statuts" in missing.text
    actions.ready_piece(piece, words="Dans le classeur bleu", **who())
    actions.move(application, "deposit", dated=DAY, **who())
    piece.refresh_from_db()
    assert (piece.state, piece.sent_on) == ("sent", DAY)


def test_a_piece_done_without_needs_a_reason_and_lets_the_deposit_pass() -> None:
    application = _file()
    piece = application.pieces.get(label="Statuts")
    with pytest.raises(Refused) as refused:
        _act(piece, "waive_piece", dated=DAY, why=" ")
    assert [m.code for m in refused.value.missing] == ["why"]
    _act(piece, "waive_piece", dated=DAY, why="Déjà au dossier de l’an passé.")
    actions.move(application, "deposit", dated=DAY, **who())
    told = EventText.objects.get(event__verb="grants.Piece.waive_piece")
    assert told.words["why"] == "Déjà au dossier de l’an passé."


@pytest.mark.parametrize(
    ("state", "step", "edge", "data"),
    [
        ("incomplete", "completeness", "declare_complete", {}),
        ("awarded", "agreement", "agree", {"amount": 36000}),
        ("running", "report", "report", {"amount": 45000}),
    ],
)
def test_another_step_warns_with_the_names(state: str, step: str, edge: str, data: Any) -> None:
    application = _file(state, step)
    with pytest.raises(Refused) as refused:
        actions.move(application, edge, dated=DAY, **data, **who())
    assert [(m.code, m.level) for m in refused.value.missing] == [("pieces_missing", "warn")]
    assert "Statuts" in str(refused.value)
    assert "Devis" not in str(refused.value)
    reasons = {"pieces_missing": "Envoyées par la poste."}
    actions.move(application, edge, dated=DAY, reasons=reasons, **data, **who())


def test_a_claim_of_payment_warns_of_its_pieces() -> None:
    row = given_disbursement(_file("agreed", "claim"))
    with pytest.raises(Refused) as refused:
        actions.claim_disbursement(row, dated=DAY, **who())
    assert [m.code for m in refused.value.missing] == ["pieces_missing"]


GRAPH: dict[str, tuple[set[str], str]] = {
    "make_ready": ({"missing", "refused", "waived"}, "ready"),
    "send_piece": ({"ready"}, "sent"),
    "accept_piece": ({"sent"}, "accepted"),
    "refuse_piece": ({"sent", "accepted"}, "refused"),
    "take_back_piece": ({"ready", "sent", "waived"}, "missing"),
    "waive_piece": ({"missing", "ready", "refused"}, "waived"),
}
ROAD: dict[str, tuple[str, ...]] = {
    "missing": (),
    "ready": ("make_ready",),
    "sent": ("make_ready", "send_piece"),
    "accepted": ("make_ready", "send_piece", "accept_piece"),
    "refused": ("make_ready", "send_piece", "refuse_piece"),
    "waived": ("waive_piece",),
}
DATA: dict[str, dict[str, Any]] = {
    "make_ready": {"words": "Classeur bleu"},
    "send_piece": {"dated": DAY},
    "accept_piece": {"dated": DAY},
    "refuse_piece": {"dated": DAY, "why": "Illisible."},
    "take_back_piece": {"dated": DAY, "why": "Erreur de saisie."},
    "waive_piece": {"dated": DAY, "why": "Sans objet."},
}


@pytest.mark.parametrize("state", Piece.State.values)
def test_every_move_of_a_piece_by_every_role(
    state: str, ada: User, basile: User, chloe: User, farid: User, dina: User
) -> None:
    (field,) = state_fields(Piece)
    assert {t.name for t in field.get_all_transitions(Piece)} == set(GRAPH)
    piece = _file().pieces.get(label="Statuts")
    for edge in ROAD[state]:
        _act(piece, edge, **DATA[edge])
    for edge, (sources, target) in GRAPH.items():
        for user in (ada, basile, chloe, farid, dina):
            with transaction.atomic():
                seen = _tried(piece, edge, user)
                transaction.set_rollback(True)
            piece.refresh_from_db()
            may = user in (basile, farid)
            done = target if may else "denied"
            assert seen == (done if state in sources else "state"), (edge, user)


def _tried(piece: Piece, edge: str, user: User) -> str:
    try:
        with transaction.atomic():
            perform(piece, edge, **DATA[edge], **who(user))
    except Refused as refused:
        return refused.missing[0].code
    except PermissionDenied:
        return "denied"
    return str(piece.state)


def test_a_file_kept_for_a_piece_becomes_a_document_of_the_coop(basile: User) -> None:
    coop = given_coop(owner=basile, by=basile)
    piece = _file(coop=coop).pieces.get(label="Statuts")
    file = ContentFile(PDF, "statuts signés.pdf")
    actions.ready_piece(piece, file=file, **acting(basile, DAY))
    document = Document.objects.get()
    assert (document.title, document.coop) == ("Statuts", coop)
    assert piece.evidence == document
    with pytest.raises(Refused):
        bad = ContentFile(b"MZ\x90\x00not a pdf", "statuts.pdf")
        actions.ready_piece(Piece.objects.get(label="Devis"), file=bad, **acting(basile, DAY))
    assert Document.objects.count() == 1


def test_the_paper_of_another_coop_proves_nothing(basile: User) -> None:
    coop, other = (given_coop(name, owner=basile, by=basile) for name in ("Épi", "Ruche"))
    piece = _file(coop=coop).pieces.get(label="Statuts")
    file = ContentFile(PDF, "x.pdf")
    stray = crm.add_document(other, file=file, title="X", **acting(basile, DAY))
    for data, code in (({"evidence": stray}, "evidence"), ({"words": " "}, "evidence")):
        with pytest.raises(Refused) as refused:
            actions.ready_piece(piece, **data, **who())
        assert [m.code for m in refused.value.missing] == [code]


def test_our_own_structure_says_where_its_pieces_are() -> None:
    given_our_structure()
    application = given_application(None, _programme(("Statuts", "deposit", True)))
    piece = application.pieces.get()
    with pytest.raises(Refused) as refused:
        actions.ready_piece(piece, file=ContentFile(PDF, "x.pdf"), **who())
    assert [m.code for m in refused.value.missing] == ["file"]
    actions.ready_piece(piece, words="Armoire du bureau", **who())
    assert piece.state == "ready"


def test_a_piece_by_hand_and_one_without_a_name() -> None:
    application = _file()
    actions.add_piece(application, label="Lettre du maire", step="deposit", **who())
    assert application.pieces.count() == 3
    with pytest.raises(Refused):
        actions.add_piece(application, label="  ", step="deposit", **who())
    ended = given_application(given_applicant("Épi"), application.programme, state="withdrawn")
    with pytest.raises(Refused):
        actions.add_piece(ended, label="Lettre", step="deposit", **who())


def test_missing_pieces_are_told_to_the_owner_of_the_file(basile: User, chloe: User) -> None:
    programme = _programme(("Statuts", "deposit", True), ("RIB", "claim", True))
    call = given_call(programme, deadline=datetime(2026, 3, 20, 11, tzinfo=UTC))
    application = given_application(
        given_applicant(), programme, state="drafting", call=call, by=basile
    )
    provider = next(p for p in hooks.work_reasons.all() if p.__name__ == "pieces_missing")
    (told,) = provider(basile, on=DAY, limit=9)
    assert told.url == f"{application.get_absolute_url()}#pieces"
    assert "1 pièce" in told.title
    assert provider(chloe, on=DAY, limit=9) == []
    actions.ready_piece(application.pieces.get(label="Statuts"), words="Ici", **who())
    assert provider(basile, on=DAY, limit=9) == []
