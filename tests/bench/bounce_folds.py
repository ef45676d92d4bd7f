"""What the rules for returned mails are worth for mail systems that nobody learned from: k-fold by family, by ablation.

The rules are phrases that people wrote. So learning from some families and judging the others means: before a fold is
judged, every phrase is taken away that the mails outside of it do not attest. A phrase for a reason is attested by a
mail that has the phrase and that reason; a sign (of a failure, a delay, a step of the dialogue, …) by a mail in which
the rules, looking for such a sign, find it. What is left is what could have been learned from the others alone.

    python -m tests.bench.bounce_folds [FOLDER]

A phrase is a line of a table and is taken away whole. What is no phrase stays: what standards say (status and reply
codes, the fields of RFC 3464 and 5965), the order of the questions. One thing no fold can show: whoever worded the
lines had seen the mails of all families, and went over the wording until the folds came out well.
"""

import hashlib
import importlib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from unittest import mock

import models
from models import phrases
from models.bounce_mail import read_mail
from models.bounce_paper import lay_out
from models.bounce_wording import words_to_judge
from tests.bench.bench_bounces import Family, Judge, Mails, families, folder, judge_families, lines, together

FOLDS = 5
_ROOM = Path(models.__file__).parent
_RULES = [f"models.{file.stem}" for file in (*_ROOM.glob("bounce*.py"), _ROOM / "auto_reply.py")]
_AS_THEY_ARE = {"models.bounce_mail", "models.bounce_verdict"}
"""Without a phrase: what is in use serves the copy as well."""


class Phrases:
    """Stands in for a table's pattern. `lines`: its phrases; `kept`: those that count, by number."""

    def __init__(self, text: str, **parts: str) -> None:
        self.lines = [re.compile(line) for line in phrases.lines_of(text, **parts)]
        self.reason = ""
        self.found: set[int] | None = None
        self.keep(range(len(self.lines)))

    def keep(self, numbers: Iterable[int]) -> None:
        kept = [self.lines[number].pattern for number in sorted(numbers)]
        self._pattern = re.compile("|".join(kept) if kept else "(?!)")

    def search(self, text: str) -> re.Match[str] | None:
        return self._look("search", text)

    def match(self, text: str) -> re.Match[str] | None:
        return self._look("match", text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self._look("fullmatch", text)

    def attested(self, text: str) -> set[int]:
        """The numbers of the lines that occur in a text."""
        return {number for number, line in enumerate(self.lines) if line.search(text)}

    def _look(self, way: str, text: str) -> re.Match[str] | None:
        if self.found is not None:
            self.found |= {number for number, line in enumerate(self.lines) if getattr(line, way)(text)}
        return getattr(self._pattern, way)(text)


@dataclass(frozen=True)
class Rules:
    """A copy of the rules, apart from those in use, whose phrases can be taken away."""

    judge: Judge
    tables: list[Phrases]


Learned = list[set[int]]
"""Table by table, the numbers of the lines that some mails attest."""


def copy_of_the_rules() -> Rules:
    made: list[Phrases] = []

    def make(text: str, **parts: str) -> Phrases:
        made.append(Phrases(text, **parts))
        return made[-1]

    with mock.patch.dict(sys.modules), mock.patch.dict(vars(models)), mock.patch.object(phrases, "phrases", make):
        for name in set(_RULES) - _AS_THEY_ARE:
            sys.modules.pop(name, None)
        bounce = importlib.import_module("models.bounce")
        _name_reasons(*(sys.modules[f"models.bounce_{table}"] for table in ("causes", "troubles", "unknown")))
    return Rules(bounce.judge_mail, made)


def _name_reasons(causes: ModuleType, troubles: ModuleType, unknown: ModuleType) -> None:
    for wording in (*causes.CAUSES, *troubles.TROUBLES, unknown.WEAK):
        wording.phrase.reason = wording.reason


def learn(rules: Rules, mails: Mails) -> Learned:
    """What some mails attest."""
    learned: Learned = [set() for _ in rules.tables]
    for raw, expected in mails:
        for number, seen in enumerate(_attested(rules, raw, {row["reason"] for row in expected})):
            learned[number] |= seen
    return learned


def _attested(rules: Rules, raw: bytes, reasons: set[object]) -> Iterator[set[int]]:
    texts = _texts(raw)
    for table in rules.tables:
        table.found = set()
    rules.judge(raw)
    for table in rules.tables:
        found, table.found = table.found or set(), None
        if not table.reason:
            yield found
        else:
            yield set().union(*map(table.attested, texts)) if table.reason in reasons else set()


def _texts(raw: bytes) -> list[str]:
    """What a mail says, as a whole and line by line: its words and its delivery status."""
    mail = read_mail(raw)
    status = mail.part("message/delivery-status", "message/global-delivery-status")
    told = lay_out(mail).words + "\n" + (status.text() if status else "")
    return [words_to_judge(text) for text in (told, *told.split("\n"))]


@dataclass
class Folding:
    """Families in folds, and what each of them attests, learned once."""

    given: dict[str, Mails]
    rules: Rules = field(default_factory=copy_of_the_rules)

    def __post_init__(self) -> None:
        self.learned = {name: learn(self.rules, mails) for name, mails in self.given.items()}

    def judge(self, fold: Sequence[str], *, with_unattested: bool = False) -> list[Family]:
        """The families of a fold by what the others attest; `with_unattested`: and by what no mail at all attests."""
        for number, table in enumerate(self.rules.tables):
            outside = self._of(number, self.given.keys() - set(fold))
            nowhere = set(range(len(table.lines))) - self._of(number, self.given.keys())
            table.keep(outside | nowhere if with_unattested else outside)
        return judge_families({name: self.given[name] for name in fold}, self.rules.judge)

    def _of(self, table: int, names: Iterable[str]) -> set[int]:
        return set().union(*(self.learned[name][table] for name in names))


def by_hash(names: Iterable[str], folds: int = FOLDS, salt: str = "") -> list[list[str]]:
    """Families dealt into folds by a hash of their names, so nobody chose."""
    dealt: list[list[str]] = [[] for _ in range(folds)]
    for name in names:
        dealt[hashlib.sha256(f"{salt}{name}".encode()).digest()[0] % folds].append(name)
    return [fold for fold in dealt if fold]


def report(folding: Folding) -> Iterator[str]:
    """The tables that docs/benchmarks.md sums up."""
    each, dealt = [[name] for name in folding.given], by_hash(folding.given)
    for title, folds in ((f"{len(each)} folds: each family alone", each), (f"{len(dealt)} folds", dealt)):
        found = [
            together(folding.judge(fold), fold[0] if len(fold) == 1 else f"{len(fold)} families") for fold in folds
        ]
        more = together(one for fold in folds for one in folding.judge(fold, with_unattested=True))
        yield f"\n{title}, by what the others attest"
        yield from lines([*found, together(found), replace(more, name="… and what no mail attests")])


def main() -> None:
    """The tables of the mails that are there."""
    print("\n".join(report(Folding(families(Path(sys.argv[1]) if len(sys.argv) > 1 else folder())))))


if __name__ == "__main__":
    main()
