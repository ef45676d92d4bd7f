"""Verdicts on mails that came back: our samples, real ones where there are some, and what is hostile."""

import re
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.bounce import Kind, judge_mail, judge_read
from models.bounce_mail import read_mail
from models.bounce_reason import HARD_REASONS
from models.catalogue import WORDS
from tests.bench.bench_bounces import Family, families, folder, judge_families, together
from tests.fuzz import fuzz_bounces
from tests.samples import make_bounces
from tests.samples.make_bounces import ORIGINAL, RETURN_PATH, SENDER, TOKEN, dsn, plain

SAMPLES = make_bounces.samples()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_means_what_it_was_made_to_mean(name: str) -> None:
    verdict = judge_mail((make_bounces.HERE / f"{name}.eml").read_bytes())
    each = verdict.recipients or (verdict,)
    assert [(v.kind, v.reason, v.recipient, v.status) for v in each] == list(SAMPLES[name].means)
    fuzz_bounces.assert_sound(verdict)


def test_the_committed_samples_are_what_the_script_makes() -> None:
    made = make_bounces.files()
    assert {file.name for file in make_bounces.HERE.iterdir()} == set(made)
    for name, content in made.items():
        assert (make_bounces.HERE / name).read_bytes() == content, f"{name}: python -m tests.samples.make_bounces"


def test_nobody_in_the_samples_can_be_reached() -> None:
    kept_free = re.compile(r"(?:.+\.)?example(?:\.(?:com|org|net))?", re.IGNORECASE)  # RFC 2606, RFC 6761
    text = b"\n".join(make_bounces.files().values()).decode("utf-8", "replace")
    domains = set(re.findall(r"[\w.+-]+@([\w-]+\.[\w.-]*\w)", text))
    assert {domain for domain in domains if not kept_free.fullmatch(domain)} == set()


def test_every_reason_and_kind_has_its_sentence() -> None:
    reasons = {reason for sample in SAMPLES.values() for _, reason, _, _ in sample.means} | HARD_REASONS
    assert {f"bounce.reason.{reason}" for reason in reasons if reason} <= WORDS.keys()
    assert {f"bounce.kind.{kind}" for kind in Kind} <= WORDS.keys()


def test_verdicts_meet_the_targets_on_real_mails_where_ENVOI_SAMPLES_DIR_has_some() -> None:
    found = judge_families(families(folder()))
    total = together(found)
    assert total.right_hard >= 0.90
    assert total.called_hard_wrongly < 0.05
    assert total.hard_found >= 0.90
    assert total.right_reason >= 0.75
    assert total.complaints_found == 1.0
    assert total.answers_left_alone == 1.0


def test_the_figures_of_families_add_up() -> None:
    one = Family("a", mails=4, hard=2, right=3, hard_right=2, soft_wrong=1, reasons=3)
    two = replace(one, mails=6, right=6, soft_wrong=0, reasons=6)
    total = together([one, two])
    assert (total.mails, total.hard, total.right_hard, total.hard_found) == (10, 4, 0.9, 1.0)
    assert total.called_hard_wrongly == pytest.approx(1 / 6)


def test_the_returned_message_says_whose_it_is() -> None:
    verdict = judge_mail(dsn("550 5.1.1 User unknown", "5.1.1"))
    assert verdict.message_id == f"<{TOKEN}@sender.example>"
    assert verdict.headers["x-envoi-item"] == TOKEN
    assert verdict.headers["list-id"] == "Autumn <campaign-7.sender.example>"
    assert verdict.headers["feedback-id"].startswith("7:9:newsletter")
    assert verdict.to_addresses == (RETURN_PATH,)
    assert verdict.report_message_id == "<report.1@mx.example.com>"
    assert verdict.from_address == "MAILER-DAEMON@mx.example.net"
    assert verdict.date == datetime(2026, 9, 8, 12, tzinfo=UTC)


def test_so_does_one_below_the_words() -> None:
    text = f"<ada@example.com>:\n550 no such user\n\n--- Below this line is a copy of the message.\n\n{ORIGINAL}"
    verdict = judge_mail(plain("MAILER-DAEMON@mx.example.net", "failure notice", text))
    assert verdict.headers["x-envoi-item"] == TOKEN
    assert verdict.recipient == "ada@example.com"


