"""What a migration fills new columns and counters with, out of the rows that are there already."""

from collections.abc import Mapping
from typing import Final

from models.column_types import code_of
from models.counter import INFERRED, PARTED, Dimension
from models.log_table import Action, EventSource, MachineReason

_BOUNCED: Final = code_of(Action.BOUNCED)

PROVIDER_REASONS: Final = f"""
INSERT INTO counter (mass_email_id, dimension, key, action, human, firsts, hits)
SELECT log_record.mass_email_id, {code_of(Dimension.PROVIDER_REASON)},
       domain.provider || '{PARTED}' || log_record.reason, {_BOUNCED}, log_record.machine = 1,
       count(CASE WHEN log_record.first THEN 1 END), count(*)
FROM log_record
JOIN queue_item ON queue_item.id = log_record.item_id
JOIN address ON address.id = queue_item.address_id
JOIN domain ON domain.id = address.domain_id
WHERE log_record.action = {_BOUNCED}
GROUP BY log_record.mass_email_id, domain.provider || '{PARTED}' || log_record.reason, log_record.machine = 1
"""  # noqa: S608 - numbers and a word of our own
"""The bounces by mailbox provider and reason, of those that were logged before they were counted so."""

_MACHINES: Final = " ".join(f"WHEN {code_of(one)} THEN '{one}'" for one in MachineReason if one != "human")
_HUMAN: Final = code_of(MachineReason.HUMAN)

HOWS: Final = f"""
INSERT INTO counter (mass_email_id, dimension, key, action, human, firsts, hits)
SELECT mass_email_id, {code_of(Dimension.HOW)},
       CASE machine WHEN {_HUMAN} THEN '{INFERRED}' {_MACHINES} END, action, machine = {_HUMAN},
       count(DISTINCT item_id), count(*)
FROM log_record
WHERE action IN ({code_of(Action.OPENED)}, {code_of(Action.CLICKED)})
  AND (machine <> {_HUMAN} OR source = {code_of(EventSource.INFERRED)})
GROUP BY mass_email_id, machine, action
"""  # noqa: S608 - numbers and words of our own
"""How opens and clicks are known, of those that were logged before they were counted so."""

FILLS: Final[Mapping[str, tuple[str, ...]]] = {"0002": (PROVIDER_REASONS, HOWS)}
"""Revision → the statements at its end, the same on both databases."""
