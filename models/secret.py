"""Secrets at rest: passwords, tokens and keys are kept unreadable without the installation's key."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

from models.errors import Unavailable
from models.settings import settings


def encrypt(plain: str) -> str:
    """The secret as it is kept; "" stays ""."""
    return _cipher().encrypt(plain.encode()).decode() if plain else ""


def decrypt(secret: str) -> str:
    """The plain text of a kept secret. Raises Unavailable when the installation's key is another one than then."""
    try:
        return _cipher().decrypt(secret.encode()).decode() if secret else ""
    except InvalidToken:
        raise Unavailable("smtp_account.other_key") from None


def _cipher() -> Fernet:
    key = hashlib.blake2b(settings().secret(), digest_size=32, person=b"smtp password").digest()
    return Fernet(base64.urlsafe_b64encode(key))
