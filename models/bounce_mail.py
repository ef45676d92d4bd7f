"""Reading a mail that anybody may have sent: bytes in, its parts out, in bounded time and memory, and without an error.

The standard library's parser follows every nesting and keeps everything; a mail of 50 MB or 1,000 levels stops it. A
report says what it has to say at its beginning, so this reader looks at the first megabyte, ten levels and fifty parts.
MIME is RFC 2045–2047; what breaks its rules is read as far as it makes sense.
"""

import base64
import binascii
import codecs
import html
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

MOST_BYTES: Final = 1_000_000
MOST_TEXT: Final = 64_000
MOST_HEADER_BYTES: Final = 64_000
MOST_DEPTH: Final = 10
MOST_PARTS: Final = 50

Headers = Mapping[str, tuple[str, ...]]
"""Lower-case name → its values in their order, unfolded, encoded words decoded."""


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of a mail: `content_type` in lower case, "text/plain" where none is given; `body` still encoded."""

    content_type: str
    parameters: Mapping[str, str]
    headers: Headers
    body: bytes = field(repr=False)

    @property
    def is_returned(self) -> bool:
        """The message that came back, or its headers (RFC 6522 3)."""
        return self.content_type in _RETURNED

    def text(self) -> str:
        """The first MOST_TEXT characters, decoded; of HTML the words."""
        coded = self.body if len(self.body) <= MOST_TEXT * 2 else self.body[: MOST_TEXT * 2].rpartition(b"\n")[0]
        decoded = _decode(_transfer(coded, first(self.headers, "content-transfer-encoding")), self.parameters)
        return words_of(decoded) if self.content_type == "text/html" else decoded[:MOST_TEXT]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as far as it was read. `parts` are the leaves in their order; a returned message is one leaf."""

    headers: Headers
    content_type: str
    parameters: Mapping[str, str]
    parts: tuple[Part, ...]

    def part(self, *content_types: str) -> Part | None:
        """The first part of one of these types."""
        return next((part for part in self.parts if part.content_type in content_types), None)


_RETURNED: Final = frozenset({
    "message/rfc822",
    "message/global",
    "message/partial",
    "text/rfc822-headers",
    "text/rfc822-header",
    "message/global-headers",
    "message/rfc822-headers",
})  # fmt: skip
_UNSAFE_CODECS: Final = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
_ENCODED_WORD: Final = re.compile(r"=\?([\w.:-]{1,40})(?:\*[\w-]{1,20})?\?([bq])\?([^?\s]{0,400})\?=", re.IGNORECASE)
_PARAMETER: Final = re.compile(r';\s*([\w-]{1,40})\*?0?\*?\s*=\s*(?:"([^"]{0,200})"|([^;\s]{1,200}))')


