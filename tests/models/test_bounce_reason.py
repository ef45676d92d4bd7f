# ruff: noqa: E501 - what a server answers is not cut in two
"""Reasons by the words of mail systems: a table of what servers answer, and what the codes and the step do to it."""

import pytest

from models.bounce_reason import HARD_REASONS, Case, find_reason

ANSWERS = {
    "userunknown": [
        "550 5.1.1 No such user - pmta",
        "550 5.1.1 unknown or illegal alias",
        "550 5.1.1 Mailbox not found",
        "550 5.1.1 invalid address",
        "550 5.1.1 RCP-P1 the recipient address does not exist",
        "550 5.1.1 user doesn't exist",
        "550 5.1.1 Recipient unknown",
        "550 5.1.1 sorry, no mailbox here by that name",
        "550 5.1.1 This address no longer accepts mail",
        "550 5.1.1 Account not available",
        "550 5.1.1 Not our user",
        "550 5.1.1 no valid recipients",
        "550 5.1.1 inactive address",
        "550 5.1.1 unknown local-part",
        "550 5.1.1 that user does not have a mailbox here",
        "550 5.1.1 Utilisateur inconnu",
        "550 5.1.1 Adresse inconnue. Service refuse",
        "550 5.1.0 Address rejected",
        "511 5.1.1 the email address is not valid",
        "550 5.1.351 Remote server returned unknown recipient or mailbox unavailable",
        "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)",
    ],
    "hostunknown": [
        "550 5.1.2 bad destination system: no such domain",
        "550 5.4.4 unable to look up host",
        "550 Unknown domain example",
        "550 5.1.2 Invalid domain",
        "Host unknown (Name server: host not found)",
        "Domain name not found",
        "all host address lookups failed permanently",
        "DNS domain does not exist",
        "Le domaine du destinataire n'existe pas",
    ],
    "hasmoved": ["551 5.1.6 Recipient has moved", "550 5.1.6 no forwarding address", "550 5.1.6 mailbox moved"],
    "notaccept": [
        "556 5.1.10 Recipient address has null MX",
        "550 5.7.27 the destination domain accepts no mail",
        "an MX or SRV record indicated no SMTP service",
        "Sorry, I couldn't find any mail exchanger",
        "Domain does not accept mail",
    ],
    "mailboxfull": [
        "452 4.2.2 The email account that you tried to reach is over quota",
        "552 5.2.2 mailbox size limit exceeded",
        "552 Requested mail action aborted: exceeded storage allocation",
        "522 5.2.2 Delivery failed: Over quota",
        "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException",
        "550 5.1.1 user is over their quota",
        "550 mailbox exceeds allowed size",
        "452 4.2.2 Mailbox full",
        "552 not enough storage space left for this user",
        "550 user has exceeded his/her disk space limit",
        "552 Quota depassé",
        "552 Die Mailbox ist voll",
        "552 5.2.2 El buzón está lleno",
        "The recipient's inbox is full",
        "account is full (quota limit exceeded)",
    ],
    "suspend": [
        "550 5.2.1 The email account that you tried to reach is disabled",
        "554 This mailbox is disabled",
        "550 Account suspended",
        "550 5.7.13 mailbox disabled",
        "525 5.7.13 Disabled recipient address",
        "550 this account has been locked",
        "550 5.2.1 Mailbox currently suspended",
        "550 user account is expired",
        "550 Compte désactivé",
        "550 user is terminated",
        "550 5.2.1 The email account that you tried to reach is inactive",
    ],
    "filtered": [
        "550 5.2.0 message filtered",
        "550 5.7.1 Refused due to recipient preferences",
        "550 recipient does not accept mail from you",
        "554 5.7.1 the user refuses to accept this message",
        "550 5.7.1 rejected by the recipient",
    ],
    "authfailure": [
        "550 5.7.1 SPF unauthorized mail is prohibited",
        "550 5.7.26 This message does not pass authentication checks (SPF and DKIM both do not pass)",
        "550 DKIM signature verification failed",
        "550 5.7.509 Access denied, sending domain does not pass DMARC verification",
        "554 5.7.5 Permanent error evaluating DMARC policy",
        "550 SPF check failed",
        "550 5.7.20 No passing DKIM signature found",
        "550 rejected because of not in authorized SPF",
        "550-5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy",
    ],
    "requireptr": [
        "550 5.7.25 The IP address sending this message does not have a PTR record setup",
        "554 Bad DNS PTR resource record",
        "450 4.7.1 Client host rejected: cannot find your hostname",
        "550 Fix reverse DNS for 192.0.2.7",
        "550 rDNS required",
        "550 unresolvable relay host",
        "550 domain mismatches client IP",
    ],
    "blocked": [
        "554 5.7.1 Service unavailable; Client host blocked using bl.example",
        "550 5.7.1 Your IP address is listed in our blacklist",
        "553 5.3.0 DNSBL:RBL 521 is blocked",
        "550 5.7.1 Connection refused due to abuse",
        "554 refused. Your IP is on a block list",
        "550 5.7.1 Our policy: messages from your network weren't sent, part of it is on our block list",
        "550 Blocked for abuse. See the postmaster page",
        "554 IP address is block listed",
        "550 5.7.708 Access denied, traffic not accepted from this IP",
        "550 5.7.1 dynamic IP addresses may not send",
        "451 4.7.1 Greylisting in action, please come back later",
        "550 5.7.1 The IP you're using to send mail is not authorized to send email directly to our servers",
        "550 Administrative prohibition - your host is banned",
    ],
    "badreputation": [
        "554 Your access to this mail system has been rejected due to the sending MTA's poor reputation",
        "451 4.7.650 temporarily rate limited due to IP reputation",
        "550-5.7.1 likely suspicious due to the very low reputation of the sending IP address",
    ],
    "spamdetected": [
        "550 5.7.1 Message rejected as spam by Content Filtering",
        "550 High probability of spam",
        "554 5.7.1 This message has been flagged as spam",
        "550-5.7.1 Our system has detected that this message is likely unsolicited mail",
        "550 spam message rejected",
        "554 message looks like SPAM to me",
    ],
    "virusdetected": ["554 5.7.1 Infected message", "550 virus found in message", "550 malware detected in attachment"],
    "mesgtoobig": [
        "552 5.3.4 Message too big for system",
        "552 Message size exceeds maximum permitted",
        "523 the message is too large",
        "552 message exceeds fixed maximum message size",
        "550 5.3.4 message header size exceeds limit",
    ],
    "norelaying": [
        "550 5.7.1 Unable to relay for ada",
        "550 relay not permitted",
        "553 sorry, that domain isn't in my list of allowed rcpthosts",
        "554 5.7.1 Relaying denied. Proper authentication required",
        "550 we do not relay",
    ],
    "rejected": [
        "550 5.1.8 Access denied, bad outbound sender",
        "553 5.1.8 Domain of sender address does not exist",
        "550 Sender verify failed",
        "550 sender rejected",
        "501 5.1.7 Bad sender address syntax",
        "554 5.7.1 Sender address rejected: Access denied",
        "550 Null Sender is not allowed",
    ],
    "toomanyconn": ["421 4.7.0 Too many connections from your host", "421 too many concurrent SMTP sessions", "421 Trop de connexions"],
    "speeding": [
        "450 4.2.1 The user is receiving mail at a rate that prevents additional messages",
        "452 4.5.3 Too many recipients",
        "421 4.7.28 unusual rate of mail from your IP",
        "451 4.7.1 throttled, try again later",
    ],
    "policyviolation": [
        "550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy",
        "554 5.7.9 Message not accepted for policy reasons",
        "552-5.7.0 blocked because its content presents a potential security issue",
        "550 5.7.1 attachment not allowed",
        "554 5.7.1 rejected under our acceptable use policy",
    ],
    "securityerror": [
        "530 5.7.0 Must issue a STARTTLS command first",
        "550 5.7.1 Delivery not authorized, message refused",
        "550 5.7.1 Access denied",
        "535 5.7.8 Authentication credentials invalid",
    ],
    "contenterror": ["554 5.6.0 Message contains malformed MIME", "552 too many headers", "554 5.6.7 8-bit header not allowed"],
    "notcompliantrfc": ["550 5.7.1 This message is not RFC 5322 compliant", "550 5.1.20 Multiple From addresses are not allowed"],
    "networkerror": [
        "554 5.4.6 Too many hops",
        "554 5.4.14 Hop count exceeded - possible mail loop",
        "mail loops back to me (MX problem?)",
        "451 4.4.3 name server: host name lookup failure",
        "No route to host",
    ],
    "expired": [
        "550 4.4.7 QUEUE.Expired; message expired",
        "554 5.4.7 delivery timed out",
        "connect to mx: Connection refused",
        "Message could not be delivered for 5 days",
        "retry time not reached for any host after a long failure period",
        "421 4.4.2 Connection dropped",
    ],
    "systemerror": ["451 4.3.0 Temporary server error", "554 5.3.0 internal error", "451 4.3.5 Server configuration problem"],
    "systemfull": ["452 4.3.1 Insufficient system storage", "452 4.3.1 Insufficient system resources"],
    "syntaxerror": ["500 5.5.1 Unrecognized command", "503 5.5.1 Bad sequence of commands", "501 5.5.4 Syntax error in parameters"],
    "mailererror": ["Command died with status 2: procmail", "550 5.3.0 unknown mailer error 1", "local delivery failed", "unable to open the spool file"],
}  # fmt: skip


