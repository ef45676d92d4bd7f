"""Mails of families that nobody learned from: the k-fold by ablation, and that it takes away what it says."""

import pytest

from models import bounce, bounce_reason
from models.bounce import judge_mail
from tests.bench.bench_bounces import Family, families, folder, judge_families, together
from tests.bench.bounce_folds import Folding, Phrases, by_hash, copy_of_the_rules
from tests.samples import make_bounces

REAL = folder() != make_bounces.HERE
"""Our own samples have one mail of each system, in ten languages: little can be learned of one from the others."""


@pytest.fixture(scope="module")
def folding() -> Folding:
    return Folding(families(folder()))


def judged(folding: Folding, folds: list[list[str]]) -> Family:
    return together(one for fold in folds for one in folding.judge(fold))


@pytest.mark.parametrize("folds", [0, 5])
def test_families_that_nobody_learned_from_meet_the_targets(folding: Folding, folds: int) -> None:
    found = judged(folding, by_hash(folding.given, folds) if folds else [[name] for name in folding.given])
    assert found.called_hard_wrongly < 0.05
    assert found.complaints_found == 1.0
    assert found.right_hard >= (0.90 if REAL else 0.85)
    assert found.hard_found >= (0.90 if REAL else 0.65)
    assert found.right_reason >= (0.75 if REAL else 0.65)
    assert found.answers_left_alone == 1.0 or not REAL


def test_with_nothing_taken_away_the_copy_judges_as_the_rules_do(folding: Folding) -> None:
    for table in folding.rules.tables:
        table.keep(range(len(table.lines)))
    assert judge_families(folding.given, folding.rules.judge) == judge_families(folding.given)


def test_the_rules_in_use_are_not_the_copy() -> None:
    before = (bounce.judge_mail, bounce_reason.CAUSES)
    copy = copy_of_the_rules()
    assert (bounce.judge_mail, bounce_reason.CAUSES) == before
    assert copy.judge is not judge_mail
    assert not any(isinstance(cause.phrase, Phrases) for cause in bounce_reason.CAUSES)


def test_what_one_family_alone_says_is_not_known_when_it_is_judged() -> None:
    given = families(make_bounces.HERE)
    alone = {name: given[name] for name in ("russian-unknown", "postfix-user-unknown", "qmail-no-mailbox")}
    folding = Folding(alone)
    assert [one.right for one in folding.judge(["russian-unknown"])] == [0]
    assert [one.right for one in folding.judge(["postfix-user-unknown"])] == [1]
    assert [one.right for one in Folding(alone | {"again": given["russian-unknown"]}).judge(["russian-unknown"])] == [1]


def test_a_phrase_is_attested_for_its_reason_alone() -> None:
    mail = families(make_bounces.HERE)["postfix-user-unknown"][0][0]
    for reason, is_attested in (("userunknown", True), ("mailboxfull", False)):
        folding = Folding({"one": [(mail, [{"reason": reason, "hard": True}])]})
        attested = [
            bool(lines)
            for table, lines in zip(folding.rules.tables, folding.learned["one"], strict=True)
            if table.reason == "userunknown"
        ]
        assert any(attested) is is_attested


def test_families_are_dealt_into_folds_without_anybodys_choice() -> None:
    names = [f"family {number}" for number in range(100)]
    folds = by_hash(names)
    assert sorted(name for fold in folds for name in fold) == sorted(names)
    assert folds == by_hash(names)
    assert all(10 <= len(fold) <= 30 for fold in folds)
