"""The visit: who knocked, kept as far as the settings say (D25)."""

import ipaddress
from functools import lru_cache
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from models.column_types import table
from models.machine import network_of
from models.outbound_emails import IpAddresses, OutboundEmails, Setting

_BITS: Final = {4: 24, 6: 48}
"""What is left of a cut address: the network that a provider gives to many people."""


@lru_cache(maxsize=4096)
def kept(ip: str, how: str) -> str:
    """What is kept of an address: itself, its network as CIDR (IPv4 /24, IPv6 /48), or "". What is no address is not
    kept at all, unless all is."""
    if how == IpAddresses.FULL:
        return ip
    network = network_of(ip)
    if how == IpAddresses.NONE or network is None:
        return ""
    return str(ipaddress.ip_network(f"{network.network_address}/{_BITS[network.version]}", strict=False))


def kept_how(session: Session) -> str:
    """What this installation keeps of addresses: one look, for every group of hits takes it."""
    stored = session.connection().scalar(_HOW)
    return str(stored or OutboundEmails().ip_addresses)


def kept_ip(session: Session, ip: str) -> str:
    """What is kept of an address in this installation: of visits and of the history of consent."""
    return kept(ip, kept_how(session))


_HOW: Final = select(table(Setting).c.value).where(table(Setting).c.key == "ip_addresses")
