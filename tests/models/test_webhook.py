"""What providers report counts once, for whom it belongs to, with everything that follows from it."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import select

from models import answer, db, outbound_emails, webhook, webhook_event
from models.address import OptOut
from models.answer import are_seen
from models.errors import Conflict, Invalid, NotFound, Refused
from models.log_record import Action, BounceKind, EventSource, LogRecord
from models.mail_in import MatchedBy, Standing
from models.mail_intake import Meaning
from models.queue_item import ItemState, QueueItem
from models.statistics import recount
from models.suppression import Suppression, SuppressionReason
from models.tracking import Purpose
from models.tracking_url import ensure_links
from models.webhook import create_webhook, edit_webhook, find_endpoint, get_key, get_webhook_row
from models.webhook_delivery import Posted, Trust
from models.webhook_intake import PORTION, portions, take_events
from models.webhook_reading import read_delivery
from models.webhook_table import EventKind, Provider, Trouble, Webhook, WebhookEvent, WebhookText, WebhookToken
from tests import factories
from tests.factories import NOW
from tests.models import webhook_posts as posts
from tests.models.webhook_posts import SECRET, TO, token

BY = "grace@example.com"
pytestmark = pytest.mark.usefixtures("database")


def create(provider: Provider = Provider.SIGNED, **values: object) -> int:
    fields = {
        Provider.AMAZON_SES: {"topic_arn": posts.TOPIC},
        Provider.SENDGRID: {"public_key": posts.public_key()},
        Provider.MAILGUN: {"secret": SECRET},
        Provider.SIGNED: {"secret": SECRET},
    }.get(provider, {})
    with db.unit_of_work() as session:
        given = {"name": f"at {provider}", "provider": provider, **fields, **values}
        return create_webhook(session, given, NOW, by=BY)


def sent(address: str = TO, ago: timedelta = timedelta(hours=1)) -> QueueItem:
    """An item whose message left; uncertain, so that what comes back makes it sent, with its log record."""
    with db.unit_of_work() as session:
        person = factories.recipient(session, address)
        members = factories.target_list(session, f"list {person.id}", [person])
        mail = factories.mass_email(session, members)
        ensure_links(session, mail.id, ["https://example.com/a"])
        return factories.queue_item(
            session, mail, person, ItemState.UNCERTAIN, list_id=members.id, first_tried_at=NOW - ago
        )


def take(webhook_id: int, posted: Posted, now=NOW) -> list[Standing]:
    """As the address takes it: portion by portion."""
    with db.reading() as session:
        trust = find_endpoint(session, get_key(session, webhook_id)).trust
    delivery = read_delivery(trust, posted, now)
    standings = []
    for events in portions(delivery.events):
        with db.unit_of_work(durable=True) as session:
            standings += take_events(session, webhook_id, events, now, once=delivery.once)
    return standings


def report(webhook_id: int, *events: dict) -> list[Standing]:
    return take(webhook_id, posts.signed([{"recipient": TO, **event} for event in events]))


def events(*columns) -> list:
    with db.reading() as session:
        return list(session.exec(select(*columns).order_by(WebhookEvent.id)).all())


def logged(*columns) -> list:
    with db.reading() as session:
        assert recount(session) == []
        rows = select(*columns or (LogRecord.action,)).where(LogRecord.action != Action.SENT)
        return list(session.exec(rows.order_by(LogRecord.id)).all())


def suppressed() -> Iterable[SuppressionReason]:
    with db.reading() as session:
        return list(session.exec(select(Suppression.reason)).all())


def state_of(item: QueueItem) -> ItemState:
    with db.reading() as session:
        return session.get_one(QueueItem, item.id).state


# What follows


def test_a_hard_bounce_is_logged_as_one_of_the_webhook_suppresses_and_is_listed_with_its_verdict() -> None:
    item = sent()
    said = "smtp; 550 5.1.1 user unknown"
    bounce = posts.from_sns(posts.sns(posts.ses_bounce(said=said, status="5.1.1", item_id=item.id)))
    assert take(create(Provider.AMAZON_SES), bounce) == [Standing.BOUNCED]
    assert logged(LogRecord.action, LogRecord.bounce_kind, LogRecord.reason, LogRecord.source) == [
        (Action.BOUNCED, BounceKind.HARD, "user_unknown", EventSource.WEBHOOK)
    ]
    assert suppressed() == [SuppressionReason.HARD_BOUNCE]
    assert state_of(item) is ItemState.SENT
    with db.reading() as session:
        (row,), total = webhook_event.event_page(session)
        assert (total, row.standing, row.kind, row.word) == (
            1,
            Standing.BOUNCED,
            EventKind.HARD,
            "Bounce Permanent General",
        )
        assert (row.reason, row.status, row.evidence, row.address) == ("userunknown", "5.1.1", said, TO)
        assert (row.person, row.mass_email_id, row.matched_by) == (
            "Ada Byron",
            item.mass_email_id,
            MatchedBy.OWN_HEADER,
        )
        assert "smtp; 550 5.1.1" in webhook_event.get_event(session, row.id)[1]


def test_a_soft_bounce_suppresses_nobody_and_a_complaint_does_at_once() -> None:
    item = sent()
    at = create(Provider.SENDGRID)
    full = posts.sendgrid_event("bounce", item_id=item.id, reason="552 5.2.2 mailbox full")
    assert take(at, posts.sendgrid(full)) == [Standing.BOUNCED]
    assert suppressed() == []
    assert take(at, posts.sendgrid(posts.sendgrid_event("spamreport", item_id=item.id, id="2"))) == [
        Standing.COMPLAINED
    ]
    assert suppressed() == [SuppressionReason.COMPLAINT]
    assert logged() == [Action.BOUNCED, Action.COMPLAINED]


def test_a_complaint_about_our_authentication_is_noted_and_suppresses_nobody() -> None:
    item = sent()
    told = {"complainedRecipients": [{"emailAddress": TO}], "complaintFeedbackType": "auth-failure"}
    complaint = posts.from_sns(posts.sns(posts.ses("Complaint", told, item_id=item.id)))
    assert take(create(Provider.AMAZON_SES), complaint) == [Standing.NOTED]
    assert (suppressed(), logged()) == ([], [])


def test_who_unsubscribes_at_the_provider_is_opted_out_of_the_lists_of_that_mass_email() -> None:
    item = sent()
    assert take(create(Provider.MAILGUN), posts.mailgun(posts.mailgun_event("unsubscribed", item_id=item.id))) == [
        Standing.OPTED_OUT
    ]
    with db.reading() as session:
        assert list(session.exec(select(OptOut.list_id))) == [item.list_id]
    assert logged(LogRecord.action, LogRecord.source) == [(Action.OPTED_OUT, EventSource.WEBHOOK)]


def test_what_is_on_the_providers_suppression_list_is_a_soft_bounce_of_that_reason() -> None:
    sent()
    blocked = posts.brevo("blocked", reason="blocked : due to blacklist user")
    assert take(create(Provider.BREVO), blocked) == [Standing.BOUNCED]
    assert logged(LogRecord.bounce_kind, LogRecord.reason) == [(BounceKind.SOFT, "held_back")]
    assert suppressed() == []


def test_delays_and_automatic_replies_are_noted_opens_and_clicks_are_not_even_kept() -> None:
    item = sent()
    kinds = ("deferred", "autoresponded", "subscribed", "opened", "clicked", "sent", "queued")
    found = report(create(), *({"event": kind, "id": kind, "item": token(item.id)} for kind in kinds))
    assert found == [Standing.NOTED] * 3
    assert sorted(events(WebhookEvent.word)) == ["autoresponded", "deferred", "subscribed"]
    assert (logged(), state_of(item)) == ([], ItemState.UNCERTAIN)


def test_a_delivery_makes_what_was_uncertain_sent() -> None:
    item, other = sent(), sent("eve@example.com")
    assert report(create(), {"event": "delivered", "item": token(item.id)}, {"event": "delivered"}) == []
    assert (state_of(item), state_of(other)) == (ItemState.SENT, ItemState.UNCERTAIN)
    with db.reading() as session:
        assert list(session.exec(select(LogRecord.action, LogRecord.source))) == [(Action.SENT, EventSource.WEBHOOK)]
    logged()


# Whose it is


def test_an_event_is_found_by_our_header_the_message_id_the_return_path_or_the_address() -> None:
    from models.tracking import to_base32

    items = [sent(f"person{n}@example.com") for n in range(4)]
    strange = "nobody@elsewhere.example.net"
    at = create()
    ses = create(Provider.AMAZON_SES)
    report(at, {"event": "bounced", "id": "1", "recipient": strange, "item": token(items[0].id)})
    report(at, {"event": "bounced", "id": "2", "recipient": strange, "message_id": f"<{token(items[1].id)}@s.example>"})
    back = f"bounce+{to_base32(token(items[2].id))}@sender.example"
    take(ses, posts.from_sns(posts.sns(posts.ses_bounce(to=strange, source=back))))
    report(at, {"event": "bounced", "id": "3", "recipient": "Person3@Example.COM"})
    ways = [MatchedBy.OWN_HEADER, MatchedBy.MESSAGE_ID, MatchedBy.RETURN_PATH, MatchedBy.RECIPIENT]
    assert events(WebhookEvent.item_id, WebhookEvent.matched_by) == [
        (item.id, way) for item, way in zip(items, ways, strict=True)
    ]
    assert logged() == [Action.BOUNCED] * 4


@pytest.mark.parametrize(
    ("provider", "make"),
    [
        (Provider.SENDGRID, lambda n: posts.sendgrid(posts.sendgrid_event("bounce", item_id=n, email="x@example.org"))),
        (Provider.MAILGUN, lambda n: posts.mailgun(posts.mailgun_failed("no", item_id=n, recipient="x@example.org"))),
        (Provider.POSTMARK, lambda n: posts.postmark("Bounce", item_id=n, Type="HardBounce", Email="x@example.org")),
        (Provider.BREVO, lambda n: posts.brevo("hard_bounce", item_id=n, email="x@example.org")),
    ],
)
def test_each_provider_gives_back_what_names_the_message(provider: Provider, make) -> None:
    sent()
    item = sent("second@example.com")
    assert take(create(provider), make(item.id)) == [Standing.BOUNCED]
    assert events(WebhookEvent.item_id) == [item.id]


@pytest.mark.parametrize(
    "event",
    [
        {"recipient": "stranger@example.org"},
        {"recipient": "long.ago@example.com"},
        {"recipient": "x@example.org", "item": "AQMAAAAAAAEAAAAAAAAAAA"},
        {"recipient": "no address"},
    ],
    ids=["an address that nobody has", "mailed 40 days ago", "a forged token", "no address"],
)
def test_what_belongs_to_nobody_is_kept_and_waits(event: dict) -> None:
    sent("long.ago@example.com", ago=timedelta(days=40))
    sent("other@example.com")
    assert report(create(), {"event": "bounced", "status": "5.1.1", **event}) == [Standing.UNMATCHED]
    assert (logged(), suppressed()) == ([], [])
    assert events(WebhookEvent.address) == [event["recipient"]]


def test_a_tests_event_is_noted_and_an_unknown_one_waits_for_a_person() -> None:
    item = sent()
    found = report(
        create(),
        {"event": "bounced", "id": "1", "item": token(1, Purpose.TEST_TRACK)},
        {"event": "teleported", "id": "2", "item": token(item.id)},
    )
    assert found == [Standing.NOTED, Standing.NOT_UNDERSTOOD]
    assert logged() == []


def test_a_person_says_whose_an_event_is_and_it_counts_from_then_on() -> None:
    item = sent()
    report(create(), {"event": "bounced", "recipient": "old.name@example.org", "status": "5.1.1"})
    (event_id,) = events(WebhookEvent.id)
    with db.unit_of_work(durable=True) as session:
        standing = webhook_event.assign(session, event_id, item.recipient_id, Meaning.HARD, NOW, by=BY)
    assert standing is Standing.BOUNCED
    assert events(WebhookEvent.matched_by, WebhookEvent.item_id) == [(MatchedBy.PERSON, item.id)]
    assert logged(LogRecord.reason, LogRecord.source) == [("user_unknown", EventSource.WEBHOOK)]
    assert suppressed() == [SuppressionReason.HARD_BOUNCE]
    with db.unit_of_work() as session, pytest.raises(Refused):
        webhook_event.ignore(session, event_id, NOW, by=BY)


def test_an_opt_out_is_assigned_only_to_somebody_who_was_mailed() -> None:
    with db.unit_of_work() as session:
        stranger = factories.recipient(session, "stranger@example.org")
    report(create(), {"event": "unsubscribed", "recipient": "x@example.org"})
    (event_id,) = events(WebhookEvent.id)
    with db.unit_of_work() as session, pytest.raises(Invalid) as error:
        webhook_event.assign(session, event_id, stranger.id, Meaning.OPT_OUT, NOW, by=BY)
    assert set(error.value.problems) == {"recipient"}
    with db.unit_of_work() as session:
        assert webhook_event.ignore_all(session, [event_id], NOW, by=BY) == 1
        assert webhook_event.ignore_all(session, [event_id], NOW, by=BY) == 0
        with pytest.raises(NotFound):
            webhook_event.ignore(session, 999, NOW, by=BY)


# Once


def test_a_delivery_that_comes_again_changes_nothing() -> None:
    item = sent()
    at = create(Provider.SENDGRID)
    posted = posts.sendgrid(posts.sendgrid_event("bounce", item_id=item.id, reason="550 5.1.1 unknown"))
    assert take(at, posted) == [Standing.BOUNCED]
    assert take(at, posted, NOW + timedelta(hours=5)) == []
    assert logged() == [Action.BOUNCED]
    assert len(events(WebhookEvent.id)) == 1


def test_the_same_key_at_two_webhooks_is_two_events_and_one_bounce() -> None:
    item = sent()
    event = {"event": "bounced", "id": "1", "item": token(item.id), "status": "5.1.1"}
    assert report(create(), event) == [Standing.BOUNCED]
    assert report(create(name="another"), event) == [Standing.KNOWN]
    assert logged() == [Action.BOUNCED]


def test_an_item_bounces_once_whether_by_mailbox_or_webhook_and_a_soft_one_may_harden() -> None:
    item = sent()
    with db.unit_of_work(durable=True) as session:
        answer.record_bounced(session, BounceKind.SOFT, item_id=item.id, at=NOW, now=NOW)
    at = create()
    event = {"event": "bounced", "item": token(item.id)}
    assert report(at, {**event, "id": "1", "response": "552 5.2.2 full"}) == [Standing.KNOWN]
    assert report(at, {**event, "id": "2", "status": "5.1.1"}) == [Standing.BOUNCED]
    with db.unit_of_work(durable=True) as session:
        again = answer.record_bounced(session, BounceKind.HARD, item_id=item.id, at=NOW, now=NOW)
    assert again is answer.Recorded.ALREADY
    assert logged(LogRecord.action, LogRecord.bounce_kind) == [(Action.BOUNCED, BounceKind.HARD)]


def test_a_token_of_mailgun_signs_one_event_and_no_other() -> None:
    first, second = sent(), sent("eve@example.com")
    at = create(Provider.MAILGUN)
    opened = posts.mailgun(posts.mailgun_event("opened", item_id=first.id), tok="a" * 50)
    assert take(at, opened) == []
    forged = posts.mailgun(posts.mailgun_failed("5.1.1 unknown", item_id=second.id), tok="a" * 50)
    assert take(at, forged) == []
    assert (logged(), suppressed()) == ([], [])
    fresh = posts.mailgun(posts.mailgun_failed("5.1.1 unknown", item_id=second.id), tok="b" * 50)
    assert take(at, fresh) == [Standing.BOUNCED]


def test_a_large_batch_is_taken_in_portions_and_each_event_counts() -> None:
    items = [sent(f"p{n}@example.com") for n in range(PORTION + 5)]
    made = [
        posts.sendgrid_event("bounce", item_id=item.id, id=f"{n}", reason="550 5.1.1 unknown")
        for n, item in enumerate(items)
    ]
    posted = posts.sendgrid(*made, posts.sendgrid_event("open", id="o"), posts.sendgrid_event("bounce", id="0"))
    assert take(create(Provider.SENDGRID), posted) == [Standing.BOUNCED] * (PORTION + 5)
    assert len(logged()) == PORTION + 5


def test_deliveries_at_the_same_moment_count_each_event_once_and_do_not_wait_for_each_other_crosswise() -> None:
    items = [sent(f"p{n}@example.com") for n in range(6)] + [sent(f"p{n}@example.com") for n in range(6)]
    at = create(Provider.SENDGRID)
    made = [
        posts.sendgrid_event("bounce", item_id=item.id, id=f"{n}", reason="550 5.1.1 unknown")
        for n, item in enumerate(items)
    ]
    orders = (made, made[::-1], made[6:] + made[:6], made)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda order: take(at, posts.sendgrid(*order)), orders))
    assert sum(len(one) for one in found) == len(items)
    assert logged() == [Action.BOUNCED] * len(items)


def test_hostile_texts_reach_the_database_as_plain_ones() -> None:
    sent()
    odd = "a\0b\ud800\n<script>" + "x" * 5000
    body = {"event": "bounced", "id": odd, "recipient": TO, "response": odd, "status": odd, "timestamp": 1e300}
    assert report(create(), body) == [Standing.BOUNCED]
    ((address, status, at),) = events(WebhookEvent.address, WebhookEvent.status, WebhookEvent.at)
    assert (address, at) == (TO, NOW)
    assert len(status) <= 20
    with db.reading() as session:
        (row,), _ = webhook_event.event_page(session, text="ADA@")
        assert "\0" not in webhook_event.get_event(session, row.id)[1]


# The webhook itself


def test_the_address_is_found_by_its_key_while_it_is_active_and_its_secrets_are_kept_unreadable() -> None:
    webhook_id = create(Provider.MAILGUN)
    with db.reading() as session:
        key = get_key(session, webhook_id)
        assert webhook.address_of("https://m.example/", key) == f"https://m.example/hooks/{key}"
        assert len(key) == 32
        found = find_endpoint(session, key)
        assert (found.id, found.trust) == (webhook_id, Trust(Provider.MAILGUN, SECRET))
        assert find_endpoint(session, key[:-1]) is None
        row = session.get_one(Webhook, webhook_id)
        assert not {SECRET, key} & {row.secret, row.address_secret, row.digest}
        assert SECRET not in repr(found)
    with db.unit_of_work() as session:
        webhook.set_active(session, webhook_id, False, NOW, by=BY)
        assert find_endpoint(session, key) is None
        assert not webhook.is_told(session)
        assert not are_seen(session)
        webhook.set_active(session, webhook_id, True, NOW, by=BY)
        assert webhook.is_told(session)
        assert are_seen(session)
        webhook.delete_webhook(session, webhook_id, NOW, by=BY)
        assert find_endpoint(session, key) is None
        assert webhook.webhook_rows(session) == []
        assert session.get_one(Webhook, webhook_id).secret == ""
        with pytest.raises(NotFound):
            get_webhook_row(session, webhook_id)


def test_messages_carry_what_postmark_and_brevo_give_back_while_they_have_a_webhook() -> None:
    create(Provider.AMAZON_SES)
    brevo, _ = create(Provider.BREVO), create(Provider.POSTMARK)
    with db.unit_of_work() as session:
        assert webhook.item_headers(session) == ("X-PM-Metadata-envoi-item", "X-Mailin-custom")
        webhook.set_active(session, brevo, False, NOW, by=BY)
        assert webhook.item_headers(session) == ("X-PM-Metadata-envoi-item",)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"provider": "pigeon"}, {"provider", "topic_arn"}),
        ({"provider": "amazon_ses", "topic_arn": ""}, {"topic_arn"}),
        ({"provider": "amazon_ses", "topic_arn": "arn:aws:sqs:eu-west-1:123456789012:x"}, {"topic_arn"}),
        ({"provider": "sendgrid", "public_key": "AAAA"}, {"public_key"}),
        ({"provider": "sendgrid", "public_key": "%" * 10}, {"public_key"}),
        ({"provider": "sendgrid", "public_key": "A" * 3000}, {"public_key"}),
        ({"provider": "mailgun", "secret": ""}, {"secret"}),
        ({"provider": "signed", "secret": "short"}, {"secret"}),
        ({"provider": "postmark", "username": "envoi"}, {"secret"}),
        ({"provider": "brevo", "username": "a:b", "secret": "x"}, {"username"}),
        ({"provider": "postmark", "name": ""}, {"name"}),
        ({"provider": "postmark", "name": "a\nb"}, {"name"}),
    ],
)
def test_what_is_typed_wrongly_is_named_beside_its_field(values: dict, fields: set[str]) -> None:
    with db.unit_of_work() as session, pytest.raises(Invalid) as error:
        create_webhook(session, {"name": "Relay", **values}, NOW, by=BY)
    assert set(error.value.problems) == fields


def test_the_name_is_taken_once_and_a_key_of_sendgrid_may_come_later_with_pems_lines_around_it() -> None:
    webhook_id = create(Provider.SENDGRID, name="Relay", public_key="")
    with db.unit_of_work() as session:
        with pytest.raises(Invalid):
            create_webhook(session, {"name": "RELAY", "provider": "postmark"}, NOW, by=BY)
        pem = f"-----BEGIN PUBLIC KEY-----\n{posts.public_key()}\n-----END PUBLIC KEY-----\n"
        edit_webhook(session, webhook_id, 1, {"public_key": pem}, NOW, by=BY)
        with pytest.raises(Conflict):
            edit_webhook(session, webhook_id, 1, {"name": "x"}, NOW, by=BY)
    assert take(webhook_id, posts.sendgrid(posts.sendgrid_event("deferred"))) == [Standing.NOTED]


def test_an_edit_keeps_the_secret_and_another_topic_is_confirmed_anew() -> None:
    signed, ses = create(), create(Provider.AMAZON_SES)
    with db.unit_of_work() as session:
        webhook.note_confirmed(session, ses, NOW)
        edit_webhook(session, signed, 1, {"name": "Another", "secret": "", "provider": "postmark"}, NOW, by=BY)
        assert find_endpoint(session, get_key(session, signed)).trust == Trust(Provider.SIGNED, SECRET)
        edit_webhook(session, ses, 1, {"name": "Amazon"}, NOW, by=BY)
        assert get_webhook_row(session, ses).confirmed_at == NOW
        edit_webhook(session, ses, 2, {"topic_arn": f"{posts.TOPIC}2"}, NOW, by=BY)
        assert get_webhook_row(session, ses).confirmed_at is None


def test_a_trouble_is_written_down_at_most_every_ten_seconds_and_gone_with_the_next_delivery() -> None:
    webhook_id = create()
    with db.unit_of_work() as session:
        key = get_key(session, webhook_id)
        assert webhook.is_news(find_endpoint(session, key), Trouble.FORGED, NOW)
        webhook.note_trouble(session, webhook_id, Trouble.FORGED, NOW)
    with db.reading() as session:
        endpoint = find_endpoint(session, key)
        assert not webhook.is_news(endpoint, Trouble.FORGED, NOW + timedelta(seconds=9))
        assert webhook.is_news(endpoint, Trouble.FORGED, NOW + timedelta(seconds=11))
        assert webhook.is_news(endpoint, Trouble.STALE, NOW)
    report(webhook_id, {"event": "opened"})
    with db.reading() as session:
        row = get_webhook_row(session, webhook_id)
        assert (row.trouble, row.last_event_at) == (None, NOW)


def test_texts_and_tokens_are_forgotten_when_their_time_is_over_and_events_stay() -> None:
    at = create(Provider.MAILGUN)
    take(at, posts.mailgun(posts.mailgun_event("complained")))
    with db.unit_of_work() as session:
        assert webhook_event.forget_texts(session, NOW) == 0
        assert webhook_event.forget_texts(session, NOW + timedelta(days=1)) == 1
        assert webhook_event.forget_tokens(session, NOW + timedelta(days=1)) == 0
        assert webhook_event.forget_tokens(session, NOW + timedelta(days=3)) == 1
        assert session.exec(select(WebhookText)).all() == []
        assert session.exec(select(WebhookToken)).all() == []
        assert webhook_event.get_event(session, 1)[1] == ""
    assert outbound_emails.OutboundEmails().keep_mails_days > 0
