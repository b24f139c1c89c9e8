"""Coops that existed before: each placed at its stage, earlier items « avant la reprise »."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.actions import count_members, date_milestone, set_legal_form, take_over
from crm.finding import Colleagues, Known, Organisations
from crm.imports.common import (
    IDENTIFIERS,
    LEGAL,
    PLACE,
    REFERENCE,
    alike,
    candidate,
    form_words,
    identity,
    legal_form,
)
from crm.models import Coop, Milestone, Organisation, Path
from crm.stages import Stage
from essaim.identifiers import search_key
from essaim.imports.plan import LINK, REF, SAME, Column, Judged, Line, Made
from essaim.imports.rehearse import rehearse, write_each
from essaim.imports.values import Cells, Words
from essaim.models import User
from essaim.moving import Act

STAGES = [(code, label) for code, label in Stage.choices if code != Stage.DONE]
COLUMNS = (
    Column(
        "legal_name",
        gettext_lazy("Legal name"),
        ("nom", "nom légal", "coop", "raison sociale", "projet", "nom de la coop"),
        required=True,
        example="Association Le Grenier de la Lauter",
    ),
    Column("usual_name", gettext_lazy("Usual name"), ("nom d’usage", "nom usuel", "sigle")),
    Column(
        "path",
        gettext_lazy("Path"),
        ("parcours", "type de projet"),
        required=True,
        same_for_all=True,
        example="Épicerie associative",
    ),
    Column(
        "stage",
        gettext_lazy("Stage reached"),
        ("étape", "étape atteinte", "stade", "phase"),
        required=True,
        choices=[label for _code, label in STAGES],
        example="Collectif",
    ),
    Column(
        "effective_on",
        gettext_lazy("At this stage since"),
        ("à cette étape depuis", "depuis", "date d’effet", "date de l’étape"),
        required=True,
        example="15/03/2025",
    ),
    Column(
        "started_on",
        gettext_lazy("Accompanied since"),
        ("accompagnée depuis", "début", "début de l’accompagnement", "premier contact"),
    ),
    Column(
        "owner",
        gettext_lazy("Followed by (e-mail)"),
        ("suivie par", "référent", "accompagnateur", "chargé de mission", "courriel du référent"),
        required=True,
        same_for_all=True,
        example="ada@essaim.example",
    ),
    Column("insee", gettext_lazy("INSEE code"), ("insee", "code commune")),
    Column("epci", "EPCI", ("intercommunalité", "communauté de communes")),
    Column("department", gettext_lazy("Department"), ("département", "dpt")),
    Column("is_qpv", gettext_lazy("Priority district (QPV)"), ("qpv",)),
    Column("is_frr", gettext_lazy("Rural revitalisation area (FRR)"), ("frr", "zrr")),
    Column("members_target", gettext_lazy("Member target"), ("objectif de membres",)),
    Column("opening_target", gettext_lazy("Target opening date"), ("ouverture visée",)),
    Column("registered", gettext_lazy("Registered members"), ("membres", "membres inscrits")),
    Column("active", gettext_lazy("Active members"), ("membres actifs",)),
    Column("members_as_of", gettext_lazy("Members counted on"), ("membres comptés le",)),
    Column("company_on", gettext_lazy("Company created on"), ("société créée le",)),
    Column("opened_on", gettext_lazy("Opened on"), ("ouverte le", "ouverture")),
    *LEGAL,
    *IDENTIFIERS,
    *PLACE,
    Column("why", gettext_lazy("Remark"), ("remarque", "commentaire", "observations")),
    REFERENCE,
)
# What an action calls it -> its column here.
REFUSED = {
    "to": "stage",
    "registered": "registered",
    "as_of": "members_as_of",
    "form": "legal_form",
    "since": "legal_form_since",
    "kind": "stage",
    "happened_on": "opened_on",
    "state": "stage",
    "organisation": "legal_name",
}
FACTS = ("insee", "epci", "department")


@dataclass(slots=True)
class Plan:
    """What one row asks for."""

    move: dict[str, Any]
    fields: dict[str, Any]
    form: tuple[str, date] | None = None
    members: dict[str, Any] | None = None
    milestones: dict[str, date] = field(default_factory=dict)
    organisation: int | None = None


class CoopImporter:
    kind = "coops"
    permission = "crm.take_over_accompaniment"
    order = 30

    def label(self) -> str:
        return _("Coops at their stage")

    def help(self) -> str:
        return _(
            "Coops already accompanied: path, stage reached and since when, who follows them."
            " Earlier items of the kit are noted as done before."
        )

    def columns(self) -> Sequence[Column]:
        return COLUMNS

    def judge(
        self, lines: Sequence[Line], *, by: User, on: date, at: datetime, dry: bool
    ) -> list[Judged]:
        known, colleagues = Organisations(by), Colleagues()
        seen: dict[str, int] = {}
        words = _Said()
        judged = []
        for line in lines:
            one = Judged(line)
            self._read(one, words, colleagues, on)
            if not one.faults:
                self._place(one, known)
                _once(one, seen)
            judged.append(one)
        if dry:
            rehearse(judged, self._writer(by, on, at), REFUSED)
        return judged

    def _read(self, one: Judged, words: "_Said", colleagues: Colleagues, on: date) -> None:
        cells = Cells(one)
        cells.needed("legal_name")
        fields = identity(cells)
        fields |= {name: cells.text(name, 120) for name in FACTS}
        fields["is_qpv"], fields["is_frr"] = cells.yes_no("is_qpv"), cells.yes_no("is_frr")
        fields["members_target"] = cells.whole("members_target")
        fields["opening_target"] = cells.day("opening_target")
        one.title = fields["usual_name"] or fields["legal_name"]
        path = cells.pick("path", words.paths)
        move: dict[str, Any] = {
            "path": words.by_code.get(path),
            "stage": cells.pick("stage", words.stages),
            "effective_on": cells.day("effective_on", latest=on),
            "started_on": cells.day("started_on", latest=on),
            "why": cells.text("why", 500),
            "owner": _owner(one, cells, colleagues),
        }
        for name in ("path", "stage", "effective_on"):
            if not one.line.get(name):
                cells.needed(name)
        plan = Plan(move, {k: v for k, v in fields.items() if v})
        plan.form = legal_form(cells, one, words.forms, on)
        plan.members = _members(cells, on)
        for code, name in ((Milestone.Kind.OPENING, "opened_on"), (_COMPANY, "company_on")):
            if (day := cells.day(name, latest=on)) is not None:
                plan.milestones[code] = day
        one.data = plan
        stage = dict(STAGES).get(move["stage"], "")
        one.detail = " · ".join(str(w) for w in (stage, move["path"], move["owner"]) if w)

    def _place(self, one: Judged, known: Organisations) -> None:
        plan: Plan = one.data
        sure = known.by_ref(one.line.get(REF)) if one.line.get(REF) else None
        maybe: list[Known] = []
        if sure is None:
            sure, maybe = alike(known, plan.fields)
        if sure is None and one.line.choice.startswith("org:"):
            sure = known.by_key.get(int(one.line.choice.removeprefix("org:")))
        if sure is not None and sure.coop is not None:
            one.verdict = SAME
            one.detail = _("There already: %(name)s") % {"name": sure.name}
        elif sure is not None:
            one.verdict, plan.organisation = LINK, sure.key
            one.detail = _("of the organisation %(name)s") % {"name": sure.name}
        elif maybe:
            one.doubt([candidate(k) for k in maybe])

    def write(self, judged: Sequence[Judged], *, by: User, on: date, at: datetime) -> list[Made]:
        return write_each(judged, self._writer(by, on, at), REFUSED)

    def _writer(self, by: User, on: date, at: datetime) -> Any:
        act: Act = {"by": by, "on": on, "at": at}

        def write(one: Judged) -> Made:
            plan: Plan = one.data
            fields = dict(plan.fields)
            if plan.organisation is not None:
                facts = {"members_target", "opening_target", "is_qpv", "is_frr", *FACTS}
                fields = {k: v for k, v in fields.items() if k in facts}
                fields["organisation"] = Organisation.objects.get(pk=plan.organisation)
            coop = take_over(**plan.move, **fields, **act)
            more = _complete(coop, plan, act)
            if plan.organisation is None:
                more.append(coop.organisation)
            return Made(one.number, coop, more=tuple(more))

        return write


class _Said:
    """The words of the file's columns."""

    def __init__(self) -> None:
        self.by_code = {path.code: path for path in Path.objects.all()}
        self.paths = Words([(path.code, path.label) for path in self.by_code.values()])
        self.stages = Words(STAGES, _WAYS)
        self.forms = form_words()


