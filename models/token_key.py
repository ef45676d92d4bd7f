"""The token key: what signs the tokens in mail, version by version (D17).

Version 1 is the installation's secret itself. Each later version is the secret joined with a salt of its own that is
kept here: the database alone tells nothing, and every process that has the secret comes to the same keys. A new version
signs from the next portion on; old ones are checked for ever, for they are in mail that has left.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Field, Session, SQLModel

from models import audit, tracking
from models.column_types import Utc, table
from models.errors import Refused
from models.settings import settings
from models.tracking import Keys


class TokenKey(SQLModel, table=True):
    """A version after the first. `salt`: 64 hex digits. Never deleted."""

    __tablename__ = "token_key"
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    salt: str
    created_at: datetime = Field(sa_type=Utc)
    created_by: str


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A version of the key. `since`, `by`: None and "" for the first one. `signs`: new mail is signed with it."""

    version: int
    since: datetime | None
    by: str
    signs: bool


_KEY: Final = table(TokenKey)
_LAST: Final = 255
"""A version is one byte of the token."""


def ring(session: Session) -> Keys:
    """The keys of this installation as they are now; from now on this process reads tokens with them."""
    rows = session.execute(select(_KEY.c.version, _KEY.c.salt).order_by(_KEY.c.version))
    keys = _ring(settings().secret(), tuple((row.version, row.salt) for row in rows))
    tracking.use(keys)
    return keys


def key_rows(session: Session) -> list[KeyRow]:
    """Every version, the newest first."""
    rows = session.execute(select(_KEY).order_by(_KEY.c.version.desc())).all()
    newest = rows[0].version if rows else 1
    later = [KeyRow(row.version, row.created_at, row.created_by, row.version == newest) for row in rows]
    return [*later, KeyRow(1, None, "", newest == 1)]


def rotate(session: Session, now: datetime, by: str) -> int:
    """Make a new version; gives its number. Durable, or mail could leave that nobody can check. Raises Refused after
    the last one that a token has room for."""
    newest: int = session.scalar(select(func.max(_KEY.c.version))) or 1
    if newest >= _LAST:
        raise Refused("key.no_more", last=_LAST)
    session.add(TokenKey(version=newest + 1, salt=secrets.token_hex(32), created_at=now, created_by=by))
    session.flush()
    audit.note(session, now, by, "token_key.rotated", "token_key", newest + 1)
    return newest + 1


@lru_cache(maxsize=8)
def _ring(secret: bytes, salts: tuple[tuple[int, str], ...]) -> Keys:
    versions = {1: secret}
    root = blake2b(secret, digest_size=32).digest()
    for version, salt in salts:
        versions[version] = blake2b(bytes.fromhex(salt), key=root, person=b"envoi token key").digest()
    return Keys(max(versions), versions)
