"""make fuzz: every target for SECONDS (60), from a new seed each time unless SEED names one.

    python -m tests.fuzz [bounces public]

A target is a module: `make(dice)` gives something hostile, `check(it)` hands it to the code and raises when that does
what it must not. What it was is kept in build/fuzz, and the seed is printed.
"""

import os
import random
import sys
import time
from pathlib import Path
from types import ModuleType

from tests.fuzz import fuzz_bounces, fuzz_public

SECONDS = float(os.environ.get("SECONDS", "60"))
TARGETS: dict[str, ModuleType] = {"bounces": fuzz_bounces, "public": fuzz_public}


def main() -> None:
    chosen = sys.argv[1:] or list(TARGETS)
    if unknown := set(chosen) - TARGETS.keys():
        sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}.")
    for name in chosen:
        seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(2**32))
        print(f"{name}: seed {seed}", flush=True)
        print(f"{name}: {_run(name, random.Random(seed)):,} tried, nothing found")


def _run(name: str, dice: random.Random) -> int:
    until, tried = time.monotonic() + SECONDS, 0
    while time.monotonic() < until:
        given = TARGETS[name].make(dice)
        try:
            TARGETS[name].check(given)
        except BaseException:
            kept = Path("build/fuzz") / f"{name}-{tried}"
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(given)
            print(f"{name}: number {tried} is kept as {kept}", file=sys.stderr)
            raise
        tried += 1
    return tried


if __name__ == "__main__":
    main()
