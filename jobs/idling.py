"""Listening: where a mail server offers IDLE (RFC 2177), what comes is read within seconds, not at the next run.

In the process that leads, one connection per watched mailbox waits in the first of its folders. News ask for a run of
Check Group Email Accounts: reading stays in one place.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from jobs import database
from jobs.bounces import server_of
from jobs.database import utc_now
from jobs.mailbox import ImapMailbox, MailboxTrouble, MailServer, Step, trouble_at
from jobs.stopping import rest
from models import group_email_account as accounts
from models.errors import EnvoiError
from models.group_email_account_table import GroupEmailAccount, Protocol
from models.scheduled_job import CHECK_GROUP_EMAIL_ACCOUNTS, ask_for_run

log = logging.getLogger("envoi.idling")

RENEW: Final = 28 * 60.0
"""Seconds: a server may hang up after 30 minutes (RFC 2177)."""
POLL: Final = 2.0
"""Seconds between two looks whether to stop."""
CALM: Final = 10.0
"""Seconds between two runs that news ask for."""
LOOK: Final = 5.0
"""Seconds between two looks at who leads and which mailboxes are watched."""
AGAIN: Final = (60.0, 300.0, 900.0)
"""Seconds before a mailbox in trouble is listened to again."""
NEVER: Final = 6 * 3600.0
"""Seconds before a server without IDLE is asked again."""


_AWAY: Final = (EnvoiError, OperationalError)
_threads = ThreadPoolExecutor(32, thread_name_prefix="idle")


class NoIdle(Exception):
    """The server does not offer IDLE."""


async def listen(leads: Callable[[], bool], stop: asyncio.Event) -> None:
    """Listen to every watched mailbox while this process leads, until `stop`."""
    ears: dict[tuple[int, int], asyncio.Task[None]] = {}
    try:
        while not stop.is_set():
            wanted = await _wanted() if leads() else set()
            for key in ears.keys() - wanted:
                ears.pop(key).cancel()
            for key in wanted - ears.keys():
                ears[key] = asyncio.create_task(_listen_to(key[0]))
            await rest(stop, LOOK)
    finally:
        for ear in ears.values():
            ear.cancel()
        await asyncio.gather(*ears.values(), return_exceptions=True)


async def _wanted() -> set[tuple[int, int]]:
    """(id, revision) of the mailboxes to listen to: an account that was edited is listened to anew."""
    try:
        return await database.read(_imap_accounts)
    except _AWAY as error:  # the next look finds it back
        log.warning("the watched mailboxes are not known for a moment: %s", error)
        return set()


def _imap_accounts(session: Session) -> set[tuple[int, int]]:
    rows = accounts.account_rows(session)
    return {(row.id, row.revision) for row in rows if row.active and row.protocol is Protocol.IMAP}


async def _listen_to(account_id: int) -> None:
    troubles = 0
    while True:
        heard = time.monotonic()
        try:
            account = await database.read(accounts.detached, account_id)
            await _hear(account, await server_of(account))
        except NoIdle:
            await asyncio.sleep(NEVER)
        except (MailboxTrouble, EnvoiError, OperationalError) as error:  # the run of the job notes it with the account
            log.info("mailbox %s is not listened to for a while: %s", account_id, error)
            troubles = 0 if time.monotonic() - heard > RENEW else troubles
            await asyncio.sleep(AGAIN[min(troubles, len(AGAIN) - 1)])
            troubles += 1


async def _hear(account: GroupEmailAccount, server: MailServer) -> None:
    """Wait in a thread; each time there is news, ask for a run."""
    loop, quiet = asyncio.get_running_loop(), threading.Event()
    news = asyncio.Event()
    ear = _Ear(account, server, quiet, lambda: loop.call_soon_threadsafe(news.set))
    waiting = loop.run_in_executor(_threads, ear.wait)
    telling = asyncio.create_task(_tell(news))
    try:
        await asyncio.shield(waiting)
    finally:
        quiet.set()
        telling.cancel()
        await asyncio.wait([waiting])
        waiting.exception()  # seen: it was raised above, or nobody asks any more


async def _tell(news: asyncio.Event) -> None:
    while True:
        await news.wait()
        news.clear()
        try:
            await database.write(ask_for_run, CHECK_GROUP_EMAIL_ACCOUNTS, utc_now())
        except OperationalError as error:  # the job runs by its crontab anyway
            log.warning("a run could not be asked for: %s", error.orig)
        await asyncio.sleep(CALM)


@dataclass(frozen=True, slots=True)
class _Ear:
    account: GroupEmailAccount
    server: MailServer
    quiet: threading.Event
    tell: Callable[[], object]

    def wait(self) -> None:
        """Until `quiet` is set. Raises MailboxTrouble, NoIdle."""
        box = ImapMailbox.open(self.server)
        try:
            if not box.client.has_capability("IDLE"):
                raise NoIdle
            box.select(self.account.folders[0])
            while not self.quiet.is_set():
                self._idle(box)
        finally:
            box.close()

    def _idle(self, box: ImapMailbox) -> None:
        """One IDLE, renewed before the server hangs up."""
        renew_at = time.monotonic() + RENEW
        with trouble_at(Step.READ):
            box.client.idle()
            while time.monotonic() < renew_at and not self.quiet.is_set():
                if any(is_news(answer) for answer in box.client.idle_check(timeout=POLL)):
                    self.tell()
            box.client.idle_done()


def is_news(answer: object) -> bool:
    """Whether an untagged answer says that mails came: (7, b"EXISTS")."""
    return isinstance(answer, tuple) and len(answer) > 1 and answer[1] in {b"EXISTS", b"RECENT"}
