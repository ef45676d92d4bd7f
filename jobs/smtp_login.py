"""AUTH: what the client says to sign in, line by line (RFC 4954). The server says 334 as long as it wants another."""

import base64
import ipaddress
from collections.abc import Mapping

NUL, CONTROL_A = b"\0", b"\x01"


class NoWayIn(Exception):
    """The server offers no mechanism that the account can use; str() says which ones it does offer."""


def password_lines(features: Mapping[str, str], username: str, password: str) -> tuple[str, ...]:
    """AUTH PLAIN (RFC 4616) in one line where offered, else AUTH LOGIN in three. Raises NoWayIn."""
    offered, user, secret = _offered(features), username.encode(), password.encode()
    if "PLAIN" in offered:
        return (f"AUTH PLAIN {_base64(NUL + user + NUL + secret)}",)
    if "LOGIN" in offered:
        return ("AUTH LOGIN", _base64(user), _base64(secret))
    raise NoWayIn(f"The server offers neither AUTH PLAIN nor AUTH LOGIN, but {_listed(offered)}.")


def token_lines(features: Mapping[str, str], username: str, token: str) -> tuple[str, ...]:
    """AUTH XOAUTH2, as Google and Microsoft define it. The empty line answers the challenge in which the server
    explains a refusal; only then it says its reply. Raises NoWayIn."""
    offered = _offered(features)
    if "XOAUTH2" not in offered:
        raise NoWayIn(f"The server does not offer AUTH XOAUTH2, but {_listed(offered)}.")
    parts = (b"user=" + username.encode(), b"auth=Bearer " + token.encode(), b"", b"")
    return (f"AUTH XOAUTH2 {_base64(CONTROL_A.join(parts))}", "")


def is_loopback(peer: str) -> bool:
    """Whether an IP address is of this machine: only there a secret may go without TLS."""
    return ipaddress.ip_address(peer.partition("%")[0]).is_loopback


def _offered(features: Mapping[str, str]) -> list[str]:
    return features.get("AUTH", "").upper().split()


def _listed(offered: list[str]) -> str:
    return " ".join(offered) or "no AUTH at all"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