def test_where_a_mail_was_delivered_to_is_read_from_every_header_that_says_so() -> None:
    mail = dsn("550 5.1.1 User unknown", "5.1.1")
    mail = mail.replace(f"To: {RETURN_PATH}".encode(), b"To: undisclosed-recipients:;", 1)
    verdict = judge_mail(f"Delivered-To: {RETURN_PATH}\nX-Original-To: box@sender.example\n".encode() + mail)
    assert verdict.to_addresses == (RETURN_PATH, "box@sender.example")


def test_the_address_that_was_mailed_is_told_from_where_it_is_forwarded_to() -> None:
    mail = dsn("550 5.1.1 User unknown", "5.1.1")
    mail = mail.replace(b"Final-Recipient: rfc822; ada@example.com", b"Final-Recipient: rfc822; corvin@example.org")
    verdict = judge_mail(mail)
    assert verdict.recipient == "corvin@example.org"
    assert verdict.recipients[0].original_recipient == "ada@example.com"


def test_a_report_that_a_gateway_passed_on_as_an_attachment_is_read() -> None:
    inner = dsn("550 5.1.1 User unknown", "5.1.1").decode()
    outer = "From: gate@example.org\nSubject: Fwd\nContent-Type: multipart/mixed; boundary=o\n\n--o\n"
    outer += "Content-Type: message/rfc822\n\n"
    verdict = judge_mail(f"{outer}{inner}\n--o--\n".encode())
    assert (verdict.kind, verdict.recipient) == (Kind.HARD, "ada@example.com")


QUOTED = "See below\n> Final-Recipient: rfc822; ada@example.com\n> Action: failed\n> Status: 5.1.1\n"


@pytest.mark.parametrize(
    ("sender", "subject", "text", "kind"),
    [
        ("MAILER-DAEMON@mx.example.net", "About your letter", "<ada@example.com> is an unknown user here.", Kind.HARD),
        ("MAILER-DAEMON@mx.example.net", "About your letter", f"ada@example.com: oh dear\n\n{ORIGINAL}", Kind.SOFT),
        ("MAILER-DAEMON@mx.example.net", "About your letter", "All went as it should.", Kind.NOT_A_BOUNCE),
        ("postmaster@example.net", "Out of office", "Ada has left the company.", Kind.AUTO_REPLY),
        ("ada@example.net", "Hello", "You wrote to an unknown user here.", Kind.NOT_A_BOUNCE),
        ("ada@example.net", "Look what came", QUOTED, Kind.HARD),
        ("ada@example.net", "Re: Look what came", QUOTED, Kind.NOT_A_BOUNCE),
    ],
)
def test_a_report_in_words_that_nobody_knows_shows_what_it_is_by_its_cause_or_form(
    sender: str, subject: str, text: str, kind: Kind
) -> None:
    mail = plain(sender, subject, text).replace(b"Return-Path: <>", f"Return-Path: <{sender}>".encode())
    assert judge_mail(mail).kind is kind


def test_who_left_is_a_holiday_note_with_an_empty_return_path_too() -> None:
    note = plain("ada@example.net", "Not here", "Ada has left the company and works elsewhere.")
    assert note.startswith(b"Return-Path: <>")
    assert judge_mail(note).kind is Kind.NOT_A_BOUNCE


def test_of_several_recipients_the_gravest_speaks_for_the_mail() -> None:
    verdict = judge_mail(SAMPLES["several-recipients"].mail)
    assert (verdict.kind, verdict.recipient) == (Kind.HARD, "ada@example.com")
    assert [each.kind for each in verdict.recipients] == [Kind.SOFT, Kind.HARD, Kind.DELAYED]


def test_words_of_the_message_that_came_back_decide_nothing() -> None:
    verdict = judge_mail(
        SAMPLES["postfix-user-unknown"].mail.replace(b"Subject: Your", b"Subject: quota exceeded! Your")
    )
    assert verdict.reason == "userunknown"


@pytest.mark.parametrize(
    "name", ["mailboxfull@example.com", "spam.virus@blocked.example", "moved@quota-exceeded.example"]
)
def test_what_a_person_or_a_host_is_called_decides_nothing(name: str) -> None:
    verdict = judge_mail(
        dsn(f"550 5.1.1 <{name}>: User unknown, see https://help.example/mailbox-full", "5.1.1", recipient=name)
    )
    assert (verdict.kind, verdict.reason, verdict.recipient) == (Kind.HARD, "userunknown", name)