def read_mail(raw: bytes) -> Mail:
    """The mail in `raw`, whatever that is: what is no mail has no headers and one part of text."""
    start = raw[:MOST_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\0", b"").lstrip(b"\n")
    head, body = _split(start)
    headers = read_headers(head)
    content_type, parameters = _content_type(headers)
    return Mail(headers, content_type, parameters, tuple(_leaves(headers, body)))


def read_headers(head: bytes) -> dict[str, tuple[str, ...]]:
    """The headers in a block of them. Lines that are none, such as mbox's first, are passed over."""
    found: dict[str, list[str]] = {}
    for line in re.sub(rb"\n[ \t]+", b" ", head[:MOST_HEADER_BYTES]).split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon and re.fullmatch(rb"[!-9;-~]{1,80}", name):
            found.setdefault(name.decode("ascii").lower(), []).append(_header_text(value))
    return {name: tuple(values) for name, values in found.items()}


def first(headers: Headers, name: str) -> str:
    """The first value of a header, "" without one."""
    return next(iter(headers.get(name, ())), "")


def words_of(markup: str) -> str:
    """The words of an HTML text, in time proportional to its length."""
    pieces = re.split(r"<(/?)(style|script|title)\b", markup[: MOST_TEXT * 2], flags=re.IGNORECASE)
    kept, inside = [pieces[0]], ""
    for closing, name, rest in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        if inside and (not closing or name.lower() != inside):
            continue
        inside = "" if closing else name.lower()
        if closing:
            kept.append("<" + rest)
    lines = re.sub(r"<(?:br|/?p|/?div|/?tr|/?h\d|/?li)\b[^<>]*>", "\n", " ".join(kept), flags=re.IGNORECASE)
    return html.unescape(re.sub(r"<[^<>]*>", " ", lines))[:MOST_TEXT]


def _leaves(headers: Headers, body: bytes) -> Iterator[Part]:
    """The leaves of a tree of parts, without recursion: each entry of the stack is a part yet to be looked at."""
    stack, count = [(headers, body, 0)], 0
    while stack and count < MOST_PARTS:
        headers, body, depth = stack.pop()
        content_type, parameters = _content_type(headers)
        inner = []
        if content_type.startswith("multipart/") and depth < MOST_DEPTH:
            inner = _inner(body, parameters.get("boundary", ""))
        if inner:
            stack += [(*_entity(piece), depth + 1) for piece in reversed(inner)]
        else:
            count += 1
            yield Part(
                "text/plain" if content_type.startswith("multipart/") else content_type, parameters, headers, body
            )


def _inner(body: bytes, boundary: str) -> list[bytes]:
    """What stands between the boundaries; a body whose boundary is not named shows it in its first such line."""
    mark = boundary.encode("utf-8", "surrogateescape")
    if not mark:
        shown = re.search(rb"(?m)^--(\S[^\n]{5,69})\n[Cc]ontent-", body)
        mark = shown[1].rstrip() if shown else b""
    if not mark:
        return []
    delimiter = re.compile(rb"(?m)^--" + re.escape(mark) + rb"(--)?[ \t]*$\n?")
    found: list[bytes] = []
    start: int | None = None
    for match in delimiter.finditer(body):
        if start is not None:
            found.append(body[start : match.start()])
        start = match.end()
        if match[1] or len(found) >= MOST_PARTS:
            return found
    return found if start is None else [*found, body[start:]]


def _entity(piece: bytes) -> tuple[Headers, bytes]:
    if piece.startswith(b"\n"):
        return {}, piece[1:]
    head, body = _split(piece)
    return read_headers(head), body


def _split(raw: bytes) -> tuple[bytes, bytes]:
    """(headers, body): parted by the first blank line; spaces on it are forgiven."""
    blank = re.search(rb"\n[ \t]*\n", raw)
    return (raw[: blank.start()], raw[blank.end() :]) if blank else (raw, b"")


def _content_type(headers: Headers) -> tuple[str, dict[str, str]]:
    value = first(headers, "content-type")[:2000]
    kind = re.match(r"\s*([\w.+-]{1,60}/[\w.+-]{1,60})", value)
    named = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(value)}
    return (kind[1].lower() if kind else "text/plain"), named


def _transfer(body: bytes, encoding: str) -> bytes:
    match encoding.strip().lower():
        case "base64":
            letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
            try:
                return base64.b64decode(letters[: len(letters) // 4 * 4])
            except binascii.Error:
                return body
        case "quoted-printable":
            return quopri.decodestring(body)
    return body


def _decode(octets: bytes, parameters: Mapping[str, str]) -> str:
    """Text of octets: by what announces itself by escapes, what is named, UTF-8, and what Windows writes."""
    named = "iso-2022-jp" if b"\x1b$" in octets else parameters.get("charset", "").strip("'\" ").lower()
    for codec in filter(None, (_codec(named), "utf-8")):
        try:
            return octets.decode(codec)
        except UnicodeError:
            continue
    return octets.decode(_codec(named) or "windows-1252", "replace")


def _codec(name: str) -> str:
    """The name of a codec that makes text of octets, "" for another one."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    return found.name if found._is_text_encoding and found.name not in _UNSAFE_CODECS else ""


def _header_text(value: bytes) -> str:
    """A header's value with its encoded words decoded; between two of them white space is nothing (RFC 2047 6.2)."""
    text = _decode(value[:8000], {}).strip()
    if "=?" not in text:
        return text
    return _ENCODED_WORD.sub(_encoded_word, re.sub(r"\?=\s+=\?", "?==?", text))


def _encoded_word(match: re.Match[str]) -> str:
    charset, way, coded = match[1], match[2].lower(), match[3].encode("utf-8", "replace")
    octets = _transfer(coded, "base64") if way == "b" else quopri.decodestring(coded.replace(b"_", b" "), header=False)
    return _decode(octets, {"charset": charset})