@pytest.mark.parametrize(("reason", "answer"), [(reason, a) for reason, answers in ANSWERS.items() for a in answers])
def test_what_servers_answer_has_its_reason(reason: str, answer: str) -> None:
    found = find_reason(Case(diagnostic=answer))
    assert found.reason == reason
    assert found.evidence
    assert not found.hard or reason in FOR_GOOD


FOR_GOOD = {"userunknown", "hostunknown", "hasmoved", "notaccept"}
"""User unknown, host unknown, has moved, host accepts no mail: no other reason is hard."""


def test_each_of_four_reasons_is_hard_and_no_other_is() -> None:
    found = [find_reason(Case(diagnostic=answer)) for answers in ANSWERS.values() for answer in answers]
    assert {one.reason for one in found if one.hard} == FOR_GOOD == HARD_REASONS


UNKNOWN = "550 no such user here"


@pytest.mark.parametrize(
    ("case", "reason", "hard"),
    [
        # where the answer was given decides whether “no such user” is believed
        (Case(diagnostic="550 5.1.1 no such user"), "userunknown", True),
        (Case(status="5.1.1", diagnostic=UNKNOWN), "userunknown", True),
        (Case(diagnostic=UNKNOWN, said=f"{UNKNOWN} (in reply to RCPT TO command)"), "userunknown", True),
        (Case(diagnostic=UNKNOWN, said=f"{UNKNOWN} (in reply to end of DATA command)"), "filtered", False),
        (Case(diagnostic=UNKNOWN, said=f"{UNKNOWN} (in reply to MAIL FROM command)"), "rejected", False),
        (Case(diagnostic=UNKNOWN), "filtered", False),
        (Case(diagnostic=UNKNOWN, around=f"Address not found\n{UNKNOWN}"), "userunknown", True),
        (Case(said="User unknown"), "userunknown", True),
        (Case(diagnostic="554 this user doesn't have an account here"), "userunknown", True),
        # the words before the code
        (Case(status="5.1.1", diagnostic="550 5.1.1 mailbox full"), "mailboxfull", False),
        (Case(status="5.1.1", diagnostic="550 5.1.1 refused due to recipient preferences"), "filtered", False),
        (Case(status="5.2.2", diagnostic="550 5.2.2 no such user", said="(in reply to RCPT TO)"), "userunknown", True),
        # the code where the words say nothing
        (Case(status="5.1.1", diagnostic="550 5.1.1 Address rejected"), "userunknown", True),
        (Case(status="5.1.6"), "hasmoved", True),
        # what stands behind “rejected:” is why
        (Case(said="550 Recipient address rejected (in reply to RCPT TO command)"), "userunknown", True),
        (Case(said="550 Recipient address rejected: user (in reply to RCPT TO command)"), "userunknown", True),
        (Case(said="550 Recipient address rejected: on Sundays (in reply to RCPT TO command)"), "undefined", False),
        (Case(status="4.2.2"), "mailboxfull", False),
        (Case(diagnostic="552 go on"), "mailboxfull", False),
        (Case(diagnostic="554 no"), "undefined", False),
        (Case(), "undefined", False),
        # what is temporary is never hard
        (Case(status="4.4.3", diagnostic="Host not found, try again"), "networkerror", False),
        (Case(status="4.1.1", diagnostic="450 4.1.1 user unknown"), "userunknown", False),
        # who answered
        (Case(status="4.3.0", diagnostic="temporary failure", by_program=True), "mailererror", False),
        (Case(diagnostic="554 no", category="quota-issues"), "mailboxfull", False),
        (Case(diagnostic="5.1.0 - Unknown address error 550-'5.2.2 mailbox full'"), "mailboxfull", False),
        (Case(diagnostic="554 denied", said="mx.example.com refused to talk to me: 554 denied"), "blocked", False),
    ],
)
def test_codes_and_the_step_stand_between_the_words(case: Case, reason: str, hard: bool) -> None:
    found = find_reason(case)
    assert (found.reason, found.hard) == (reason, hard)
