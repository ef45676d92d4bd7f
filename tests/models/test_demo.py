"""The demo data keeps every promise of the real thing."""

from datetime import datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models import db
from models.audience import find_audience
from models.campaign import Campaign, CampaignStatus
from models.demo import make_demo
from models.errors import Refused
from models.group_email_account import is_watched
from models.log_record import Action, LogRecord, MachineReason
from models.mail_in import Standing, count_by_standing
from models.mass_email import MassEmail, MassEmailStatus
from models.queue_item import queue_counts
from models.recipient import Kind, Recipient
from models.statistics import bounce_reasons, machine_events, mass_email_figures, recount

pytestmark = pytest.mark.slow  # the whole of the demo data


def test_the_demo_has_the_four_kinds_a_finished_campaign_and_one_ready_and_its_books_are_exact(
    sqlite_database: Engine, now: datetime
) -> None:
    with db.pinned() as doors:
        make_demo(doors, now)
    with db.reading() as session:
        assert set(session.exec(select(Recipient.kind).distinct())) == set(Kind)
        finished, ready = session.exec(select(MassEmail).order_by(MassEmail.id))
        assert (finished.status, ready.status) == (MassEmailStatus.COMPLETE, MassEmailStatus.DRAFT)
        assert session.get_one(Campaign, finished.campaign_id).status is CampaignStatus.COMPLETE
        counts, audience = queue_counts(session, finished.id), find_audience(session, finished.id)
        assert counts.queued == counts.sent + counts.failed == audience.final
        assert finished.portions_done == -(-counts.sent // 200)
        seen = set(session.exec(select(LogRecord.action).distinct()))
        assert seen == set(Action) - {Action.OPTED_IN, Action.FAILED}
        figures, reasons = mass_email_figures(session, finished.id), bounce_reasons(session, mass_email_id=finished.id)
        assert figures.rejected
        assert figures.returned == 10
        assert (figures.complained, figures.replied) == (1, 4)
        assert figures.inferred
        assert len({one.reason for one in reasons}) >= 6
        assert len({one.provider for one in reasons}) >= 3
        machines = {one.machine for one in machine_events(session, mass_email_id=finished.id)}
        assert {MachineReason.MAIL_PRIVACY, MachineReason.SCANNER, MachineReason.ALL_LINKS_AT_ONCE} <= machines
        assert count_by_standing(session)[Standing.UNMATCHED] == 1
        assert not is_watched(session)
        assert recount(session) == []
    with db.pinned() as doors, pytest.raises(Refused):
        make_demo(doors, now)
