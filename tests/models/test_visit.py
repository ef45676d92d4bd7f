"""What is kept of the address of whoever knocked (D25)."""

import pytest

from models.outbound_emails import IpAddresses
from models.visit import kept


@pytest.mark.parametrize(
    ("ip", "whole", "cut"),
    [
        ("192.0.2.77", "192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:7:8::9", "2001:db8:7:8::9", "2001:db8:7::/48"),
        ("::ffff:192.0.2.77", "::ffff:192.0.2.77", "192.0.2.0/24"),
        ("192.0.2.0/24", "192.0.2.0/24", "192.0.2.0/24"),
        ("", "", ""),
        ("testclient", "testclient", ""),
        ("192.0.2.77, 10.0.0.1", "192.0.2.77, 10.0.0.1", ""),
    ],
)
def test_an_address_is_kept_whole_as_its_network_or_not_at_all(ip: str, whole: str, cut: str) -> None:
    assert [kept(ip, how) for how in (IpAddresses.FULL, IpAddresses.CUT, IpAddresses.NONE)] == [whole, cut, ""]
