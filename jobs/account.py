"""The SMTP account as a portion sees it: where to, how much at a time, and in what health."""

import logging
import random
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from jobs.dkim import Signer
from jobs.smtp import Server
from models import outbound_emails, sending_route, smtp_account

log = logging.getLogger("envoi.delivery")


@dataclass(frozen=True, slots=True)
class Account:
    """`connections`: kept open at a time. `messages`: over one connection. `weight`: its part among the accounts of a
    portion. `troubles`: how often in a row it was in trouble before."""

    id: int
    name: str
    server: Server
    connections: int
    messages: int
    weight: int
    troubles: int
    signer: Signer | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the account waits: a word of smtp_account.trouble.*, and the server's words."""

    reason: str
    words: str


def accounts_of(session: Session, mass_email_id: int, now: datetime) -> list[Account]:
    """The accounts that a mass email may be sent with now. Raises NotFound, Unavailable (a secret cannot be read)."""
    return [_account(session, lane) for lane in sending_route.lanes(session, mass_email_id, now)]


def _account(session: Session, lane: sending_route.Lane) -> Account:
    row = smtp_account.get_account(session, lane.account_id)
    return Account(
        id=lane.account_id,
        name=row.name,
        server=Server.of(row, outbound_emails.read(session).from_address),
        connections=row.connections,
        messages=row.messages_per_connection,
        weight=lane.weight,
        troubles=row.trouble_count,
        signer=Signer.of(row),
    )


def trip(session: Session, account: Account, trouble: Trouble, now: datetime) -> None:
    """Leave the account alone for a while; what others have reported meanwhile stands."""
    jitter = random.uniform(0.8, 1.2)  # noqa: S311 - spreads the waits, hides nothing
    smtp_account.trip(session, account.id, trouble.reason, trouble.words, now, seen=account.troubles, jitter=jitter)
    log.warning("SMTP account %s is in trouble: %s", account.name, trouble.words)
