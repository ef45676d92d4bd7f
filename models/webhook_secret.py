"""Credentials in a request, for providers that sign nothing: RFC 7617 basic, RFC 6750 bearer."""

import binascii
from base64 import b64decode

from models.webhook_delivery import Posted, Trust, Untrusted, is_same
from models.webhook_table import Trouble


def check_credentials(trust: Trust, posted: Posted) -> None:
    """Raises Untrusted where a secret is set up and the request does not hold it; without one the address is enough."""
    if not trust.secret:
        return
    way, _, given = posted.headers.get("authorization", "").strip().partition(" ")
    expected = f"{trust.username}:{trust.secret}" if way.lower() == "basic" else trust.secret
    if way.lower() == "basic":
        given = _decoded(given)
    if way.lower() not in {"basic", "bearer"} or not is_same(given.strip(), expected):
        raise Untrusted(Trouble.CREDENTIALS)


def _decoded(given: str) -> str:
    try:
        return b64decode(given.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
