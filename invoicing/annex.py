"""What a clause means for a coop's board, on one page, and its summary in the agreement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from crm.models import IssuerProfile
from essaim.formats import date_fr
from essaim.money import ZERO, cents
from invoicing import rules
from invoicing.dues import terms_of
from invoicing.models import SubsidyShareClause
from invoicing.wording import euros, percent
from missions.compose import agreement_paper
from missions.compose_parts import TAXED, buyer, section, seller, table, vat_words
from missions.models import Agreement
from missions.printing import LANGUAGE

EXAMPLE = Decimal("10000.00")  # where no amount of aid is known yet


@dataclass(frozen=True, slots=True)
class Case:
    """One way a grant may end, and what the client owes then (euros)."""

    words: str
    aid: Decimal
    net: Decimal
    gross: Decimal
    when: str
    by_day: Decimal | None


def vat_rate_on(on: date) -> Decimal:
    profile = IssuerProfile.objects.at(on)
    if profile is None or profile.regime not in TAXED:
        return ZERO
    return Decimal(profile.vat_rate)


def aid_of(applications: Sequence[Any]) -> Decimal:
    """The aid the simulation bears on: granted or asked for, else an example."""
    asked = (a.granted_amount or a.requested or ZERO for a in applications)
    return cents(sum(asked, ZERO)) or EXAMPLE


def cases(clause: SubsidyShareClause, applications: Sequence[Any], vat: Decimal) -> list[Case]:
    """Refused, paid in full, reduced by a fifth, clawed back: the fixed part apart."""
    if clause.rate is None:
        return []
    aid = aid_of(applications)
    reduced = cents(aid * Decimal("0.8"))
    rows = (
        (_("Aid refused"), ZERO, _("nothing is invoiced")),
        (_("Aid paid in full"), aid, _when(clause)),
        (_("Aid reduced by a fifth"), reduced, _when_reduced(clause)),
        (
            _("Aid clawed back"),
            ZERO,
            _("what was invoiced is given back by a credit note"),
        ),
    )
    days = clause.agreement.days_budgeted
    found = []
    for words, paid, when in rows:
        net = rules.subsidy_due(terms_of(clause), [paid])
        gross = cents(net * (100 + vat) / 100)
        found.append(Case(words, paid, net, gross, when, cents(net / days) if days else None))
    return found


def _term(clause: SubsidyShareClause) -> str:
    days = clause.payment_days
    if days is None:
        return ""
    return _(", to pay within %(days)s days") % {"days": days}


def _when(clause: SubsidyShareClause) -> str:
    if clause.base == SubsidyShareClause.Base.PAID:
        return _("at each payment of the aid") + _term(clause)
    return _("at the notification of the award") + _term(clause)


def _when_reduced(clause: SubsidyShareClause) -> str:
    if clause.base == SubsidyShareClause.Base.PAID:
        return _("at each payment, on what is really paid") + _term(clause)
    return _("at the notification; the difference is given back by a credit note")


def rate_words(clause: SubsidyShareClause, vat: Decimal) -> str:
    """« 5 % HT, soit 6 % TTC », or « 5 %, TVA non applicable »."""
    rate = clause.rate or ZERO
    if not vat:
        return _("%(rate)s, VAT not applicable") % {"rate": percent(rate)}
    gross = percent(rules.gross_rate(rate, vat))
    return _("%(net)s net, that is %(gross)s VAT included") % {"net": percent(rate), "gross": gross}


def clause_facts(clause: SubsidyShareClause, vat: Decimal) -> list[tuple[str, str]]:
    """The terms a client must know, in words."""
    names = ", ".join(str(a) for a in clause.applications.order_by("pk")) or _("not named yet")
    fixed = clause.fixed_part or ZERO
    base = {
        SubsidyShareClause.Base.PAID: _("of what is paid to you"),
        SubsidyShareClause.Base.AWARDED: _("of what is awarded to you"),
    }
    facts = [
        (_("Grants covered"), names),
        (_("Share"), f"{rate_words(clause, vat)} {base[SubsidyShareClause.Base(clause.base)]}"),
        (_("Cap"), euros(clause.cap) if clause.cap is not None else "—"),
        (_("Floor"), euros(clause.floor) if clause.floor else _("none")),
        (_("Fixed part"), _fixed_words(clause, fixed, vat)),
    ]
    if clause.tail_months is not None:
        words = _("for a grant paid up to %(months)s months after the end of the agreement")
        facts.append((_("Holds"), words % {"months": clause.tail_months}))
    facts.append((_("If the grant is reduced"), clause.on_reduction or "—"))
    facts.append((_("If you give up"), clause.on_withdrawal or "—"))
    return facts


def _fixed_words(clause: SubsidyShareClause, fixed: Decimal, vat: Decimal) -> str:
    if not fixed:
        return _("none")
    amounts = euros(fixed)
    if vat:
        gross = euros(cents(fixed * (100 + vat) / 100))
        amounts = _("%(net)s net, %(gross)s VAT included") % {"net": amounts, "gross": gross}
    if clause.fixed_part_is == SubsidyShareClause.FixedPart.DEDUCTIBLE:
        return _("%(amount)s, deducted from the share, due whatever becomes of the aid") % {
            "amount": amounts
        }
    return _("%(amount)s, added, due whatever becomes of the aid") % {"amount": amounts}


def _not_on_grant() -> str:
    return _("Fees that cannot be charged to the grant, unless the funder agrees in writing.")


def clause_sections(agreement: Agreement, *, on: date) -> list[dict[str, Any]]:
    """The fees tied to a grant, as the agreement sums them up; none without a clause."""
    vat = vat_rate_on(on)
    rows = agreement.clauses.exclude(state=SubsidyShareClause.State.ENDED).order_by("pk")
    with override(LANGUAGE):
        return [
            section(
                _("Fees tied to the grant"),
                facts=clause_facts(clause, vat),
                after=[
                    _("You owe nothing if the aid is not paid, save the fixed part above.")
                    if clause.fixed_part
                    else _("You owe nothing if the aid is not paid."),
                    _not_on_grant(),
                    _("A one-page annex shows what is paid in each case."),
                ],
            )
            for clause in rows
        ]


def agreement_contents(agreement: Agreement, *, on: date) -> dict[str, Any]:
    """The whole agreement, with the clauses that come with it."""
    return agreement_paper(agreement, on=on, extra=clause_sections(agreement, on=on))


def annex_contents(clause: SubsidyShareClause, *, on: date) -> dict[str, Any]:
    """The one page that a coop's board reads before it signs a share of its grant."""
    vat, agreement = vat_rate_on(on), clause.agreement
    applications = list(clause.applications.select_related("programme__funder"))
    with override(LANGUAGE):
        fixed = clause.fixed_part or ZERO
        closing = _(
            "You owe nothing if the aid is not paid. These fees are paid from your own resources."
        )
        return {
            "kind": "annex",
            "title": _("What the share of the grant means"),
            "number": _("Annex to “%(agreement)s”") % {"agreement": agreement.title},
            "seller": seller(on),
            "buyer": buyer(agreement.client, _("For the board of")),
            "facts": [
                [_("Date"), date_fr(on)],
                [_("Agreement"), agreement.reference or agreement.title],
            ],
            "sections": [
                section(
                    _("In a few words"),
                    _("A share of the grants we help you obtain pays our work, within a cap."),
                    facts=clause_facts(clause, vat),
                ),
                _simulation(clause, applications, vat),
                section("", _fixed_note(fixed, vat), _not_on_grant(), "" if vat else vat_words(on)),
            ],
            "signatures": [],
            "notice": _("Template to be reviewed by a lawyer and a chartered accountant."),
            "closing": closing,
        }


