"""The visit: who knocked, kept as far as the settings say (D25)."""

import ipaddress
from typing import Final

from sqlmodel import Session

from models import outbound_emails
from models.machine import network_of
from models.outbound_emails import IpAddresses

_BITS: Final = {4: 24, 6: 48}
"""What is left of a cut address: the network that a provider gives to many people."""


def kept(ip: str, how: str) -> str:
    """What is kept of an address: itself, its network as CIDR (IPv4 /24, IPv6 /48), or "". What is no address is not
    kept at all, unless all is."""
    if how == IpAddresses.FULL:
        return ip
    network = network_of(ip)
    if how == IpAddresses.NONE or network is None:
        return ""
    return str(ipaddress.ip_network(f"{network.network_address}/{_BITS[network.version]}", strict=False))


def kept_ip(session: Session, ip: str) -> str:
    """What is kept of an address in this installation: of visits and of the history of consent."""
    return kept(ip, outbound_emails.read(session).ip_addresses)
