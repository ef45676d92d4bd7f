"""A refusal in the dialogue is a bounce (D13): one record, and a dead address is not mailed again."""

from sqlalchemy import Engine, select

from jobs.delivery import send_portion
from jobs.replies import Reply, Step, judge
from models import db
from models.address import Address, Suppression, SuppressionReason
from models.column_types import table
from models.log_table import Action, BounceKind, EventSource, LogRecord
from models.mass_email import MassEmailStatus
from models.queue_table import ItemState, QueueItem
from tests import factories
from tests.jobs.smtp_server import SmtpServer

HARD = {
    "user_unknown": "550 5.1.1 User unknown",
    "host_unknown": "550 5.1.2 Bad destination system",
    "bad_address": "501 5.1.3 Bad address syntax",
    "moved": "551 5.1.6 Moved, no forwarding",
}
SOFT = {
    "mailbox_disabled": "550 5.2.1 Mailbox disabled",
    "policy": "550 5.7.1 Refused by local policy",
    "spam": "550 Taken for spam",
    "refused": "550 No",
}
LATER = {"mailbox_full": "452 4.2.2 Mailbox full", "greylisted": "451 4.7.1 Greylisted, try again"}
AT_THE_DOT = {"late": "550 5.1.1 No such user after all", "content": "554 5.6.0 Bad header"}


async def test_every_refusal_is_one_bounce_and_only_a_dead_address_is_suppressed(database: Engine) -> None:
    at_rcpt = {f"<{name}@example.org>": reply for name, reply in (HARD | SOFT | LATER).items()}
    at_the_dot = {f"{name}@example.org": reply for name, reply in AT_THE_DOT.items()}
    on = {
        "RCPT": lambda argument, n: at_rcpt.get(argument.removeprefix("TO:")),
        ".": lambda recipient, n: at_the_dot.get(recipient),
    }
    names = [*HARD, *SOFT, *LATER, *AT_THE_DOT, "taken"]
    async with SmtpServer(on=on) as server:
        with db.unit_of_work() as session:
            account = factories.smtp_account(session, port=server.port)
            people = [factories.recipient(session, f"{name}@example.org") for name in names]
            listed = factories.target_list(session, members=people)
            in_process = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": factories.NOW}
            mail = factories.mass_email(session, listed, smtp_account_id=account.id, **in_process)
            for person in people:
                factories.queue_item(session, mail, person, list_id=listed.id)
        portion = await send_portion(mail.id, "worker-1", clock=lambda: factories.NOW)
    assert portion.error == ""
    states, records, suppressed = _outcome(mail.id)
    dead = {*HARD, "late"}
    refused = {*dead, *SOFT, "content"}
    assert states == {
        **dict.fromkeys(refused, ItemState.FAILED), **dict.fromkeys(LATER, ItemState.WAITING), "taken": ItemState.SENT,
    }  # fmt: skip
    assert sorted(name for name, *_ in records) == sorted(refused)  # one each
    assert {(name, kind) for name, kind, _, _ in records} == {
        (name, BounceKind.HARD if name in dead else BounceKind.SOFT) for name in refused
    }
    assert {source for *_, source, _ in records} == {EventSource.SMTP}
    assert {name: reason for name, _, _, reason in records if name in HARD | SOFT} == {n: n for n in HARD | SOFT}
    replies = HARD | AT_THE_DOT
    assert suppressed == {name: (SuppressionReason.HARD_BOUNCE, replies[name]) for name in dead}


def test_every_reason_of_a_dead_address_has_its_reply_here() -> None:
    """So that a new hard reason in the table of replies is not forgotten above."""
    statuses = [f"5.{subject}.{detail}" for subject in range(8) for detail in range(40)]
    words = ("", "user unknown", "no such domain", "null mx", "malformed address")
    found = {
        judgement.reason
        for step in (Step.RCPT, Step.CONTENT)
        for code in (501, 550, 551, 552, 553, 554, 556)
        for status in ("", *statuses)
        for said in words
        if (judgement := judge(step, Reply(code, (f"{status} {said}".strip(),)))).bounce is BounceKind.HARD
    }
    assert found == HARD.keys()


def _outcome(
    mass_email_id: int,
) -> tuple[
    dict[str, ItemState],
    list[tuple[str, BounceKind, EventSource, str]],
    dict[str, tuple[SuppressionReason, str]],
]:
    """State by name, bounces, suppressions by name; a name is the local part."""
    items, addresses, log, held = (table(model).c for model in (QueueItem, Address, LogRecord, Suppression))
    with db.reading() as session:
        states = session.execute(
            select(items.id, addresses.normal, items.state)
            .join_from(table(QueueItem), table(Address), addresses.id == items.address_id)
            .where(items.mass_email_id == mass_email_id)
        ).all()
        names = {row.id: row.normal.partition("@")[0] for row in states}
        bounced = session.execute(
            select(log.item_id, log.bounce_kind, log.source, log.reason).where(log.action == Action.BOUNCED)
        ).all()
        suppressed = session.execute(
            select(addresses.normal, held.reason, held.evidence).join_from(
                table(Suppression), table(Address), addresses.id == held.address_id
            )
        ).all()
    return (
        {row.normal.partition("@")[0]: row.state for row in states},
        [(names[row.item_id], row.bounce_kind, row.source, row.reason) for row in bounced],
        {row.normal.partition("@")[0]: (row.reason, row.evidence) for row in suppressed},
    )
