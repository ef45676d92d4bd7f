"""A whole journey without a browser: a person's acts through the functions of the pages, the worker's jobs by schedule,
mail over real SMTP, the recipients' visits over HTTP. Only the clock is moved by hand."""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.public.routes import ROUTES
from jobs.delivery import send_test
from jobs.scheduler import run_due
from jobs.worker import jobs_of
from models import db, outbound_emails, scheduled_job
from models.campaign import CampaignStatus, CampaignType, create_campaign
from models.email_template import create_template
from models.log_filter import LogFilter
from models.log_list import make_list
from models.log_record import Action
from models.log_view import EventRow, event_page
from models.mass_email import create_mass_email, get_row
from models.membership import add_members
from models.queue_item import QueueCounts, queue_counts
from models.recipient import Kind, Recipient, create_recipient
from models.smtp_account import create_account, set_default
from models.target_list import Membership, Source, create_list
from models.tracking_url import create_tracking_url, get_tracking_url, placeholder
from tests import factories
from tests.jobs.smtp_server import SmtpServer

BY = "ada@example.com"
SITE = "https://news.sender.example"


@dataclass(frozen=True)
class Mail:
    """A message that arrived."""

    to: str
    message: EmailMessage

    def part(self, kind: str) -> str:
        return self.message.get_body((kind,)).get_content()

    @property
    def html(self) -> str:
        return self.part("html")

    def links(self, path: str) -> list[str]:
        """The public addresses of one kind (c, u, o) in the HTML, as paths."""
        return [found.removeprefix(SITE) for found in re.findall(rf'{re.escape(SITE)}/{path}/[^"\s<]+', self.html)]


class Trip:
    """One installation with an SMTP account at a server of the test's."""

    def __init__(self, server: SmtpServer) -> None:
        self.server, self.now = server, factories.NOW
        self.web = TestClient(Starlette(routes=ROUTES), base_url=SITE, follow_redirects=False)
        with db.unit_of_work() as session:
            scheduled_job.ensure_jobs(session)
            account = create_account(session, self._account(server.port), self.now, by=BY)
            set_default(session, account, self.now, by=BY, confirmed=True)
        self.settings(site_url=SITE)

    @staticmethod
    def _account(port: int) -> dict[str, object]:
        return {
            "name": "relay",
            "host": "127.0.0.1",
            "port": port,
            "tls": "none",
            "from_name": "Maison Tilleul",
            "from_address": "letters@sender.example",
        }

    # what a person does

    def settings(self, **values: object) -> None:
        with db.unit_of_work() as session:
            outbound_emails.change(session, values, self.now, BY)

    def person(self, address: str, kind: Kind = Kind.CONTACT, **values: object) -> int:
        given = {"kind": kind, "address": address, "first_name": "Ada", "last_name": "Byron", **values}
        with db.unit_of_work() as session:
            return create_recipient(session, given, self.now)

    def people(self, count: int) -> list[int]:
        return [self.person(f"person{n}@example.org", first_name=f"Ada{n}") for n in range(count)]

    def target_list(self, name: str, members: list[int]) -> int:
        with db.unit_of_work() as session:
            list_id = create_list(session, {"name": name}, self.now)
        with db.pinned() as doors:
            add_members(doors, list_id, members, Source.SELECT, self.now)
        return list_id

    def campaign(
        self, lists: list[int], excluded: list[int] | None = None, kind: CampaignType = CampaignType.NEWSLETTER
    ) -> int:
        values = {
            "name": "Autumn",
            "type": kind,
            "status": CampaignStatus.ACTIVE,
            "lists": lists,
            "excluded": excluded or [],
        }
        with db.unit_of_work() as session:
            return create_campaign(session, values, self.now, BY)

    def template(self, html: str = "<p>Hello {Person.firstName}</p>", subject: str = "News") -> int:
        with db.unit_of_work() as session:
            return create_template(session, "Letter", subject, html, "", self.now, BY).id

    def tracking_url(self, campaign: int, url: str, name: str = "Demo") -> str:
        """The code to paste."""
        with db.unit_of_work() as session:
            values = {"name": name, "action": "redirect", "url": url}
            made = create_tracking_url(session, campaign, values, self.now, BY)
            return placeholder(get_tracking_url(session, made).code)

    def mass_email(self, campaign: int, template: int | None = None, **values: object) -> int:
        given = {"template": template or self.template(), "start_at": self.now, **values}
        with db.unit_of_work() as session:
            return create_mass_email(session, campaign, given, self.now, BY)

    async def send_test(self, mass_email: int, *people: int) -> list:
        return await send_test(mass_email, list(people), [], BY)

    # what the scheduler does

    async def wait(self, after: timedelta = timedelta(minutes=10)) -> list[str]:
        """Let time pass; the jobs whose crontab has come by then run once. Gives their names."""
        self.now += after
        ran = await run_due("worker", jobs_of_clock("worker", self.clock), asyncio.Event(), clock=self.clock)
        assert ran is not None
        return ran

    def clock(self) -> datetime:
        return self.now

    # what is seen

    def mails(self) -> list[Mail]:
        return [
            Mail(one.recipient, message_from_bytes(one.content, policy=policy.default))
            for one in self.server.messages
            if one.answered
        ]

    def addressees(self) -> list[str]:
        return sorted(one.recipient for one in self.server.messages)

    def counts(self, mass_email: int) -> QueueCounts:
        with db.reading() as session:
            return queue_counts(session, mass_email)

    def status(self, mass_email: int) -> str:
        with db.reading() as session:
            return get_row(session, mass_email).status

    def log(self, **chosen: object) -> list[EventRow]:
        with db.reading() as session:
            return event_page(session, LogFilter(**chosen), 1, 100, oldest_first=True)[0]

    def actions(self, **chosen: object) -> list[Action]:
        return [row.action for row in self.log(**chosen)]

    def list_from_log(self, name: str, **chosen: object) -> int:
        with db.pinned() as doors:
            return make_list(doors, LogFilter(**chosen), name, self.now, by=BY).list_id

    def members(self, list_id: int) -> list[str]:
        with db.reading() as session:
            query = select(Recipient.address_typed).join(Membership, Membership.recipient_id == Recipient.id)
            return sorted(session.exec(query.where(Membership.list_id == list_id)))


def jobs_of_clock(worker: str, clock) -> dict:
    """The worker's jobs on the test's clock."""
    from jobs.bounces import run_check_group_email_accounts
    from jobs.housekeeping import run_clean_up
    from jobs.queueing import run_send_mass_emails

    jobs = {
        "send_mass_emails": lambda stop: run_send_mass_emails(worker, stop=stop, clock=clock),
        "check_group_email_accounts": lambda stop: run_check_group_email_accounts(stop=stop, clock=clock),
        "clean_up": lambda stop: run_clean_up(stop=stop, clock=clock),
    }
    assert jobs.keys() == jobs_of(worker).keys()
    return jobs
