"""DKIM: the signature that says a message is its sender's, and has not been touched since (RFC 6376, 8301, 8463).

    signer = Signer.of(account)                    # None: the account does not sign
    content = signer.sign(content, now) + content

Canonicalisation is relaxed/relaxed. Every body is hashed once, its key is loaded once.
"""

import base64
import hashlib
import re
from collections import defaultdict
from datetime import datetime
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from models.dkim_key import PrivateKey, algorithm_of, read_key
from models.secret import decrypt
from models.smtp_account_table import SmtpAccount

SIGNED: Final = (
    b"From", b"To", b"Subject", b"Date", b"Message-ID", b"MIME-Version", b"Content-Type", b"Reply-To",
    b"List-Unsubscribe", b"List-Unsubscribe-Post", b"List-Id",
)  # fmt: skip
"""RFC 6376 5.4.1 recommends them; RFC 8058 4 demands the two List-Unsubscribe headers."""
OVERSIGNED: Final = frozenset({b"From", b"Subject"})
"""Named once more than they are there: nobody can add a second one (RFC 6376 8.15)."""
_LINE_OCTETS: Final = 72
_FIELD_END: Final = re.compile(rb"\r\n(?![ \t])")
_SPACE: Final = re.compile(rb"[ \t]+")


class Signer:
    """Signs messages of one domain with one key."""

    def __init__(self, domain: str, selector: str, key: PrivateKey) -> None:
        self._key = key
        self._start = (
            f"DKIM-Signature: v=1; a={algorithm_of(key)}; c=relaxed/relaxed;\r\n d={domain}; s={selector};\r\n".encode()
        )

    @classmethod
    def of(cls, account: SmtpAccount) -> Self | None:
        """The signer of an account; None when it does not sign. Raises Unavailable when its key cannot be read."""
        if not account.dkim_domain:
            return None
        return cls(account.dkim_domain, account.dkim_selector, read_key(decrypt(account.dkim_secret)))

    def sign(self, message: bytes, now: datetime) -> bytes:
        """The DKIM-Signature header with its line end, to be put in front of the message.

        `message`: lines end in CRLF, dots are not stuffed, header and body. Raises ValueError without a From, or
        without an empty line after the header.
        """
        head, body = _halves(message)
        names, signed = _signed_fields(head)
        field = b"%b t=%d; h=%b;\r\n bh=%b;\r\n b=" % (
            self._start,
            int(now.timestamp()),
            _folded_names(names),
            base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()),
        )
        signature = base64.b64encode(self._signature(b"\r\n".join((*signed, _relaxed_field(field)))))
        return b"%b%b\r\n" % (field, _folded(signature))

    def _signature(self, signed: bytes) -> bytes:
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(hashlib.sha256(signed).digest())  # RFC 8463 3: of the hash, not of the text
        return self._key.sign(signed, PKCS1v15(), SHA256())


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376 3.4.4: no space at line ends, one space for several, no empty lines at the end."""
    body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    body = body.replace(b" \r\n", b"\r\n")
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    if body.endswith(b" ", 0, end):  # the last line had no line end
        end -= 1
    return body[:end] + b"\r\n" if end > 0 else b""


def _halves(message: bytes) -> tuple[bytes, bytes]:
    end = message.find(b"\r\n\r\n")
    if end < 0:
        raise ValueError("The message has no empty line after its header.")
    return message[:end], message[end + 4 :]


def _signed_fields(head: bytes) -> tuple[list[bytes], list[bytes]]:
    """The names for h=, and the fields that they name, relaxed: the last of a name first (RFC 6376 5.4.2)."""
    there: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for field in _FIELD_END.split(head):
        there[field.partition(b":")[0].rstrip(b" \t").lower()].append(field)
    if not there[b"from"]:
        raise ValueError("The message has no From.")
    names: list[bytes] = []
    fields: list[bytes] = []
    for name in SIGNED:
        found = there[name.lower()]
        names += [name] * (len(found) + (name in OVERSIGNED))
        fields += map(_relaxed_field, reversed(found))
    return names, fields


def _relaxed_field(field: bytes) -> bytes:
    """RFC 6376 3.4.2: a name in lower case, one line, one space for several, none around the value."""
    name, _, value = field.partition(b":")
    value = _SPACE.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return b"%b:%b" % (name.rstrip(b" \t").lower(), value)


def _folded_names(names: list[bytes]) -> bytes:
    lines = [names[0]]
    for name in names[1:]:
        if len(lines[-1]) + len(name) < _LINE_OCTETS - 20:  # what stands before it on the first line
            lines[-1] += b":" + name
        else:
            lines.append(name)
    return b":\r\n ".join(lines)


def _folded(text: bytes) -> bytes:
    return b"\r\n ".join(text[at : at + _LINE_OCTETS] for at in range(0, len(text), _LINE_OCTETS))
