"""Every reply is judged for the one who pays: the recipient, the account, the server, or the message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.replies import Fate, Reply, Step, judge
from models.catalogue import WORDS
from models.log_table import BounceKind

HARD, SOFT = BounceKind.HARD, BounceKind.SOFT


def _reply(text: str) -> Reply:
    return Reply(int(text[:3]), (text[4:],))


@pytest.mark.parametrize(
    ("step", "reply", "fate", "reason", "bounce"),
    [
        (Step.CONTENT, "250 2.0.0 Ok: queued as 4XYZ", Fate.SENT, "", None),
        (Step.CONTENT, "250 ok", Fate.SENT, "", None),
        # The recipient, for good.
        (Step.RCPT, "550 5.1.1 <x@y>: Recipient address rejected: User unknown", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 5.1.10 RESOLVER.ADR.RecipientNotFound", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 No such user here", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 Requested action not taken: mailbox not found", Fate.PERMANENT, "user_unknown", HARD),
        (Step.CONTENT, "550 5.1.1 no such user after all", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 5.1.2 bad destination system", Fate.PERMANENT, "host_unknown", HARD),
        (Step.RCPT, "501 5.1.3 bad address syntax", Fate.PERMANENT, "bad_address", HARD),
        (Step.RCPT, "553 malformed address", Fate.PERMANENT, "bad_address", HARD),
        (Step.RCPT, "551 5.1.6 moved away", Fate.PERMANENT, "moved", HARD),
        # The recipient, for good but not because the address is dead.
        (Step.RCPT, "550 5.2.1 mailbox disabled", Fate.PERMANENT, "mailbox_disabled", SOFT),
        (Step.RCPT, "554 5.7.1 Client host blocked using zen.spamhaus.org", Fate.PERMANENT, "blocked", SOFT),
        (Step.RCPT, "550 5.7.1 rejected by local policy", Fate.PERMANENT, "policy", SOFT),
        (Step.RCPT, "553 5.6.7 needs SMTPUTF8", Fate.PERMANENT, "smtputf8", SOFT),
        (Step.RCPT, "550 no", Fate.PERMANENT, "refused", SOFT),
        # The recipient, later.
        (Step.RCPT, "452 4.2.2 mailbox full", Fate.TEMPORARY, "mailbox_full", None),
        (Step.RCPT, "552 5.2.2 over quota", Fate.TEMPORARY, "mailbox_full", None),
        (Step.RCPT, "550 mailbox is full", Fate.TEMPORARY, "mailbox_full", None),
        (Step.RCPT, "451 4.7.1 Greylisting in effect, try again", Fate.TEMPORARY, "greylisted", None),
        (Step.RCPT, "450 4.2.0 busy", Fate.TEMPORARY, "later", None),
        (Step.DATA, "451 4.3.9 not now", Fate.TEMPORARY, "later", None),
        (Step.CONTENT, "451 local error", Fate.TEMPORARY, "later", None),
        # Nobody but the account or its server.
        (Step.CONNECT, "421 too many connections", Fate.SERVER, "rate", None),
        (Step.MAIL, "421 4.3.2 shutting down", Fate.SERVER, "closing", None),
        (Step.RCPT, "421 4.7.0 rate limit", Fate.SERVER, "rate", None),
        (Step.CONTENT, "421 closing", Fate.SERVER, "closing", None),
        (Step.LOGIN, "535 5.7.8 authentication failed", Fate.ACCOUNT, "login", None),
        (Step.LOGIN, "454 4.7.0 temporary authentication failure", Fate.ACCOUNT, "login", None),
        (Step.MAIL, "530 5.7.0 authentication required", Fate.ACCOUNT, "login", None),
        (Step.MAIL, "550 5.7.1 not allowed to send", Fate.ACCOUNT, "sender", None),
        (Step.MAIL, "452 4.3.1 disk full", Fate.SERVER, "server", None),
        (Step.RCPT, "554 5.7.1 <x@y>: Relay access denied", Fate.ACCOUNT, "relay", None),
        (Step.RCPT, "451 4.7.1 too many messages, slow down", Fate.SERVER, "rate", None),
        (Step.CONTENT, "452 insufficient system storage", Fate.SERVER, "server", None),
        (Step.TLS, "454 TLS not available", Fate.SERVER, "tls", None),
        (Step.DATA, "250 what", Fate.SERVER, "protocol", None),
        (Step.DATA, "503 5.5.1 out of order", Fate.SERVER, "protocol", None),
        # The message.
        (Step.MAIL, "552 5.3.4 too big", Fate.MESSAGE, "too_big", None),
        (Step.MAIL, "553 5.1.8 sender address rejected", Fate.MESSAGE, "sender", None),
        (Step.CONTENT, "552 5.3.4 message too big", Fate.MESSAGE, "too_big", SOFT),
        (Step.CONTENT, "552 too much mail data", Fate.MESSAGE, "too_big", SOFT),
        (Step.CONTENT, "554 5.7.1 message content rejected as spam", Fate.MESSAGE, "spam", SOFT),
        (Step.CONTENT, "550 5.7.1 refused by DMARC policy", Fate.MESSAGE, "policy", SOFT),
        (Step.CONTENT, "554 5.6.0 bad header", Fate.MESSAGE, "content", SOFT),
        (Step.DATA, "554 transaction failed", Fate.MESSAGE, "content", SOFT),
    ],
)
def test_a_reply_is_judged(step: Step, reply: str, fate: Fate, reason: str, bounce: BounceKind | None) -> None:
    judgement = judge(step, _reply(reply))
    assert (judgement.fate, judgement.reason, judgement.bounce) == (fate, reason, bounce)


@given(
    st.sampled_from(Step),
    st.integers(200, 599),
    st.sampled_from(["", "5.1.1 ", "4.2.2 ", "5.7.999 ", "2.0.0 ", "9.9.9 "]),
    st.text(max_size=40),
)
def test_every_reply_has_a_judgement_and_its_reason_a_sentence(
    step: Step, code: int, enhanced: str, words: str
) -> None:
    judgement = judge(step, Reply(code, (enhanced + words,)))
    if judgement.fate in {Fate.PERMANENT, Fate.TEMPORARY} or judgement.bounce:
        assert f"delivery.reason.{judgement.reason}" in WORDS
    elif judgement.fate is not Fate.SENT:
        assert f"smtp_account.trouble.{judgement.reason}" in WORDS


@pytest.mark.parametrize(
    ("text", "enhanced"),
    [("550 5.1.1 no", "5.1.1"), ("550 5.1.1", "5.1.1"), ("550 4.1.1 no", ""), ("250 5.1.1x", ""), ("550 no 5.1.1", "")],
)
def test_the_enhanced_status_stands_first_and_agrees_with_the_code(text: str, enhanced: str) -> None:
    assert _reply(text).enhanced == enhanced
