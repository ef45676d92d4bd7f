"""What providers post: whom to believe, and what each event says in our words. No database."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from models.webhook_delivery import MOST_EVENTS, Event, Posted, Trust, Untrusted
from models.webhook_reading import certificate_url, read_delivery
from models.webhook_sns import is_amazons
from models.webhook_table import EventKind, Provider, Trouble
from tests.models import webhook_posts as posts
from tests.models.webhook_posts import NOW, SECRET, TO

pytestmark = pytest.mark.slow

K = EventKind
HOUR = timedelta(hours=1)
PERSON = {"emailAddress": TO}


def trust(provider: Provider) -> Trust:
    secret = SECRET if provider in {Provider.MAILGUN, Provider.SIGNED} else ""
    return Trust(provider, secret, public_key=posts.public_key(), topic_arn=posts.TOPIC)


def events(provider: Provider, posted: Posted) -> tuple[Event, ...]:
    return read_delivery(trust(provider), posted, NOW).events


def said(provider: Provider, posted: Posted) -> tuple[EventKind, str]:
    (event,) = events(provider, posted)
    assert event.address == TO
    return event.kind, event.reason


def refused(provider: Provider, posted: Posted, now: datetime = NOW, **told: str) -> Trouble:
    with pytest.raises(Untrusted) as error:
        read_delivery(Trust(**{**_fields(trust(provider)), **told}), posted, now)
    return error.value.trouble


def _fields(one: Trust) -> dict:
    return {name: getattr(one, name) for name in Trust.__dataclass_fields__}


# What each provider's events say


@pytest.mark.parametrize(
    ("event", "kind", "reason"),
    [
        (posts.ses_bounce(said="smtp; 550 5.1.1 <a@b>... User unknown", status="5.1.1"), K.HARD, "userunknown"),
        (posts.ses_bounce(said="smtp; 550 user unknown"), K.HARD, "userunknown"),
        (posts.ses_bounce(said="smtp; 550 5.7.1 blocked using Spamhaus", status="5.7.1"), K.SOFT, "blocked"),
        (posts.ses_bounce(said="smtp; 552 5.2.2 mailbox full", status="5.2.2"), K.SOFT, "mailboxfull"),
        (posts.ses_bounce(sub="NoEmail"), K.HARD, "userunknown"),
        (posts.ses_bounce(sub="Suppressed", said="suppressed: invalid address"), K.SOFT, "held_back"),
        (posts.ses_bounce(sub="OnAccountSuppressionList"), K.SOFT, "held_back"),
        (posts.ses_bounce(), K.SOFT, "undefined"),
        (posts.ses_bounce("Transient", "MailboxFull"), K.SOFT, "mailboxfull"),
        (posts.ses_bounce("Transient", said="450 4.1.1 user unknown"), K.SOFT, "userunknown"),
        (posts.ses_bounce("Undetermined", "Undetermined", "550 5.1.1 user unknown"), K.SOFT, "userunknown"),
        (posts.ses("Complaint", {"complainedRecipients": [PERSON]}), K.COMPLAINT, ""),
        (
            posts.ses("Complaint", {"complainedRecipients": [PERSON], "complaintFeedbackType": "not-spam"}),
            K.OTHER,
            "",
        ),
        (
            posts.ses(
                "Complaint",
                {"complainedRecipients": [PERSON], "complaintSubType": "OnAccountSuppressionList"},
            ),
            K.SOFT,
            "held_back",
        ),
        (posts.ses("DeliveryDelay", {"delayedRecipients": [PERSON]}), K.DELAYED, ""),
        (posts.ses("Delivery", {"recipients": [TO]}), K.ARRIVED, ""),
        (posts.ses("Reject", {"reason": "Bad content"}), K.SOFT, "virusdetected"),
        (posts.ses("Subscription", {"contactList": "x"}), K.OPT_OUT, ""),
        (posts.ses("Open", {}), K.PASSING, ""),
        (posts.ses("Quantum", {}), K.UNKNOWN, ""),
    ],
)
def test_what_amazon_ses_says(event: dict, kind: EventKind, reason: str) -> None:
    assert said(Provider.AMAZON_SES, posts.from_sns(posts.sns(event))) == (kind, reason)


@pytest.mark.parametrize(
    ("event", "kind", "reason"),
    [
        (posts.sendgrid_event("bounce", reason="550 5.1.1 no such user", type="bounce"), K.HARD, "userunknown"),
        (posts.sendgrid_event("bounce", reason="550 No such user here", type="bounce"), K.HARD, "userunknown"),
        (posts.sendgrid_event("bounce", reason="", bounce_classification="Invalid Address"), K.HARD, "userunknown"),
        (posts.sendgrid_event("bounce", reason="550 5.1.1 no such user", type="blocked"), K.SOFT, "userunknown"),
        (posts.sendgrid_event("bounce", reason="550 5.7.26 DMARC policy", type="bounce"), K.SOFT, "authfailure"),
        (posts.sendgrid_event("bounce", reason="", type="bounce"), K.SOFT, "undefined"),
        (posts.sendgrid_event("dropped", reason="Bounced Address"), K.SOFT, "held_back"),
        (posts.sendgrid_event("dropped", reason="Unsubscribed Address"), K.SOFT, "held_back"),
        (posts.sendgrid_event("deferred", response="450 4.2.1 try later"), K.DELAYED, ""),
        (posts.sendgrid_event("spamreport"), K.COMPLAINT, ""),
        (posts.sendgrid_event("unsubscribe"), K.OPT_OUT, ""),
        (posts.sendgrid_event("group_unsubscribe", asm_group_id=1), K.OPT_OUT, ""),
        (posts.sendgrid_event("group_resubscribe"), K.OTHER, ""),
        (posts.sendgrid_event("delivered", response="250 OK"), K.ARRIVED, ""),
        (posts.sendgrid_event("open"), K.PASSING, ""),
        (posts.sendgrid_event("teleported"), K.UNKNOWN, ""),
    ],
)
def test_what_sendgrid_says(event: dict, kind: EventKind, reason: str) -> None:
    assert said(Provider.SENDGRID, posts.sendgrid(event)) == (kind, reason)


@pytest.mark.parametrize(
    ("event", "kind", "reason"),
    [
        (posts.mailgun_failed("5.1.1 The email account does not exist"), K.HARD, "userunknown"),
        (posts.mailgun_failed("No such user here"), K.HARD, "userunknown"),
        (posts.mailgun_failed("No MX for example.com", 498, reason="generic"), K.HARD, "notaccept"),
        (posts.mailgun_failed("5.2.2 mailbox is full", 552), K.SOFT, "mailboxfull"),
        (posts.mailgun_failed("Too old", 602, reason="old"), K.SOFT, "expired"),
        (
            posts.mailgun_failed("Not delivering to previously bounced address", 605, reason="suppress-bounce"),
            K.SOFT,
            "held_back",
        ),
        (posts.mailgun_failed("4.2.2 over quota", 452, severity="temporary"), K.DELAYED, "mailboxfull"),
        (
            posts.mailgun_event("rejected", reject={"reason": "Sandbox subdomains", "description": ""}),
            K.SOFT,
            "undefined",
        ),
        (posts.mailgun_event("complained"), K.COMPLAINT, ""),
        (posts.mailgun_event("unsubscribed"), K.OPT_OUT, ""),
        (posts.mailgun_event("delivered"), K.ARRIVED, ""),
        (posts.mailgun_event("clicked", url="https://example.com"), K.PASSING, ""),
        (posts.mailgun_event("levitated"), K.UNKNOWN, ""),
    ],
)
def test_what_mailgun_says(event: dict, kind: EventKind, reason: str) -> None:
    assert said(Provider.MAILGUN, posts.mailgun(event)) == (kind, reason)


@pytest.mark.parametrize(
    ("sort", "fields", "kind", "reason"),
    [
        ("Bounce", {"Type": "HardBounce", "Details": "smtp;550 5.1.1 unknown"}, K.HARD, "userunknown"),
        ("Bounce", {"Type": "HardBounce", "Details": ""}, K.HARD, "userunknown"),
        ("Bounce", {"Type": "HardBounce", "Details": "smtp;550 5.7.1 blocked using Spamhaus"}, K.SOFT, "blocked"),
        ("Bounce", {"Type": "SoftBounce", "Details": "smtp;550 5.1.1 unknown"}, K.SOFT, "userunknown"),
        ("Bounce", {"Type": "Transient", "Details": "4.4.1 no answer"}, K.DELAYED, "expired"),
        ("Bounce", {"Type": "DnsError", "Details": ""}, K.SOFT, "networkerror"),
        ("Bounce", {"Type": "ManuallyDeactivated"}, K.SOFT, "held_back"),
        ("Bounce", {"Type": "AutoResponder", "Details": "away"}, K.AUTO_REPLY, ""),
        ("Bounce", {"Type": "SpamComplaint"}, K.COMPLAINT, ""),
        ("SpamComplaint", {"Type": "SpamComplaint"}, K.COMPLAINT, ""),
        ("SubscriptionChange", {"SuppressSending": True, "SuppressionReason": "SpamComplaint"}, K.COMPLAINT, ""),
        ("SubscriptionChange", {"SuppressSending": True, "SuppressionReason": "HardBounce"}, K.SOFT, "held_back"),
        (
            "SubscriptionChange",
            {"SuppressSending": True, "SuppressionReason": "ManualSuppression", "Origin": "Recipient"},
            K.OPT_OUT,
            "",
        ),
        (
            "SubscriptionChange",
            {"SuppressSending": True, "SuppressionReason": "ManualSuppression", "Origin": "Customer"},
            K.OTHER,
            "",
        ),
        ("SubscriptionChange", {"SuppressSending": False, "Origin": "Recipient"}, K.OTHER, ""),
        ("Delivery", {}, K.ARRIVED, ""),
        ("Open", {}, K.PASSING, ""),
        ("Telepathy", {}, K.UNKNOWN, ""),
    ],
)
def test_what_postmark_says(sort: str, fields: dict, kind: EventKind, reason: str) -> None:
    assert said(Provider.POSTMARK, posts.postmark(sort, **fields)) == (kind, reason)


@pytest.mark.parametrize(
    ("event", "why", "kind", "reason"),
    [
        ("hard_bounce", "550 5.1.1 user unknown", K.HARD, "userunknown"),
        ("hard_bounce", "550 user unknown", K.HARD, "userunknown"),
        ("hard_bounce", "550 5.7.1 rejected as spam", K.SOFT, "spamdetected"),
        ("hard_bounce", "", K.SOFT, "undefined"),
        ("soft_bounce", "450 4.1.1 user unknown", K.SOFT, "userunknown"),
        ("blocked", "blocked : due to blacklist user", K.SOFT, "held_back"),
        ("invalid_email", "", K.SOFT, "syntaxerror"),
        ("deferred", "", K.DELAYED, ""),
        ("spam", "", K.COMPLAINT, ""),
        ("unsubscribed", "", K.OPT_OUT, ""),
        ("delivered", "", K.ARRIVED, ""),
        ("unique_opened", "", K.PASSING, ""),
        ("dematerialised", "", K.UNKNOWN, ""),
    ],
)
def test_what_brevo_says(event: str, why: str, kind: EventKind, reason: str) -> None:
    assert said(Provider.BREVO, posts.brevo(event, reason=why)) == (kind, reason)


@pytest.mark.parametrize(
    ("fields", "kind", "reason"),
    [
        ({"event": "bounced", "status": "5.1.1"}, K.HARD, "userunknown"),
        ({"event": "bounced", "status": "5.1.2"}, K.HARD, "hostunknown"),
        ({"event": "bounced", "response": "550 5.2.2 mailbox full"}, K.SOFT, "mailboxfull"),
        ({"event": "bounced", "status": "4.1.1"}, K.SOFT, "userunknown"),
        ({"event": "bounced", "reason": "spam"}, K.SOFT, "spamdetected"),
        ({"event": "rejected", "reason": "bounced"}, K.SOFT, "held_back"),
        ({"event": "rejected", "reason": "blocked"}, K.SOFT, "badreputation"),
        ({"event": "deferred"}, K.DELAYED, ""),
        ({"event": "complained"}, K.COMPLAINT, ""),
        ({"event": "unsubscribed"}, K.OPT_OUT, ""),
        ({"event": "subscribed"}, K.OTHER, ""),
        ({"event": "autoresponded"}, K.AUTO_REPLY, ""),
        ({"event": "delivered"}, K.ARRIVED, ""),
        ({"event": "clicked"}, K.PASSING, ""),
        ({"event": "vanished"}, K.UNKNOWN, ""),
    ],
)
def test_what_the_signed_one_says(fields: dict, kind: EventKind, reason: str) -> None:
    assert said(Provider.SIGNED, posts.signed({"id": "1", "recipient": TO, **fields})) == (kind, reason)


def test_a_batch_of_sendgrid_is_many_events_each_with_its_own_key_and_its_own_text() -> None:
    found = events(
        Provider.SENDGRID,
        posts.sendgrid(*(posts.sendgrid_event("bounce", id=f"e{n}", email=f"p{n}@example.com") for n in range(3))),
    )
    assert [(event.key, event.address) for event in found] == [(f"e{n}", f"p{n}@example.com") for n in range(3)]
    assert json.loads(found[1].raw)["email"] == "p1@example.com"


def test_an_event_without_an_id_is_told_from_others_by_what_it_says() -> None:
    event = {"event": "bounced", "recipient": TO, "status": "5.1.1"}
    keys = [events(Provider.SIGNED, posts.signed([one]))[0].key for one in (event, event, {**event, "status": "5.2.2"})]
    assert keys[0] == keys[1] != keys[2]


def test_moments_are_read_in_every_providers_form() -> None:
    a_minute_ago = NOW - timedelta(minutes=1)
    forms = [a_minute_ago.isoformat(), a_minute_ago.timestamp(), int(a_minute_ago.timestamp()), "2026-09-08T11:45:12Z"]
    found = [events(Provider.SIGNED, posts.signed([{"event": "deferred", "timestamp": form}]))[0].at for form in forms]
    assert found == [a_minute_ago] * 4
    assert events(Provider.POSTMARK, posts.postmark("Bounce"))[0].at == datetime(2026, 9, 8, 11, 45, 0, 907025, UTC)
    assert events(Provider.BREVO, posts.brevo("spam"))[0].at == datetime(2026, 9, 8, 11, 45, tzinfo=UTC)


# Whom to believe


@pytest.mark.parametrize("version", ["1", "2"])
def test_both_signature_versions_of_sns_are_verified(version: str) -> None:
    envelope = posts.sns(posts.ses_bounce(), version=version, Subject="Amazon SES Email Event Notification")
    assert len(events(Provider.AMAZON_SES, posts.from_sns(envelope))) == 1
    assert refused(Provider.AMAZON_SES, posts.from_sns(envelope | {"Subject": "another"})) is Trouble.FORGED
    assert refused(Provider.AMAZON_SES, posts.from_sns(envelope | {"Message": "{}"})) is Trouble.FORGED
    other = "1" if version == "2" else "2"
    assert refused(Provider.AMAZON_SES, posts.from_sns(envelope | {"SignatureVersion": other})) is Trouble.FORGED
    assert refused(Provider.AMAZON_SES, posts.from_sns(envelope | {"SignatureVersion": "3"})) is Trouble.UNSIGNED


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef.pem",
        "https://evil.example/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0123456789abcdef.pem",
        "https://evil@sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-1.amazonaws.com:x/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-1.amazonaws.com/latest/meta-data",
        "https://sns.eu-west-1.amazonaws.com/../SimpleNotificationService-0123456789abcdef.pem",
        "https://[::1/SimpleNotificationService-0123456789abcdef.pem",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_certificate_lies_with_amazon_in_the_topics_region_or_is_not_fetched(url: str) -> None:
    posted = posts.from_sns(posts.sns(posts.ses_bounce(), SigningCertURL=url))
    with pytest.raises(Untrusted) as error:
        certificate_url(trust(Provider.AMAZON_SES), posted)
    assert error.value.trouble is Trouble.CERTIFICATE
    assert refused(Provider.AMAZON_SES, posted) is Trouble.CERTIFICATE


def test_china_has_a_host_of_its_own() -> None:
    assert is_amazons("https://sns.cn-north-1.amazonaws.com.cn/x", "arn:aws-cn:sns:cn-north-1:123456789012:envoi")
    assert not is_amazons("https://sns.cn-north-1.amazonaws.com.cn/x", "arn:aws:sns:cn-north-1:123456789012:envoi")


def test_a_certificate_that_is_over_not_yet_another_ones_or_none_is_refused() -> None:
    envelope = posts.sns(posts.ses_bounce())
    for pem in (
        posts.certificate(NOW - timedelta(days=70)),
        posts.certificate(NOW + timedelta(days=1)),
        b"",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ):
        assert refused(Provider.AMAZON_SES, posts.from_sns(envelope, pem)) is Trouble.CERTIFICATE
    foreign = posts.certificate(key=rsa.generate_private_key(65537, 2048))
    assert refused(Provider.AMAZON_SES, posts.from_sns(envelope, foreign)) is Trouble.FORGED


def test_only_the_topic_that_is_set_up_is_listened_to() -> None:
    foreign = posts.sns(posts.ses_bounce(), TopicArn="arn:aws:sns:eu-west-1:999999999999:evil")
    assert refused(Provider.AMAZON_SES, posts.from_sns(foreign)) is Trouble.OTHER_TOPIC
    confirmation = posts.sns(type="SubscriptionConfirmation", TopicArn="arn:aws:sns:eu-west-1:999999999999:evil")
    assert refused(Provider.AMAZON_SES, posts.from_sns(confirmation)) is Trouble.OTHER_TOPIC


def test_a_subscription_is_confirmed_at_amazon_and_nowhere_else() -> None:
    confirmation = posts.from_sns(posts.sns(type="SubscriptionConfirmation"))
    found = read_delivery(trust(Provider.AMAZON_SES), confirmation, NOW)
    assert found.confirm == f"{posts.SNS}/?Action=ConfirmSubscription&Token=abc"
    assert found.events == ()
    elsewhere = posts.sns(type="SubscriptionConfirmation", SubscribeURL="https://evil.example/?Token=abc")
    assert refused(Provider.AMAZON_SES, posts.from_sns(elsewhere)) is Trouble.CERTIFICATE
    over = posts.from_sns(posts.sns(type="UnsubscribeConfirmation"))
    assert read_delivery(trust(Provider.AMAZON_SES), over, NOW).ended


def test_sns_says_hello_and_raw_message_delivery_is_refused() -> None:
    hello = posts.sns("Successfully validated SNS topic for Amazon SES event publishing.")
    assert events(Provider.AMAZON_SES, posts.from_sns(hello)) == ()
    raw = Posted(json.dumps(posts.ses_bounce()).encode(), {})
    assert refused(Provider.AMAZON_SES, raw) is Trouble.UNSIGNED
    assert refused(Provider.AMAZON_SES, posts.from_sns(posts.sns("no json"))) is Trouble.UNREADABLE


def test_a_forged_signature_is_refused_by_every_provider_that_signs() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    good = posts.sendgrid(posts.sendgrid_event("bounce"))
    changed = Posted(good.body.replace(b"ada@", b"eve@"), good.headers)
    for posted in (changed, posts.sendgrid(posts.sendgrid_event("bounce"), key=other)):
        assert refused(Provider.SENDGRID, posted) is Trouble.FORGED
    garbage = Posted(good.body, good.headers | {"x-twilio-email-event-webhook-signature": "%%%"})
    assert refused(Provider.SENDGRID, garbage) is Trouble.FORGED
    assert refused(Provider.SENDGRID, good, public_key="") is Trouble.NO_KEY
    assert refused(Provider.SENDGRID, Posted(good.body, {})) is Trouble.UNSIGNED

    assert refused(Provider.MAILGUN, posts.mailgun({}, secret="another")) is Trouble.FORGED
    assert refused(Provider.MAILGUN, posts.mailgun({}, secret=""), secret="") is Trouble.FORGED
    assert refused(Provider.MAILGUN, Posted(b'{"event-data": {}}', {})) is Trouble.UNSIGNED

    bounced = {"event": "bounced", "recipient": TO}
    good = posts.signed(bounced)
    assert refused(Provider.SIGNED, posts.signed(bounced, secret="another")) is Trouble.FORGED
    assert refused(Provider.SIGNED, Posted(good.body + b" ", good.headers)) is Trouble.FORGED
    moved = good.headers["x-envoi-signature"].replace("t=1", "t=2", 1)
    assert refused(Provider.SIGNED, Posted(good.body, {"x-envoi-signature": moved})) is Trouble.FORGED
    assert refused(Provider.SIGNED, Posted(good.body, {"x-envoi-signature": "v1=é,t=\ud800"})) is Trouble.FORGED
    assert refused(Provider.SIGNED, Posted(good.body, {})) is Trouble.UNSIGNED


def test_a_key_that_changes_is_bridged_by_two_signatures() -> None:
    body = b'{"event": "bounced"}'
    old, new = (posts.signed(None, secret=secret, body=body) for secret in ("an old secret", SECRET))
    both = f"{old.headers['x-envoi-signature']},{new.headers['x-envoi-signature'].partition(',')[2]}"
    assert len(events(Provider.SIGNED, Posted(body, {"x-envoi-signature": both}))) == 1


@pytest.mark.parametrize(
    ("provider", "make", "window"),
    [
        (Provider.AMAZON_SES, lambda at: posts.from_sns(posts.sns(posts.ses_bounce(), at=at)), 3 * HOUR),
        (Provider.SENDGRID, lambda at: posts.sendgrid(posts.sendgrid_event("bounce"), at=at), 25 * HOUR),
        (Provider.MAILGUN, lambda at: posts.mailgun(posts.mailgun_failed("x"), at=at), 9 * HOUR),
        (Provider.SIGNED, lambda at: posts.signed({"event": "bounced"}, at=at), HOUR / 12),
    ],
)
def test_what_was_signed_outside_the_window_is_refused(provider: Provider, make, window: timedelta) -> None:
    margin = timedelta(seconds=2)
    for at in (NOW - window + margin, NOW + timedelta(minutes=9)):
        assert len(events(provider, make(at))) == 1
    for at in (NOW - window - margin, NOW + timedelta(minutes=11)):
        assert refused(provider, make(at)) is Trouble.STALE


@pytest.mark.parametrize("provider", [Provider.POSTMARK, Provider.BREVO])
def test_a_password_or_a_token_is_asked_for_where_one_is_set_up(provider: Provider) -> None:
    def post(headers: dict[str, str]) -> Posted:
        return (
            posts.postmark("Delivery", headers=headers)
            if provider is Provider.POSTMARK
            else posts.brevo("delivered", headers=headers)
        )

    told = {"secret": "pass:word", "username": "envoi"}
    with_password = Trust(provider, **told)
    assert len(read_delivery(with_password, post(posts.basic("envoi", "pass:word")), NOW).events) == 1
    assert len(read_delivery(with_password, post({"authorization": "Bearer pass:word"}), NOW).events) == 1
    nothing = {"authorization": "Basic"}
    latin = {"authorization": "Basic " + b64encode("envoi:é".encode("latin-1")).decode()}
    for headers in ({}, nothing, latin, posts.basic("envoi", "wrong"), posts.basic("eve", "pass:word"),
                    {"authorization": "Bearer envoi:pass:word"}, {"authorization": "Digest pass:word"}):  # fmt: skip
        assert refused(provider, post(headers), **told) is Trouble.CREDENTIALS
    assert len(events(provider, post({}))) == 1  # the secret is in the address


# Hostile bodies


HOSTILE = [
    b"",
    b"\xff\xfe\x00",
    b"null",
    b"7",
    b'"text"',
    b"[]",
    b"{}",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'[{"event":"bounce","email":' + b"[" * 900 + b"]" * 900 + b"}]",
    b"9" * 10_000,
    b'{"event": NaN, "timestamp": Infinity, "email": 1e999}',
    b'[{"event": {"a": 1}, "email": ["x"], "timestamp": "\\ud800"}]',
    b'{"event-data": 7, "signature": [], "RecordType": null, "events": "x", "Type": "Notification"}',
    b"[" + b"{}," * MOST_EVENTS + b"{}]",
    '{"RecordType": "Bounce", "ID": "\\u0000", "Email": "é\\udfff"}'.encode(),
]


@pytest.mark.parametrize("body", HOSTILE)
@pytest.mark.parametrize("provider", list(Provider))
def test_a_hostile_body_is_refused_or_read_and_nothing_else(provider: Provider, body: bytes) -> None:
    _read_whatever_it_is(provider, body)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=15,
)
NAMES = (
    "event", "email", "timestamp", "sg_event_id", "smtp-id", "reason", "type", "status", "event-data", "signature",
    "delivery-status", "message", "severity", "recipient", "envelope", "RecordType", "Type", "ID", "Email", "Metadata",
    "SuppressSending", "SuppressionReason", "Details", "message-id", "ts_epoch", "ts", "events", "id", "item",
    "eventType", "mail", "bounce", "bouncedRecipients", "headers", "bounceType", "bounceSubType", "complaint",
)  # fmt: skip
WORDS = ("bounce", "failed", "Bounce", "SpamComplaint", "SubscriptionChange", "hard_bounce", "bounced", "Complaint")
bodies = st.recursive(
    anything | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=8),
    max_leaves=30,
)


@pytest.mark.parametrize("provider", list(Provider))
@settings(max_examples=80, deadline=None)
@given(document=bodies)
def test_no_document_of_any_shape_upsets_a_provider(provider: Provider, document: object) -> None:
    _read_whatever_it_is(provider, json.dumps(document).encode())


@pytest.mark.parametrize("provider", list(Provider))
@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=300))
def test_no_bytes_upset_a_provider(provider: Provider, body: bytes) -> None:
    _read_whatever_it_is(provider, body)


def _read_whatever_it_is(provider: Provider, body: bytes) -> None:
    """With a good signature, so that it is really read; without one too."""
    text = body.decode("utf-8", errors="replace")
    made = {
        Provider.AMAZON_SES: lambda: posts.from_sns(posts.sns(text)),
        Provider.SENDGRID: lambda: posts.sendgrid(body=body),
        Provider.MAILGUN: lambda: posts.mailgun(_parsed(body)),
        Provider.SIGNED: lambda: posts.signed(None, body=body),
    }
    for posted in (Posted(body, {}), *([made[provider]()] if provider in made else [])):
        try:
            delivery = read_delivery(trust(provider), posted, NOW)
        except Untrusted:
            continue
        for event in delivery.events:
            assert isinstance(event.kind, EventKind)
            assert 0 < len(event.key) <= 200
            assert event.at is None or event.at.tzinfo is not None
            assert event.kind is not EventKind.HARD or event.reason in {
                "userunknown", "hostunknown", "hasmoved", "notaccept",
            }  # fmt: skip


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("latin-1")
