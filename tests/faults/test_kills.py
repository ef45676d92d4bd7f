"""kill -9 at every state of a message's way. `make faults` does it fifty times among 20,000 people."""

import random
from pathlib import Path

import pytest

from tests.faults import kills
from tests.faults.worker import POINTS

pytestmark = pytest.mark.slow


def test_a_worker_killed_at_any_point_doubles_nobody_and_loses_nobody(home: Path) -> None:
    dice = random.Random(7)
    report = kills.run(home, 1500, kills.plan(1, 0, dice, messages=150, turns=6), dice)
    print(report)
    report.check()
    assert sorted(kill.told.rpartition(":")[0] for kill in report.kills) == sorted(POINTS)
