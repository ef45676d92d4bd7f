"""The machine: what knocks at a pixel or link without being a person, by what it says and where it comes from (D18).

Pure. What only the order of events shows (all links at once, a click before any open) is judged in hit.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from models.log_table import Action, MachineReason
from models.scanner_network import PUBLISHED

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

AGENT_LENGTH: Final = 400
"""Characters of a user agent that are looked at and kept."""


@dataclass(frozen=True, slots=True)
class Knock:
    """Who asked for a public address. `ip` as this server saw it, "" not known. `head`: by HEAD; `prefetch`: ahead of
    any person, as the browser itself says."""

    agent: str = ""
    ip: str = ""
    head: bool = False
    prefetch: bool = False


class Told(StrEnum):
    """What a rule looks at. Stored by place: append only."""

    NETWORK = "network"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern`: a network (CIDR) that the address lies in, or a part of the user agent, in any case. `human`: what it
    says about whom it meets."""

    id: int
    told_by: Told
    pattern: str
    human: bool

    def meets(self, agent: str, ip: str) -> bool:
        """Whether it speaks of this visitor. `ip` may be a network, where only that is kept: it must lie in it."""
        if self.told_by is Told.AGENT:
            return self.pattern.lower() in agent.lower()
        network, visitor = network_of(self.pattern), network_of(ip)
        return network is not None and visitor is not None and _within(visitor, network)


MAIL_PRIVACY_AGENT: Final = "Mozilla/5.0"
"""All that Apple's Mail Privacy Protection says of itself. It fetches every image when the mail is delivered, so
whether the person opened it nobody knows."""

IMAGE_PROXIES: Final = ("googleimageproxy", "ggpht.com", "yahoomailproxy")
"""Proxies that ask when the person opens the mail: real opens, whatever else their agents resemble."""

SCANNERS: Final = (
    "barracuda",
    "proofpoint",
    "mimecast",
    "messagelabs",
    "symantec",
    "ironport",
    "fireeye",
    "trellix",
    "trendmicro",
    "trend micro",
    "sophos",
    "zscaler",
    "bitdefender",
    "kaspersky",
    "vade",
    "cloudmark",
    "hornetsecurity",
    "spamexperts",
    "avanan",
    "checkphish",
    "urlscan",
    "virustotal",
    "google-safety",
    "google-pagerenderer",
    "bingpreview",
    "skypeuripreview",
    "slackbot",
    "slack-imgproxy",
    "telegrambot",
    "whatsapp/",
    "facebookexternalhit",
    "linkedinbot",
    "twitterbot",
    "discordbot",
    "googlebot",
    "bingbot",
    "yandexbot",
    "applebot",
    "duckduckbot",
    "ahrefsbot",
    "semrushbot",
)
"""Parts of the agents of mail gateways, link previews and crawlers. Libraries for programs and headless browsers are
not among them: who uses one is not known, and a rule can say so."""


def verdict_of_rules(rules: Iterable[Rule], agent: str, ip: str) -> bool | None:
    """Whether the first rule that meets the visitor calls it human; None: none does."""
    return next((rule.human for rule in rules if rule.meets(agent, ip)), None)


def reason_of(action: Action, knock: Knock) -> MachineReason:
    """Why this is no person's doing, by what is known in general; HUMAN: nothing speaks against it."""
    agent = knock.agent.strip().lower()
    if knock.head:
        return MachineReason.HEAD_REQUEST
    if knock.prefetch:
        return MachineReason.PREFETCH
    if action is Action.OPENED and agent == MAIL_PRIVACY_AGENT.lower():
        return MachineReason.MAIL_PRIVACY
    if _IMAGE_PROXY.search(agent):
        return MachineReason.HUMAN
    scans = _SCANNER.search(agent) or is_scanner_network(knock.ip)
    return MachineReason.SCANNER if scans else MachineReason.HUMAN


_IMAGE_PROXY: Final = re.compile("|".join(map(re.escape, IMAGE_PROXIES)))
_SCANNER: Final = re.compile("|".join(map(re.escape, SCANNERS)))


@lru_cache(maxsize=4096)
def network_of(text: str) -> IpNetwork | None:
    """The network, or the single address, of a text; None for what is neither. IPv4 within IPv6 is IPv4."""
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    mapped = network.network_address.ipv4_mapped if network.version == 6 and network.prefixlen == 128 else None
    return ipaddress.ip_network(mapped) if mapped else network


@lru_cache(maxsize=4096)
def is_scanner_network(ip: str) -> bool:
    """Whether an address, or the network that is kept of one, lies within one that a mail filter says is its own."""
    visitor = network_of(ip)
    return visitor is not None and any(_within(visitor, network) for network in _SCANNER_NETWORKS)


def _within(visitor: IpNetwork, network: IpNetwork) -> bool:
    if isinstance(visitor, ipaddress.IPv4Network):
        return isinstance(network, ipaddress.IPv4Network) and visitor.subnet_of(network)
    return isinstance(network, ipaddress.IPv6Network) and visitor.subnet_of(network)


_SCANNER_NETWORKS: Final = [ipaddress.ip_network(one) for networks in PUBLISHED.values() for one in networks]
