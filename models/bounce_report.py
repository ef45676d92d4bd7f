"""The parts of a report made for machines: delivery status (RFC 3464, 6533), feedback (RFC 5965).

Read as they come, not as they should: blocks run together, fields are missing, letters too. What a field says is its
sender's claim and decides nothing alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final

from models.bounce_mail import Mail, Part
from models.bounce_status import find_status

MOST_RECIPIENTS: Final = 100

Fields = Mapping[str, tuple[str, ...]]
"""Lower-case field name → its values."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a delivery status says of one recipient. `action`: a word of RFC 3464 2.3.3, "" without one; `status`
    "5.1.1" or ""; `diagnostic` the server's answer without its type, `by_program` where no server gave it (x-unix).
    `category`: the reporting system's own (PowerMTA), "" without one."""

    recipient: str
    original_recipient: str
    action: str
    status: str
    diagnostic: str
    by_program: bool
    category: str


_TYPES: Final = ("message/delivery-status", "message/global-delivery-status", "message/delivery-report")
_START: Final = ("final-recipient", "action", "status", "original-recipient")
_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z-]{1,40})[ \t]*:[ \t]*(.*)")


def deliveries(mail: Mail) -> list[Delivery]:
    """What the mail's delivery status says, recipient by recipient; also where its part lost its type."""
    part = mail.part(*_TYPES) or next((p for p in mail.parts if _is_untyped(p)), None)
    if part is None:
        return []
    blocks = [block for block in read_blocks(part.text()) if _address(block, "final-recipient") or "action" in block]
    return [_delivery(block) for block in blocks[:MOST_RECIPIENTS]]


def feedback(mail: Mail) -> Fields | None:
    """The fields of a feedback report (ARF), all of its blocks together; None when the mail holds none."""
    part = mail.part("message/feedback-report")
    if part is None:
        return None
    together: dict[str, tuple[str, ...]] = {}
    for block in read_blocks(part.text()):
        for name, values in block.items():
            together[name] = together.get(name, ()) + values
    return together


def read_blocks(text: str) -> list[dict[str, tuple[str, ...]]]:
    """The blocks of fields in a text. A blank line parts them; so does a second Final-Recipient, Action or Status."""
    blocks: list[dict[str, tuple[str, ...]]] = [{}]
    for line in re.sub(r"\n[ \t]+(?=\S)", " ", text).split("\n"):
        field = _FIELD.match(line.strip())
        if field is None:
            if not line.strip() and blocks[-1]:
                blocks.append({})
            continue
        name = {"ction": "action", "tatus": "status"}.get(field[1].lower(), field[1].lower())
        if name in _START and name in blocks[-1]:
            blocks.append({})
        blocks[-1][name] = (*blocks[-1].get(name, ()), field[2].strip())
        if len(blocks) > MOST_RECIPIENTS * 2:
            break
    return blocks


def bare_address(value: str) -> str:
    """An address as written, without its type, name and brackets; "" when there is none in the value."""
    value = re.sub(r"^\s*[\w/-]{1,20}\s*;\s*", "", value).strip()
    inside = re.search(r"<([^<>\s]{1,320})>", value)
    plain = inside[1] if inside else (parseaddr(value)[1] if "@" in value and " " in value else value)
    address = plain.strip("<>\"' ;,")[:320]
    return address if "@" in address else ""


def _is_untyped(part: Part) -> bool:
    if part.is_returned or len(part.body) > MOST_RECIPIENTS * 1000:
        return False
    names = {
        name.lower() for name in re.findall(rb"(?mi)^(final-recipient|a?ction|status|reporting-mta)\s*:", part.body)
    }
    return b"final-recipient" in names and len(names) > 2  # the words of a person rarely hold three of its fields


def _delivery(block: Fields) -> Delivery:
    diagnostics = [
        re.fullmatch(r"(?:\s*([\w.-]{1,40})\s*;)?\s*(.*)", d, re.DOTALL) for d in block.get("diagnostic-code", ())
    ]
    kinds = {d[1].lower() for d in diagnostics if d and d[1]}
    action = re.match(r"[a-z]+", " ".join(block.get("action", ())).lower())
    stated = " ".join(block.get("status", ()))
    return Delivery(
        recipient=_address(block, "final-recipient") or _address(block, "original-recipient"),
        original_recipient=_address(block, "original-recipient"),
        action=action[0] if action else "",
        status=find_status(stated),
        diagnostic=" ".join([d[2] for d in diagnostics if d] + re.findall(r"\((.{8,200})\)", stated))[:4000],
        by_program="x-unix" in kinds,
        category=" ".join(block.get("x-powermta-bouncecategory", ())).lower()[:40],
    )


def _address(block: Fields, name: str) -> str:
    return next(filter(None, (bare_address(value) for value in block.get(name, ()))), "")
