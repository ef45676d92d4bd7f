"""The webhook: an address that a provider tells its events to, so that what comes back is known at once (D19)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlmodel import Session

from models import audit, webhook_brevo, webhook_postmark
from models.catalogue import Problem
from models.column_types import table
from models.errors import Conflict, Invalid, NotFound
from models.secret import decrypt, encrypt
from models.sign_in import digest
from models.webhook_check import CHECKED, check
from models.webhook_delivery import Trust
from models.webhook_table import Provider, Trouble, Webhook

__all__ = ["Provider", "Trouble", "Webhook"]

_ROWS = table(Webhook)
_row = _ROWS.c
_REAL: Final = _row.deleted_at.is_(None)
_GIVEN_BACK: Final = {
    Provider.POSTMARK: f"X-PM-Metadata-{webhook_postmark.METADATA}",
    Provider.BREVO: webhook_brevo.CUSTOM,
}
PLACE: Final = "/hooks"
"""Where the addresses lie: /hooks/KEY."""
QUIET: Final = timedelta(seconds=10)
"""The same trouble is written down again after this long: whoever knows the address could make us write all day."""


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """A webhook as its list and form show it: never a secret. `has_secret`: one is kept. `trouble` None: the last
    delivery was taken, or there was none yet (`last_event_at` None)."""

    id: int
    name: str
    provider: Provider
    username: str
    public_key: str
    topic_arn: str
    active: bool
    has_secret: bool
    trouble: Trouble | None
    trouble_at: datetime | None
    last_event_at: datetime | None
    confirmed_at: datetime | None
    revision: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A webhook as a request finds it. `trouble_at`: when its trouble was written down last."""

    id: int
    trust: Trust
    trouble: Trouble | None
    trouble_at: datetime | None


# Reading


def new_key() -> str:
    """A key for an address; whoever knows it can post there."""
    return secrets.token_urlsafe(24)


def address_of(site_url: str, key: str) -> str:
    """The address that the provider is told."""
    return f"{site_url.rstrip('/')}{PLACE}/{key}"


def get_webhook(session: Session, webhook_id: int) -> Webhook:
    """The webhook of an id. Raises NotFound."""
    found = session.get(Webhook, webhook_id)
    if not found or found.deleted_at:
        raise NotFound("webhook.not_found")
    return found


def find_webhook(session: Session, name: str) -> Webhook | None:
    """The webhook of a name, in any case."""
    return session.scalars(select(Webhook).where(func.lower(_row.name) == name.strip().lower(), _REAL)).first()


def find_endpoint(session: Session, key: str) -> Endpoint | None:
    """The active webhook whose address holds this key. It is looked up by a digest: how long that takes tells nothing
    of any key. Raises Unavailable where its secret cannot be read."""
    mine = (_row.digest == digest(key), _row.active, _REAL)
    found = session.scalars(select(Webhook).where(*mine)).first()
    if found is None or found.id is None:
        return None
    trust = Trust(found.provider, decrypt(found.secret), found.username, found.public_key, found.topic_arn)
    return Endpoint(found.id, trust, found.trouble, found.trouble_at)


def webhook_rows(session: Session) -> list[WebhookRow]:
    """Every webhook, by name. There are few: no paging."""
    return [_shown(row) for row in session.scalars(select(Webhook).where(_REAL).order_by(func.lower(_row.name)))]


def get_webhook_row(session: Session, webhook_id: int) -> WebhookRow:
    """One webhook as its form shows it. Raises NotFound."""
    return _shown(get_webhook(session, webhook_id))


def get_key(session: Session, webhook_id: int) -> str:
    """The key in its address. Raises NotFound; Unavailable where the installation's secret is another one now."""
    return decrypt(get_webhook(session, webhook_id).address_secret)


def is_told(session: Session) -> bool:
    """Whether a provider tells what comes back: an active webhook is there."""
    return session.scalar(select(_row.id).where(_REAL, _row.active).limit(1)) is not None


def item_headers(session: Session) -> tuple[str, ...]:
    """The headers in which the token of X-Envoi-Item stands again, because a provider with an active webhook gives back
    these and no other."""
    active = set(session.scalars(select(_row.provider).where(_REAL, _row.active)))
    return tuple(name for provider, name in _GIVEN_BACK.items() if provider in active)


def _shown(webhook: Webhook) -> WebhookRow:
    names = (name for name in WebhookRow.__dataclass_fields__ if name != "has_secret")
    return WebhookRow(has_secret=bool(webhook.secret), **{name: getattr(webhook, name) for name in names})


