"""Results: every number opens to exactly as many people, sums add up, and each percent says what it is of."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine
from sqlmodel import select

from dashboard import routes
from dashboard.acts import bounce_reasons, results
from dashboard.campaigns import figures, providers_panel
from dashboard.commands import export
from dashboard.mass_emails.detail_page import CELLS, MassEmailPage
from models import db
from models.address import Domain
from models.answer import record_bounced, record_complained, record_opted_out_by_mail, record_reply
from models.audience import Audience
from models.campaign import CampaignType
from models.campaign_news import campaign_news
from models.hit import Hit, record_hits
from models.log_filter import LogFilter
from models.log_record import record_clicked, record_opened, record_opted_in, record_opted_out
from models.log_table import BounceKind, EventSource, MachineReason
from models.log_view import people_count
from models.mass_email import MassEmailStatus
from models.mass_email_news import read_progress
from models.queue_item import Outcome, Verdict, claim_items, settle
from models.queue_table import QueueItem
from models.results import Results
from models.statistics import mass_email_figures, recount
from models.tracking import Tracking
from models.tracking_url import ensure_links
from tests import factories
from tests.dashboard.tab import tab_of
from tests.factories import NOW

HOUR = timedelta(hours=1)
PROVIDERS = ("Gmail", "Outlook", "Yahoo", "Orange", "La Poste", "other")
REJECTED = ((BounceKind.HARD, "user_unknown"), (BounceKind.SOFT, "policy"), (BounceKind.SOFT, ""))
RETURNED = (
    (BounceKind.HARD, "userunknown"),
    (BounceKind.SOFT, "mailboxfull"),
    (BounceKind.SOFT, "mailboxfull"),
    (BounceKind.SOFT, "spamdetected"),
    (BounceKind.SOFT, ""),
    (BounceKind.HARD, "hostunknown"),
)


def audience_of(people: int) -> dict[str, object]:
    return Audience(chosen=people, final=people).as_json()


class Mailing(NamedTuple):
    """A mass email by its ids."""

    id: int
    campaign_id: int


@pytest.fixture
def answered(sqlite_database: Engine) -> Mailing:
    """Thirty people at six providers: three were refused, from six it came back, and the others did all sorts."""
    with db.unit_of_work() as session:
        people = [factories.recipient(session, f"p{n}@d{n % len(PROVIDERS)}.example") for n in range(30)]
        for n, name in enumerate(PROVIDERS):
            session.exec(select(Domain).where(Domain.name == f"d{n}.example")).one().provider = name
        target = factories.target_list(session, members=people)
        mail = factories.mass_email(
            session, target, status=MassEmailStatus.IN_PROCESS, queue_done_at=NOW, audience=audience_of(30)
        )
        ensure_links(session, mail.id, [f"https://example.com/{n}" for n in "abc"])
        items = [
            factories.queue_item(session, mail, person, list_id=target.id, next_try_at=NOW).id for person in people
        ]
        sent = Mailing(mail.id, mail.campaign_id)
    with db.unit_of_work() as session:
        held = claim_items(session, sent.id, 1, 30, "w", HOUR, NOW)
        outcomes = dict(zip(items, REJECTED, strict=False))
        settle(session, held.claim_id, [_verdict(item.id, outcomes) for item in held.items], NOW)
    _answer(items[3:])
    return sent


def _verdict(item_id: int, rejected: dict[int, tuple[BounceKind, str]]) -> Verdict:
    if item_id not in rejected:
        return Verdict(item_id, Outcome.SENT)
    kind, reason = rejected[item_id]
    return Verdict(item_id, Outcome.PERMANENT, 550, reply="550 no", reason=reason, bounce_kind=kind)


def _answer(items: list[int]) -> None:
    later = {"at": NOW + HOUR, "now": NOW + HOUR}
    with db.unit_of_work(durable=True) as session:
        for item, (kind, reason) in zip(items, RETURNED, strict=False):
            record_bounced(session, kind, item_id=item, reason=reason, **later)
        alive = items[len(RETURNED) :]
        record_complained(session, item_id=alive[0], **later)
        record_complained(session, item_id=alive[1], source=EventSource.WEBHOOK, **later)
        for item in (alive[2], alive[2], alive[3]):
            record_reply(session, item, **later)
        record_opted_out(session, alive[4], NOW + HOUR, source=EventSource.ONE_CLICK)
        record_opted_out_by_mail(session, alive[5], source=EventSource.MAILTO, **later)
        record_opted_out(session, alive[6], NOW + HOUR)
        record_opted_in(session, alive[6], NOW + 2 * HOUR)
        for item in alive[7:12]:
            record_opened(session, item, NOW + HOUR)
        record_clicked(session, alive[7], 1, NOW + 2 * HOUR)
        record_clicked(session, alive[12], 1, NOW + 2 * HOUR)
        for item, reason in zip(alive[9:14], list(MachineReason)[1:], strict=False):
            record_opened(session, item, NOW, machine=reason)
            record_opened(session, item, NOW + HOUR, machine=MachineReason.SCANNER)
        record_clicked(session, alive[13], 2, NOW + HOUR, machine=MachineReason.ALL_LINKS_AT_ONCE)
        record_clicked(session, alive[13], 3, NOW + HOUR, machine=MachineReason.SCANNER)


def of_campaign(mail: Mailing) -> Results:
    with db.reading() as session:
        assert recount(session) == []
        return campaign_news(session, mail.campaign_id, NOW).results


def of_mass_email(mail: Mailing) -> Results:
    with db.reading() as session:
        return read_progress(session, mail.id, NOW).results


def behind(address: str) -> int:
    """How many people a door opens to."""
    parts = urlsplit(address)
    assert parts.path == routes.LOG
    with db.reading() as session:
        return people_count(session, LogFilter.from_query(dict(parse_qsl(parts.query))))


def numbers(found: Results) -> Iterator[tuple[str, str, str]]:
    """(what, number, where it opens) of all that the panels show."""
    for name in (*CELLS, "failed"):
        if name != "failed":
            cell = results.cell_of(found, name, "en")
            yield f"cell {name}", cell.value, cell.href
    for line in results.lines_of(found, "en"):
        if line.value:
            yield f"line {line.words}", line.value, line.href
    table = bounce_reasons.reasons_of(found, "en")
    for row in table.rows:
        for head, number in zip((*table.heads, "All"), (*row.numbers, row.total), strict=True):
            yield f"{row.reason} at {head}", number.value, number.href


@pytest.mark.parametrize("read", [of_campaign, of_mass_email])
def test_every_number_opens_to_exactly_as_many_people(answered: Mailing, read) -> None:
    found = read(answered)
    seen = list(numbers(found))
    assert len(seen) > 50
    for what, number, href in seen:
        assert (behind(href) if href else 0) == int(number or 0), what


def test_the_cells_and_providers_of_the_campaign_open_to_exactly_as_many_people(answered: Mailing) -> None:
    with db.reading() as session:
        news = campaign_news(session, answered.campaign_id, NOW)
    for name, cell in figures.cells_of(news, "en").items():
        assert behind(cell.href) == int(cell.value), name
    bounced = dict(news.providers)
    for line in providers_panel.lines_of(news, "en")[:-1]:
        provider = "other" if line.name == "Others" else line.name
        assert behind(line.sent_to) == int(line.sent)
        assert behind(line.bounced_to) == bounced[provider].bounced


def test_parts_add_up(answered: Mailing) -> None:
    found = of_mass_email(answered)
    people = found.figures
    assert (people.bounced, people.bounced_hard + people.bounced_soft) == (9, 9)
    assert (people.rejected, people.returned) == (3, 6)
    assert (people.complained, people.replied, people.opted_out, people.opted_in, people.inferred) == (2, 2, 3, 1, 1)
    table = bounce_reasons.reasons_of(found, "en")
    *reasons, whole = table.rows
    assert sum(int(row.total.value) for row in reasons) == int(whole.total.value) == people.bounced
    for row in table.rows:
        assert sum(int(number.value or 0) for number in row.numbers) == int(row.total.value)


def test_the_same_reason_is_one_line_by_whatever_way_it_was_learnt(answered: Mailing) -> None:
    table = bounce_reasons.reasons_of(of_mass_email(answered), "en")
    rows = {row.reason: row.total.value for row in table.rows}
    assert rows["No such mailbox"] == "2", "one refused at once, one returned later"
    assert (rows["No reason given"], rows["550 no"]) == ("1", "1"), "a refusal without a word for it says its reply"
    assert table.heads[-1] == "Others"
    assert len(table.heads) == bounce_reasons.COLUMNS + 1


def test_reasons_and_heads_are_said_in_french(answered: Mailing) -> None:
    table = bounce_reasons.reasons_of(of_mass_email(answered), "fr")
    assert {"Boîte inconnue", "Boîte pleine", "Pris pour du spam", "Tous les motifs"} <= {
        row.reason for row in table.rows
    }
    assert table.heads[-1] == "Autres"


def test_percents_say_what_they_are_of(answered: Mailing) -> None:
    found = of_mass_email(answered)
    lines = {line.words: line for line in results.lines_of(found, "en")}
    assert (lines["People"].percent, lines["Came back"].percent) == ("of sent", "of sent + refused")
    assert lines["Machines"].percent == "not counted above"
    assert lines["Bounced"].percent == "30.0%"
    assert lines["Replied"].percent == "7.4%"
    assert lines["Opened by machines"].percent == lines["Scanner or gateway"].percent == ""
    assert results.cell_of(found, "bounced", "en").base == "of sent + refused"
    nobody_refused = replace(found, figures=replace(found.figures, rejected=0))
    assert results.cell_of(nobody_refused, "bounced", "fr").base == "des envoyés"


def test_machines_are_shown_apart_with_what_they_are(answered: Mailing) -> None:
    lines = results.lines_of(of_mass_email(answered), "en")
    place = next(n for n, line in enumerate(lines) if line.words == "Machines")
    assert [(line.words, line.value) for line in lines[place + 1 :]] == [
        ("Opened by machines", "5"),
        ("Scanner or gateway", "5"),
        ("All links at once", "1"),
        ("Link check", "1"),
        ("Apple Mail Privacy", "1"),
        ("Image proxy", "1"),
        ("Clicked by machines", "1"),
        ("All links at once", "1"),
        ("Scanner or gateway", "1"),
    ]


def test_before_anything_was_sent_there_is_nothing_to_show(sqlite_database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = factories.mass_email(session)
        planned = Mailing(mail.id, mail.campaign_id)
    found = of_mass_email(planned)
    assert (results.lines_of(found, "en"), bounce_reasons.reasons_of(found, "en").rows) == ([], ())
    assert results.cell_of(found, "opened", "en").fact == ""


@pytest.mark.parametrize(
    ("values", "kind", "fact"),
    [
        ({"tracking": Tracking.NONE}, CampaignType.NEWSLETTER, "not tracked"),
        ({"track_opens": False, "track_links": False}, CampaignType.NEWSLETTER, "not tracked"),
        ({}, CampaignType.INFORMATIONAL, "not tracked"),
        ({"tracking": Tracking.ANONYMOUS}, CampaignType.NEWSLETTER, "2 opens, of nobody in particular"),
    ],
)
def test_what_nobody_can_know_of_people_is_a_word_and_never_zero(
    sqlite_database: Engine, values: dict[str, object], kind: CampaignType, fact: str
) -> None:
    with db.unit_of_work() as session:
        row = factories.campaign(session, type=kind)
        done = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": NOW, "audience": audience_of(1)}
        mail = factories.mass_email(session, in_campaign=row, **done, **values)
        sent = Mailing(mail.id, row.id)
        person = factories.recipient(session)
        factories.queue_item(session, mail, person, next_try_at=NOW)
        held = claim_items(session, mail.id, 1, 1, "w", HOUR, NOW)
        settle(session, held.claim_id, [Verdict(held.items[0].id, Outcome.SENT)], NOW)
        record_hits(session, [Hit(None, NOW, mass_email_id=mail.id, machine=MachineReason.HUMAN)] * 2)
    found = of_mass_email(sent)
    cell = results.cell_of(found, "opened", "en")
    assert (cell.value, cell.href, cell.fact) == ("–", "", fact)
    assert ("Opened", "–") in {(line.words, line.value) for line in results.lines_of(found, "en")}


def test_rates_are_of_those_who_are_followed(sqlite_database: Engine) -> None:
    """Two mass emails of a campaign, one of them without tracking: an open rate of all sent would be too low."""
    with db.unit_of_work() as session:
        row = factories.campaign(session)
        for tracking in (Tracking.INDIVIDUAL, Tracking.NONE):
            mail = factories.mass_email(
                session,
                in_campaign=row,
                status=MassEmailStatus.IN_PROCESS,
                queue_done_at=NOW,
                audience=audience_of(2),
                tracking=tracking,
            )
            for _ in range(2):
                factories.queue_item(session, mail, factories.recipient(session), next_try_at=NOW)
            held = claim_items(session, mail.id, 1, 2, "w", HOUR, NOW)
            settle(session, held.claim_id, [Verdict(item.id, Outcome.SENT) for item in held.items], NOW)
        sent = Mailing(mail.id, row.id)
        first = session.exec(select(QueueItem.id).order_by(QueueItem.id)).first()
        record_opened(session, first, NOW + HOUR)
    cell = results.cell_of(of_campaign(sent), "opened", "en")
    assert (cell.value, cell.percent, cell.base) == ("1", "50.0%", "of 2 followed")


async def test_the_page_of_a_mass_email_shows_its_results_and_follows(answered: Mailing, ada) -> None:
    tab = tab_of()
    tab.go(routes.to(routes.MASS_EMAIL, mass_email_id=answered.id))
    await tab.do(MassEmailPage.load, MassEmailPage)
    page = await tab.state(MassEmailPage)
    assert (page.cells["replied"].value, page.cells["complained"].value, page.cells["bounced"].value) == ("2", "2", "9")
    assert page.result_lines
    assert page.reasons.rows
    with db.unit_of_work(durable=True) as session:
        record_reply(session, 20, at=NOW, now=NOW)
    with db.reading() as session:
        page._take(ada, read_progress(session, answered.id, NOW))
        assert mass_email_figures(session, answered.id).replied == int(page.cells["replied"].value)


def test_the_exported_log_says_why_and_whence_in_words_that_stay_the_same(
    answered: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "prepare", lambda: None)

    def exported(*options: str) -> list[dict[str, str]]:
        answer = CliRunner().invoke(export.log, ["--mass-email", str(answered.id), *options], catch_exceptions=False)
        return list(csv.DictReader(io.StringIO(answer.output)))

    rows = exported()
    assert list(rows[0])[:9] == list(export.LOG_COLUMNS[:9]), "where scripts of before find them"
    bounces = {(row["reason"], row["bounce"], row["source"], row["evidence"]) for row in rows if row["bounce"]}
    assert ("user_unknown", "hard", "smtp", "550 no") in bounces
    assert ("user_unknown", "hard", "mailbox", "") in bounces
    assert ("", "soft", "smtp", "550 no") in bounces, "a reply is no word for scripts"
    ways = {row["source"] for row in rows if row["action"] == "opted_out"}
    assert ways == {"one_click", "mailto", "public_page"}
    assert {row["machine"] for row in rows} == {""}
    every = exported("--machines")
    assert {row["machine"] for row in every} >= {"", "scanner", "mail_privacy"}
    assert len(every) == len(rows) + sum(row["machine"] != "" for row in every)
