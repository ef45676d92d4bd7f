"""How right the verdicts on mails that came back are, family by family of mail systems, and how fast.

    python -m tests.bench.bench_bounces [FOLDER]      FOLDER as ENVOI_SAMPLES_DIR/bounces: *.eml and expected.json

A family is a mail system (the file's name without its number). The rules are written by hand, so learning from some
families and judging on others means: HELD_BACK were not opened until the rules for the others stood. What they said
then, before anything was changed: hard or not 94.9 %, not hard called hard 3.8 %, hard found 92.3 %, reasons 75.6 %.
Since then they have been looked at too; a mail counts as hard when one of its recipients does.
"""

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.bounce import Kind, judge_mail
from tests.samples import make_bounces

ANSWERS = frozenset({"vacation", "delivered"})
"""Reasons of mails that are neither bounces nor complaints."""


@dataclass(frozen=True)
class Family:
    """Counts of one family, or of several together. `right`: hard or not as expected; `hard_right`: hard ones called
    hard; `soft_wrong`: not hard called hard; `reasons`: the reason is one of those expected."""

    name: str
    mails: int = 0
    hard: int = 0
    right: int = 0
    hard_right: int = 0
    soft_wrong: int = 0
    reasons: int = 0
    complaints: int = 0
    complaints_right: int = 0
    answers: int = 0
    answers_right: int = 0

    @property
    def right_hard(self) -> float:
        return self.right / self.mails

    @property
    def called_hard_wrongly(self) -> float:
        return self.soft_wrong / max(1, self.mails - self.hard)

    @property
    def hard_found(self) -> float:
        return self.hard_right / max(1, self.hard)

    @property
    def right_reason(self) -> float:
        return self.reasons / self.mails

    @property
    def complaints_found(self) -> float:
        return self.complaints_right / self.complaints if self.complaints else 1.0

    @property
    def answers_left_alone(self) -> float:
        return self.answers_right / self.answers if self.answers else 1.0


Mails = Sequence[tuple[bytes, list[dict[str, object]]]]
"""Each with what is expected of its recipients."""


def families(folder: Path) -> dict[str, Mails]:
    """Family → its mails."""
    found: dict[str, list[tuple[bytes, list[dict[str, object]]]]] = {}
    for name, expected in json.loads((folder / "expected.json").read_text()).items():
        family = re.sub(r"-\d+$", "", name)
        found.setdefault(family, []).append(((folder / f"{name}.eml").read_bytes(), expected))
    return dict(sorted(found.items()))


def held_back(family: str) -> bool:
    """Whether a family is in the third that was not opened: by a hash of its name, so nobody chose."""
    return hashlib.sha256(family.encode()).digest()[0] % 3 == 1


def judge_families(given: dict[str, Mails]) -> list[Family]:
    return [together((_judge(mail, expected) for mail, expected in mails), name) for name, mails in given.items()]


def together(found: Iterable[Family], name: str = "all") -> Family:
    """The sums."""
    found = list(found)
    counts = [field for field in Family.__dataclass_fields__ if field != "name"]
    return Family(name, **{field: sum(getattr(one, field) for one in found) for field in counts})


def _judge(mail: bytes, expected: list[dict[str, object]]) -> Family:
    verdict = judge_mail(mail)
    reasons, hard = {row["reason"] for row in expected}, any(row["hard"] for row in expected)
    is_hard, is_answer = verdict.kind is Kind.HARD, bool(ANSWERS & reasons)
    is_complaint = "feedback" in reasons and expected[0].get("kind", Kind.COMPLAINT) == Kind.COMPLAINT
    return Family(
        "",
        mails=1,
        hard=hard,
        right=is_hard == hard,
        hard_right=hard and is_hard,
        soft_wrong=is_hard and not hard,
        reasons=verdict.reason in reasons,
        complaints=is_complaint,
        complaints_right=is_complaint and verdict.kind is Kind.COMPLAINT,
        answers=is_answer,
        answers_right=is_answer and verdict.kind in {Kind.AUTO_REPLY, Kind.NOT_A_BOUNCE},
    )


def seconds_for(mails: Sequence[bytes], count: int = 10_000) -> float:
    """How long so many mails take, the given ones over and over."""
    began = time.perf_counter()
    for number in range(count):
        judge_mail(mails[number % len(mails)])
    return time.perf_counter() - began


def lines(found: list[Family]) -> Iterator[str]:
    """The table."""
    yield f"{'family':28}{'mails':>6}{'hard or not':>13}{'false hard':>12}{'hard found':>12}{'reason':>8}"
    thirds = {
        "written from": [f for f in found if not held_back(f.name)],
        "held back": [f for f in found if held_back(f.name)],
    }
    for one in (*found, *(together(part, name) for name, part in thirds.items() if part), together(found)):
        yield (
            f"{one.name:28}{one.mails:6}{one.right_hard:13.1%}{one.called_hard_wrongly:12.1%}"
            f"{one.hard_found:12.1%}{one.right_reason:8.1%}"
        )
    total = together(found)
    yield f"complaints recognised {total.complaints_found:.0%}"
    yield f"automatic answers and receipts left alone {total.answers_left_alone:.0%}"


def folder() -> Path:
    """Where the mails are: in ENVOI_SAMPLES_DIR where that has bounces, or our own."""
    named = Path(os.environ.get("ENVOI_SAMPLES_DIR") or make_bounces.HERE.parent) / "bounces"
    return named if (named / "expected.json").is_file() else make_bounces.HERE


def main() -> None:
    given = families(Path(sys.argv[1]) if len(sys.argv) > 1 else folder())
    print("\n".join(lines(judge_families(given))))
    print(f"10,000 mails in {seconds_for([mail for mails in given.values() for mail, _ in mails]):.1f} s")


if __name__ == "__main__":
    main()
