"""The made message: made of an item by the plan, and what an answer, or none, says of the item. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from jobs.account import Account
from jobs.compose import Plan
from jobs.replies import Fate, Judgement, Reply, Step
from models.claim import HeldItem
from models.errors import EnvoiError
from models.verdict import Outcome, Verdict


class Made(NamedTuple):
    """For which item, under which claim, its envelope and content, and the values to store."""

    item: HeldItem
    claim_id: int
    sender: str
    recipient: str
    content: bytes
    personal: dict[str, Any] | None


def make(item: HeldItem, claim_id: int, plan: Plan, account: Account, now: datetime, *, keeps: bool) -> Made | Verdict:
    """The message of an item; the verdict that it cannot be made. `keeps`: the mass email stores what it sends."""
    try:
        values = plan.values(item.person, item.id, now)
        content = plan.join(values)
    except EnvoiError as error:
        return Verdict(item.id, Outcome.RENDER_FAILED, reason=str(error))
    if account.signer:
        content = account.signer.sign(content, now) + content
    sender = plan.mailing.envelope_sender(item.id)
    return Made(item, claim_id, sender, item.person.address, content, values if keeps else None)


OUTCOMES: Final[Mapping[Fate, Outcome]] = {
    Fate.SENT: Outcome.SENT,
    Fate.TEMPORARY: Outcome.TEMPORARY,
    Fate.PERMANENT: Outcome.PERMANENT,
    Fate.ACCOUNT: Outcome.NOT_TRIED,
    Fate.SERVER: Outcome.NOT_TRIED,
    Fate.DOMAIN: Outcome.NOT_TRIED,
}
"""What a reply makes of an item. The message itself refused: its item has failed where a bounce says so."""


def answered(made: Made, judgement: Judgement, reply: Reply) -> Verdict:
    """What the server's answer makes of the item."""
    outcome = OUTCOMES.get(judgement.fate) or (Outcome.PERMANENT if judgement.bounce else Outcome.NOT_TRIED)
    return Verdict(
        made.item.id,
        outcome,
        code=reply.code,
        enhanced_status=reply.enhanced,
        reply=reply.text,
        reason=judgement.reason,
        bounce_kind=judgement.bounce,
        personal=made.personal if outcome is Outcome.SENT else None,
    )


def unanswered(made: Made, step: Step, words: str, reason: str) -> Verdict:
    """What the end of the connection makes of it: uncertain once the dot has left, else not tried."""
    if step is Step.CONTENT:
        return Verdict(made.item.id, Outcome.UNCERTAIN, reply=words, reason=reason, personal=made.personal)
    return Verdict(made.item.id, Outcome.NOT_TRIED)