def _fixed_note(fixed: Decimal, vat: Decimal) -> str:
    if not fixed:
        return ""
    gross = cents(fixed * (100 + vat) / 100)
    words = _(
        "The fixed part (%(gross)s to pay) is apart from this table: it pays the work on the"
        " application file, whatever the funder decides."
    )
    return words % {"gross": euros(gross)}


def _simulation(
    clause: SubsidyShareClause, applications: Sequence[Any], vat: Decimal
) -> dict[str, Any]:
    days = clause.agreement.days_budgeted
    rows = []
    for case in cases(clause, applications, vat):
        row = [case.words, euros(case.aid), euros(case.net), euros(case.gross), case.when]
        rows.append(row if case.by_day is None else [*row, euros(case.by_day)])
    head = [_("If…"), _("Aid kept"), _("You pay, net"), _("You pay, VAT included"), _("When")]
    head += [_("By day of work, net")] if days else []
    said = _("The equivalent by the day is the share divided by the days budgeted.")
    known = any(a.granted_amount or a.requested for a in applications)
    example = "" if known else _("The amount of the aid is an example: it is not known yet.")
    grid = table(head, rows, numbers=(1, 2, 3, 5), widths=(3, 2, 2, 2, 0, 2)[: len(head)])
    return section(_("What you would pay"), table=grid, after=[said if days else "", example])
