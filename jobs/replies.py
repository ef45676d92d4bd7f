"""What an SMTP reply means, and for whom: the one table between a server's words and what becomes of a queue item.

2yz is done, 4yz temporary, 5yz permanent (RFC 5321 4.2.1) *of what was refused*: the connection, the sender, the
recipient or the content. The enhanced status (RFC 3463, RFC 5248) says which; without one the wording does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from models.log_table import BounceKind


class Step(StrEnum):
    """Where in the dialogue something happened: what “Test connection” names."""

    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    TLS = "tls"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"
    RSET = "rset"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer: `code` of three digits, and the text of its lines."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The answer word for word, on one line."""
        return f"{self.code} {' '.join(self.lines)}".strip()

    @property
    def enhanced(self) -> str:
        """The enhanced status, "5.1.1"; "" where the server gives none, or one of another class than its code."""
        found = _ENHANCED.match(self.lines[0]) if self.lines else None
        return found[0] if found and found[0][0] == str(self.code)[0] else ""

    @property
    def done(self) -> bool:
        """2yz: what was asked for is done."""
        return self.code // 100 == 2


class Fate(StrEnum):
    """What a reply means, and who pays: the recipient, nobody but the account or its server, or the message."""

    SENT = "sent"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    ACCOUNT = "account"
    SERVER = "server"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reason` is one word of the catalogue (reason.…). `bounce`: for what the recipient pays; None: nothing."""

    fate: Fate
    reason: str = ""
    bounce: BounceKind | None = None


def judge(step: Step, reply: Reply) -> Judgement:
    """What a reply at a step means: the first rule that fits. A 2yz is no refusal, but DATA asks for 354."""
    if reply.done and step is not Step.DATA:
        return Judgement(Fate.SENT)
    enhanced, words = reply.enhanced, " ".join(reply.lines).lower()
    for rule in _RULES:
        if rule.fits(step, reply.code, enhanced, words):
            return rule.judgement
    raise AssertionError(f"no rule for {step} {reply.text}")  # the last rules fit everything


@dataclass(frozen=True, slots=True)
class _Rule:
    steps: frozenset[Step]
    codes: re.Pattern[str]
    enhanced: re.Pattern[str]
    words: re.Pattern[str]
    judgement: Judgement

    def fits(self, step: Step, code: int, enhanced: str, words: str) -> bool:
        return (
            step in self.steps
            and bool(self.codes.fullmatch(str(code)))
            and bool(self.enhanced.fullmatch(enhanced))
            and bool(self.words.search(words))
        )


_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)")
_OPENING: Final = (Step.CONNECT, Step.GREETING, Step.EHLO, Step.TLS, Step.RSET, Step.QUIT)
_PERSON: Final = (Step.RCPT, Step.CONTENT)
_BODY: Final = (Step.DATA, Step.CONTENT)
_ANY: Final = tuple(Step)

_UNKNOWN_USER: Final = (
    r"(user|recipient|mailbox|address|account) (is )?(unknown|not found|invalid|does ?n.t exist|not exist|rejected)"
    r"|(unknown|no such|invalid|non-?existent) (local )?(user|recipient|mailbox|address|account|person)"
    r"|(does not|doesn.t) exist|no mailbox|not a valid (user|mailbox|recipient)"
)
_RATE: Final = (
    r"too many|rate|throttl|connections|slow down|try again later.*limit|limit exceeded|quota.*(hour|day|minute)"
)
_RELAY: Final = r"relay|authenticat(e|ion) (is )?required|auth(entication)? (first|needed)|not permitted to send"
_FULL: Final = r"full|over ?quota|quota exceeded|insufficient (system )?storage for"
_BLOCKED: Final = r"block ?list|blacklist|blocked|spamhaus|reputation|listed (at|by|in)|banned|\brbl\b|dnsbl"
_SPAM: Final = r"spam|junk|unsolicited|bulk mail"
_GREY: Final = r"gr[ea]y ?list|try again|later"


def _rule(
    steps: Sequence[Step],
    codes: str,
    enhanced: str,
    words: str,
    fate: Fate,
    reason: str,
    bounce: BounceKind | None = None,
) -> _Rule:
    patterns = (re.compile(codes), re.compile(enhanced), re.compile(words))
    return _Rule(frozenset(steps), *patterns, Judgement(fate, reason, bounce))


_HARD, _SOFT = BounceKind.HARD, BounceKind.SOFT
_RULES: Final = (
    # The server closes, or does not get as far as mail: nobody's attempt.
    _rule(_ANY, "421", ".*", _RATE, Fate.SERVER, "rate"),
    _rule(_ANY, "421", ".*", "", Fate.SERVER, "closing"),
    _rule((Step.LOGIN,), ".*", ".*", "", Fate.ACCOUNT, "login"),
    _rule((Step.TLS,), ".*", ".*", "", Fate.SERVER, "tls"),
    _rule(_OPENING, ".*", ".*", "", Fate.SERVER, "server"),
    _rule(_ANY, "530|535|538|454", ".*", "", Fate.ACCOUNT, "login"),
    # The sender.
    _rule((Step.MAIL,), "5..", r"5\.3\.4", "", Fate.MESSAGE, "too_big"),
    _rule((Step.MAIL,), "552", r"|5\.2\.3", "", Fate.MESSAGE, "too_big"),
    _rule((Step.MAIL,), "5..", r"5\.1\.[78]", "", Fate.MESSAGE, "sender"),
    _rule((Step.MAIL,), "4..", ".*", _RATE, Fate.SERVER, "rate"),
    _rule((Step.MAIL,), "4..", ".*", "", Fate.SERVER, "server"),
    _rule((Step.MAIL,), ".*", ".*", "", Fate.ACCOUNT, "sender"),
    # Us, at a recipient: the account waits.
    _rule((Step.RCPT,), "5..", ".*", _RELAY, Fate.ACCOUNT, "relay"),
    _rule(_PERSON, "4..", r"4\.7\..*|", _RATE, Fate.SERVER, "rate"),
    _rule(_ANY, "4..", r"4\.3\.[125]", "", Fate.SERVER, "server"),
    _rule((Step.CONTENT,), "452", "", "", Fate.SERVER, "server"),
    # The mailbox.
    _rule(_PERSON, "4..", r"4\.2\.2", "", Fate.TEMPORARY, "mailbox_full"),
    _rule(_PERSON, "5..", r"5\.2\.2", "", Fate.TEMPORARY, "mailbox_full"),
    _rule((Step.RCPT,), "452|552", "", "", Fate.TEMPORARY, "mailbox_full"),
    _rule(_PERSON, "[45]..", "", _FULL, Fate.TEMPORARY, "mailbox_full"),
    _rule(_PERSON, "5..", r"5\.2\.1", "", Fate.PERMANENT, "mailbox_disabled", _SOFT),
    # The address: it will not work again.
    _rule(_PERSON, "5..", r"5\.1\.(1|10)", "", Fate.PERMANENT, "user_unknown", _HARD),
    _rule(_PERSON, "5..", r"5\.1\.2|5\.4\.4|5\.7\.27", "", Fate.PERMANENT, "host_unknown", _HARD),
    _rule(_PERSON, "5..", r"5\.1\.3", "", Fate.PERMANENT, "bad_address", _HARD),
    _rule((Step.RCPT,), "5..", r"5\.6\.7", "", Fate.PERMANENT, "smtputf8", _SOFT),
    _rule(_PERSON, "5..", r"5\.1\.6", "", Fate.PERMANENT, "moved", _HARD),
    _rule(_PERSON, "5..", "", _UNKNOWN_USER, Fate.PERMANENT, "user_unknown", _HARD),
    # The message: 5.6.x, 5.7.x, 5.3.4, and 552 or 554 without a status, at the dot.
    _rule((Step.RCPT, *_BODY), "5..", r"5\.3\.4|5\.2\.3", "", Fate.MESSAGE, "too_big", _SOFT),
    _rule(_BODY, "552", "", "", Fate.MESSAGE, "too_big", _SOFT),
    _rule(_BODY, "5..", r"5\.[67]\..*|", _BLOCKED, Fate.MESSAGE, "blocked", _SOFT),
    _rule(_BODY, "5..", r"5\.[67]\..*|", _SPAM, Fate.MESSAGE, "spam", _SOFT),
    _rule(_BODY, "5..", r"5\.6\..*", "", Fate.MESSAGE, "content", _SOFT),
    _rule(_BODY, "5..", r"5\.7\..*", "", Fate.MESSAGE, "policy", _SOFT),
    _rule(_BODY, "554", "", "", Fate.MESSAGE, "content", _SOFT),
    # What is left, by its class.
    _rule(_PERSON, "5..", ".*", _BLOCKED, Fate.PERMANENT, "blocked", _SOFT),
    _rule(_PERSON, "5..", ".*", _SPAM, Fate.PERMANENT, "spam", _SOFT),
    _rule(_PERSON, "5..", r"5\.7\..*", "", Fate.PERMANENT, "policy", _SOFT),
    _rule((Step.RCPT,), "501|553", "", "", Fate.PERMANENT, "bad_address", _HARD),
    _rule(_PERSON, "5..", ".*", "", Fate.PERMANENT, "refused", _SOFT),
    _rule(_ANY, "4..", r"4\.7\..*|", _GREY, Fate.TEMPORARY, "greylisted"),
    _rule(_ANY, "4..", ".*", "", Fate.TEMPORARY, "later"),
    _rule(_ANY, ".*", ".*", "", Fate.SERVER, "protocol"),
)