def _complete(coop: Coop, plan: Plan, act: Act) -> list[Any]:
    """What else the row says of the coop; answers what it adds to the organisation.

    An organisation that was there keeps the legal form it has, as it keeps its name.
    """
    more: list[Any] = []
    if plan.form is not None and not coop.organisation.legal_forms.exists():
        form, since = plan.form
        more.append(set_legal_form(coop.organisation, form=form, since=since, **act))
    if plan.members is not None:
        count_members(coop, **plan.members, source=_("Taken over from a file"), **act)
    for kind, day in plan.milestones.items():
        date_milestone(coop.current, kind=kind, happened_on=day, **act)
    return more


def _owner(one: Judged, cells: Cells, colleagues: Colleagues) -> User | None:
    said = cells.needed("owner")
    if not said:
        return None
    try:
        return colleagues.find(said)
    except LookupError as error:
        one.fault("owner", str(error))
        return None


def _members(cells: Cells, on: date) -> dict[str, Any] | None:
    registered, active = cells.whole("registered"), cells.whole("active")
    as_of = cells.day("members_as_of", latest=on)
    if registered is None:
        return None
    return {"registered": registered, "active": active, "as_of": as_of or on}


def _once(one: Judged, seen: dict[str, int]) -> None:
    """The same coop twice in a file."""
    if one.verdict == SAME:
        return
    fields = one.data.fields
    key = "".join(str(fields.get("siret", "")).split())
    key = key or f"{search_key(fields['legal_name'])} {search_key(fields.get('city', ''))}"
    first = seen.setdefault(key, one.number)
    if first != one.number:
        one.fault("legal_name", _("row %(row)s already says the same.") % {"row": first})


_COMPANY = next(code for code in Milestone.Kind.values if code != Milestone.Kind.OPENING)
_WAYS = {
    "contact": "contact",
    "diagnostic": "diagnosis",
    "gac": "buying_group",
    "groupement d’achat": "buying_group",
    "épicerie test": "test_shop",
    "étude": "set_up",
    "financement": "set_up",
    "travaux": "premises",
    "ouverte": "follow_up",
    "suivi": "follow_up",
}
