"""The limit per domain: how many messages an account may hand to one domain now (D9, D10).

A domain that is paused gets none; one whose pause is over gets one message, and the rest when that was taken.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlmodel import Session

from models import domain_pause, outbound_emails, rate

TRY: Final = 1
"""Messages of a claim to a domain that is being tried again."""
_NO_LIMIT: Final = 1_000_000_000


class DomainsLeft(dict[int, int]):
    """What is left for each domain id, at least 0. Ask by `left[domain_id]`: a domain that is not listed has `most`."""

    def __init__(self, left: dict[int, int], most: int) -> None:
        super().__init__(left)
        self.most = most

    def __missing__(self, domain_id: int) -> int:
        return self.most


def domain_allowance(session: Session, account_id: int, now: datetime) -> DomainsLeft | None:
    """What an account may hand to each domain now; None when there is no limit per domain and no domain is paused,
    which two look-ups tell. With a limit it costs a sum over the messages of the last hour (or minute)."""
    setting, paused = outbound_emails.read(session), domain_pause.pauses(session, account_id)
    limits = _limits(setting)
    if not limits and not paused:
        return None
    left: dict[int, int] = {}
    for window, limit in limits:
        for domain_id, n in rate.domains_used(session, account_id, now, window).items():
            left[domain_id] = min(left.get(domain_id, limit), max(0, limit - n))
    most = min((limit for _, limit in limits), default=_NO_LIMIT)
    for domain_id, until in paused.items():
        left[domain_id] = min(left.get(domain_id, most), 0 if until > now else TRY)
    return DomainsLeft({domain_id: min(n, most) for domain_id, n in left.items()}, most)


def full_domains(session: Session, account_id: int, now: datetime) -> frozenset[int]:
    """The ids of domains that may get nothing from this account now: paused, or their limit is used."""
    left = domain_allowance(session, account_id, now)
    return frozenset(domain_id for domain_id, n in (left or {}).items() if n == 0)


def next_free(session: Session, account_id: int, domain_ids: Iterable[int], now: datetime) -> datetime:
    """When the first of these domains may get a message again, at the earliest `now`; of none of them: `now`."""
    limits, paused = _limits(outbound_emails.read(session)), domain_pause.pauses(session, account_id)
    buckets = rate.domain_usage(session, account_id, now) if limits else {}
    moments = []
    for one in domain_ids:
        free = [rate.free_at(buckets.get(one, {}), limit, now, window) for window, limit in limits]
        moments.append(max([now, paused.get(one, now), *free]))
    return min(moments, default=now)


def _limits(setting: outbound_emails.OutboundEmails) -> list[tuple[int, int]]:
    """(seconds, messages) of each limit that is set."""
    both = ((rate.HOUR, setting.max_per_hour_per_domain), (rate.MINUTE, setting.max_per_minute_per_domain))
    return [(window, limit) for window, limit in both if limit is not None]
