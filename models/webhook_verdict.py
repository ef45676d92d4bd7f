"""A provider’s failure in our words: the recipient server’s answer decides, the provider’s class where it is silent.

Providers call hard what we do not: a full mailbox, a blocked sender, an address that they themselves suppress. Hard is
only: no such user, no such host, moved, a host that takes no mail, and the provider must not mean to try again.
"""

from dataclasses import dataclass
from typing import Final

from models.bounce_causes import CAUSES
from models.bounce_reason import HARD_REASONS, Case, find_reason
from models.bounce_wording import find_wording, words_to_judge
from models.webhook_table import EventKind

HELD_BACK: Final = "held_back"
"""The reason of what a provider never tried: the address is on its own suppression list."""
_OPEN: Final = frozenset({"undefined", "filtered"})
_UNKNOWN: Final = "userunknown"


@dataclass(frozen=True, slots=True)
class Failure:
    """`kind` is HARD or SOFT; `reason` as models/bounce_reason.py names them, or HELD_BACK."""

    kind: EventKind
    reason: str
    status: str
    evidence: str


def judge(words: str, *, status: str = "", permanent: bool, named: str = "") -> Failure:
    """What a failure is. `words`: the server's answer as the provider gives it on; `status`: RFC 3463; `permanent`: the
    provider gives up; `named`: the reason that the provider's own class names, "" where it names none."""
    found = find_reason(Case(status=status, diagnostic=words))
    reason = found.reason
    if reason in _OPEN:
        reason = _completed(words, status, reason, permanent, named)
    hard = permanent and reason in HARD_REASONS and not found.status.startswith("4")
    return Failure(EventKind.HARD if hard else EventKind.SOFT, reason, found.status, found.evidence)


def held_back(words: str) -> Failure:
    """What the provider did not try."""
    return Failure(EventKind.SOFT, HELD_BACK, "", " ".join(words.split())[:200])


def _completed(words: str, status: str, reason: str, permanent: bool, named: str) -> str:
    """A bare “no such user” is believed of whoever gives up for it: the provider says so itself."""
    if named == _UNKNOWN or (permanent and _names_nobody(words)):
        return find_reason(Case(status=status, diagnostic=words, category="bad-mailbox")).reason
    return named if named and reason == "undefined" else reason


def _names_nobody(words: str) -> bool:
    found = find_wording(words_to_judge(words[:8000]), CAUSES)
    return found is not None and found[0] == _UNKNOWN
