"""What an SMTP reply means, and for whom: the one table between a server's words and what becomes of a queue item.

2yz is done, 4yz temporary, 5yz permanent (RFC 5321 4.2.1) *of what was refused*: the connection, the sender, the
recipient or the content. The enhanced status (RFC 3463, RFC 5248) says which; without one, or where servers are known
to mean something else by it, the wording does (jobs/reply_words.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from jobs import reply_words as said
from models.log_table import BounceKind


class Step(StrEnum):
    """Where in the dialogue something happened: what “Test connection” names."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    TLS = "tls"
    CERTIFICATE = "certificate"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"
    RSET = "rset"
    QUIT = "quit"


@dataclass(frozen=True)
class Reply:
    """A server's answer: `code` of three digits, and the text of its lines."""

    code: int
    lines: tuple[str, ...]

    @cached_property
    def text(self) -> str:
        """The answer word for word, on one line."""
        return f"{self.code} {' '.join(self.lines)}".strip()

    @cached_property
    def enhanced(self) -> str:
        """The enhanced status, "5.1.1"; "" where the server gives none, or one of another class than its code. It
        stands first (RFC 2034); qmail puts it in brackets, "(#5.1.1)", and IronPort writes "#5.1.0"."""
        found = self.lines and (_ENHANCED.match(self.lines[0]) or _IN_BRACKETS.search(self.lines[0]))
        return found[1] if found and found[1][0] == str(self.code)[0] else ""

    @property
    def done(self) -> bool:
        """2yz: what was asked for is done."""
        return self.code // 100 == 2


