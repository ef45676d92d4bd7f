"""Why a message came back: the words first, the codes second, and the step of the dialogue between them.

Hard is only what says that an address will not work again: no such user, no such host, moved, a host that takes no
mail. A server's bare “no such user” is believed where it was an answer to the address: by the code (x.1.y), by the step
(RCPT), or because the system that reports says so itself. At the end of DATA filters say it of living people.
"""

import re
from dataclasses import dataclass
from typing import Final

from models.bounce_causes import CAUSES
from models.bounce_status import definite_reason, find_reply, find_status, reply_reason, vague_reason
from models.bounce_text import Step, find_step
from models.bounce_troubles import TROUBLES
from models.bounce_unknown import NO_ACCOUNT, WEAK
from models.bounce_wording import Wording, find_wording, words_to_judge

HARD_REASONS: Final = frozenset({"userunknown", "hostunknown", "hasmoved", "notaccept"})
MOST_EVIDENCE: Final = 200
MOST_PREFIX: Final = 8

_AT_THE_DOOR: Final = frozenset({"rejected", "securityerror", "undefined"})
"""Reasons that a server gives before it hears of any mail: it refuses us."""
_CATEGORIES: Final = {
    "bad-mailbox": "userunknown", "bad-domain": "hostunknown",
    "inactive-mailbox": "suspend", "quota-issues": "mailboxfull",
    "spam-related": "spamdetected", "virus-related": "virusdetected", "policy-related": "policyviolation",
    "content-related": "contenterror", "routing-errors": "networkerror", "no-answer-from-host": "expired",
    "bad-connection": "networkerror", "message-expired": "expired", "relaying-issues": "norelaying",
    "protocol-errors": "syntaxerror", "invalid-sender": "rejected",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one recipient. `status`: the report's own; `diagnostic`: the server's answer; `said`: the
    report's own words about this recipient, `around`: all of its words; `by_program`: no server answered, a local
    program did; `category`: the reporting system's own word for it."""

    status: str = ""
    diagnostic: str = ""
    said: str = ""
    around: str = ""
    by_program: bool = False
    category: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """`reason` is "undefined" where nothing says why; `evidence` is the line that decided."""

    reason: str
    status: str
    evidence: str
    hard: bool


@dataclass(frozen=True, slots=True)
class _Codes:
    status: str
    reply: str
    step: Step | None

    @property
    def temporary(self) -> bool:
        return (self.status or self.reply).startswith("4")


def find_reason(case: Case) -> Finding:
    """The reason of a failure or a delay."""
    answer = case.diagnostic or case.said or case.around
    stated = [find_status(case.diagnostic), case.status, find_status(case.said), find_status(case.around)]
    status = next((code for code in stated if code and not code.endswith(".0.0")), next(filter(None, stated), ""))
    step = find_step(case.said) or find_step(case.around) or find_step(case.diagnostic)
    codes = _Codes(status, find_reply(answer), step)
    reason, evidence = _reason(case, codes)
    return Finding(reason, status, evidence, reason in HARD_REASONS and not codes.temporary)


def names_cause(words: str) -> bool:
    """Whether a text says why a message was refused, in whatever words it says the rest."""
    return _worded(words, CAUSES) is not None


def _reason(case: Case, codes: _Codes) -> tuple[str, str]:
    answers = (_answer(case.diagnostic), case.diagnostic, _answer(case.said), case.said, case.around)
    texts = [text for text in dict.fromkeys(answers) if text.strip()]
    for text in texts[:-1] or texts:
        if found := _cause(text, case, codes):
            return found
    if reason := definite_reason(codes.status):
        return _believed(reason, case, codes), _line(texts, codes.status)
    for text in texts[-1:]:
        if found := _cause(text, case, codes):
            return found
    if reason := _CATEGORIES.get(case.category) or ("mailererror" if case.by_program else ""):
        return reason, _line(texts, codes.status)
    for table in (TROUBLES, (WEAK,)):
        for text in texts:
            if found := _worded(text, table):
                return _stepped(found[0], case, codes), found[1]
    likely = vague_reason(codes.status) or reply_reason(codes.reply) or "undefined"
    return _stepped(likely, case, codes), _line(texts, codes.status or codes.reply)


def _cause(text: str, case: Case, codes: _Codes) -> tuple[str, str] | None:
    found = _worded(text, CAUSES)
    return found and (_believed(found[0], case, codes), found[1])


def _believed(reason: str, case: Case, codes: _Codes) -> str:
    """A cause as far as the codes and the step bear it out."""
    if reason == "hostunknown" and codes.status.startswith("4"):
        return "networkerror"  # a name server did not answer, or not yet
    if reason == "userunknown" and codes.step is Step.MAIL:
        return "rejected"  # it is the sender whom they do not know
    if reason == "userunknown" and not (_is_of_the_address(case, codes) or _has_no_account(case)):
        return _CATEGORIES.get(case.category, "filtered")
    return reason


def _has_no_account(case: Case) -> bool:
    return bool(NO_ACCOUNT.search(words_to_judge(f"{case.diagnostic}\n{case.said}"[:8000])))


def _is_of_the_address(case: Case, codes: _Codes) -> bool:
    if codes.status.partition(".")[2].startswith("1."):
        return True
    if codes.step is Step.DATA:
        return False
    if codes.step is Step.RCPT or not (codes.reply or codes.status):
        return True
    prose = "\n".join(line for line in case.around.split("\n") if not find_reply(line) and not find_status(line))
    found = _worded(prose, CAUSES)
    return found is not None and found[0] == "userunknown"


def _stepped(reason: str, case: Case, codes: _Codes) -> str:
    """What a general refusal means at its step."""
    if reason == "userunknown":
        return "userunknown" if codes.step is Step.RCPT or _is_of_the_address(case, codes) else "filtered"
    if codes.step is Step.CONNECT and codes.reply and reason in _AT_THE_DOOR:
        return "blocked"
    if codes.step is Step.MAIL and reason in {"securityerror", "undefined", "filtered"}:
        return "rejected"
    return reason


def _worded(text: str, table: tuple[Wording, ...]) -> tuple[str, str] | None:
    found = find_wording(words_to_judge(text[:8000]), table)
    return found and (found[0], _evidence(text, found[0], table))


def _evidence(text: str, reason: str, table: tuple[Wording, ...]) -> str:
    """The line in which the wording stands; where it runs over several, all of them on one."""
    for line in text.split("\n"):
        found = find_wording(words_to_judge(line), table) if line.strip() else None
        if found and found[0] == reason:
            return _short(line)
    return _short(text)


def _line(texts: list[str], code: str) -> str:
    lines = [line for text in texts for line in text.split("\n") if line.strip()]
    return _short(next((line for line in lines if code and code in line), lines[0] if lines else code))


def _answer(told: str) -> str:
    """The server's answer in what a reporting system tells of it, "" where it begins with none or tells it alone."""
    code = re.search(r"(?<![\d.])[245][0-5]\d[ -]'?[245]\.\d{1,2}\.\d{1,3}", told)
    return told[code.start() :] if code and code.start() > MOST_PREFIX else ""


def _short(text: str) -> str:
    return " ".join(text.split())[:MOST_EVIDENCE]
