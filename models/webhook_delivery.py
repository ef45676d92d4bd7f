"""One delivery of a provider: what was posted, what makes it trusted, and the events that are in it. Pure.

Anybody may post anything: what cannot be read or trusted raises Untrusted, never another error.
"""

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from models.errors import NotAllowed
from models.webhook_table import EventKind, Provider, Trouble

MOST_OCTETS: Final = 1024 * 1024
"""Of a delivery: SendGrid's largest has 768 KB, Amazon SNS's 256 KB."""
MOST_EVENTS: Final = 5000
AHEAD: Final = timedelta(minutes=10)
"""How far the provider's clock may be before ours."""
_LONGEST_KEY: Final = 200


class Untrusted(NotAllowed):
    """A delivery that is refused; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        super().__init__(f"webhook.trouble.{trouble}")


@dataclass(frozen=True, slots=True)
class Posted:
    """A request. `headers` by lower-case name. `certificate`: of Amazon SNS's signature, fetched beforehand, as PEM."""

    body: bytes
    headers: dict[str, str]
    certificate: bytes = b""


@dataclass(frozen=True, slots=True)
class Trust:
    """What a webhook knows of its provider; secrets in plain text."""

    provider: Provider
    secret: str = field(default="", repr=False)
    username: str = ""
    public_key: str = ""
    topic_arn: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event in the words of bounces. `reason`: as models/bounce_reason.py names them; `word`: the provider's own
    for the event; `item`, `message_id`, `sender`: our own header, the Message-ID and the envelope sender of the message
    it is about, as far as the provider gives them back; `raw`: what was sent of it."""

    key: str
    kind: EventKind
    word: str
    address: str = ""
    at: datetime | None = None
    reason: str = ""
    status: str = ""
    evidence: str = ""
    item: str = ""
    message_id: str = ""
    sender: str = ""
    feedback_type: str = ""
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a trusted request holds. `once`: a token that may come once, with one event; `confirm`: the address that
    confirms a subscription when it is visited; `ended`: the subscription is over."""

    events: tuple[Event, ...] = ()
    once: str = ""
    confirm: str = ""
    ended: bool = False


class Record:
    """A part of a provider's JSON: what is not of the expected sort is not there."""

    def __init__(self, value: object) -> None:
        self._value = value if isinstance(value, dict) else {}

    @property
    def is_empty(self) -> bool:
        return not self._value

    def text(self, *names: str) -> str:
        """The first of these fields that holds a text or a number; "" where none does."""
        found = (self._value.get(name) for name in names)
        texts = (str(one) for one in found if isinstance(one, str | int | float) and not isinstance(one, bool))
        return next((one.strip() for one in texts if one.strip()), "")

    def exact(self, name: str) -> str:
        """The text in a field as it is, blanks at its ends too: for signatures."""
        found = self._value.get(name)
        return found if isinstance(found, str) else ""

    def says(self, name: str) -> bool:
        """Whether a field is true."""
        return self._value.get(name) is True

    def part(self, name: str) -> "Record":
        """The object in a field; an empty one where there is none."""
        return Record(self._value.get(name))

    def parts(self, name: str) -> list["Record"]:
        """The objects of the list in a field."""
        return records(self._value.get(name))

    def lines(self, name: str) -> list[str]:
        """The texts of the list in a field."""
        found = self._value.get(name)
        return [one for one in found[:MOST_EVENTS] if isinstance(one, str)] if isinstance(found, list) else []

    def moment(self, *names: str) -> datetime | None:
        """The first of these fields that holds a moment: ISO 8601, or seconds since 1970. Without a zone it is UTC."""
        return next((found for name in names if (found := moment(self.text(name)))), None)

    def raw(self) -> bytes:
        """It again as JSON, to be read by people. Raises Untrusted where it is nested too deep for that."""
        try:
            return json.dumps(self._value, ensure_ascii=False, indent=2).encode(errors="replace")
        except RecursionError:
            raise Untrusted(Trouble.UNREADABLE) from None


def records(value: object) -> list[Record]:
    """The objects of a list. Raises Untrusted for more than anybody sends at once."""
    found = value if isinstance(value, list) else []
    if len(found) > MOST_EVENTS:
        raise Untrusted(Trouble.TOO_LONG)
    return [Record(one) for one in found if isinstance(one, dict)]


def read_json(body: bytes | str) -> Any:
    """A document. Raises Untrusted for what is none: other encodings, cut ones, ones nested too deep."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Untrusted(Trouble.UNREADABLE) from None


def read_record(body: bytes | str) -> Record:
    """A document that is one object. Raises Untrusted."""
    found = Record(read_json(body))
    if found.is_empty:
        raise Untrusted(Trouble.UNREADABLE)
    return found


def moment(typed: str) -> datetime | None:
    """An aware moment from ISO 8601 or seconds since 1970; None where it is neither."""
    try:
        if typed.replace(".", "", 1).isdecimal():
            return datetime.fromtimestamp(float(typed), UTC)
        found = datetime.fromisoformat(typed)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def check_fresh(at: datetime | None, now: datetime, window: timedelta) -> None:
    """Raises Untrusted unless a signed moment is of the last `window`. `window`: as long as the provider tries again; a
    delivery that comes twice within it is known by its keys."""
    if at is None or not now - window <= at <= now + AHEAD:
        raise Untrusted(Trouble.STALE)


def is_same(given: str, expected: str) -> bool:
    """Whether two texts are the same, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode(errors="replace"))


def key_of(*parts: str) -> str:
    """The key of an event from what identifies it; "" in front where the provider gives nothing."""
    key = ":".join(parts)
    return key if len(key) <= _LONGEST_KEY else digest(key.encode(errors="replace"))


def digest(raw: bytes) -> str:
    """What tells one text from every other."""
    return blake2b(raw, digest_size=16).hexdigest()


def header(headers: Iterable[Record], name: str) -> str:
    """A mail header in a list of {name, value}, in any case."""
    return next((one.text("value", "Value") for one in headers if one.text("name", "Name").lower() == name), "")
