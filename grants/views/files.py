"""What hangs on one file: pieces, other funders, episodes, amendments."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.views import FormPage, TransitionPage
from essaim.workflow import Missing
from grants import actions, forms_files
from grants.models import (
    AmendmentNeed,
    CoFunder,
    Episode,
    GrantApplication,
    Piece,
    PieceKind,
    Programme,
)


class OfFile(FormPage):
    """A form about a part of a file; it comes back to the file."""

    parent_model, parent_kwarg = GrantApplication, "application_pk"
    anchor = ""

    @property
    def file(self) -> GrantApplication:
        return self.parent if self.parent is not None else self.object.application

    def get_facts(self) -> str:
        return f"{self.file} · {self.file.applicant}"

    def get_back(self) -> tuple[str, Any]:
        return (self.file.get_absolute_url(), _("Back to the file"))

    def get_success_url(self, done: Any) -> str:
        return f"{self.file.get_absolute_url()}{self.anchor}"


# -- pieces -----------------------------------------------------------------------------------


class PieceAdd(OfFile):
    form_class, title, anchor = forms_files.PieceForm, gettext_lazy("One more piece"), "#pieces"
    explains = gettext_lazy("A piece this funder asks besides the list of its programme.")

    def perform(self, form: Any) -> Piece:
        return actions.add_piece(self.parent, **form.cleaned_data, **self.act())


class PiecesTake(OfFile):
    title, anchor = gettext_lazy("Take the programme's pieces"), "#pieces"
    submit_label = gettext_lazy("Add what lacks")
    explains = gettext_lazy("Pieces that the programme asks today and this file does not list yet.")

    def perform(self, form: Any) -> GrantApplication:
        return actions.take_programme_pieces(self.parent, **self.act())


class PieceMove(OfFile, TransitionPage):
    model = Piece
    select_related = ("application__coop", "application__applicant")
    forms = {
        "make_ready": forms_files.ReadyForm,
        "send_piece": forms_files.SentForm,
        "accept_piece": forms_files.SentForm,
        "refuse_piece": forms_files.PieceWhyForm,
        "take_back_piece": forms_files.PieceWhyForm,
        "waive_piece": forms_files.PieceWhyForm,
    }
    actions = {"make_ready": actions.ready_piece}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"piece": self.object} if self.edge == "make_ready" else {}

    def get_initial(self) -> dict[str, Any]:
        names = self.get_form_class().base_fields
        start = {"dated": self.today, "words": self.object.words, "evidence": self.object.evidence}
        return {k: v for k, v in start.items() if k in names}

    def get_missing(self) -> list[Missing]:
        return [m for m in super().get_missing() if m.code == "state"]

    def get_facts(self) -> str:
        return f"{self.object} · {self.file}"

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(**more) | {"help": self.object.help}

    def get_success_url(self, done: Any) -> str:
        return str(self.object.get_absolute_url())


class PieceKindAdd(FormPage):
    parent_model, parent_kwarg = Programme, "programme_pk"
    form_class, title = forms_files.PieceKindForm, gettext_lazy("A piece this programme asks for")
    explains = gettext_lazy("Each new file of this programme will list it.")

    def get_back(self) -> tuple[str, Any]:
        return (self.parent.get_absolute_url(), str(self.parent))

    def perform(self, form: Any) -> PieceKind:
        return actions.add_piece_kind(self.parent, **form.cleaned_data, **self.act())


class PieceKindEdit(FormPage):
    model, form_class = PieceKind, forms_files.PieceKindForm
    title = gettext_lazy("A piece this programme asks for")
    explains = gettext_lazy("New files follow; those already open keep the piece as they list it.")
    select_related = ("programme",)

    def get_back(self) -> tuple[str, Any]:
        return (self.object.programme.get_absolute_url(), str(self.object.programme))

    def perform(self, form: Any) -> PieceKind:
        return actions.edit_piece_kind(self.object, **form.cleaned_data, **self.act())


class PieceKindArchive(FormPage):
    """Asked of no new file any more, or asked again."""

    explains = gettext_lazy("New files no longer list it; those already open keep it.")

    model = PieceKind
    select_related = ("programme",)

    def get_title(self) -> str:
        return _("Ask for it again") if self.object.archived_on else _("Ask for it no more")

    def get_facts(self) -> str:
        return _("%(piece)s: files that list it keep it.") % {"piece": self.object}

    def get_back(self) -> tuple[str, Any]:
        return (self.object.programme.get_absolute_url(), str(self.object.programme))

    def perform(self, form: Any) -> PieceKind:
        return actions.archive_piece_kind(self.object, **self.act())


# -- other funders ----------------------------------------------------------------------------


class CoFunderEdit(OfFile):
    model, form_class = CoFunder, forms_files.CoFunderEditForm
    title, anchor = gettext_lazy("Another funder of the project"), "#financeurs"
    explains = gettext_lazy(
        "What another funder is asked and grants counts in the plan of this project."
    )
    select_related = ("application__applicant", "funder")

    def get_initial(self) -> dict[str, Any]:
        return {"funder": self.object.funder}

    def perform(self, form: Any) -> CoFunder:
        return actions.edit_co_funder(self.object, **form.cleaned_data, **self.act())


class CoFunderStanding(OfFile):
    model, form_class = CoFunder, forms_files.StandingForm
    title, anchor = gettext_lazy("Answer of another funder"), "#financeurs"
    explains = gettext_lazy("Its answer changes what is sure in the plan of this project.")
    select_related = ("application__applicant", "funder")

    def get_facts(self) -> str:
        return f"{self.object.funder} · {self.file}"

    def get_initial(self) -> dict[str, Any]:
        amount = self.object.amount
        return {"dated": self.today, "amount": amount, "standing": self.object.standing}

    def perform(self, form: Any) -> CoFunder:
        return actions.note_standing(self.object, **form.cleaned_data, **self.act())


# -- episodes and amendments ------------------------------------------------------------------


class EpisodeOpen(OfFile):
    form_class, title = forms_files.EpisodeForm, gettext_lazy("A control, an appeal, a mediation")
    explains = gettext_lazy("It has its own dates and its end; the file goes on beside it.")
    anchor = "#episodes"

    def get_initial(self) -> dict[str, Any]:
        return {"opened_on": self.today}

    def perform(self, form: Any) -> Episode:
        return actions.open_episode(self.parent, **form.cleaned_data, **self.act())


class EpisodeEdit(OfFile):
    model, form_class = Episode, forms_files.EpisodeForm
    title, anchor = gettext_lazy("A control, an appeal, a mediation"), "#episodes"
    explains = gettext_lazy("Note where it stands and, once it is over, how it ended.")
    select_related = ("application__applicant",)

    def perform(self, form: Any) -> Episode:
        return actions.edit_episode(self.object, **form.cleaned_data, **self.act())


class AmendmentSettle(OfFile):
    model, form_class = AmendmentNeed, forms_files.SettleAmendmentForm
    title, anchor = gettext_lazy("What became of the amendment"), "#avenants"
    explains = gettext_lazy("Say what became of the amendment the funder had to be told about.")
    select_related = ("application__applicant", "organisation")

    def perform(self, form: Any) -> AmendmentNeed:
        words = form.cleaned_data["words"]
        return actions.settle_amendment(self.object, words=words, **self.act())
