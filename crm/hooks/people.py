"""People and organisations: what still holds them, what they share, what a colleague holds."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import (
    Accompaniment,
    Contact,
    ContactRole,
    Membership,
    NoteParticipant,
    Organisation,
    Task,
)
from crm.person import ContactData
from essaim import hooks
from essaim.hooks import Held
from essaim.models import User
from essaim.workflow import Missing, record

hooks.row_names.update(
    {
        "crm.Accompaniment": gettext_lazy("accompaniments"),
        "crm.ContactRole": gettext_lazy("roles"),
        "crm.Coop": gettext_lazy("coop profile"),
        "crm.Document": gettext_lazy("documents"),
        "crm.LegalFormPeriod": gettext_lazy("legal forms"),
        "crm.MemberCount": gettext_lazy("member counts"),
        "crm.Membership": gettext_lazy("memberships"),
        "crm.Note": gettext_lazy("notes"),
        "crm.NoteMail": gettext_lazy("notes sent by mail"),
        "crm.NoteParticipant": gettext_lazy("notes they took part in"),
        "crm.ParallelEntity": gettext_lazy("parallel entities"),
        "crm.Retention": gettext_lazy("decisions on how long they are kept"),
        "crm.Structure": gettext_lazy("our structure"),
        "crm.Task": gettext_lazy("tasks"),
    }
)
hooks.person_data.register(ContactData())


# -- what bars archiving -----------------------------------------------------------------------
@hooks.guards.register(("crm.Organisation", "archive"))
def still_accompanied(obj: Organisation, *, by: Any, on: date, data: Any) -> list[Missing]:
    """An organisation stays in the lists while its accompaniment is live; so do we."""
    if hasattr(obj, "structure"):
        return [Missing("structure", _("This is our own structure."))]
    live = Accompaniment.objects.live().filter(coop__organisation=obj).first()
    if live is None:
        return []
    words = _("Its accompaniment is under way or paused: end it first.")
    return [Missing("accompaniment", words, reverse("crm:coop", args=(live.coop_id,)))]


@hooks.guards.register(("crm.Contact", "archive"))
def still_in_charge(obj: Contact, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A person stays in the lists while they have a role in a coop that is accompanied."""
    live = Accompaniment.objects.live().values("coop__organisation")
    roles = obj.roles.filter(Q(until=None) | Q(until__gte=on), organisation__in=live)
    words = _("%(role)s of “%(name)s”, which is accompanied: end this role first.")
    return [
        Missing(
            "role",
            words % {"role": role.get_role_display(), "name": role.organisation},
            reverse("crm:role_edit", args=(role.pk,)),
        )
        for role in roles.select_related("organisation").order_by("pk")
    ]


# -- rows that would clash when duplicates are joined ------------------------------------------
def _overlap(a: ContactRole, b: ContactRole) -> bool:
    first = a.until is None or b.since is None or b.since <= a.until
    return first and (b.until is None or a.since is None or a.since <= b.until)


@hooks.reattach.register("crm.ContactRole")
def same_roles(
    source: Any, target: Any, *, by: Any, on: date, at: datetime
) -> Mapping[str, Any] | None:
    """The same role of the same person, noted on both: one period that holds both."""
    column = "contact" if isinstance(source, Contact) else "organisation"
    other = "organisation_id" if column == "contact" else "contact_id"
    theirs = list(ContactRole.objects.filter(**{column: target}))
    one = []
    for role in ContactRole.objects.filter(**{column: source}).order_by("pk"):
        same = (r for r in theirs if r.role == role.role)
        twin = next(
            (r for r in same if getattr(r, other) == getattr(role, other) and _overlap(r, role)),
            None,
        )
        if twin is None:
            continue
        twin.since = min((d for d in (twin.since, role.since) if d), default=None)
        ends = (twin.until, role.until)
        twin.until = None if None in ends else max(d for d in ends if d)
        twin.save()
        role.delete()
        one.append(role.role)
    return {"roles_made_one": one} if one else None


@hooks.reattach.register("crm.NoteParticipant")
def twice_in_a_note(
    source: Any, target: Any, *, by: Any, on: date, at: datetime
) -> Mapping[str, Any] | None:
    """Whoever was written down twice took part once."""
    there = NoteParticipant.objects.filter(contact=target).values("note")
    twice = NoteParticipant.objects.filter(contact=source, note__in=there)
    notes = sorted(twice.values_list("note", flat=True))
    twice.delete()
    return {"took_part_once": notes} if notes else None


@hooks.reattach.register("crm.Membership")
def same_year(
    source: Any, target: Any, *, by: Any, on: date, at: datetime
) -> Mapping[str, Any] | None:
    """A membership of one year on both: the paid one says what was paid; the other row stays."""
    paid = []
    theirs = {m.year: m for m in Membership.objects.filter(organisation=target)}
    for row in Membership.objects.filter(organisation=source, year__in=theirs):
        kept = theirs[row.year]
        if kept.paid_on is None and row.paid_on is not None:
            kept.amount, kept.paid_on = row.amount, row.paid_on
            kept.save()
            paid.append(row.year)
    return {"memberships_paid": paid} if paid else None


# -- what a leaving colleague holds ------------------------------------------------------------
class CoopsAndTasks:
    """Coops followed, coops helped with, tasks to do."""

    def find(self, user: Any) -> list[Held]:
        board, may = reverse("crm:board"), "crm.move_accompaniment"
        found = [
            Held("coops", _("Coops they follow"), self._followed(user).count(), board, may),
            Held("teams", _("Coops they help with"), self._helped(user).count(), board, may),
            Held(
                "tasks",
                _("Tasks to do"),
                Task.objects.open().filter(owner=user).count(),
                reverse("crm:tasks"),
                "crm.change_task",
            ),
        ]
        return [held for held in found if held.count]

    def _followed(self, user: Any) -> Any:
        """Those that are over too: they may reopen, and would be nobody's."""
        return Accompaniment.objects.filter(owner=user).exclude(activity="merged")

    def _helped(self, user: Any) -> Any:
        return Accompaniment.objects.filter(team=user)

    def give(self, user: Any, code: str, *, to: Any, by: Any, on: date, at: datetime) -> int | None:
        ways = {"coops": self._give_coops, "teams": self._give_teams, "tasks": self._give_tasks}
        way = ways.get(code)
        return None if way is None else way(user, to, {"by": by, "on": on, "at": at})

    def _give_coops(self, user: User, to: User, act: Any) -> int:
        rows = list(self._followed(user).select_for_update(of=("self",)).order_by("pk"))
        for row in rows:
            row.owner = to
            row.save(update_fields=["owner"])
            row.team.remove(to)
            record(row, "assign", codes={"from": user.pk, "to": to.pk, "handed_over": True}, **act)
        return len(rows)

    def _give_teams(self, user: User, to: User, act: Any) -> int:
        rows = list(self._helped(user).select_for_update(of=("self",)).order_by("pk"))
        for row in rows:
            row.team.remove(user)
            if row.owner_id != to.pk:
                row.team.add(to)
            record(row, "assign", codes={"from": user.pk, "to": to.pk, "team": True}, **act)
        return len(rows)

    def _give_tasks(self, user: User, to: User, act: Any) -> int:
        rows = list(Task.objects.open().filter(owner=user).select_for_update(of=("self",)))
        for row in rows:
            row.owner = to
            row.save(update_fields=["owner"])
            record(row, "edit", codes={"from": user.pk, "to": to.pk}, **act)
        return len(rows)


hooks.hand_overs.register(CoopsAndTasks())
