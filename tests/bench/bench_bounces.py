"""How right the verdicts on mails that came back are, family by family of mail systems, and how fast.

    python -m tests.bench.bench_bounces [FOLDER]      FOLDER as ENVOI_SAMPLES_DIR/bounces: *.eml and expected.json

A family is a mail system (the file's name without its number); a mail counts as hard when one of its recipients does.
Mails never seen are what counts: `bounce_folds` judges families by what can be learned from the others.
"""

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.bounce import Kind, MailVerdict, judge_mail
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
Judge = Callable[[bytes], MailVerdict]


def families(folder: Path) -> dict[str, Mails]:
    """Family → its mails."""
    found: dict[str, list[tuple[bytes, list[dict[str, object]]]]] = {}
    for name, expected in json.loads((folder / "expected.json").read_text()).items():
        family = re.sub(r"-\d+$", "", name)
        found.setdefault(family, []).append(((folder / f"{name}.eml").read_bytes(), expected))
    return dict(sorted(found.items()))


def judge_families(given: dict[str, Mails], judge: Judge = judge_mail) -> list[Family]:
    return [
        together((_count(judge(mail), expected) for mail, expected in mails), name) for name, mails in given.items()
    ]


def together(found: Iterable[Family], name: str = "all") -> Family:
    """The sums."""
    found = list(found)
    counts = [field for field in Family.__dataclass_fields__ if field != "name"]
    return Family(name, **{field: sum(getattr(one, field) for one in found) for field in counts})


def _count(verdict: MailVerdict, expected: list[dict[str, object]]) -> Family:
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
    yield (
        f"{'':28}{'mails':>6}{'hard or not':>13}{'false hard':>12}{'hard found':>12}{'reason':>8}"
        f"{'complaints':>12}{'answers left':>14}"
    )
    for one in found:
        yield (
            f"{one.name[:27]:28}{one.mails:6}{one.right_hard:13.1%}{one.called_hard_wrongly:12.1%}"
            f"{one.hard_found:12.1%}{one.right_reason:8.1%}"
            f"{f'{one.complaints_right}/{one.complaints}':>12}{f'{one.answers_right}/{one.answers}':>14}"
        )


def folder() -> Path:
    """Where the mails are: in ENVOI_SAMPLES_DIR where that has bounces, or our own."""
    named = Path(os.environ.get("ENVOI_SAMPLES_DIR") or make_bounces.HERE.parent) / "bounces"
    return named if (named / "expected.json").is_file() else make_bounces.HERE


def main() -> None:
    given = families(Path(sys.argv[1]) if len(sys.argv) > 1 else folder())
    found = judge_families(given)
    print("\n".join(lines([*found, together(found)])))
    print(f"10,000 mails in {seconds_for([mail for mails in given.values() for mail, _ in mails]):.1f} s")


if __name__ == "__main__":
    main()
