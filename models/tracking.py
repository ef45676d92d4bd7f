"""Tokens and the public addresses that carry them (D17). Pure: what an address does is decided where it is answered.

A token is 16 bytes: key version 1 · purpose 1 · id 6 · MAC 8 (keyed blake2b). It is in mail that has left, so its form
is for ever: 22 characters of base64url, or 26 of lower-case base32 where letter case may be lost (the local part of a
return path; RFC 5321 4.5.3.1.1 leaves room for 64).
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cache
from hashlib import blake2b

from models.settings import settings

LENGTH = 22
"""Characters of a token."""

MOST_ID = 2**48 - 1
_HEAD, _MAC = 8, 8
_PERSON = b"envoi token"


class Purpose(IntEnum):
    """What a token opens, and nothing else. The numbers are in mail that has left: never change one."""

    TRACK = 1
    CONSENT = 2
    RETURN_PATH = 3
    TEST_TRACK = 4
    TEST_CONSENT = 5
    MAILING_TRACK = 6


class Tracking(StrEnum):
    """How a mass email follows its opens and clicks. INDIVIDUAL: by person. ANONYMOUS: its pixel and links are the same
    for everybody (MAILING_TRACK, the mass email's id), and only counters move. NONE: nothing is followed. Stored by
    place: append only."""

    INDIVIDUAL = "individual"
    ANONYMOUS = "anonymous"
    NONE = "none"


@dataclass(frozen=True)
class Keys:
    """The key ring: `current` signs, every version (0–255) of `secrets` is accepted when checking."""

    current: int
    secrets: Mapping[int, bytes] = field(repr=False)
    _keys: dict[int, bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.current not in self.secrets or not all(0 <= version <= 255 for version in self.secrets):
            raise ValueError("the current key version must be in the ring, and versions fit one byte")
        derived = {version: blake2b(secret, digest_size=32).digest() for version, secret in self.secrets.items()}
        object.__setattr__(self, "_keys", derived)

    def mac(self, head: bytes) -> bytes | None:
        """8 bytes that prove the head of a token; None when its key version is not in the ring."""
        key = self._keys.get(head[0])
        return None if key is None else blake2b(head, key=key, digest_size=_MAC, person=_PERSON).digest()


@cache
def keys_of(secret: bytes) -> Keys:
    """The ring of one key, version 1."""
    return Keys(1, {1: secret})


_own: dict[bytes, Keys] = {}


def use(keys: Keys) -> None:
    """Read tokens with this ring from now on, where none is named: token_key.ring() does it in each process. A ring of
    another secret replaces nothing."""
    _own[keys.secrets[1]] = keys


def own_keys() -> Keys:
    """The ring of this installation as this process knows it: at first its secret key alone."""
    secret = settings().secret()
    return _own.get(secret) or keys_of(secret)


def version_of(token: str) -> int | None:
    """The key version that a token claims, unchecked; None for what has not the form of one."""
    raw = _raw(token)
    return raw[0] if raw else None


def make_token(keys: Keys | bytes, purpose: Purpose, number: int) -> str:
    """A token for an id (0 to 2**48 − 1), signed with the current key of a ring, or with one secret as version 1.
    Raises OverflowError for another id."""
    keys = keys if isinstance(keys, Keys) else keys_of(keys)
    head = bytes((keys.current, purpose)) + number.to_bytes(6, "big")
    mac = keys.mac(head)
    assert mac is not None  # noqa: S101 - the ring holds its current key, __post_init__ saw to that
    return binascii.b2a_base64(head + mac, newline=False)[:LENGTH].translate(_TO_URL).decode()


def read_token(token: str, *allowed: Purpose, keys: Keys | None = None) -> tuple[Purpose, int] | None:
    """(purpose, id) of a token of ours with one of the allowed purposes; None for a forged, cut or foreign one.
    `keys` None: the ring of this installation. The check takes the same time whatever is wrong with the MAC."""
    keys = own_keys() if keys is None else keys
    raw = _raw(token)
    if raw is None:
        return None
    mac = keys.mac(raw[:_HEAD])
    if mac is None or not hmac.compare_digest(mac, raw[_HEAD:]) or raw[1] not in allowed:
        return None
    return Purpose(raw[1]), int.from_bytes(raw[2:_HEAD], "big")


def to_base32(token: str) -> str:
    """The same token in 26 lower-case letters and digits."""
    return base64.b32encode(base64.urlsafe_b64decode(token + "==")).rstrip(b"=").decode().lower()


def from_base32(text: str) -> str | None:
    """The token of a base32 form in any case; None when it is not one. It is not checked: read_token does that."""
    try:
        raw = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return None
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode() if len(raw) == _HEAD + _MAC else None


def pixel_url(site_url: str, token: str) -> str:
    """The address of the open pixel."""
    return f"{_site(site_url)}/o/{token}.gif"


def click_url(site_url: str, token: str, no: int) -> str:
    """The address of tracked link `no` of the token's mass email."""
    return f"{_site(site_url)}/c/{token}/{no}"


def opt_out_url(site_url: str, token: str) -> str:
    """The address of the opt-out page, and of one-click opt-out (RFC 8058) by POST."""
    return f"{_site(site_url)}/u/{token}"


def preferences_url(site_url: str, token: str) -> str:
    """The address of the preferences page."""
    return f"{_site(site_url)}/p/{token}"


def view_url(site_url: str, token: str) -> str:
    """The address of the message in the browser. The message holds the opt-out link, so it takes a consent token."""
    return f"{_site(site_url)}/v/{token}"


_TO_URL = bytes.maketrans(b"+/", b"-_")


def _site(site_url: str) -> str:
    return site_url.rstrip("/")


def _raw(token: str) -> bytes | None:
    """The 16 bytes, or None. Only the one canonical spelling counts: the last character has four bits to spare."""
    if len(token) != LENGTH or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token.encode() + b"==", altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    return raw if base64.urlsafe_b64encode(raw)[:LENGTH] == token.encode() else None
