"""The facts that fill the texts of mails and reminders, and what is wrong in a text, in words."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import IssuerProfile
from essaim.money import ZERO
from essaim.workflow import Missing, Refused
from invoicing import rules_texts
from invoicing.models import Invoice, MailText, ReminderLevel
from invoicing.wording import day, euros, iban


def profile_of(on: date) -> IssuerProfile:
    """Our own details on a day; refuses to write to anybody without."""
    found = IssuerProfile.objects.at(on)
    if found is None:
        raise Refused([Missing("issuer", _("Our own details are missing for this date."))])
    return found


def _ours(profile: IssuerProfile) -> dict[str, str]:
    return {
        "structure": profile.legal_name,
        "contact": profile.contact_name,
        "iban": iban(profile.iban),
    }


def document_facts(invoice: Any, profile: IssuerProfile) -> dict[str, str]:
    """What the words of a text stand for, for an issued document annotated with `left`."""
    left = invoice.asked if invoice.is_credit_note else Decimal(invoice.left)
    return {
        **_ours(profile),
        "client": invoice.client_copy.get("name") or str(invoice.client),
        "numero": str(invoice.number),
        "titre": invoice.title or str(invoice.get_kind_display()),
        "date": day(invoice.issued_on),
        "echeance": day(invoice.due_on),
        "montant": euros(invoice.asked),
        "reste": euros(left),
    }


def statement_facts(
    client: Any, balance: Decimal, profile: IssuerProfile, on: date
) -> dict[str, str]:
    """What the words of a statement's mail stand for."""
    facts = {"client": client.legal_name, "date": day(on), "montant": euros(balance)}
    return {**_ours(profile), **facts}


def penalties_words(
    interest: Decimal, fee: Decimal, rates: Sequence[Decimal], claimed: Decimal = ZERO
) -> str:
    """What lateness costs, in one or two sentences; "" where nothing is due."""
    found = [_cost_words(interest, fee, rates)]
    if claimed > ZERO:
        words = _("We have claimed %(amount)s of late penalties from you, still unpaid.")
        found.append(words % {"amount": euros(claimed)})
    return " ".join(sentence for sentence in found if sentence)


def _cost_words(interest: Decimal, fee: Decimal, rates: Sequence[Decimal]) -> str:
    if interest <= ZERO:
        return ""
    # Each half-year has its own rate: « 12,15 % puis 12 % ».
    told = [f"{rate.normalize():f}".replace(".", ",") for rate in rates]
    then = _("then")
    rate_words = f"\u00a0% {then} ".join(told)
    words = _(
        "As the law provides, late interest (%(rate)s %% a year) amounts to %(interest)s to this"
        " day and the fixed recovery fee to %(fee)s."
    )
    if not fee:
        words = _(
            "As the law provides, late interest (%(rate)s %% a year) amounts to %(interest)s to"
            " this day."
        )
    return words % {"rate": rate_words, "interest": euros(interest), "fee": euros(fee)}


def lateness(days: int) -> str:
    """« 12 jours »."""
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


# -- texts typed by the office ----------------------------------------------------------------
def allowed_in(row: MailText | ReminderLevel) -> tuple[str, ...]:
    """The words that a text may name."""
    if isinstance(row, MailText):
        statement = row.kind == MailText.Kind.STATEMENT
        return rules_texts.STATEMENT if statement else rules_texts.DOCUMENT
    return rules_texts.LAST_REMINDER if row.may_show_penalties else rules_texts.REMINDER


def text_problems(values: Mapping[str, str], allowed: tuple[str, ...]) -> list[Missing]:
    """What is wrong in each text typed, for its field."""
    found = []
    for name, text in values.items():
        for problem in rules_texts.problems(text, allowed):
            found.append(Missing(name, _problem_words(problem, allowed)))
    return found


def _problem_words(problem: rules_texts.TextProblem, allowed: tuple[str, ...]) -> str:
    if problem.code == "braces":
        return _("A brace is alone: write the words to replace between { and }.")
    if problem.code == "penalties":
        return _("The first two reminders name no penalty: {penalites} is for later levels.")
    names = ", ".join(f"{{{name}}}" for name in allowed)
    return _("{%(word)s} stands for nothing here. Write one of these: %(names)s.") % {
        "word": problem.word,
        "names": names,
    }


def text_for(kind: str) -> MailText:
    """The text a mail of this kind starts from."""
    return MailText.objects.get(kind=kind)


def kind_of(invoice: Invoice) -> str:
    """The kind of text of a document; a taken-over one is sent as an invoice."""
    return invoice.kind if invoice.kind in MailText.Kind.values else MailText.Kind.INVOICE
