"""What the list of recipients may be asked for."""

from typing import Final

from dashboard import routes, ui
from dashboard.acts.people import KIND_FILTER, KIND_VIEWS
from models.recipient import Kind, MailState
from models.recipient_filter import RecipientFilter
from models.recipient_page import SORTS
from models.target_list import Source

_STATES: Final = tuple(state for state in MailState if state is not MailState.OPTED_OUT)  # that is of a list alone

SPEC = ui.ListSpec(
    route=routes.RECIPIENTS,
    sorts=tuple(SORTS),
    sort="name",
    filters=(
        KIND_FILTER,
        ui.Filter("language", "people.language", "code"),
        ui.Filter("list", "people.in_list", "pick"),
        ui.Filter("state", "people.is_state", "choice", _STATES, "people.state"),
        ui.Filter("source", "people.added_by", "choice", tuple(Source), "people.source"),
        ui.Filter("account", "people.account", "pick", chip="set"),
    ),
    views=KIND_VIEWS,
    tabs=True,
)


def recipient_filter(asked: ui.Asked) -> RecipientFilter:
    """The people whom an address asks for."""
    kind, state, source = asked.get("kind"), asked.get("state"), asked.get("source")
    return RecipientFilter(
        text=asked.text,
        kind=Kind(kind) if kind else None,
        language=asked.get("language"),
        in_list=asked.number("list"),
        state=MailState(state) if state else None,
        added_by=Source(source) if source else None,
        account_id=asked.number("account"),
    )
