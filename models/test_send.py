"""The test send: a mail that statistics cannot see (D11)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Field, Session, SQLModel

from models.column_types import Utc, table
from models.email_template import TemplateVersion
from models.errors import NotFound
from models.tracking_url import Destination, find_destination


class TestSend(SQLModel, table=True):
    """`recipient_id` None: a typed address. `reply` is the server's answer word for word; `delivered` what it meant."""

    __tablename__ = "test_send"
    __test__ = False
    id: int | None = Field(default=None, primary_key=True)
    mass_email_id: int = Field(foreign_key="mass_email.id", index=True)
    recipient_id: int | None = Field(default=None, foreign_key="recipient.id")
    address: str
    version_id: int = Field(foreign_key="template_version.id")
    delivered: bool = False
    reply: str = ""
    at: datetime = Field(sa_type=Utc)
    by: str = ""


@dataclass(frozen=True, slots=True)
class TestRow:
    """A test as its list shows it. `reply` "": no answer yet, or none came."""

    __test__ = False

    id: int
    recipient_id: int | None
    address: str
    version_no: int
    delivered: bool
    reply: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ExportedTest:
    """A test as an export has it."""

    id: int
    mass_email: str
    address: str
    delivered: bool
    reply: str
    at: datetime


def record_test(
    session: Session,
    mass_email_id: int,
    address: str,
    version_id: int,
    now: datetime,
    by: str,
    *,
    recipient_id: int | None = None,
) -> int:
    """Note a test before it is sent; gives the id that its links carry."""
    row = TestSend(
        mass_email_id=mass_email_id, recipient_id=recipient_id, address=address, version_id=version_id, at=now, by=by
    )
    session.add(row)
    session.flush()
    assert row.id is not None  # noqa: S101 - for the type checker: it was flushed
    return row.id


def finish_test(session: Session, test_id: int, *, delivered: bool, reply: str) -> None:
    """Note the server's answer, word for word. Raises NotFound."""
    row = session.get(TestSend, test_id)
    if row is None:
        raise NotFound("test_send.not_found")
    row.delivered, row.reply = delivered, reply
    session.flush()


def find_test_destination(session: Session, test_id: int, no: int) -> Destination | None:
    """Where a link of a test leads; None: there is no such test or link. Nothing is counted."""
    row = session.get(TestSend, test_id)
    return find_destination(session, row.mass_email_id, no) if row else None


def exported_after(session: Session, mass_email_id: int | None, after: int, limit: int = 1000) -> list[ExportedTest]:
    """The next tests by id, of one mass email or of all: an export goes on from the last id."""
    from models.mass_email import MassEmail  # mass emails know their tests; this is the way back

    tests, mails = table(TestSend), table(MassEmail)
    query = select(tests.c.id, mails.c.name, tests.c.address, tests.c.delivered, tests.c.reply, tests.c.at)
    query = query.join(mails, mails.c.id == tests.c.mass_email_id).where(tests.c.id > after)
    if mass_email_id is not None:
        query = query.where(mails.c.id == mass_email_id)
    return [ExportedTest(*row) for row in session.execute(query.order_by(tests.c.id).limit(limit))]


def test_page(session: Session, mass_email_id: int, page: int, size: int) -> tuple[list[TestRow], int]:
    """One page of a mass email's tests, the newest first, and how many there are."""
    tests, versions = table(TestSend), table(TemplateVersion)
    mine = tests.c.mass_email_id == mass_email_id
    columns = (tests.c[name] for name in ("id", "recipient_id", "address", "delivered", "reply", "at", "by"))
    rows = session.execute(
        select(*columns, versions.c.no.label("version_no"))
        .join(versions, versions.c.id == tests.c.version_id)
        .where(mine)
        .order_by(tests.c.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    ).mappings()
    total = session.scalar(select(func.count()).select_from(tests).where(mine)) or 0
    return [TestRow(**row) for row in rows], total


test_page.__test__ = False  # type: ignore[attr-defined]  # pytest: a page of tests, not a test
