"""The pepper: what turns an erased address into a hash that is recognised and leads nowhere (D25).

It is made once, by chance, and kept encrypted with the installation's secret, so that the database alone tests no
guess. It never rotates, unlike the token key: what it hashed cannot be hashed again. With another secret it cannot be
read; then nothing that would have to ask it is done, rather than mail somebody who was erased.
"""

import secrets
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from models import secret
from models.db import insert_new
from models.errors import Unavailable
from models.settings import settings

# By name: outbound_emails imports address, which imports this module.
_SETTING: Final = sa.table("setting", sa.column("key", sa.String), sa.column("value", sa.JSON))
_KEY: Final = "own.erasure_pepper"
_OCTETS: Final = 32


def make(session: Session) -> bytes:
    """The pepper of this installation; made now, when it is the first time. Raises Unavailable."""
    new = secret.encrypt(secrets.token_hex(_OCTETS))
    session.execute(insert_new(session, _SETTING).values(key=_KEY, value=new))
    found = find(session)
    assert found is not None  # noqa: S101 - written above
    return found


def find(session: Session) -> bytes | None:
    """The pepper; None: nobody was ever erased here. Raises Unavailable: the secret is another one than then."""
    kept = session.scalar(sa.select(_SETTING.c.value).where(_SETTING.c.key == _KEY))
    return _opened(kept, settings().secret()) if kept else None


def hashes(pepper: bytes, normals: Iterable[str]) -> dict[str, str]:
    """Hash → address, of addresses in normal form: keyed BLAKE2b, 16 octets, about a microsecond each."""
    return {blake2b(normal.encode(), key=pepper, digest_size=16).hexdigest(): normal for normal in normals}


@lru_cache(maxsize=4)
def _opened(kept: str, _secret: bytes) -> bytes:
    try:
        return bytes.fromhex(secret.decrypt(kept))
    except Unavailable:
        raise Unavailable("erasure.other_key") from None
