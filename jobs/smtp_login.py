"""AUTH: what the client says to sign in, line by line (RFC 4954). The server says 334 as long as it wants another."""

import base64
import ipaddress
from collections.abc import Mapping

NUL, CONTROL_A = b"\0", b"\x01"


class NoWayIn(Exception):
    """The server offers no mechanism that the account can use; str() says which ones it does offer."""


def choose(features: Mapping[str, str], *wanted: str) -> str:
    """The first of the wanted mechanisms that the server offers. Raises NoWayIn."""
    offered = features.get("AUTH", "").upper().split()
    for mechanism in wanted:
        if mechanism in offered:
            return mechanism
    raise NoWayIn(f"The server does not offer AUTH {' or '.join(wanted)}, but {' '.join(offered) or 'no AUTH at all'}.")


def lines(mechanism: str, username: str, secret: str) -> tuple[str, ...]:
    """What to say: PLAIN (RFC 4616) in one line, LOGIN in three, XOAUTH2 as Google and Microsoft define it.

    XOAUTH2's `secret` is the access token. Its empty line answers the challenge in which the server explains a refusal;
    only then it says its reply.
    """
    user, word = username.encode(), secret.encode()
    if mechanism == "PLAIN":
        return (f"AUTH PLAIN {_base64(NUL + user + NUL + word)}",)
    if mechanism == "LOGIN":
        return ("AUTH LOGIN", _base64(user), _base64(word))
    return (f"AUTH XOAUTH2 {_base64(CONTROL_A.join((b'user=' + user, b'auth=Bearer ' + word, b'', b'')))}", "")


def is_loopback(peer: str) -> bool:
    """Whether an IP address is of this machine: only there a secret may go without TLS."""
    return ipaddress.ip_address(peer.partition("%")[0]).is_loopback


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
