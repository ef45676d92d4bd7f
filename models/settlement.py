"""The settlement: what became of a claim's messages, in the queue, the log and the counters at once (D10, D12, D13)."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Insert,
    Row,
    Select,
    Text,
    Update,
    bindparam,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlmodel import Session

from models import outbound_emails, queue_count
from models.address import Address, Domain, SuppressionReason, suppress
from models.claim import OPEN
from models.column_types import Utc, table
from models.counter import REJECTED, Mark, bump, touch
from models.db import is_sqlite
from models.errors import NotFound
from models.log_table import Action, BounceKind, EventSource, LogRecord, MachineReason
from models.mailing import Mailing, finish_if_done, hold_mailing
from models.mass_email import MassEmail
from models.packed import Types, pack, unpacked
from models.queue_table import Claim, ClaimState, ItemState, QueueItem
from models.soft_bounces import suppress_if_persistent
from models.verdict import REPLY_LENGTH, Fate, Outcome, Tried, Verdict, judge

_ITEM, _CLAIM = table(QueueItem), table(Claim)
_item, _claim = _ITEM.c, _CLAIM.c


def settle(session: Session, claim_id: int, verdicts: Sequence[Verdict], now: datetime) -> None:
    """Write what became of items of a claim: states, log records, counters, suppressions, figures; all or nothing.

    Several calls may settle a claim piece by piece. Items that are not this claim's any more are passed over: a holder
    that wakes up after its lease settles what it sent only while it is uncertain under its own claim. Durable when a
    verdict suppresses an address. Raises NotFound for an unknown claim.
    """
    mass_email_id = session.scalar(select(_claim.mass_email_id).where(_claim.id == claim_id))
    if mass_email_id is None:
        raise NotFound("delivery.no_claim")
    settle_claims(session, hold_mailing(session, mass_email_id), {claim_id: verdicts}, now)
    touch(session, mass_email_id, now)
    finish_if_done(session, mass_email_id, now)


def settle_claims(session: Session, mail: Mailing, verdicts: Mapping[int, Sequence[Verdict]], now: datetime) -> None:
    """settle() for several claims of a mailing that is held already, by claim id, in a unit of work that touches the
    mass email itself and looks whether it is done."""
    sent = [(claim_id, one) for claim_id in verdicts for one in verdicts[claim_id] if one.outcome is Outcome.SENT]
    in_one = bool(sent) and _settle_sent(session, mail, sent, now)
    for claim_id in sorted(verdicts):
        rest = [one for one in verdicts[claim_id] if not (in_one and one.outcome is Outcome.SENT)]
        if rest:
            _settle_each(session, mail, claim_id, rest, now)
    session.execute(_closed(is_sqlite(session)), {"claims": pack([claim_id] for claim_id in verdicts)})


@cache
def _closed(sqlite: bool) -> Update:
    """Claims of which nothing is held any more are settled."""
    claims = unpacked("claims", {"id": BigInteger}, sqlite=sqlite)
    held = exists().where(_item.claim_id == _claim.id, _item.state == ItemState.HELD)
    closed = update(_CLAIM).where(_claim.id.in_(select(claims.c.id)), OPEN, ~held)
    return closed.values(state=ClaimState.SETTLED)


def _settle_sent(session: Session, mail: Mailing, sent: Sequence[tuple[int, Verdict]], now: datetime) -> bool:
    """Settle what the server took, all in four statements; False: not all of it is still held by its claim, and nothing
    was done."""
    rows = pack(
        (v.item_id, claim_id, v.code, v.enhanced_status, v.reply[:REPLY_LENGTH], v.personal) for claim_id, v in sent
    )
    values = {"sent": rows, "now": now, "campaign": mail.campaign_id, "mail": mail.id}
    statements = _sent_statements(is_sqlite(session))
    providers = session.execute(statements.providers, values).all()
    if sum(row.n for row in providers) != len(sent):
        return False
    session.execute(statements.log, values)
    session.execute(statements.items, values)
    bump(session, [Mark(mail.id, Action.SENT, now, row.provider, n=row.n) for row in providers])
    queue_count.shift_all(session, mail.id, ItemState.HELD, ItemState.SENT, len(sent))
    return True


@dataclass(frozen=True, slots=True)
class _SentStatements:
    """Over the rows of what was sent: people by provider, the log records, the items."""

    providers: Select[Any]
    log: Insert
    items: Update


@cache
def _sent_statements(sqlite: bool) -> _SentStatements:
    address, domain, log = table(Address), table(Domain), table(LogRecord)
    columns: Types = {
        "id": BigInteger,
        "claim": BigInteger,
        "code": BigInteger,
        "enhanced": Text,
        "reply": Text,
        "personal": JSON,
    }
    sent = unpacked("sent", columns, sqlite=sqlite)
    now = bindparam("now", type_=Utc)
    items = sent.join(_ITEM, _item.id == sent.c.id)  # all are the claim's: the first statement has seen to it
    constants = {
        log.c.action: Action.SENT,
        log.c.machine: MachineReason.HUMAN,
        log.c.first: True,
        log.c.reason: "",
        log.c.source: EventSource.WORKER,
    }
    whose = [now, bindparam("campaign"), bindparam("mail"), _item.id, _item.recipient_id]
    return _SentStatements(
        providers=select(domain.c.provider, func.count().label("n"))
        .select_from(items.join(address, address.c.id == _item.address_id).join(domain))
        .where(_item.claim_id == sent.c.claim, _item.state == ItemState.HELD)
        .group_by(domain.c.provider),
        log=insert(log).from_select(
            ["at", "campaign_id", "mass_email_id", "item_id", "recipient_id", *(column.name for column in constants)],
            select(*whose, *(literal(value, column.type) for column, value in constants.items())).select_from(items),
        ),
        items=update(_ITEM)
        .where(_item.id == sent.c.id)
        .values(
            state=ItemState.SENT,
            reason="",
            attempts=_item.attempts + 1,
            first_tried_at=func.coalesce(_item.first_tried_at, now),
            sent_at=now,
            code=sent.c.code,
            enhanced_status=sent.c.enhanced,
            reply=sent.c.reply,
            personal=func.coalesce(sent.c.personal, _item.personal),
        ),
    )


def _settle_each(session: Session, mail: Mailing, claim_id: int, verdicts: Sequence[Verdict], now: datetime) -> None:
    found = {row.id: row for row in session.execute(_own_items(claim_id, [verdict.item_id for verdict in verdicts]))}
    patience = timedelta(days=outbound_emails.read(session).give_up_after_days)
    judged = [
        _Settled(found[v.item_id], v, judge(v, _tried(found[v.item_id]), now, patience))
        for v in verdicts
        if v.item_id in found
    ]
    if settled := [one for one in judged if mail.in_process or not _would_wait_late(one)]:
        changes = [_changes(one, mail, now) for one in settled]
        session.connection().execute(_SETTLE, changes)
        moves = zip((one.item.state for one in settled), (change["new_state"] for change in changes), strict=True)
        queue_count.shift(session, mail.id, queue_count.deltas(moves))
        _suppress(session, settled, now)
        _log(session, mail, settled, now)
        _give_up(session, settled, now)


@dataclass(frozen=True, slots=True)
class _Settled:
    item: Row[Any]
    verdict: Verdict
    fate: Fate


def _own_items(claim_id: int, ids: Sequence[int]) -> Select[Any]:
    address, domain = table(Address), table(Domain)
    return (
        select(_ITEM, domain.c.provider)
        .join_from(_ITEM, address, address.c.id == _item.address_id)
        .join(domain, domain.c.id == address.c.domain_id)
        .where(_item.id.in_(ids), _item.claim_id == claim_id)
        .where(_item.state.in_([ItemState.HELD, ItemState.UNCERTAIN]))
        .order_by(_item.id)
    )


def _tried(item: Row[Any]) -> Tried:
    """An uncertain item is charged already for the attempt that is settled late."""
    attempts = item.attempts - (item.state is ItemState.UNCERTAIN)
    return Tried(item.id, attempts, item.first_tried_at, item.next_try_at)


def _would_wait_late(one: _Settled) -> bool:
    """Whether it would wait again, in a mass email that may be Complete by now: then it stays uncertain, and shown."""
    return one.item.state is ItemState.UNCERTAIN and one.fate.state is ItemState.WAITING


_SETTLE: Final = (
    update(_ITEM)
    .where(_item.id == bindparam("item"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "state",
                "reason",
                "claim_id",
                "attempts",
                "next_try_at",
                "first_tried_at",
                "sent_at",
                "code",
                "enhanced_status",
                "reply",
                "bounced",
                "personal",
            )
        }
    )
)


def _changes(one: _Settled, mail: Mailing, now: datetime) -> dict[str, Any]:
    item, verdict, fate = one.item, one.verdict, one.fate
    waits = fate.state is ItemState.WAITING
    tried = verdict.outcome is not Outcome.NOT_TRIED
    return {
        "item": item.id,
        "new_state": mail.again if waits else fate.state,
        "new_reason": verdict.reason,
        "new_claim_id": None if waits else item.claim_id,
        "new_attempts": fate.attempts,
        "new_next_try_at": fate.next_try_at,
        "new_first_tried_at": (item.first_tried_at or now) if tried else item.first_tried_at,
        "new_sent_at": now if fate.state is ItemState.SENT else item.sent_at,
        "new_code": verdict.code if tried else item.code,
        "new_enhanced_status": verdict.enhanced_status if tried else item.enhanced_status,
        "new_reply": verdict.reply[:REPLY_LENGTH] if tried else item.reply,
        "new_bounced": item.bounced or fate.action is Action.BOUNCED,
        "new_personal": verdict.personal if verdict.personal is not None else item.personal,
    }


def _suppress(session: Session, settled: Iterable[_Settled], now: datetime) -> None:
    """An address that a server calls dead is not mailed again (D13), as if the mail had come back."""
    for one in sorted(settled, key=lambda one: one.item.address_id):
        if one.fate.bounce_kind is BounceKind.HARD:
            evidence = one.verdict.reply[:REPLY_LENGTH]
            suppress(session, one.item.address_id, SuppressionReason.HARD_BOUNCE, now, evidence=evidence)


def _give_up(session: Session, settled: Iterable[_Settled], now: datetime) -> None:
    """Addresses whose soft bounces persist (D19), this one counted."""
    for one in sorted(settled, key=lambda one: one.item.address_id):
        if one.fate.bounce_kind is BounceKind.SOFT:
            evidence = one.verdict.reply[:REPLY_LENGTH]
            suppress_if_persistent(session, [one.item.address_id], now, evidence=evidence)


def _log(session: Session, mail: Mailing, settled: Sequence[_Settled], now: datetime) -> None:
    failed_before = _failed_before(session, [one.item.id for one in settled if one.fate.action is Action.FAILED])
    rows, marks = [], []
    for one in settled:
        if one.fate.action is None:
            continue
        bounced_before = one.fate.action is Action.BOUNCED and one.item.bounced
        first = not bounced_before and not (one.fate.action is Action.FAILED and one.item.id in failed_before)
        row = _record(mail, one, first, now)
        rows.append(row)
        reasons = (one.fate.bounce_kind.value, REJECTED) if one.fate.bounce_kind else ()
        marks.append(
            Mark(mail.id, one.fate.action, now, one.item.provider, first=first, reasons=reasons, because=row["reason"])
        )
    if rows:
        session.connection().execute(insert(table(LogRecord)), rows)
        bump(session, marks)


def _failed_before(session: Session, item_ids: Sequence[int]) -> set[int]:
    log = table(LogRecord).c
    if not item_ids:
        return set()
    return set(session.scalars(select(log.item_id).where(log.item_id.in_(item_ids), log.action == Action.FAILED)))


def _record(mail: Mailing, one: _Settled, first: bool, now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "campaign_id": mail.campaign_id,
        "mass_email_id": mail.id,
        "item_id": one.item.id,
        "recipient_id": one.item.recipient_id,
        "action": one.fate.action,
        "machine": MachineReason.HUMAN,
        "first": first,
        "bounce_kind": one.fate.bounce_kind,
        "reason": (one.verdict.reason or one.verdict.reply)[:REPLY_LENGTH]
        if one.fate.action is not Action.SENT
        else "",
        "source": one.fate.source,
    }


def count_as_sent(session: Session, item_ids: Sequence[int], now: datetime, source: EventSource) -> int:
    """How many of the items were uncertain and count as sent now: by evidence, or by decision (D12)."""
    address, domain = table(Address), table(Domain)
    mail = table(MassEmail)
    rows = session.execute(
        select(_item.id, _item.recipient_id, _item.mass_email_id, mail.c.campaign_id, domain.c.provider)
        .join_from(_ITEM, mail, mail.c.id == _item.mass_email_id)
        .join(address, address.c.id == _item.address_id)
        .join(domain, domain.c.id == address.c.domain_id)
        .where(_item.id.in_(item_ids), _item.state == ItemState.UNCERTAIN)
        .order_by(_item.id)
    ).all()
    if rows:
        sent = update(_ITEM).where(_item.id.in_([row.id for row in rows]))
        session.execute(sent.values(state=ItemState.SENT, sent_at=now, reason=""))
        session.connection().execute(_SENT_RECORD, [_sent_record(row, now, source) for row in rows])
        for mass_email_id, n in Tally(row.mass_email_id for row in rows).items():
            queue_count.shift_all(session, mass_email_id, ItemState.UNCERTAIN, ItemState.SENT, n)
        bump(session, [Mark(row.mass_email_id, Action.SENT, now, row.provider) for row in rows])
    return len(rows)


_SENT_RECORD: Final[Insert] = insert(table(LogRecord))


def _sent_record(row: Row[Any], now: datetime, source: EventSource) -> dict[str, Any]:
    who = {"campaign_id": row.campaign_id, "mass_email_id": row.mass_email_id, "item_id": row.id}
    what = {"recipient_id": row.recipient_id, "action": Action.SENT, "machine": MachineReason.HUMAN, "first": True}
    return {"at": now, "source": source, **who, **what}
