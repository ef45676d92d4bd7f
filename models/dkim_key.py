"""DKIM keys: made, read, and as the DNS record that lets receivers check a signature (RFC 6376, RFC 8463)."""

import base64
import re
from dataclasses import dataclass
from typing import Final

import idna
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from models.catalogue import Problem
from models.errors import Invalid
from models.smtp_account_table import DkimAlgorithm

PrivateKey = RSAPrivateKey | Ed25519PrivateKey

_NEW_RSA_BITS: Final = 2048
_LEAST_RSA_BITS: Final = 1024
"""RFC 8301 3.2: signers must not use less, and receivers need not read more than 4096."""
_MOST_RSA_BITS: Final = 4096
_LABEL: Final = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_SELECTOR: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """A TXT record to publish."""

    name: str
    value: str


def check_place(domain: str, selector: str) -> tuple[str, str]:
    """Domain (as A-labels) and selector as a signature names them. Raises Invalid for dkim_domain, dkim_selector."""
    problems = {}
    try:
        domain = idna.encode(domain.rstrip("."), uts46=True).decode()
    except idna.IDNAError:
        domain = ""
    if "." not in domain:
        problems["dkim_domain"] = Problem("smtp_account.not_a_domain")
    selector = selector.lower()
    if not _SELECTOR.fullmatch(selector):
        problems["dkim_selector"] = Problem("smtp_account.not_a_selector" if selector else "errors.required")
    if problems:
        raise Invalid(problems)
    return domain, selector


def generate_key(algorithm: DkimAlgorithm) -> str:
    """A new private key as PEM (PKCS #8). RSA takes a tenth of a second or more: keep it off an event loop."""
    key: PrivateKey
    if algorithm is DkimAlgorithm.ED25519:
        key = Ed25519PrivateKey.generate()
    else:
        key = generate_private_key(public_exponent=65537, key_size=_NEW_RSA_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def read_key(pem: str) -> PrivateKey:
    """The private key of a PEM: RSA or Ed25519, without a passphrase. Raises Invalid for anything else."""
    try:
        key = load_pem_private_key(pem.strip().encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Invalid({"dkim_key": Problem("smtp_account.not_a_key")}) from error
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, RSAPrivateKey) and _LEAST_RSA_BITS <= key.key_size <= _MOST_RSA_BITS:
        return key
    raise Invalid({"dkim_key": Problem("smtp_account.not_a_dkim_key")})


def algorithm_of(key: PrivateKey) -> DkimAlgorithm:
    """What the key signs with."""
    return DkimAlgorithm.ED25519 if isinstance(key, Ed25519PrivateKey) else DkimAlgorithm.RSA


def dns_record(domain: str, selector: str, key: PrivateKey) -> DnsRecord:
    """Where and what to publish (RFC 6376 3.6.1; RFC 8463 4: the 32 bytes of an Ed25519 key stand bare)."""
    public = key.public_key()
    if isinstance(key, Ed25519PrivateKey):
        kind, raw = "ed25519", public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    else:
        kind, raw = "rsa", public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    value = f"v=DKIM1; k={kind}; p={base64.b64encode(raw).decode()}"
    return DnsRecord(f"{selector}._domainkey.{domain}", value)
