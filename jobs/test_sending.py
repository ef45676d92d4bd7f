"""Send Test: one mass email to chosen people or typed addresses, as they would get it, whatever its status (D11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select
from sqlmodel import Session

from jobs import database
from jobs.compose import Plan
from jobs.database import Clock, utc_now
from jobs.dkim import Signer
from jobs.kept_connection import KeptConnection
from jobs.plans import load_plan
from jobs.replies import Fate, judge
from jobs.smtp import Server, SmtpTrouble
from models import pacing, smtp_account
from models.address import (
    EVERYTHING,
    Address,
    OptOut,
    Suppression,
    SuppressionReason,
    find_addresses,
    normal_form,
)
from models.catalogue import Problem
from models.column_types import table
from models.errors import EnvoiError, Invalid, Refused
from models.mailing import get_mailing
from models.mass_email import MassEmailList, current_version, get_row
from models.person import Person, load_persons
from models.recipient import Kind, Recipient
from models.test_send import finish_test, record_test

MOST: Final = 50
"""People per test: what is for more is a mass email."""
CONFIRM_OPTED_OUT: Final = "send_test.confirm_opted_out"
"""The Refused problem that a person answers by confirming."""


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What became of one test. `words`: the server's reply or the error, word for word; `problem`: why it was not even
    tried."""

    __test__ = False

    address: str
    delivered: bool
    words: str
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class _Test:
    id: int
    person: Person


@dataclass(frozen=True, slots=True)
class _Prepared:
    server: Server
    signer: Signer | None
    account_id: int
    plan: Plan
    tests: tuple[_Test, ...]
    refused: tuple[TestOutcome, ...]


async def send_test(
    mass_email_id: int,
    recipient_ids: Sequence[int],
    addresses: Sequence[str],
    by: str,
    *,
    confirm: bool = False,
    clock: Clock = utc_now,
) -> list[TestOutcome]:
    """Send a test to recipients and typed addresses; what became of each. Counts against the account's limits, never in
    statistics, and changes no status.

    Raises Invalid for an address that is none and for nobody or more than MOST; Refused with CONFIRM_OPTED_OUT when
    somebody opted out, until `confirm`; NotFound; Invalid or Refused for a content that cannot be a mail.
    """
    prepared = await database.write(_prepare, mass_email_id, recipient_ids, addresses, by, confirm, clock())
    connection = KeptConnection(prepared.server)
    try:
        sent = [await _send(connection, prepared, test, clock) for test in prepared.tests]
    finally:
        await connection.close()
    return [*sent, *prepared.refused]


async def _send(connection: KeptConnection, prepared: _Prepared, test: _Test, clock: Clock) -> TestOutcome:
    delivered, words = False, ""
    try:
        content = prepared.plan.message(test.person, test.id, clock(), test=True)
        if prepared.signer:
            content = prepared.signer.sign(content, clock()) + content
        answer = await connection.send(prepared.plan.mailing.from_address, test.person.address, content)
        delivered, words = judge(answer.step, answer.reply).fate is Fate.SENT, answer.reply.text
    except SmtpTrouble as trouble:
        words = trouble.words
    except EnvoiError as error:
        words = str(error)
    await database.write(_finish, prepared.account_id, test.id, delivered, words, clock())
    return TestOutcome(test.person.address, delivered, words)


def _finish(session: Session, account_id: int, test_id: int, delivered: bool, words: str, now: datetime) -> None:
    finish_test(session, test_id, delivered=delivered, reply=words)
    if delivered:
        pacing.charge(session, account_id, 1, now)


# What is checked before anything is sent, in one transaction