@pytest.mark.parametrize(
    ("name", "suppresses"),
    [
        ("arf-abuse", True),
        ("jmrp-complaint", True),
        ("arf-authentication", False),
        ("arf-not-spam", False),
        ("postfix-user-unknown", True),
        ("postfix-over-quota", False),
    ],
)
def test_who_is_not_mailed_again(name: str, suppresses: bool) -> None:
    assert judge_mail(SAMPLES[name].mail).suppresses is suppresses


def test_a_person_who_answers_our_message_replies() -> None:
    reply = judge_mail(SAMPLES["person-thanks"].mail)
    assert (reply.kind, reply.is_reply, reply.asks_to_stop) == (Kind.NOT_A_BOUNCE, True, False)
    assert reply.answers == (f"{TOKEN}@sender.example",)
    assert not judge_mail(SAMPLES["newsletter-of-others"].mail).is_reply


def test_an_unsubscribe_mail_carries_its_token() -> None:
    by_address = judge_mail(SAMPLES["mailto-unsubscribe"].mail)
    assert (by_address.asks_to_stop, by_address.unsubscribe_token) == (True, "aeaqaaaaaaaaoaicamcakbqhba")
    by_subject = judge_mail(f"From: ada@example.com\nTo: {SENDER}\nSubject: unsubscribe {TOKEN}\n\n".encode())
    assert (by_subject.asks_to_stop, by_subject.unsubscribe_token) == (True, TOKEN)
    without = judge_mail(f"From: ada@example.com\nTo: {SENDER}\nSubject: Unsubscribe\n\nHello\n".encode())
    assert (without.asks_to_stop, without.unsubscribe_token) == (True, "")


TOP = b"From: MAILER-DAEMON@mx.example.net\nSubject: Undelivered Mail\n"
MULTIPART = b"Content-Type: multipart/mixed; boundary=b\n\n"
HOSTILE = {
    "50 MB": TOP + b"\n<ada@example.com>: 550 5.1.1 user unknown\n" + b"x" * 50_000_000,
    "a depth of 1,000": TOP
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1000)),
    "1,000 times the same boundary": TOP + MULTIPART + (b"--b\n" + MULTIPART) * 1000,
    "200,000 parts": TOP + MULTIPART + b"--b\n\nhi\n" * 200_000,
    "a million headers": b"X-A: b\n" * 1_000_000 + TOP + b"\nuser unknown",
    "half a million encoded words": b"Subject: " + b"=?utf-8?B?aGk=?= " * 500_000 + b"\n\nhi",
    "nothing but @": TOP + b"\n" + b"a@" * 500_000,
    "40,000 recipients": TOP + b"\n" + b"".join(b"<a%d@example.com>: user unknown\n" % n for n in range(40_000)),
    "150,000 open styles": TOP + b"Content-Type: text/html\n\n" + b"<style " * 150_000,
    "1,000 reports in each other": b"Content-Type: multipart/report; boundary=b\n\n"
    + b"--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/report; boundary=b\n\n" * 1000,
    "a codec that is none": TOP + b"Content-Type: text/plain; charset=zlib\n\nuser unknown \xff",
    "a slow codec": TOP + b"Content-Type: text/plain; charset=punycode\n\n" + b"-a9" * 100_000,
    "words that almost match": TOP + b"\n<a@b.example>:\n" + b"over the its his their allowed mail disk " * 20_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_costs_little_and_raises_nothing(name: str) -> None:
    fuzz_bounces.check(HOSTILE[name])


def test_a_report_at_the_beginning_of_a_huge_mail_is_understood() -> None:
    assert judge_mail(HOSTILE["50 MB"]).reason == "userunknown"


def test_a_report_that_lies_about_its_fields_is_judged_by_its_words() -> None:
    lying = dsn("550 5.1.1 mailbox is full", "2.0.0")
    assert judge_mail(lying).kind is Kind.SOFT


@settings(deadline=None, max_examples=3000, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=3000))
def test_any_bytes_have_a_verdict(raw: bytes) -> None:
    fuzz_bounces.assert_sound(judge_read(read_mail(raw)))


@settings(deadline=None, max_examples=1000, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_a_mail_that_was_cut_spliced_and_nested_has_a_verdict(dice) -> None:
    fuzz_bounces.check(fuzz_bounces.make(dice))


def test_a_thousand_mails_take_seconds() -> None:
    mails = [sample.mail for sample in SAMPLES.values()]
    began = time.process_time()
    for number in range(1000):
        judge_mail(mails[number % len(mails)])
    assert time.process_time() - began < 12  # 10,000 in a minute, and twice that: machines are shared
