"""Pieces a funder asks for: what a programme wants, and what one file has of it."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from crm.models import Document
from essaim.scope import ScopedQuerySet
from essaim.workflow import Stateful
from grants.guards import a_date_said, a_reason, evidence_of_the_same_coop
from grants.models.application import GrantApplication
from grants.models.office import OfficeQuerySet
from grants.models.programme import Programme
from grants.moves import Dated
from grants.moves_pieces import Proof, answered_after_sending, evidence_said

_EDIT = "grants.change_application"


class PieceStep(models.TextChoices):
    """The step that a piece is asked for."""

    DEPOSIT = "deposit", pgettext_lazy("piece", "Deposit")
    COMPLETENESS = "completeness", pgettext_lazy("piece", "Completeness")
    AGREEMENT = "agreement", pgettext_lazy("piece", "Agreement")
    CLAIM = "claim", pgettext_lazy("piece", "Payment claim")
    REPORT = "report", pgettext_lazy("piece", "Report")


class PieceKindQuerySet(ScopedQuerySet["PieceKind"]):
    def visible_to(self, user: Any) -> "PieceKindQuerySet":
        """What a programme asks for is readable by all staff, as the programme."""
        return self if user.role_codes else self.none()

    def current(self) -> "PieceKindQuerySet":
        return self.filter(archived_on=None)


class PieceKind(models.Model):
    """A piece that a programme asks of every file."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="piece_kinds")
    label = models.CharField(_("Piece"), max_length=160)
    step = models.CharField(
        _("Asked for"), max_length=12, choices=PieceStep.choices, default=PieceStep.DEPOSIT
    )
    is_required = models.BooleanField(pgettext_lazy("piece", "Required"), default=True)
    help = models.TextField(_("Help"), blank=True, max_length=1000)
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    archived_on = models.DateField(null=True, blank=True)

    objects = PieceKindQuerySet.as_manager()

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return f"{self.programme.get_absolute_url()}#pieces"


class PieceQuerySet(OfficeQuerySet["Piece"]):
    def lacking(self) -> "PieceQuerySet":
        """Required pieces that nobody has yet, or that the funder refused."""
        return self.filter(is_required=True, state__in=(Piece.State.MISSING, Piece.State.REFUSED))


class Piece(Stateful):
    """One piece of one file, copied from its programme or added by hand."""

    class State(models.TextChoices):
        MISSING = "missing", pgettext_lazy("piece", "Missing")
        READY = "ready", pgettext_lazy("piece", "Ready")
        SENT = "sent", pgettext_lazy("piece", "Sent")
        ACCEPTED = "accepted", pgettext_lazy("piece", "Accepted")
        REFUSED = "refused", pgettext_lazy("piece", "Refused")
        WAIVED = "waived", pgettext_lazy("piece", "Waived")

    application = models.ForeignKey(GrantApplication, models.PROTECT, related_name="pieces")
    kind = models.ForeignKey(
        PieceKind, models.PROTECT, null=True, blank=True, related_name="pieces"
    )
    label = models.CharField(_("Piece"), max_length=160)
    step = models.CharField(
        _("Asked for"), max_length=12, choices=PieceStep.choices, default=PieceStep.DEPOSIT
    )
    is_required = models.BooleanField(pgettext_lazy("piece", "Required"), default=True)
    help = models.TextField(_("Help"), blank=True, max_length=1000)
    position = models.PositiveSmallIntegerField(default=0)
    state = FSMField(
        _("State"), default=State.MISSING, choices=State.choices, protected=True, editable=False
    )
    evidence = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Evidence"),
    )
    words = models.CharField(_("In words"), max_length=500, blank=True)
    ready_on = models.DateField(null=True, blank=True)
    sent_on = models.DateField(null=True, blank=True)
    answered_on = models.DateField(null=True, blank=True)

    objects = PieceQuerySet.as_manager()

    class Meta:
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("application", "kind"),
                condition=~Q(kind=None),
                name="piece_of_a_kind_once_in_a_file",
            ),
            models.CheckConstraint(
                condition=~Q(state="waived") | ~Q(words=""), name="waived_piece_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("sent", "accepted")) | ~Q(sent_on=None),
                name="sent_piece_has_a_date",
            ),
        )

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return f"{self.application.get_absolute_url()}#piece-{self.pk}"

    @property
    def is_lacking(self) -> bool:
        return self.is_required and self.state in (self.State.MISSING, self.State.REFUSED)

    @property
    def state_tone(self) -> str:
        if self.state == self.State.MISSING:
            return "warn" if self.is_required else "quiet"
        tones = {"ready": "info", "sent": "info", "accepted": "good", "refused": "bad"}
        return tones.get(self.state, "quiet")

    @transition(
        state,
        source=[State.MISSING, State.REFUSED, State.WAIVED],
        target=State.READY,
        permission=_EDIT,
        custom={
            "label": _("The piece is ready"),
            "data": Proof,
            "guards": (evidence_said, evidence_of_the_same_coop),
        },
    )
    def make_ready(self, *, by: Any, on: date, at: Any, data: Proof) -> None:
        self.evidence, self.words = data.evidence, data.words
        self.ready_on, self.sent_on, self.answered_on = on, None, None

    @transition(
        state,
        source=State.READY,
        target=State.SENT,
        permission=_EDIT,
        custom={
            "label": pgettext_lazy("piece", "Sent to the funder"),
            "data": Dated,
            "guards": (a_date_said,),
        },
    )
    def send_piece(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.sent_on = data.dated

    @transition(
        state,
        source=State.SENT,
        target=State.ACCEPTED,
        permission=_EDIT,
        custom={
            "label": _("Accepted by the funder"),
            "data": Dated,
            "guards": (a_date_said, answered_after_sending),
        },
    )
    def accept_piece(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.answered_on = data.dated

    @transition(
        state,
        source=[State.SENT, State.ACCEPTED],
        target=State.REFUSED,
        permission=_EDIT,
        custom={
            "label": _("Refused by the funder"),
            "data": Dated,
            "guards": (a_date_said, a_reason, answered_after_sending),
        },
    )
    def refuse_piece(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.answered_on, self.words = data.dated, data.why

    @transition(
        state,
        source=[State.READY, State.SENT, State.WAIVED],
        target=State.MISSING,
        permission=_EDIT,
        custom={"label": _("It is missing after all"), "data": Dated, "guards": (a_reason,)},
    )
    def take_back_piece(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        """A slip is put right; the document stays in the coop's papers."""
        self.evidence, self.words = None, ""
        self.ready_on, self.sent_on, self.answered_on = None, None, None

    @transition(
        state,
        source=[State.MISSING, State.READY, State.REFUSED],
        target=State.WAIVED,
        permission=_EDIT,
        custom={"label": _("Do without it"), "data": Dated, "guards": (a_reason,)},
    )
    def waive_piece(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.words, self.answered_on = data.why, None
