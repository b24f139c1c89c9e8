"""Running agreements of the earlier tool, with the days they had used already."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.finding import Organisations
from crm.models import Coop, Organisation
from essaim.formats import days as written_days
from essaim.identifiers import search_key
from essaim.imports.plan import SAME, Column, Judged, Line, Made
from essaim.imports.rehearse import rehearse, write_each
from essaim.imports.values import Cells, Words
from essaim.models import User
from essaim.moving import Act
from missions.actions.agreements import create_agreement, sign_agreement, start_agreement
from missions.actions.missions import open_mission
from missions.models import Agreement

KINDS = [c for c in Agreement.Kind.choices if c[0] in ("by_day", "offered")]
COLUMNS = (
    Column(
        "title",
        gettext_lazy("Title"),
        ("intitulé", "titre", "objet", "convention"),
        required=True,
        example="Accompagnement 2025",
    ),
    Column("reference", gettext_lazy("Reference"), ("référence", "numéro", "n°")),
    Column(
        "client",
        gettext_lazy("Client"),
        ("client", "payeur", "facturé à", "commanditaire"),
        required=True,
        help=gettext_lazy("Its name, SIRET or reference."),
        example="Communauté de communes de la Warndt",
    ),
    Column("coop", gettext_lazy("Coop"), ("coop", "bénéficiaire", "association")),
    Column(
        "kind",
        gettext_lazy("Kind"),
        ("type", "nature"),
        same_for_all=True,
        choices=[label for _code, label in KINDS],
        help=gettext_lazy("Packs and phases are written by hand: their price would be billed."),
    ),
    Column(
        "signed_on",
        gettext_lazy("Signed on"),
        ("signée le", "date de signature", "signature"),
        required=True,
        example="10/01/2025",
    ),
    Column(
        "starts_on",
        gettext_lazy("In force from"),
        ("début", "à partir du", "du", "date de début"),
        required=True,
        example="15/01/2025",
    ),
    Column("ends_on", gettext_lazy("In force until"), ("fin", "jusqu’au", "au", "date de fin")),
    Column("days_budgeted", gettext_lazy("Days budgeted"), ("jours prévus", "budget jours")),
    Column(
        "days_used_before",
        gettext_lazy("Days used before the take-over"),
        ("jours consommés", "jours utilisés", "jours déjà utilisés", "consommé"),
        help=gettext_lazy("They count against the budget and are never billed here."),
        example="6,5",
    ),
    Column("daily_rate", gettext_lazy("Daily rate"), ("tjm", "prix du jour", "tarif journalier")),
    Column(
        "rhythm",
        gettext_lazy("Billing rhythm"),
        ("rythme", "facturation"),
        same_for_all=True,
        choices=[label for _code, label in Agreement.Rhythm.choices],
    ),
    Column("payment_days", gettext_lazy("Payment term (days)"), ("délai de paiement",)),
    Column("order_number", gettext_lazy("Client's order number"), ("bon de commande",)),
)
REFUSED = {"terms": "title", "shares": "client", "agreement": "title", "price": "daily_rate"}


class AgreementImporter:
    kind = "agreements"
    permission = "missions.sign_agreement"
    order = 40

    def label(self) -> str:
        return _("Running agreements")

    def help(self) -> str:
        return _(
            "Agreements by the day, signed and not ended, with the days already used: the budget"
            " goes on from there. Each gets its mission, on which days are logged."
        )

    def columns(self) -> Sequence[Column]:
        return COLUMNS

    def judge(
        self, lines: Sequence[Line], *, by: User, on: date, at: datetime, dry: bool
    ) -> list[Judged]:
        known = Organisations(by)
        words = {"kind": Words(KINDS), "rhythm": Words(Agreement.Rhythm.choices)}
        names = ("client", "reference", "title", "starts_on")
        there = {_key(*row) for row in Agreement.objects.values_list(*names)}
        seen: dict[Any, int] = {}
        judged = []
        for line in lines:
            one = Judged(line)
            self._read(one, known, words, on)
            if not one.faults:
                self._place(one, there, seen)
            judged.append(one)
        if dry:
            rehearse(judged, self._writer(by, on, at), REFUSED)
        return judged

    def _read(self, one: Judged, known: Organisations, words: dict[str, Words], on: date) -> None:
        cells = Cells(one)
        fields: dict[str, Any] = {
            "title": cells.needed("title"),
            "reference": cells.text("reference", 60),
            "kind": cells.pick("kind", words["kind"]),
            "rhythm": cells.pick("rhythm", words["rhythm"]),
            "starts_on": cells.day("starts_on"),
            "ends_on": cells.day("ends_on"),
            "days_budgeted": cells.number("days_budgeted"),
            "days_used_before": cells.number("days_used_before"),
            "daily_rate": cells.amount("daily_rate"),
            "payment_days": cells.whole("payment_days"),
            "order_number": cells.text("order_number", 60),
        }
        signed_on = cells.day("signed_on", latest=on)
        for name in ("client", "signed_on", "starts_on"):
            if not one.line.get(name):
                cells.needed(name)
        start, end = fields["starts_on"], fields["ends_on"]
        if start and end and end < start:
            one.fault("ends_on", _("The end cannot come before the start."))
        if end and end < on:
            one.fault("ends_on", _("this agreement has ended: only running ones are brought."))
        client, coop = _parties(one, cells, known)
        values = {name: value for name, value in fields.items() if value not in (None, "")}
        one.title = fields["title"]
        used = fields["days_used_before"]
        said = [known.by_key[client].name if client else "", written_days(used) if used else ""]
        one.detail = " · ".join(filter(None, said))
        one.data = (values, signed_on, client, coop)

    def _place(self, one: Judged, there: set[Any], seen: dict[Any, int]) -> None:
        values, _signed_on, client, _coop = one.data
        reference = values.get("reference", "")
        key = _key(client, reference, values["title"], values["starts_on"])
        if key in there:
            one.verdict = SAME
            return
        first = seen.setdefault(key, one.number)
        if first != one.number:
            one.fault("title", _("row %(row)s already says the same.") % {"row": first})

    def write(self, judged: Sequence[Judged], *, by: User, on: date, at: datetime) -> list[Made]:
        return write_each(judged, self._writer(by, on, at), REFUSED)

    def _writer(self, by: User, on: date, at: datetime) -> Any:
        act: Act = {"by": by, "on": on, "at": at}

        def write(one: Judged) -> Made:
            values, signed_on, client, coop_key = one.data
            coop = Coop.objects.get(pk=coop_key) if coop_key else None
            payer = Organisation.objects.get(pk=client)
            agreement = create_agreement(client=payer, coop=coop, **values, **act)
            sign_agreement(agreement, signed_on=signed_on, **act)
            start_agreement(agreement, **act)
            start = min(values["starts_on"], on)
            open_mission(agreement, title=values["title"], opened_on=start, **act)
            return Made(one.number, agreement)

        return write


def _key(client: Any, reference: str, title: str, starts_on: date) -> tuple[Any, ...]:
    """An agreement is known by its client and reference, else by its title and first day."""
    bare = search_key(reference)
    return (client, bare) if bare else (client, search_key(title), starts_on)


def _parties(one: Judged, cells: Cells, known: Organisations) -> tuple[int | None, int | None]:
    client, coop = None, None
    try:
        if said := cells.text("client"):
            client = known.find(said).key
    except LookupError as error:
        one.fault("client", str(error))
    try:
        if said := cells.text("coop"):
            coop = known.coop(said).coop
    except LookupError as error:
        one.fault("coop", str(error))
    return client, coop
