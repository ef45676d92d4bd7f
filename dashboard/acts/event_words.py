"""What happened, in words: why something failed or came back, by which way it was learnt, at which mailbox provider."""

from dashboard.i18n import say
from models.address import OTHER_PROVIDER
from models.catalogue import WORDS
from models.log_evidence import BY_MAIL
from models.log_table import Action, EventSource, MachineReason
from models.log_view import EventRow

_TOLD: frozenset[EventSource] = frozenset(
    {
        *(BY_MAIL - {EventSource.MAILBOX}),
        EventSource.ONE_CLICK,
        EventSource.PREFERENCES,
        EventSource.WEBHOOK,
        EventSource.PERSON,
        EventSource.INFERRED,
    }
)
"""Sources that say more than the action does."""


def reason_said(language: str, reason: str) -> str:
    """Why something failed or came back, in words where there are any; else as the server said it."""
    key = f"delivery.reason.{reason}"
    return say(language, key) if key in WORDS else reason


def way_said(language: str, action: Action, source: EventSource) -> str:
    """By which way an event was learnt, where that tells something: which opt-out, a bounce at once or later."""
    if action in {Action.OPTED_OUT, Action.OPTED_IN} and source is EventSource.PUBLIC_PAGE:
        return say(language, "people.way.public_page")
    if source in _TOLD or (action is Action.BOUNCED and source is EventSource.SMTP):
        return say(language, f"log.source.{source}")
    return ""


def about(language: str, row: EventRow) -> str:
    """Why it is a machine's, the link, the kind and reason of a bounce, the way: what there is, one after the other."""
    kind = say(language, f"status.{row.bounce_kind}") if row.bounce_kind else ""
    machine = "" if row.machine is MachineReason.HUMAN else say(language, f"log.why_machine.{row.machine}")
    told = (machine, row.link, kind, reason_said(language, row.detail), way_said(language, row.action, row.source))
    return " · ".join(part for part in told if part)


def provider_said(language: str, provider: str) -> str:
    """A mailbox provider's name; those without one of their own are "Others"."""
    return say(language, "log.provider.other") if provider == OTHER_PROVIDER else provider