class Fate(StrEnum):
    """What a reply means, and who pays.

    SENT        nobody: it is taken
    TEMPORARY   the recipient, who is tried again
    PERMANENT   the recipient, for good
    ACCOUNT     the account: login, sender, right to relay: a person has to mend it
    SERVER      the account, for a while: the server is busy, full or closing
    MESSAGE     the message: what is refused would be refused for others too
    DOMAIN      the recipient's domain, for a while: the others go on
    """

    SENT = "sent"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    ACCOUNT = "account"
    SERVER = "server"
    MESSAGE = "message"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reason`: a word of the catalogue, of delivery.reason.* for what is the recipient's or the message's, else of
    smtp_account.trouble.*. `bounce`: what the recipient's item fails with (D13); None: it does not fail."""

    fate: Fate
    reason: str = ""
    bounce: BounceKind | None = None


_TAKEN: Final = Judgement(Fate.SENT)


def judge(step: Step, reply: Reply) -> Judgement:
    """What a reply at a step means: the first rule that fits. A 2yz is no refusal, but DATA asks for 354."""
    if reply.done and step is not Step.DATA:
        return _TAKEN
    enhanced, words = reply.enhanced, " ".join(reply.lines)[:_READ].lower()
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


_ENHANCED: Final = re.compile(r"#?([245]\.\d{1,3}\.\d{1,3})(?![\w.-])")
_IN_BRACKETS: Final = re.compile(r"\(#([245]\.\d{1,3}\.\d{1,3})\)")
_READ: Final = 1000
"""Characters of a reply that are read for its wording: what comes after is no explanation any more."""
_OPENING: Final = (
    Step.RESOLVE, Step.CONNECT, Step.GREETING, Step.EHLO, Step.TLS, Step.CERTIFICATE, Step.RSET, Step.QUIT
)  # fmt: skip
_PERSON: Final = (Step.RCPT, Step.CONTENT)
_BODY: Final = (Step.DATA, Step.CONTENT)
_OFFERED: Final = (Step.RCPT, *_BODY)
_ANY: Final = tuple(Step)
_HARD, _SOFT = BounceKind.HARD, BounceKind.SOFT


def _rule(
    steps: Sequence[Step],
    codes: str,
    enhanced: str,
    words: str,
    fate: Fate,
    reason: str,
    bounce: BounceKind | None = None,
) -> _Rule:
    """Where, which codes and statuses (whole), which words (anywhere); "" as status: none is given."""
    patterns = (re.compile(codes), re.compile(enhanced), re.compile(words))
    return _Rule(frozenset(steps), *patterns, Judgement(fate, reason, bounce))


_RULES: Final = (
    # One domain, at its recipient or its message.
    _rule(_PERSON, "4..", r"4\.7\.(28|5\d\d|65\d)", "", Fate.DOMAIN, "rate"),
    _rule(
        _PERSON, "4..", ".*", rf"^(?=.*({said.RATE}))(?!.*({said.CONNECTION})).*({said.DOMAIN})", Fate.DOMAIN, "rate"
    ),
    _rule(_PERSON, "4..", r"4\.7\..*|", rf"^(?!.*({said.CONNECTION})).*({said.PROVIDER})", Fate.DOMAIN, "rate"),
    # The server closes, or does not get as far as mail: nobody's attempt.
    _rule(_ANY, "421", ".*", said.RATE, Fate.SERVER, "rate"),
    _rule(_ANY, "421", ".*", "", Fate.SERVER, "closing"),
    _rule((Step.LOGIN,), "4..", ".*", said.RATE, Fate.SERVER, "rate"),
    _rule((Step.LOGIN,), ".*", ".*", "", Fate.ACCOUNT, "login"),
    _rule((Step.TLS, Step.CERTIFICATE), ".*", ".*", "", Fate.SERVER, "tls"),
    _rule(_OPENING, "5..", ".*", said.BLOCKED, Fate.ACCOUNT, "blocked"),
    _rule(_OPENING, "4..", ".*", said.RATE, Fate.SERVER, "rate"),
    _rule(_OPENING, ".*", ".*", "", Fate.SERVER, "server"),
    # The sender.
    _rule((Step.MAIL,), "5..", r"5\.3\.4", "", Fate.MESSAGE, "too_big", _SOFT),
    _rule((Step.MAIL,), "552", r"|5\.2\.3", "", Fate.MESSAGE, "too_big", _SOFT),
    _rule((Step.MAIL,), "5..", r"5\.1\.[78]", "", Fate.MESSAGE, "sender"),
    _rule((Step.MAIL,), "[45]..", ".*", rf"{said.SENDING_LIMIT}|{said.RATE}", Fate.SERVER, "rate"),
    _rule((Step.MAIL,), "530|53[458]|454", ".*", "", Fate.ACCOUNT, "login"),
    _rule((Step.MAIL,), "4..", ".*", "", Fate.SERVER, "server"),
    _rule((Step.MAIL,), "50[0234]", r"|5\.5\..*", "(?!.*sender)", Fate.SERVER, "protocol"),
    _rule((Step.MAIL,), "5..", ".*", rf"{said.CLIENT}|{said.BLOCKED}", Fate.ACCOUNT, "blocked"),
    _rule((Step.MAIL,), ".*", ".*", "", Fate.ACCOUNT, "sender"),
    # Us, at a recipient or a message: Postfix says at RCPT what it holds against sender and client.
    _rule(_OFFERED, "[45]..", ".*", said.SENDING_LIMIT, Fate.SERVER, "rate"),
    _rule(_OFFERED, "45.", r"4\.(7\..*|5\.3|4\.5|3\..*)|", said.RATE, Fate.SERVER, "rate"),
    _rule(_OFFERED, "5..", r"5\.4\.5", "", Fate.SERVER, "rate"),
    _rule((Step.RCPT,), "[45]..", r"[45]\.7\..*|", said.RELAY, Fate.ACCOUNT, "relay"),
    _rule(_OFFERED, "530|53[458]|454", ".*", "", Fate.ACCOUNT, "login"),
    _rule(_OFFERED, "5..", ".*", said.RECIPIENTS_OWN_WISH, Fate.PERMANENT, "policy", _SOFT),
    _rule(_OFFERED, "5..", r"5\.1\.[78]", "", Fate.MESSAGE, "sender"),
    _rule((Step.RCPT,), "4..", r"4\.1\.[78]", "", Fate.SERVER, "sender"),
    _rule(_OFFERED, "5..", r"5\.7\..*|5\.2\.0|5\.5\.2|", said.SENDER, Fate.ACCOUNT, "sender"),
    _rule((Step.RCPT,), "[45]..", r"[45]\.7\..*|5\.5\.2|", rf"^(?!.*said:).*({said.CLIENT})", Fate.ACCOUNT, "blocked"),
    _rule(_ANY, "4..", r"4\.3\.[125]", "", Fate.SERVER, "server"),
    _rule((Step.CONTENT,), "452", "", "", Fate.SERVER, "server"),
    # The mailbox.
    _rule(_PERSON, "[45]..", ".*", said.RECEIVES_TOO_MUCH, Fate.TEMPORARY, "later"),
    _rule(_PERSON, "[45]..", r"[45]\.2\.2", "", Fate.TEMPORARY, "mailbox_full"),
    _rule(_PERSON, "[45]..", r"[45]\.(1\.1|2\..*)|", said.FULL, Fate.TEMPORARY, "mailbox_full"),
    _rule(_PERSON, "5..", r"5\.2\.1", "", Fate.PERMANENT, "mailbox_disabled", _SOFT),
    # The address: it will not work again.
    _rule(_PERSON, "5..", r"5\.1\.10", said.UNKNOWN_DOMAIN, Fate.PERMANENT, "host_unknown", _HARD),
    _rule(_PERSON, "5..", r"5\.1\.(1|10)", "", Fate.PERMANENT, "user_unknown", _HARD),
    _rule(_PERSON, "5..", r"5\.1\.2|5\.4\.4", "", Fate.PERMANENT, "host_unknown", _HARD),
    _rule(_PERSON, "5..", r"5\.1\.3", "", Fate.PERMANENT, "bad_address", _HARD),
    _rule((Step.RCPT,), "5..", r"5\.6\.7", "", Fate.PERMANENT, "smtputf8", _SOFT),
    _rule(_PERSON, "5..", r"5\.1\.6", "", Fate.PERMANENT, "moved", _HARD),
    _rule(_PERSON, "5..", r"|5\.0\.0|5\.1\.0|5\.7\.1", said.UNKNOWN_DOMAIN, Fate.PERMANENT, "host_unknown", _HARD),
    _rule(_PERSON, "5..", r"|5\.(0\.0|1\.0|3\.0|5\.0|7\.1)", said.UNKNOWN_USER, Fate.PERMANENT, "user_unknown", _HARD),
    _rule((Step.RCPT,), "5..", r"|5\.1\.0|5\.4\.1", said.REJECTED_ADDRESS, Fate.PERMANENT, "user_unknown", _HARD),
    _rule((Step.RCPT,), "550", r"5\.5\.0", "mailbox unavailable", Fate.PERMANENT, "user_unknown", _HARD),  # Outlook
    _rule(_PERSON, "5..", ".*", said.DISABLED, Fate.PERMANENT, "mailbox_disabled", _SOFT),
    _rule((Step.RCPT,), "452|552", "", "", Fate.TEMPORARY, "mailbox_full"),
    # The message: for the next person it would be refused as well.
    _rule(_OFFERED, "5..", r"5\.3\.4|5\.2\.3", "", Fate.MESSAGE, "too_big", _SOFT),
    _rule(_BODY, "552", "", "", Fate.MESSAGE, "too_big", _SOFT),
    _rule(_BODY, "5..", ".*", said.HARMFUL, Fate.MESSAGE, "content", _SOFT),
    _rule(_BODY, "50[023]", ".*", "", Fate.SERVER, "protocol"),
    _rule(_BODY, "5..", ".*", said.BLOCKED, Fate.MESSAGE, "blocked", _SOFT),
    _rule(_BODY, "5..", ".*", said.SPAM, Fate.MESSAGE, "spam", _SOFT),
    _rule(_BODY, "5..", r"5\.6\..*", "", Fate.MESSAGE, "content", _SOFT),
    _rule(_BODY, "5..", r"5\.7\..*", "", Fate.MESSAGE, "policy", _SOFT),
    _rule(_BODY, "5..", ".*", said.POLICY, Fate.MESSAGE, "policy", _SOFT),
    _rule(_BODY, "554", "", "", Fate.MESSAGE, "content", _SOFT),
    _rule(_BODY, "5..", ".*", "", Fate.MESSAGE, "refused", _SOFT),
    _rule(
        (Step.RCPT,), "5..", r"5\.7\.1|", "access denied", Fate.MESSAGE, "policy", _SOFT
    ),  # Postfix: no login, or a list
    # What is left of a recipient, by its class.
    _rule((Step.RCPT,), "504", r"|5\.5\.2", "address", Fate.PERMANENT, "bad_address", _HARD),
    _rule((Step.RCPT,), "50[0234]", r"|5\.5\..*", "", Fate.SERVER, "protocol"),
    _rule((Step.RCPT,), "554", r"|5\.5\..*", "synchroni[sz]ation", Fate.SERVER, "protocol"),
    _rule((Step.RCPT,), "5..", ".*", said.BLOCKED, Fate.PERMANENT, "blocked", _SOFT),
    _rule((Step.RCPT,), "5..", ".*", said.SPAM, Fate.PERMANENT, "spam", _SOFT),
    _rule((Step.RCPT,), "5..", r"5\.7\..*", "", Fate.PERMANENT, "policy", _SOFT),
    _rule((Step.RCPT,), "5..", ".*", said.POLICY, Fate.PERMANENT, "policy", _SOFT),
    _rule((Step.RCPT,), "501|553", "", said.ADDRESS, Fate.PERMANENT, "bad_address", _HARD),
    _rule((Step.RCPT,), "5..", ".*", "", Fate.PERMANENT, "refused", _SOFT),
    _rule(_ANY, "4..", ".*", said.GREYLISTED, Fate.TEMPORARY, "greylisted"),
    _rule(_ANY, "4..", r"4\.7\..*|", said.LATER, Fate.TEMPORARY, "greylisted"),
    _rule(_ANY, "4..", ".*", "", Fate.TEMPORARY, "later"),
    _rule(_ANY, ".*", ".*", "", Fate.SERVER, "protocol"),
)
