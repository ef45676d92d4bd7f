"""What the entries of a target list may be asked for."""

from dashboard import routes, ui
from dashboard.acts.people import KIND_FILTER, KIND_VIEWS
from models.recipient import Kind, MailState
from models.recipient_filter import RecipientFilter
from models.recipient_page import SORTS
from models.target_list import Source

SPEC = ui.ListSpec(
    route=routes.TARGET_LIST,
    sorts=tuple(SORTS),
    sort="name",
    filters=(
        KIND_FILTER,
        ui.Filter("state", "people.is_state", "choice", tuple(MailState), "people.state"),
        ui.Filter("source", "people.added_by", "choice", tuple(Source), "people.source"),
        ui.Filter("language", "people.language", "code"),
    ),
    views=KIND_VIEWS,
    tabs=True,
)


def entry_filter(asked: ui.Asked) -> RecipientFilter:
    """The people of the list whom an address asks for; the list itself is named by whoever uses it."""
    kind, state, source = asked.get("kind"), asked.get("state"), asked.get("source")
    return RecipientFilter(
        text=asked.text,
        kind=Kind(kind) if kind else None,
        state=MailState(state) if state else None,
        added_by=Source(source) if source else None,
        language=asked.get("language"),
    )
