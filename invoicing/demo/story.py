"""The product's story, played in the order of its dates, and told in a few lines."""

from datetime import date
from decimal import Decimal

from django.db.models import Sum

from crm.models import Accompaniment
from grants.models import Disbursement
from invoicing.demo import (
    agenda,
    books,
    cast,
    contracts,
    deadlines,
    documents,
    dossiers,
    efacture,
    expenses,
    kinship,
    kit,
    money,
    moves,
    payments,
    people,
    reminders,
    reports,
    run,
    terms,
    work,
)
from invoicing.demo.stage import Stage
from invoicing.models import FrozenFile, Invoice
from invoicing.wording import euros, quantity
from missions.models import DayShare, MissionDay


def play(today: date) -> Stage:
    """Play the whole story so that it ends today; returns its cast."""
    stage = Stage(today)
    cast.assemble(stage)
    work.plan(stage)
    money.plan(stage)
    efacture.plan(stage)
    expenses.plan(stage)
    payments.plan(stage)
    contracts.plan(stage)
    terms.plan(stage)
    documents.plan(stage)
    dossiers.plan(stage)
    reminders.plan(stage)
    moves.plan(stage)
    people.plan(stage)
    reports.plan(stage)
    kinship.plan(stage)
    kit.plan(stage)
    deadlines.plan(stage)
    books.plan(stage)
    run.plan(stage)
    agenda.plan(stage)
    stage.play()
    return stage


def _days(**chosen: str) -> Decimal:
    rows = DayShare.objects.current().filter(**chosen)
    return rows.aggregate(total=Sum("quantity"))["total"] or Decimal(0)


def _count(activity: str) -> int:
    return Accompaniment.objects.filter(activity=activity).count()


def _golden(stage: Stage) -> tuple[dict[str, list[str]], list[str]]:
    """The fees of the two coops whose figures everybody knows, and what was given back."""
    issued = Invoice.objects.issued()
    fees = issued.exclude(kind=Invoice.Kind.CREDIT_NOTE).filter(clause__isnull=False)
    golden = {
        key: [euros(f.net) for f in fees.filter(coop=stage.coops[key]).order_by("rank")]
        for key in ("quetsche", "garde")
    }
    credits = [
        euros(c.net)
        for c in issued.filter(kind=Invoice.Kind.CREDIT_NOTE, coop=stage.coops["garde"])
    ]
    return golden, credits


def tell(stage: Stage) -> list[str]:
    """The story in about fifteen lines, from what the database now says."""
    issued, files = Invoice.objects.issued(), FrozenFile.objects.filter(kind="pdf")
    unpaid = Invoice.objects.unpaid()
    received = Disbursement.objects.filter(state="received").aggregate(t=Sum("received_amount"))
    logged = MissionDay.objects.exclude(state="declined").aggregate(t=Sum("quantity"))["t"]
    over = MissionDay.objects.filter(is_over_budget=True).count()
    by_nature = {n: quantity(_days(nature=n)) for n in ("billed", "covered", "given", "volunteer")}
    golden, credits = _golden(stage)
    return [
        "Les Passeurs d’épicerie, Strasbourg : trois consultants, des coops naissantes.",
        f"{_count('active')} coops en cours, {_count('paused')} en pause, "
        f"{_count('abandoned')} arrêtée, {_count('merged')} fusionnée.",
        *moves.told(),
        "Super Mirabelle a sauté le labo ; L’Échalote et Coop’Épi sont de droit local.",
        f"{MissionDay.objects.count()} journées notées, soit {quantity(logged)} j.",
        f"Facturé {by_nature['billed']} j · pris en charge {by_nature['covered']} j · "
        f"offert {by_nature['given']} j · bénévole {by_nature['volunteer']} j.",
        f"{over} journées hors budget : une arbitrée et offerte, une à décider.",
        "Un atelier pour cinq coops, payé par un seul client ; un binôme ; des réunions du soir.",
        f"L’enveloppe de la Région couvre {by_nature['covered']} j sur 60 pour La Musette.",
        "L’Échalote partage ses jours avec sa communauté de communes : une facture par payeur.",
        *dossiers.told(stage),
        f"Aides reçues par les coops : {euros(received['t'] or Decimal(0))}.",
        *deadlines.told(stage),
        f"Super Quetsche, part de l’aide versée : {', '.join(golden['quetsche'])}.",
        f"Le Garde-Manger, part de l’aide accordée : {', '.join(golden['garde'])}, "
        f"puis un avoir de {', '.join(credits)}.",
        reports.tell(stage),
        f"{issued.count()} documents émis, {files.count()} PDF figés, "
        f"{Invoice.objects.filter(state='draft').count()} brouillons.",
        f"{unpaid.count()} factures à encaisser, "
        f"{Invoice.objects.overdue(on=stage.today).count()} en retard.",
    ]
