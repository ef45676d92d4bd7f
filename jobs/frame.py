"""The frame of a message: headers and MIME structure, built once with `emails`, with places for what differs.

No line of what these functions give begins with a dot, so a message goes into DATA as it is: there is nothing to stuff
(RFC 5321 4.5.2). Bodies are quoted-printable (RFC 2045 6.7): it splices, and needs no 8BITMIME from the server.
"""

import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, Final

from email_validator import EmailNotValidError, validate_email
from emails.message import Message
from emails.utils import SafeMIMEMultipart, SafeMIMEText

from models.catalogue import Problem
from models.errors import Invalid

SOFT_BREAK: Final = b"=\r\n"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~ -]{1,64}")
_PLAIN_SUBJECT: Final = re.compile(r"[!-~](?:[ -~]{0,64}[!-~])?")
_PLAIN_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
)
_SAFE: Final = re.compile(r"[ !\"-\-/-<>-~][ -<>-~]{0,71}")
_DOT: Final = re.compile(rb"^\.(.{0,72}$)?", re.MULTILINE)
_WORD_LENGTH: Final = 72
_MOST_OCTETS: Final = 76
"""In a line of quoted-printable (RFC 2045 6.7)."""

_WORD_OCTETS: Final = 45
"""Octets in one encoded word: 60 characters of base64, with its frame below RFC 2047's 75."""


# --- structure ---


class _Alternative(Message):
    """A message of `emails` that is multipart/alternative at its root (RFC 2046 5.1.4), or one part alone. The bodies
    are places, already said to be quoted-printable."""

    boundary: str = ""

    def build_message(self, message_cls: type | None = None) -> Any:
        bodies = [(kind, body) for kind, body in (("plain", self.text), ("html", self.html)) if body]
        if len(bodies) == 1:
            kind, body = bodies[0]
            return _as_quoted(self._build_root_message(SafeMIMEText, text=body, subtype=kind, charset="us-ascii"))
        message = self._build_root_message(SafeMIMEMultipart, _subtype="alternative", boundary=self.boundary)
        for kind, body in bodies:
            part = _as_quoted(SafeMIMEText(body, kind, "us-ascii"))
            del part["MIME-Version"]
            message.attach(part)
        return message


def _as_quoted(part: Any) -> Any:
    part.set_param("charset", "utf-8")
    part.replace_header("Content-Transfer-Encoding", "quoted-printable")
    return part


def build_frame(headers: Mapping[str, str], text: str, html: str, boundary: str) -> bytes:
    """The whole message with CRLF line ends. Header values and bodies are places: short words of ASCII that the caller
    finds again; "" is no part."""
    message = _Alternative(text=text or None, html=html or None, headers=dict(headers), date=False, message_id=False)
    message.boundary = boundary
    return message.as_bytes()


# --- headers ---


def header_text(value: str) -> bytes:
    """The value of an unstructured header: as it is when short and plain, else in encoded words (RFC 2047).
    Raises Invalid for a line break, a NUL or another control character: refused, never removed."""
    value = value.strip(" ")
    if _PLAIN_SUBJECT.fullmatch(value) and "=?" not in value:
        return value.encode()
    return b"\r\n ".join(_encoded_words(_refuse_control(value)))


def mailbox(name: str, address: str) -> bytes:
    """`Name <address>` with the name quoted or encoded as it needs, the domain as A-labels. Raises Invalid."""
    place = wire_address(address).encode()
    words = phrase(name)
    if not words:
        return place
    return b"%b%b<%b>" % (words, b"\r\n " if b"\r\n" in words else b" ", place)


def phrase(name: str) -> bytes:
    """A display name (RFC 5322 3.2.5): bare, quoted or in encoded words. Raises Invalid for a control character."""
    name = name.strip(" ")
    if _PLAIN_NAME.fullmatch(name):
        return name.encode()
    if _refuse_control(name).isascii() and len(name) <= 64 and "=?" not in name:
        return b'"%b"' % name.replace("\\", "\\\\").replace('"', '\\"').encode() if name else b""
    return b"\r\n ".join(_encoded_words(name))


def wire_address(address: str) -> str:
    """The address as it goes over the wire: domain as A-labels; a local part beyond ASCII stays (RFC 6532). Raises
    Invalid for what is no address."""
    return address if _PLAIN_ADDRESS.fullmatch(address) else _unusual_address(address)


@lru_cache(maxsize=4096)
def _unusual_address(address: str) -> str:
    try:
        parts = validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        raise Invalid({"address": Problem("message.address", address=address[:100])}) from error
    return f"{parts.local_part}@{parts.ascii_domain}"


@lru_cache(maxsize=64)
def date_header(now: datetime) -> bytes:
    """RFC 5322 3.3, in UTC."""
    return format_datetime(now.astimezone(UTC).replace(microsecond=0)).encode()


def _encoded_words(text: str) -> list[bytes]:
    """Words of at most 75 characters that each hold whole characters (RFC 2047 2 and 5)."""
    words, start, octets = [], 0, 0
    for place, character in enumerate(text):
        size = len(character.encode())
        if octets + size > _WORD_OCTETS:
            words.append(text[start:place])
            start, octets = place, 0
        octets += size
    words.append(text[start:])
    return [b"=?utf-8?b?%b?=" % binascii.b2a_base64(word.encode(), newline=False) for word in words]


def _refuse_control(value: str) -> str:
    if _CONTROL.search(value):
        raise Invalid({"subject": Problem("message.control_character", value=_CONTROL.sub("�", value)[:100])})
    return value


# --- bodies ---


def encode_literal(text: str) -> bytes:
    """A stretch of body, ready to be followed by anything: it ends in a line end or a soft line break."""
    encoded = encode_body(text)
    if not encoded or encoded.endswith(b"\r\n"):
        return encoded
    if len(encoded) - (encoded.rfind(b"\n") + 1) == _MOST_OCTETS:  # no room for the "=" of the soft break
        last = 3 if encoded[-3:-2] == b"=" else 1
        tail = b"=2E" if encoded.endswith(b".") else encoded[-last:]
        encoded = encoded[:-last] + SOFT_BREAK + tail
    return encoded + SOFT_BREAK


def encode_value(text: str) -> bytes:
    """A person's value: encode_literal, quick for the plain words that most are."""
    return _encoded_word(text) if len(text) <= _WORD_LENGTH else encode_literal(text)


@lru_cache(maxsize=4096)
def _encoded_word(text: str) -> bytes:
    """Each value stands in the HTML and in the text, and many people share a city or a first name."""
    return text.encode() + SOFT_BREAK if _SAFE.fullmatch(text) else encode_literal(text)


def encode_body(text: str) -> bytes:
    """Quoted-printable with CRLF line ends, lines of at most 76 octets, none that begins with a dot."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode()
    encoded = binascii.b2a_qp(lines, istext=True)
    if b"\r\n" not in lines:
        encoded = encoded.replace(
            b"=\n", SOFT_BREAK
        )  # b2a_qp breaks softly in the manner of the first line end it sees
    while encoded.startswith(b".") or b"\n." in encoded:
        encoded = _DOT.sub(_undotted, encoded)
    return encoded


def _undotted(found: re.Match[bytes]) -> bytes:
    """The line with its first dot encoded; a long one is broken softly, to stay within 76 octets."""
    return b"=2E" + (SOFT_BREAK if found[1] is None else found[1])
