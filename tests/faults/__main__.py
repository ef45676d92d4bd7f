"""make faults: fifty kills of the worker among 20,000 people, and every other fault after it. Prints what fell where.

python -m tests.faults [PEOPLE] [SEED]
"""

import os
import random
import sys

import pytest

from tests.faults import kills

EACH, BY_CHANCE = 7, 8


def main() -> int:
    """Run all; gives the exit status."""
    people, seed = (int(word) for word in (*sys.argv[1:], *("20000", "1")[len(sys.argv) - 1 :]))
    dice = random.Random(seed)
    told = kills.plan(EACH, BY_CHANCE, dice, messages=400, turns=15)
    with kills.installation() as home:
        report = kills.run(home, people, told, dice)
    print(report, flush=True)
    report.check()
    os.environ["ENVOI_FAULTS"] = "all"
    return int(pytest.main(["tests/faults", "-q"]))


if __name__ == "__main__":
    sys.exit(main())
