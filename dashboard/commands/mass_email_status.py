"""What `envoi mass-email status` says of a mass email."""

import dataclasses
from datetime import datetime
from typing import Any

from dashboard.commands import language
from models import db, forecast, queue_item, scheduled_job, waiting
from models.audience import find_audience, preview_audience
from models.email_template import TemplateVersion
from models.mass_email import get_row
from models.new_version import find_offer, versions_of_mass_email

_REASONS = ("no_address", "suppressed", "excluded", "opted_out_entirely", "opted_out", "duplicate", "archived")
_AUDIENCE = ("chosen", *_REASONS, "final")


def read_status(mass_email_id: int, now: datetime) -> dict[str, Any]:
    """{id, name, status, audience, queue, portions, finishes_at, waiting_because, version, newer_version, versions}.

    Both sums are exact. Before the queue is built the audience is the one it would have now. `version`: the number of
    the one that goes out; `versions`: how many people got which, once there were several. Raises NotFound.
    """
    with db.reading() as session:
        mail = get_row(session, mass_email_id)
        audience = find_audience(session, mass_email_id)
    if audience is None:
        with db.pinned() as doors:
            audience = preview_audience(doors, mass_email_id, now)
    with db.reading() as session:
        counts = queue_item.queue_counts(session, mass_email_id)
        because = waiting.waiting_because(session, mass_email_id, now)
        people = None if mail.queue_done_at else audience.final
        next_run = scheduled_job.runs_after(session, scheduled_job.SEND_MASS_EMAILS)
        uses, offer = versions_of_mass_email(session, mass_email_id), find_offer(session, mass_email_id)
        version = session.get(TemplateVersion, mail.version_id) if mail.version_id else None
        foreseen = forecast.forecast(session, mass_email_id, now, next_run, people=people)
    return {
        "id": mass_email_id,
        "name": mail.name,
        "status": mail.status,
        "audience": {name: getattr(audience, name) for name in _AUDIENCE},
        "queue": dataclasses.asdict(counts),
        "portions": {"done": foreseen.portions_done, "planned": foreseen.portions_planned},
        "finishes_at": foreseen.finishes_at,
        "waiting_because": because.text(language()) if because else None,
        "version": version.no if version else None,
        "newer_version": offer.no if offer else None,
        "versions": [{"no": use.no, "people": use.people, "current": use.current} for use in uses],
    }
