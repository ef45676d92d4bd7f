"""A mass email in the middle of its way, for the faults: set up in a database behind the doors, and read afterwards."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlmodel import select

from models import db, outbound_emails, queue_count, statistics
from models.audience import build_queue
from models.queue_item import queue_counts
from models.queue_table import ItemState, QueueItem
from models.scheduled_job import ensure_jobs
from models.smtp_account import SmtpAccount
from tests import factories

BY = "admin@example.com"


def address_of(n: int) -> str:
    """Of the nth person, from 1."""
    return f"person{n}@example.org"


def prepare(people: int, port: int, settings: dict[str, object] | None = None, **account: object) -> int:
    """A mass email whose queue is built for so many people, over an account at `port`; its id. No limit bites unless
    `settings` of Outbound Emails say so."""
    now = datetime.now(UTC)
    with db.unit_of_work() as session:
        ensure_jobs(session)
        free = {"portion_size": 100_000, "max_per_hour": 1_000_000}
        outbound_emails.change(session, free | (settings or {}), now, BY)
        factories.smtp_account(session, port=port, **account)
        targets = factories.target_list(session)
        factories.address(session, "somebody@example.org")
        mail = factories.mass_email(session, targets, start_at=now - timedelta(minutes=1)).id
        for statement in _people(targets.id):
            session.execute(text(statement if db.is_sqlite(session) else statement.replace("%", "%%")), {"n": people})
    with db.pinned() as doors:
        build_queue(doors, mail, now)
    return mail


def _people(target: int) -> tuple[str, ...]:
    numbers = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < :n)"
    columns = "id, kind, name, first_name, last_name, company, address_id, address_typed, language, time_zone, fields"
    return (
        f"INSERT INTO address (id, normal, domain_id, created_at) {numbers} "
        "SELECT n + 1, 'person' || n || '@example.org', 1, 0 FROM t",
        f"INSERT INTO recipient ({columns}, created_at, revision, name_key, address_key, search) {numbers} SELECT n, "
        "2, 'Ada ' || n, 'Ada', '' || n, '', n + 1, 'person' || n || '@example.org', '', '', '{}', 0, 1, "
        "'ada ' || n, 'person' || n || '@example.org', 'ada ' || n FROM t",
        f"INSERT INTO membership (list_id, recipient_id, added_at, source) {numbers} SELECT {target}, n, 0, 1 FROM t",
    )


@dataclass(frozen=True)
class Books:
    """What Envoi says: people by state, reasons of the uncertain, attempts of each person, the account's trouble."""

    states: dict[str, int]
    of: dict[str, ItemState]
    attempts: Counter[int]
    reasons: Counter[str]
    trouble: str
    last_reply: str


def read_books(mail: int) -> Books:
    """The books of a mass email. Raises AssertionError when they do not add up."""
    assert_clean()
    with db.reading() as session:
        counts = queue_counts(session, mail)
        items = session.exec(select(QueueItem).where(QueueItem.mass_email_id == mail)).all()
        account = session.exec(select(SmtpAccount)).first()
    states = Counter(item.state for item in items)
    kept = {state.value: n for state in ItemState if (n := getattr(counts, state.value))}
    assert kept == {state.value: n for state, n in states.items()}
    assert counts.queued == sum(kept.values())
    return Books(
        states=kept,
        of={f"person{item.recipient_id}@example.org": item.state for item in items},
        attempts=Counter(item.attempts for item in items),
        reasons=Counter(item.reason for item in items if item.state is ItemState.UNCERTAIN),
        trouble=account.trouble,
        last_reply=account.last_reply,
    )


def assert_clean() -> None:
    """What `envoi check` asks: every counter says what the log says, every count of a queue what its items say."""
    with db.reading() as session:
        assert list(statistics.recount(session)) == []
        assert queue_count.differences(session) == []
