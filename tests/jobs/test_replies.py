"""Every reply is judged for the one who pays: the recipient, the account, the server, or the message."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.replies import Fate, Reply, Step, judge
from models.catalogue import WORDS
from models.log_table import BounceKind

HARD, SOFT = BounceKind.HARD, BounceKind.SOFT
BAD_ADDRESS = Fate.PERMANENT, "bad_address", HARD
DISABLED = Fate.PERMANENT, "mailbox_disabled", SOFT
RATE = Fate.SERVER, "rate", None
SENDER = Fate.ACCOUNT, "sender", None
RELAY = Fate.ACCOUNT, "relay", None
BLOCKS_US = Fate.ACCOUNT, "blocked", None


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
        (Step.RCPT, "556 5.1.10 Recipient address has null MX", Fate.PERMANENT, "host_unknown", HARD),
        (Step.RCPT, "550 No such user here", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 Requested action not taken: mailbox not found", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "552 1 mail action aborted, mailbox not found", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 5.0.0 <x@y>... User unknown", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 5.7.1 No such recipient", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 Unrouteable address", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 sorry, no mailbox here by that name. (#5.1.1)", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 #5.1.0 Address rejected.", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 5.4.1 Recipient address rejected: Access denied", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 5.5.0 mailbox unavailable (S2017062302)", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 5.1.1 Adresse invalide. Invalid recipient. OFR_416", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 5.1.1 unknown or illegal alias", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 5.1.1 unknown user (mailrelay3.example.org)", Fate.PERMANENT, "user_unknown", HARD),
        (Step.CONTENT, "554 This user doesn't have a yahoo.com account", Fate.PERMANENT, "user_unknown", HARD),
        (Step.CONTENT, "550 5.1.1 no such user after all", Fate.PERMANENT, "user_unknown", HARD),
        (Step.RCPT, "550 5.1.2 bad destination system", Fate.PERMANENT, "host_unknown", HARD),
        (Step.RCPT, "550 5.4.4 nonexistent domain", Fate.PERMANENT, "host_unknown", HARD),
        (Step.RCPT, "550 Domain example.org does not exist", Fate.PERMANENT, "host_unknown", HARD),
        (Step.RCPT, "501 5.1.3 bad address syntax", Fate.PERMANENT, "bad_address", HARD),
        (Step.RCPT, "553 malformed address", Fate.PERMANENT, "bad_address", HARD),
        (Step.RCPT, "504 5.5.2 <x>: Recipient address rejected: need fully-qualified address", *BAD_ADDRESS),
        (Step.RCPT, "551 5.1.6 moved away", Fate.PERMANENT, "moved", HARD),
        # The recipient, for good but not because the address is dead.
        (Step.RCPT, "550 5.2.1 mailbox disabled", Fate.PERMANENT, "mailbox_disabled", SOFT),
        (Step.CONTENT, "554 This account has been disabled or discontinued", *DISABLED),
        (Step.RCPT, "550 5.7.1 mx1 said: 554 client host blocked", Fate.PERMANENT, "blocked", SOFT),
        (Step.RCPT, "550 permanent failure for one or more recipients (x@y:blocked)", Fate.PERMANENT, "blocked", SOFT),
        (Step.RCPT, "550 5.7.1 rejected by local policy", Fate.PERMANENT, "policy", SOFT),
        (Step.RCPT, "550 5.7.133 sender not authenticated for group", Fate.PERMANENT, "policy", SOFT),
        (Step.RCPT, "550 5.7.1 Sender blocked by recipient", Fate.PERMANENT, "policy", SOFT),
        (Step.RCPT, "550 Administrative prohibition", Fate.PERMANENT, "policy", SOFT),
        (Step.RCPT, "550 5.7.27 sender has null MX, or SPF did not pass", Fate.PERMANENT, "policy", SOFT),
        (Step.RCPT, "553 5.6.7 needs SMTPUTF8", Fate.PERMANENT, "smtputf8", SOFT),
        (Step.RCPT, "550 Requested action not taken: mailbox unavailable", Fate.PERMANENT, "refused", SOFT),
        (Step.RCPT, "550 no", Fate.PERMANENT, "refused", SOFT),
        # The recipient, later.
        (Step.RCPT, "452 4.2.2 mailbox full", Fate.TEMPORARY, "mailbox_full", None),
        (Step.RCPT, "552 5.2.2 over quota", Fate.TEMPORARY, "mailbox_full", None),
        (Step.RCPT, "550 mailbox is full", Fate.TEMPORARY, "mailbox_full", None),
        (
            Step.RCPT,
            "552 5.1.1 Boite du destinataire pleine. Recipient overquota",
            Fate.TEMPORARY,
            "mailbox_full",
            None,
        ),
        (Step.RCPT, "552 exceeded storage allocation. Quota exceeded", Fate.TEMPORARY, "mailbox_full", None),
        (Step.RCPT, "452 4.2.1 x is receiving mail at a rate that is too high", Fate.TEMPORARY, "later", None),
        (Step.RCPT, "550 5.2.1 x is receiving mail too quickly", Fate.TEMPORARY, "later", None),
        (Step.RCPT, "451 4.7.1 Greylisting in effect, try again", Fate.TEMPORARY, "greylisted", None),
        (Step.RCPT, "450 4.2.0 <x@y>: Recipient address rejected: Greylisted", Fate.TEMPORARY, "greylisted", None),
        (Step.RCPT, "451 Temporary local problem - please try later", Fate.TEMPORARY, "greylisted", None),
        (Step.RCPT, "451 Internal resources are temporarily unavailable", Fate.TEMPORARY, "greylisted", None),
        (Step.RCPT, "450 4.2.0 busy", Fate.TEMPORARY, "later", None),
        (Step.RCPT, "450 4.1.1 unverified recipient", Fate.TEMPORARY, "later", None),
        (Step.RCPT, "451 4.3.0 <x@y>: Temporary lookup failure", Fate.TEMPORARY, "later", None),
        (Step.RCPT, "450 4.1.2 Domain not found", Fate.TEMPORARY, "later", None),
        (Step.RCPT, "451 4.7.1 the corporate gateway is not accurate", Fate.TEMPORARY, "later", None),  # no “rate”
        (Step.DATA, "451 4.3.9 not now", Fate.TEMPORARY, "later", None),
        (Step.CONTENT, "451 local error", Fate.TEMPORARY, "later", None),
        (Step.CONTENT, "451 Message temporarily deferred - [170]", Fate.TEMPORARY, "greylisted", None),
        # The recipient's domain.
        (Step.RCPT, "421 4.7.0 Too many messages to this domain, slow down", Fate.DOMAIN, "rate", None),
        (Step.RCPT, "451 4.7.1 Rate limit of the destination domain exceeded", Fate.DOMAIN, "rate", None),
        (Step.RCPT, "450 4.7.1 host mx.example.org said: 421 too many messages", Fate.DOMAIN, "rate", None),
        (Step.RCPT, "451 4.7.650 The mail server is rate limited due to IP reputation", Fate.DOMAIN, "rate", None),
        (Step.RCPT, "451 4.7.500 Server busy. Please try again later (S77719)", Fate.DOMAIN, "rate", None),
        (Step.RCPT, "421 4.7.0 [TSS04] Messages temporarily deferred due to complaints", Fate.DOMAIN, "rate", None),
        (Step.RCPT, "421 RP-001 The mail server IP has exceeded the rate limit allowed", Fate.DOMAIN, "rate", None),
        (Step.RCPT, "421 Service refused, please try later. OFR004_104", Fate.DOMAIN, "rate", None),
        (Step.CONTENT, "421 4.7.28 unusual rate of unsolicited mail from your IP", Fate.DOMAIN, "rate", None),
        # Nobody but the account or its server.
        (Step.CONNECT, "421 too many connections", Fate.SERVER, "rate", None),
        (Step.GREETING, "421 4.7.28 unusual rate of unsolicited mail from your IP", Fate.SERVER, "rate", None),
        (Step.GREETING, "450 4.7.1 connection rate limit exceeded", Fate.SERVER, "rate", None),
        (Step.GREETING, "554 5.7.1 your address is on our blocklist", Fate.ACCOUNT, "blocked", None),
        (Step.GREETING, "554 5.3.2 go away", Fate.SERVER, "server", None),
        (Step.MAIL, "421 4.3.2 shutting down", Fate.SERVER, "closing", None),
        (Step.MAIL, "421 4.7.0 [TSS04] Messages temporarily deferred due to user complaints", *RATE),
        (Step.MAIL, "451 4.7.1 sending limit of this hour reached", *RATE),
        (Step.MAIL, "550 5.4.5 Daily sending quota exceeded", *RATE),
        (Step.MAIL, "432 4.3.2 Concurrent connections limit exceeded", *RATE),
        (Step.RCPT, "421 4.7.0 rate limit", *RATE),
        (Step.RCPT, "421 4.7.0 Orange: too many connections, slow down. OFR004_104", *RATE),
        (Step.RCPT, "421 4.4.2 Message submission rate for this client has exceeded the configured limit", *RATE),
        (Step.RCPT, "451 4.7.1 too many messages, slow down", *RATE),
        (Step.RCPT, "452 4.5.3 Too many recipients", *RATE),
        (Step.RCPT, "452 Too many recipients received this hour", *RATE),
        (Step.RCPT, "451 You've exceeded your messaging limits", *RATE),
        (Step.RCPT, "550 Domain sender.example has exceeded the max emails per hour (100/100)", *RATE),
        (Step.RCPT, "450 4.7.1 quota exceeded: too many emails per hour", *RATE),
        (Step.CONTENT, "550 5.4.5 Daily user sending limit exceeded", *RATE),
        (Step.CONTENT, "454 Throttling failure: Maximum sending rate exceeded", *RATE),
        (Step.CONTENT, "421 closing", Fate.SERVER, "closing", None),
        (Step.LOGIN, "535 5.7.8 authentication failed", Fate.ACCOUNT, "login", None),
        (Step.LOGIN, "454 4.7.0 temporary authentication failure", Fate.ACCOUNT, "login", None),
        (Step.LOGIN, "454 4.7.0 Too many login attempts, please try again later", *RATE),
        (Step.MAIL, "530 5.7.0 authentication required", Fate.ACCOUNT, "login", None),
        (Step.RCPT, "530 5.7.0 Must issue a STARTTLS command first", Fate.ACCOUNT, "login", None),
        (Step.MAIL, "550 5.7.1 not allowed to send", Fate.ACCOUNT, "sender", None),
        (Step.MAIL, "550 5.7.60 Client does not have permissions to send as this sender", *SENDER),
        (Step.MAIL, "502 5.7.0 Your SMTP account is not yet activated", *SENDER),
        (Step.MAIL, "550 5.7.1 messages from 192.0.2.1 weren't sent: on our block list (S3150)", *BLOCKS_US),
        (Step.MAIL, "503 5.5.1 already specified", Fate.SERVER, "protocol", None),
        (Step.MAIL, "452 4.3.1 disk full", Fate.SERVER, "server", None),
        (Step.MAIL, "452 space shortage, please try later", Fate.SERVER, "server", None),
        (Step.RCPT, "554 5.7.1 <x@y>: Relay access denied", Fate.ACCOUNT, "relay", None),
        (Step.RCPT, "454 4.7.1 <x@y>: Relay access denied", Fate.ACCOUNT, "relay", None),
        (Step.RCPT, "550 relay not permitted", Fate.ACCOUNT, "relay", None),
        (Step.RCPT, "550 5.7.54 Unable to relay recipient in non-accepted domain", Fate.ACCOUNT, "relay", None),
        (Step.RCPT, "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", *RELAY),
        (Step.RCPT, "550 Unauthenticated senders not allowed", *RELAY),
        (Step.RCPT, "553 5.7.1 <a@b>: Sender address rejected: not owned by user envoi", *SENDER),
        (Step.RCPT, "550 Sender verify failed", *SENDER),
        (Step.RCPT, "450 4.1.8 <a@b>: Sender address rejected: Domain not found", Fate.SERVER, "sender", None),
        (Step.CONTENT, "550 The from address does not match a verified Sender Identity", *SENDER),
        (Step.CONTENT, "554 Message rejected: Email address is not verified", *SENDER),
        (Step.CONTENT, "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException", *SENDER),
        (
            Step.RCPT,
            "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
            *BLOCKS_US,
        ),
        (Step.RCPT, "450 4.7.25 Client host rejected: cannot find your hostname", *BLOCKS_US),
        (Step.RCPT, "504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname", *BLOCKS_US),
        (Step.CONTENT, "452 insufficient system storage", Fate.SERVER, "server", None),
        (Step.RCPT, "451 4.3.5 Server configuration error", Fate.SERVER, "server", None),
        (Step.RCPT, "503 5.5.1 Error: need MAIL command", Fate.SERVER, "protocol", None),
        (Step.RCPT, "554 SMTP synchronization error", Fate.SERVER, "protocol", None),
        (Step.TLS, "454 TLS not available", Fate.SERVER, "tls", None),
        (Step.DATA, "250 what", Fate.SERVER, "protocol", None),
        (Step.DATA, "503 5.5.1 out of order", Fate.SERVER, "protocol", None),
        # The message.
        (Step.MAIL, "552 5.3.4 too big", Fate.MESSAGE, "too_big", SOFT),
        (Step.MAIL, "552 Message size exceeds maximum permitted", Fate.MESSAGE, "too_big", SOFT),
        (Step.MAIL, "553 5.1.8 sender address rejected", Fate.MESSAGE, "sender", None),
        (Step.RCPT, "550 5.1.8 <a@b>: Sender address rejected: Domain not found", Fate.MESSAGE, "sender", None),
        (Step.RCPT, "554 5.7.1 <x@y>: Recipient address rejected: Access denied", Fate.MESSAGE, "policy", SOFT),
        (Step.CONTENT, "552 5.3.4 message too big", Fate.MESSAGE, "too_big", SOFT),
        (Step.CONTENT, "552 too much mail data", Fate.MESSAGE, "too_big", SOFT),
        (Step.CONTENT, "552 5.7.0 blocked: its content is a potential security issue", Fate.MESSAGE, "content", SOFT),
        (Step.CONTENT, "554 5.7.1 message content rejected as spam", Fate.MESSAGE, "spam", SOFT),
        (Step.CONTENT, "550 5.7.1 likely unsolicited mail, blocked", Fate.MESSAGE, "blocked", SOFT),
        (Step.CONTENT, "550 5.7.1 refused by DMARC policy", Fate.MESSAGE, "policy", SOFT),
        (Step.CONTENT, "550 5.7.26 unauthenticated: neither SPF nor DKIM passed", Fate.MESSAGE, "policy", SOFT),
        (Step.CONTENT, "550 5.7.515 the domain lacks the required authentication level", Fate.MESSAGE, "policy", SOFT),
        (Step.CONTENT, "554 Message not allowed, not accepted for policy reasons", Fate.MESSAGE, "policy", SOFT),
        (Step.CONTENT, "554 5.6.0 bad header", Fate.MESSAGE, "content", SOFT),
        (Step.CONTENT, "500 Line too long", Fate.MESSAGE, "content", SOFT),
        (Step.CONTENT, "550 5.2.0 Mail rejete. Mail rejected. OFR_506", Fate.MESSAGE, "refused", SOFT),
        (Step.DATA, "554 transaction failed", Fate.MESSAGE, "content", SOFT),
    ],
)
def test_a_reply_is_judged(step: Step, reply: str, fate: Fate, reason: str, bounce: BounceKind | None) -> None:
    judgement = judge(step, _reply(reply))
    assert (judgement.fate, judgement.reason, judgement.bounce) == (fate, reason, bounce)


def test_a_long_reply_is_judged_at_once() -> None:
    hostile = "quota sender exceed too many (" * 3000
    started = time.perf_counter()
    for step in Step:
        judge(step, Reply(550, (hostile,)))
        judge(step, Reply(451, (hostile,)))
    assert time.perf_counter() - started < 2


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
    [
        ("550 5.1.1 no", "5.1.1"),
        ("550 5.1.1", "5.1.1"),
        ("550 5.1.1: no", "5.1.1"),
        ("550 #5.1.0 no", "5.1.0"),
        ("553 no (#5.7.1)", "5.7.1"),
        ("550 4.1.1 no", ""),
        ("550 5.1.1x", ""),
        ("550 5.1.1.1 no", ""),
        ("550 no 5.1.1", ""),
    ],
)
def test_the_enhanced_status_stands_first_and_agrees_with_the_code(text: str, enhanced: str) -> None:
    assert _reply(text).enhanced == enhanced
