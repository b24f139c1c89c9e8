"""What the crm room lets be found."""

from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from crm.models import Accompaniment, Contact, Coop, Document, Note, Organisation, Task
from essaim import hooks
from essaim.formats import date_fr
from essaim.search.kinds import Found, Searched, line, naming, page


def _law(row: Organisation) -> str:
    """The names and numbers an organisation has in law."""
    digits = "".join(c for c in row.phone if c.isdigit())
    numbers = (row.siren, row.siret, row.rna, row.court_register, row.vat_number, digits)
    return " ".join((row.legal_name, row.usual_name, *numbers))


# -- coops ---------------------------------------------------------------------------------------


def _coops() -> "QuerySet[Coop]":
    """Those that were accompanied once: an open shop of the network has no page of its own."""
    begun = Accompaniment.objects.filter(coop=OuterRef("pk"))
    return Coop.objects.filter(Exists(begun)).select_related("organisation")


def _coop(row: Coop) -> Found:
    where = f"{row.commune} ({row.department})" if row.department else row.commune
    words = f"{_law(row.organisation)} {row.commune} {row.epci} {row.department}"
    return Found(row.pk, str(row), where, words, is_last=row.organisation.archived_on is not None)


def _begun(keys: Sequence[int]) -> Iterable[int]:
    return Accompaniment.objects.filter(pk__in=keys).values_list("coop", flat=True)


hooks.search.register("crm.Coop")(
    Searched(
        model="crm.Coop",
        label=_("Coops"),
        icon="square-kanban",
        order=10,
        permission="crm.view_coop",
        rows=_coops,
        tell=_coop,
        url=page("crm:coop"),
        follows={
            "crm.Organisation": lambda keys: Coop.objects.filter(organisation__in=keys).values_list(
                "pk", flat=True
            ),
            "crm.Accompaniment.begin": _begun,
            "crm.Accompaniment.place": _begun,
        },
    )
)


# -- organisations and people ----------------------------------------------------------------------


def _organisation(row: Organisation) -> Found:
    words = f"{_law(row)} {row.email} {row.city} {row.postcode} {row.billing_name}"
    detail = line(row.siren, f"{row.postcode} {row.city}".strip())
    return Found(row.pk, row.name, detail, words, is_last=row.archived_on is not None)


hooks.search.register("crm.Organisation")(
    Searched(
        model="crm.Organisation",
        label=_("Organisations"),
        icon="building-2",
        order=30,
        permission="crm.view_organisation",
        rows=lambda: Organisation.objects.filter(duplicate_of=None),
        tell=_organisation,
        url=page("crm:organisation"),
    )
)


def _contact(row: Contact) -> Found:
    """Without organisations: they are not all for whoever may see the person."""
    digits = "".join(c for c in row.phone if c.isdigit())
    detail = line(row.email, row.phone)
    words = f"{row.email} {digits}"
    return Found(row.pk, str(row), detail, words, is_last=row.archived_on is not None)


hooks.search.register("crm.Contact")(
    Searched(
        model="crm.Contact",
        label=_("Contacts"),
        icon="contact",
        order=20,
        permission="crm.view_contact",
        rows=lambda: Contact.objects.filter(duplicate_of=None),
        tell=_contact,
        url=page("crm:contact"),
    )
)


# -- the journal -----------------------------------------------------------------------------------


def _note(row: Note) -> Found:
    detail = line(row.coop, date_fr(localdate(row.at)))
    return Found(row.pk, row.title, detail, f"{row.coop} {row.text}")


hooks.search.register("crm.Note")(
    Searched(
        model="crm.Note",
        label=_("Notes"),
        icon="notebook-pen",
        order=70,
        permission="crm.view_note",
        rows=lambda: Note.objects.select_related("coop__organisation"),
        tell=_note,
        url=page("crm:note"),
        follows={"crm.Coop": naming(Note, "coop")},
    )
)


def _task(row: Task) -> Found:
    detail = line(row.coop, row.due_on and date_fr(row.due_on))
    done = row.done_on is not None
    return Found(row.pk, row.what, detail, str(row.coop or ""), is_last=done)


hooks.search.register("crm.Task")(
    Searched(
        model="crm.Task",
        label=_("Tasks"),
        icon="list-todo",
        order=80,
        permission="crm.change_task",
        rows=lambda: Task.objects.select_related("coop__organisation"),
        tell=_task,
        url=page("crm:task"),
        follows={"crm.Coop": naming(Task, "coop")},
    )
)


def _document(row: Document) -> Found:
    return Found(row.pk, row.title, str(row.coop), f"{row.coop} {row.original_name}")


hooks.search.register("crm.Document")(
    Searched(
        model="crm.Document",
        label=_("Documents"),
        icon="file",
        order=75,
        permission="crm.view_document",
        rows=lambda: Document.objects.select_related("coop__organisation"),
        tell=_document,
        url=page("crm:document"),
        follows={"crm.Coop": naming(Document, "coop")},
    )
)
