"""What the list of suppressions may be asked for; its export asks in the same words."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import reflex as rx

from dashboard import routes, ui
from models.address import PROVIDER_NAMES
from models.suppression import SuppressionReason
from models.suppression_page import SORTS, SuppressionFilter


class ProviderFilter(ui.Filter):
    """A pick of one name among those of mailbox providers."""

    def accepts(self, value: str) -> bool:
        """Whether there is a provider of that name."""
        return value in PROVIDER_NAMES


SPEC: Final = ui.ListSpec(
    route=routes.SUPPRESSIONS,
    sorts=tuple(SORTS),
    sort="-since",
    filters=(
        ui.Filter("reason", "suppressions.reason", "choice", tuple(SuppressionReason), "people.reason", chip="never"),
        ui.Filter("since", "people.since", "dates"),
        ui.Filter("until", "suppressions.until", "dates"),
        ProviderFilter("provider", "suppressions.provider", "code"),
        ui.Filter("address", "people.address", "pick", chip="set"),
    ),
    views=(
        ui.View("", "people.all"),
        *(ui.View(r.value, f"suppressions.view.{r}", {"reason": r.value}) for r in SuppressionReason),
    ),
    tabs=True,
)


def suppression_filter(asked: ui.Asked, zone: str) -> SuppressionFilter:
    """The suppressions that an address asks for; days are the viewer's."""
    reason = asked.get("reason")
    since_from, since_to = _moments(asked.dates("since"), zone)
    until_from, until_to = _moments(asked.dates("until"), zone)
    return SuppressionFilter(
        text=asked.text,
        reason=SuppressionReason(reason) if reason else None,
        provider=asked.get("provider"),
        address_id=asked.number("address"),
        since_from=since_from,
        since_to=since_to,
        until_from=until_from,
        until_to=until_to,
    )


def _moments(days: tuple[date | None, date | None], zone: str) -> tuple[datetime | None, datetime | None]:
    first, last = days
    return _midnight(first, zone), _midnight(last + timedelta(1) if last else None, zone)


def _midnight(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) if day else None


def here(state: rx.State) -> str:
    """Where the list stands, with all that it is asked for: to load it anew."""
    return SPEC.address(SPEC.read(state.router.url.query_parameters))