def _prepare(
    session: Session,
    mass_email_id: int,
    recipient_ids: Sequence[int],
    addresses: Sequence[str],
    by: str,
    confirm: bool,
    now: datetime,
) -> _Prepared:
    people = _people(session, recipient_ids, addresses)
    version = current_version(session, mass_email_id)
    account = smtp_account.account_for(session, get_row(session, mass_email_id).smtp_account_id)
    assert version.id is not None and account.id is not None  # noqa: S101, PT018 - for the type checker
    refused = _refused(session, people, now)
    allowed = [person for person in people if person.address not in refused]
    informational = get_mailing(session, mass_email_id).informational  # it ignores opt-outs (D6)
    if not (confirm or informational) and (declined := _opted_out(session, mass_email_id, allowed)):
        raise Refused(CONFIRM_OPTED_OUT, count=len(declined), addresses=", ".join(declined))
    plan = load_plan(session, mass_email_id, version.id)
    tests = []
    for one in allowed:
        who = one.id or None
        test_id = record_test(session, mass_email_id, one.address, version.id, now, by, recipient_id=who)
        tests.append(_Test(test_id, one))
    return _Prepared(Server.of(account), Signer.of(account), account.id, plan, tuple(tests), tuple(refused.values()))


def _people(session: Session, recipient_ids: Sequence[int], addresses: Sequence[str]) -> list[Person]:
    """Everybody once: the recipients, and for a typed address whoever has it, else somebody without a name."""
    typed = {_normal(address): address.strip() for address in addresses if address.strip()}
    known = _ids_by_address(session, list(typed))
    ids = list(dict.fromkeys([*recipient_ids, *known.values()]))
    persons = load_persons(session, ids)
    people = [persons[one] for one in ids if one in persons and persons[one].address]
    people += [_stranger(address) for normal, address in typed.items() if normal not in known]
    if not people:
        raise Invalid({"addresses": Problem("send_test.nobody")})
    if len(people) > MOST:
        raise Invalid({"addresses": Problem("send_test.too_many", most=MOST)})
    return people


def _normal(address: str) -> str:
    try:
        return normal_form(address)
    except Invalid as invalid:
        raise Invalid({"addresses": next(iter(invalid.problems.values()))}) from invalid


def _ids_by_address(session: Session, normals: list[str]) -> dict[str, int]:
    person, by_id = table(Recipient).c, _by_address_id(session, normals)
    rows = session.execute(
        select(person.address_id, person.id)
        .where(person.address_id.in_(by_id), person.archived_at.is_(None))
        .order_by(person.id.desc())
    )
    return {by_id[row.address_id]: row.id for row in rows}


def _by_address_id(session: Session, normals: Iterable[str]) -> dict[int, str]:
    """Address ids → normal forms; of erased addresses too, which nobody mails, not even for a test."""
    return {id_: normal for normal, id_ in find_addresses(session, normals).items()}


def _stranger(address: str) -> Person:
    return Person(id=0, kind=Kind.CONTACT, address=address)


def _refused(session: Session, people: Sequence[Person], now: datetime) -> dict[str, TestOutcome]:
    """Those whose address is suppressed, with the reason."""
    held_back = table(Suppression).c
    by_normal = {normal_form(person.address): person.address for person in people}
    by_id = _by_address_id(session, by_normal)
    rows = session.execute(
        select(held_back.address_id, held_back.reason)
        .where(held_back.address_id.in_(by_id), or_(held_back.until.is_(None), held_back.until > now))
        .order_by(held_back.reason.desc())
    )
    typed = {id_: by_normal[normal] for id_, normal in by_id.items()}
    return {typed[row.address_id]: _suppressed(typed[row.address_id], row.reason) for row in rows}


def _suppressed(address: str, reason: SuppressionReason) -> TestOutcome:
    problem = Problem("send_test.suppressed", reason=Problem(f"send_test.suppression.{reason}"))
    return TestOutcome(address, False, str(problem), problem)


def _opted_out(session: Session, mass_email_id: int, people: Sequence[Person]) -> list[str]:
    """Those who declined everything, or a list of the mass email."""
    address, declined, lists = table(Address).c, table(OptOut).c, table(MassEmailList).c
    by_normal = {normal_form(person.address): person.address for person in people}
    its_lists = select(lists.list_id).where(lists.mass_email_id == mass_email_id)
    rows = session.scalars(
        select(address.normal)
        .distinct()
        .join_from(table(OptOut), table(Address), address.id == declined.address_id)
        .where(address.normal.in_(by_normal))
        .where(or_(declined.list_id == EVERYTHING, declined.list_id.in_(its_lists)))
    )
    return sorted(by_normal[normal] for normal in rows)
