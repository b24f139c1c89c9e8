"""An attendance sheet on paper: what the session is, lines to sign."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import override

from crm.models import IssuerProfile
from essaim import pdf
from missions.models import MissionDay

TEMPLATE: Final = "missions/print/attendance.html"
CSS: Final = (pdf.PRINT_CSS, "missions/print.css")
LINES: Final = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the head of a sheet says."""

    on: date
    subject: str
    mission: str
    consultant: str = ""
    place: str = ""
    moment: str = ""
    coops: tuple[str, ...] = ()
    lines: int = LINES


def session_of(day: MissionDay) -> Session:
    """The session of a noted day; the internal note is never read."""
    present = day.beneficiaries.select_related("coop__organisation").order_by("pk")
    coops = tuple(str(one.coop) for one in present)
    with override("fr"):
        moment = str(day.get_moment_display())
    lines = max(LINES, (day.participants or 0) + 2)
    return Session(
        on=day.worked_on,
        subject=day.subject,
        mission=day.mission.title,
        consultant=day.consultant.name,
        moment=moment,
        coops=coops,
        lines=min(lines, 200),
    )


def render_attendance(session: Session, *, on: date) -> bytes:
    """Print a sheet to be signed; `on` chooses our own details (today's)."""
    epoch = int(datetime.combine(session.on, time(12), tzinfo=UTC).timestamp())
    profile = IssuerProfile.objects.at(on)
    with override("fr"):
        context = {
            "session": session,
            "on": date_format(session.on, "l j F Y"),
            "structure": profile.legal_name if profile is not None else "",
            "numbers": range(1, session.lines + 1),
            "several": len(session.coops) > 1,
        }
        html = render_to_string(TEMPLATE, context)
    return pdf.render(html, css=CSS, epoch=epoch)