# Changing


def create_webhook(session: Session, values: Mapping[str, object], now: datetime, *, by: str, key: str = "") -> int:
    """A new webhook; gives its id. `values`: the fields of CHECKED and secret, from text or typed. `key`: of an address
    that was shown already. Raises Invalid with a Problem per field."""
    key = key or new_key()
    webhook = Webhook(
        created_at=now, digest=digest(key), address_secret=encrypt(key), **_checked(session, values, None)
    )
    session.add(webhook)
    session.flush()
    assert webhook.id is not None  # noqa: S101 - for the type checker: flushed
    audit.note(session, now, by, "webhook.created", "webhook", webhook.id, name=webhook.name)
    return webhook.id


def edit_webhook(
    session: Session, webhook_id: int, revision: int, values: Mapping[str, object], now: datetime, *, by: str
) -> None:
    """Change a webhook; a secret that is absent or empty is kept. Another topic is confirmed anew. Raises Invalid,
    NotFound, Conflict when it was changed since `revision`."""
    webhook = get_webhook(session, webhook_id)
    if webhook.revision != revision:
        raise Conflict("errors.conflict", who=Problem("smtp_account.somebody"))
    before = {name: getattr(webhook, name) for name in CHECKED}
    checked = _checked(session, {**before, **values}, webhook)
    if checked["topic_arn"] != webhook.topic_arn:
        webhook.confirmed_at = None
    for name, value in checked.items():
        setattr(webhook, name, value)
    webhook.trouble = webhook.trouble_at = None
    webhook.revision += 1
    session.flush()
    changed = [name for name, value in checked.items() if before.get(name, "") != value]
    audit.note(session, now, by, "webhook.edited", "webhook", webhook_id, changed=changed)


def set_active(session: Session, webhook_id: int, active: bool, now: datetime, *, by: str) -> None:
    """Whether it takes deliveries; an inactive one is not there for whoever asks. Raises NotFound."""
    webhook = get_webhook(session, webhook_id)
    webhook.active = active
    webhook.revision += 1
    session.flush()
    audit.note(session, now, by, f"webhook.{'activated' if active else 'deactivated'}", "webhook", webhook_id)


def delete_webhook(session: Session, webhook_id: int, now: datetime, *, by: str) -> None:
    """Take no more deliveries and forget the secrets; what came stays. Raises NotFound."""
    webhook = get_webhook(session, webhook_id)
    webhook.deleted_at, webhook.active = now, False
    webhook.secret = webhook.address_secret = ""
    webhook.name = f"{webhook.name} ({webhook_id})"  # the name is free again
    session.flush()
    audit.note(session, now, by, "webhook.deleted", "webhook", webhook_id)


# What happens to it


def is_news(endpoint: Endpoint, trouble: Trouble, now: datetime) -> bool:
    """Whether a trouble is worth writing down."""
    return endpoint.trouble is not trouble or endpoint.trouble_at is None or endpoint.trouble_at < now - QUIET


def note_trouble(session: Session, webhook_id: int, trouble: Trouble, now: datetime) -> None:
    """A delivery was refused."""
    session.execute(update(_ROWS).where(_row.id == webhook_id).values(trouble=trouble, trouble_at=now))


def note_taken(session: Session, webhook_id: int, now: datetime) -> None:
    """A delivery was taken."""
    session.execute(update(_ROWS).where(_row.id == webhook_id).values(trouble=None, trouble_at=None, last_event_at=now))


def note_confirmed(session: Session, webhook_id: int, now: datetime) -> None:
    """The subscription of its topic is confirmed."""
    session.execute(update(_ROWS).where(_row.id == webhook_id).values(trouble=None, trouble_at=None, confirmed_at=now))


def note_ended(session: Session, webhook_id: int, now: datetime) -> None:
    """The subscription of its topic was ended at Amazon."""
    ended = {"trouble": Trouble.ENDED, "trouble_at": now, "confirmed_at": None}
    session.execute(update(_ROWS).where(_row.id == webhook_id).values(ended))


def _checked(session: Session, values: Mapping[str, object], kept: Webhook | None) -> dict[str, Any]:
    checked, problems = check(values, kept)
    other = find_webhook(session, checked["name"]) if checked["name"] else None
    if other and (kept is None or other.id != kept.id):
        problems.setdefault("name", Problem("smtp_account.name_taken"))
    if problems:
        raise Invalid(problems)
    return checked
