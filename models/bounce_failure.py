"""Reports on messages that did not, or not yet, arrive: recipient by recipient, made for machines or in words alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from models.bounce_paper import Paper
from models.bounce_reason import Case, Finding, find_reason
from models.bounce_report import Delivery, deliveries
from models.bounce_signs import is_delay, is_receipt
from models.bounce_text import Block, addresses_in, any_address, blocks_of
from models.bounce_verdict import Kind, MailVerdict, RecipientVerdict

_SUCCESS: Final = frozenset({"delivered", "relayed", "expanded"})
_GRAVITY: Final = (Kind.HARD, Kind.SOFT, Kind.DELAYED, Kind.NOT_A_BOUNCE)
_UNSAID: Final = "the report does not say why"


def status_report(paper: Paper) -> MailVerdict | None:
    """The verdict on a mail with a delivery status (RFC 3464), or with such a mail attached; None without one."""
    inner = paper.attached_report()  # one level: what is passed on and passed on again is nobody's report to us
    return _status_verdict(paper) or (_status_verdict(inner) if inner else None)


def _status_verdict(paper: Paper) -> MailVerdict | None:
    reported = deliveries(paper.mail)
    if not reported:
        return None
    blocks = {block.recipient.lower(): block.text for block in _blocks(paper)}
    found = _findings([_case(delivery, blocks) for delivery in reported], paper.words)
    alone = len({delivery.recipient.lower() for delivery in reported}) == 1
    return _gravest([
        _verdict(delivery, finding, paper.person_mailed if alone else "")
        for delivery, finding in zip(reported, found, strict=True)
    ])  # fmt: skip


def worded_report(paper: Paper) -> MailVerdict:
    """The verdict on a mail that reports in words alone."""
    if is_receipt(paper.subject, paper.words):
        person = any_address(paper.words, paper.never) or None
        receipt = RecipientVerdict(Kind.NOT_A_BOUNCE, "delivered", person, "", paper.subject[:200])
        return _gravest([receipt])
    delayed = is_delay(paper.subject, paper.words)
    blocks = _failed_blocks(paper)
    found = _findings([Case(said=block.text) for block in blocks], paper.words)
    told = [(finding, block) for finding, block in zip(found, blocks, strict=True) if finding.reason != "undefined"]
    named = told or list(zip(found, blocks, strict=True))  # who is named beside those who failed, did not
    return _gravest([_recipient_verdict(finding, block.recipient, delayed) for finding, block in named])


def _case(delivery: Delivery, blocks: dict[str, str]) -> Case:
    said = blocks.get(delivery.recipient.lower()) or blocks.get(delivery.original_recipient.lower(), "")
    return Case(delivery.status, delivery.diagnostic, said, by_program=delivery.by_program, category=delivery.category)


def _findings(cases: Sequence[Case], words: str) -> list[Finding]:
    """Why each failed. All words of the report count for one who stands alone, or where nobody has words of his own."""
    if len(cases) > 1:
        found = [find_reason(case) for case in cases]
        if any(finding.reason != "undefined" for finding in found):
            return found
    return [find_reason(replace(case, around=words)) for case in cases]


def _verdict(delivery: Delivery, found: Finding, mailed: str) -> RecipientVerdict:
    recipient, original = delivery.recipient or mailed, delivery.original_recipient
    if delivery.action in _SUCCESS or (not delivery.action and delivery.status.startswith("2")):
        evidence = f"Action: {delivery.action or delivery.status}"
        return RecipientVerdict(Kind.NOT_A_BOUNCE, "delivered", recipient or None, delivery.status, evidence, original)
    return _recipient_verdict(found, recipient, delivery.action == "delayed", original)


def _blocks(paper: Paper) -> list[Block]:
    return blocks_of(paper.words, paper.never) or blocks_of(paper.words)


def _failed_blocks(paper: Paper) -> list[Block]:
    failed = [a for value in paper.mail.headers.get("x-failed-recipients", ()) for a in addresses_in(value)]
    blocks, names = _blocks(paper), {address.lower() for address in failed}
    if failed:
        blocks = [block for block in blocks if block.recipient.lower() in names] or [Block(a, "") for a in failed]
    person = any_address(paper.words, paper.never) or paper.person_mailed
    return blocks or [Block(person, "")]


def _recipient_verdict(found: Finding, recipient: str, delayed: bool, original: str = "") -> RecipientVerdict:
    kind = Kind.DELAYED if delayed else Kind.HARD if found.hard else Kind.SOFT
    reason = "expired" if delayed and found.reason in {"undefined", "systemerror"} else found.reason
    return RecipientVerdict(kind, reason, recipient or None, found.status, found.evidence or _UNSAID, original)


def _gravest(verdicts: list[RecipientVerdict]) -> MailVerdict:
    grave = min(verdicts, key=lambda verdict: _GRAVITY.index(verdict.kind))
    return MailVerdict(grave.kind, grave.reason, grave.recipient, grave.status, grave.evidence, tuple(verdicts))
