"""What can be said of a mail that came back: the words of bounce.judge_mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What sort of mail it is. HARD: the address will not work again. DELAYED: still being tried. NOT_A_BOUNCE: a
    receipt, a person's answer, anything else."""

    HARD = "hard"
    SOFT = "soft"
    DELAYED = "delayed"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    NOT_A_BOUNCE = "not_a_bounce"


@dataclass(frozen=True, slots=True)
class RecipientVerdict:
    """What a report says of one address. `recipient`: as written; `original_recipient`: the one that was mailed, where
    the report tells it apart from a forwarding's target, else ""."""

    kind: Kind
    reason: str
    recipient: str | None
    status: str
    evidence: str
    original_recipient: str = ""


@dataclass(frozen=True, slots=True)
class MailVerdict:
    """The verdict on a mail; of several recipients the gravest one's (hard, soft, delayed), all are in `recipients`.

    `reason` "" when there is none; `status` "5.1.1" or "". `evidence`: the line that decided, at most 200 characters.
    `message_id`: of the returned message; `headers`: those of it that matter, by lower-case name (x-envoi-item, …).
    `to_addresses`: where the mail itself was delivered to. `feedback_type` of a complaint: "abuse", "opt-out", ….
    `answers`: the Message-IDs it replies to. `unsubscribe_token`: as stop_reply.unsubscribe_token."""

    kind: Kind
    reason: str = ""
    recipient: str | None = None
    status: str = ""
    evidence: str = ""
    recipients: tuple[RecipientVerdict, ...] = ()
    message_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    to_addresses: tuple[str, ...] = ()
    report_message_id: str | None = None
    subject: str = ""
    from_address: str = ""
    date: datetime | None = None
    is_reply: bool = False
    asks_to_stop: bool = False
    feedback_type: str = ""
    answers: tuple[str, ...] = ()
    unsubscribe_token: str | None = None

    @property
    def suppresses(self) -> bool:
        """Whether the address is not to be mailed again (D19). A report on our authentication names a person who has
        nothing to do with it, and one who opts out is opted out."""
        return self.kind is Kind.HARD or (self.kind is Kind.COMPLAINT and self.feedback_type not in _NO_COMPLAINTS)


_NO_COMPLAINTS: Final = frozenset({"auth-failure", "opt-out", "opt-out-list", "dmarc"})
