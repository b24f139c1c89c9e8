"""Every write on episodes (controls, appeals, mediations) and on amendments to ask for."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.formats import date_fr
from essaim.models import User
from essaim.workflow import Missing, record
from essaim.writing import put
from grants.actions.common import refuse_any
from grants.models import AmendmentNeed, Episode, GrantApplication
from grants.states import TO_SUBMIT, ApplicationState

EPISODE_FACTS = frozenset({"kind", "opened_on", "closed_on", "outcome", "words"})
# A grant under way: its agreement names who does the project.
OPEN_GRANTS = (
    ApplicationState.AWARDED,
    ApplicationState.AGREED,
    ApplicationState.RUNNING,
    ApplicationState.REPORTED,
    ApplicationState.SETTLED,
)


@transaction.atomic
def open_episode(
    application: GrantApplication, *, by: User, on: date, at: datetime, **facts: Any
) -> Episode:
    """A control, an appeal or a mediation begins; the file keeps its state."""
    episode = Episode(application=application)
    put(episode, facts, EPISODE_FACTS)
    refuse_any(_wrong_episode(episode, on))
    episode.save()
    codes = {"episode": episode.pk, "kind": episode.kind, "opened_on": str(episode.opened_on)}
    record(application, "open_episode", by=by, on=on, at=at, codes=codes)
    return episode


@transaction.atomic
def edit_episode(episode: Episode, *, by: User, on: date, at: datetime, **facts: Any) -> Episode:
    """Write what an episode became; with a date and an outcome it is closed."""
    rows = Episode.objects.select_for_update(of=("self",), no_key=True)
    episode = rows.select_related("application").get(pk=episode.pk)
    changed = put(episode, facts, EPISODE_FACTS)
    refuse_any(_wrong_episode(episode, on))
    episode.save()
    codes = {"episode": episode.pk, "kind": episode.kind, "fields": changed}
    verb = "close_episode" if "closed_on" in changed and episode.closed_on else "edit_episode"
    record(episode.application, verb, by=by, on=on, at=at, codes=codes)
    return episode


def _wrong_episode(episode: Episode, on: date) -> list[Missing]:
    found = []
    application = episode.application
    if application.state in TO_SUBMIT:
        words = _("Nothing was deposited yet: there is nothing to control or to contest.")
        found.append(Missing("kind", words))
    if episode.opened_on > on:
        found.append(Missing("opened_on", _("The date can't be in the future.")))
    since = application.submitted_on
    if since and episode.opened_on < since:
        words = _("The file was deposited on %(day)s only.") % {"day": date_fr(since)}
        found.append(Missing("opened_on", words))
    if episode.closed_on and episode.closed_on < episode.opened_on:
        found.append(Missing("closed_on", _("It ends before it begins.")))
    if episode.closed_on and episode.closed_on > on:
        found.append(Missing("closed_on", _("The date can't be in the future.")))
    if episode.closed_on and not episode.outcome:
        found.append(Missing("outcome", _("Say what came of it.")))
    if episode.outcome and not episode.closed_on:
        found.append(Missing("closed_on", _("Say when it was closed.")))
    return found


# -- amendments -----------------------------------------------------------------------------


def need_amendments(
    coop: Any, *, organisation: Organisation | None, since: date | None, on: date
) -> list[AmendmentNeed]:
    """A second legal entity does the project: each open grant needs an amendment, once."""
    grants = GrantApplication.objects.filter(coop=coop, state__in=OPEN_GRANTS).order_by("pk")
    made = []
    for grant in grants:
        need, is_new = AmendmentNeed.objects.get_or_create(
            application=grant,
            organisation=organisation,
            defaults={"since": since, "raised_on": on},
        )
        if is_new:
            made.append(need)
    return made


@transaction.atomic
def settle_amendment(
    need: AmendmentNeed, *, words: str, by: User, on: date, at: datetime
) -> AmendmentNeed:
    """Say what came of it: signed, refused, or not needed after all."""
    rows = AmendmentNeed.objects.select_for_update(of=("self",), no_key=True)
    need = rows.select_related("application").get(pk=need.pk)
    if need.settled_on:
        told = _("This was settled on %(day)s.") % {"day": date_fr(need.settled_on)}
        refuse_any([Missing("state", told)])
    if not words.strip():
        refuse_any([Missing("words", _("Say what came of it."))])
    need.settled_on, need.settled_by, need.words = on, by, words.strip()
    need.save()
    codes = {"need": need.pk}
    record(need.application, "settle_amendment", by=by, on=on, at=at, codes=codes, text=words)
    return need
