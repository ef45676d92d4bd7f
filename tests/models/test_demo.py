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
from models.log_record import Action, LogRecord
from models.mass_email import MassEmail, MassEmailStatus
from models.queue_item import queue_counts
from models.recipient import Kind, Recipient
from models.statistics import recount


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
        assert seen == {Action.SENT, Action.OPENED, Action.CLICKED, Action.OPTED_OUT, Action.BOUNCED}
        assert recount(session) == []
    with db.pinned() as doors, pytest.raises(Refused):
        make_demo(doors, now)
