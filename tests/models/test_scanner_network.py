"""The networks of mail filters: what asks from there is no person, unless a rule says so."""

import ipaddress
import itertools

import pytest

from models.log_record import Action, MachineReason
from models.machine import Knock, Rule, Told, is_scanner_network, reason_of, verdict_of_rules
from models.scanner_network import PUBLISHED

EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0"


@pytest.mark.parametrize(
    ("ip", "scans"),
    [
        ("104.47.127.255", True),
        ("104.47.128.0", False),
        (" 209.222.82.7 ", True),
        ("::ffff:67.231.144.1", True),
        ("148.163.130.0/24", True),  # where only the network of a visitor is kept
        ("2001:db8::1", False),
        ("192.0.2.1", False),
        ("", False),
        ("not an address", False),
        ("9" * 400, False),
    ],
)
def test_an_address_lies_within_a_published_network_or_not(ip: str, scans: bool) -> None:
    assert is_scanner_network(ip) is scans


@pytest.mark.parametrize("action", [Action.OPENED, Action.CLICKED])
def test_what_asks_from_there_is_a_scanner_whatever_it_says_of_itself(action: Action) -> None:
    assert reason_of(action, Knock(EDGE, "40.94.1.2")) is MachineReason.HUMAN
    assert reason_of(action, Knock(EDGE, "40.93.1.2")) is MachineReason.SCANNER


def test_a_rule_of_the_administrator_decides_before_it() -> None:
    rule = Rule(1, Told.NETWORK, "40.93.1.0/24", human=True)
    assert verdict_of_rules([rule], EDGE, "40.93.1.2") is True


def test_no_network_is_private_or_there_twice() -> None:
    networks = [ipaddress.ip_network(one) for owned in PUBLISHED.values() for one in owned]
    assert all(network.is_global and network.prefixlen >= 14 for network in networks)
    assert not [pair for pair in itertools.combinations(networks, 2) if pair[0].overlaps(pair[1])]
