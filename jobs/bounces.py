"""Check Group Email Accounts: what one run of the scheduled job does, for every mailbox that is watched.

    folder → its new UIDs → fetch a few → judge → take in, one mail in one unit of work, and how far the folder is read
           → mark or move what was taken

Cut off anywhere, the next run goes on with the next mail: what is not committed was not taken, what was taken is known
by its place and by its bytes.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, ParamSpec, TypeVar

from sqlmodel import Session

from jobs import database
from jobs.access_token import Grant, NoToken, Tokens
from jobs.database import Clock, utc_now
from jobs.mailbox import FETCH, Fetched, ImapMailbox, Mailbox, MailboxTrouble, MailServer, Step
from jobs.pop3 import PopMailbox
from jobs.ran import Ran
from models import group_email_account as accounts
from models import mail_in, return_path
from models.bounce import Kind, MailVerdict, judge_mail
from models.errors import EnvoiError
from models.group_email_account_table import Afterwards, GroupEmailAccount, Protocol
from models.mail_in import TO_DECIDE, Standing
from models.mail_intake import Came, Place, take_mail
from models.secret import decrypt
from models.smtp_account_table import SignIn

log = logging.getLogger("envoi.bounces")
P = ParamSpec("P")
T = TypeVar("T")

PORTION: Final = 100
"""Mails of a folder between two looks at what else is new there."""
AT_ONCE: Final = 4
"""Mailboxes that are read together."""

_threads = ThreadPoolExecutor(2 * AT_ONCE, thread_name_prefix="mailbox")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look into a mailbox found: mails by what became of them; `error` "" or what stopped it, word for word."""

    counts: Mapping[Standing, int]
    error: str = ""


async def run_check_group_email_accounts(*, stop: asyncio.Event | None = None, clock: Clock = utc_now) -> Ran:
    """Take in what is new in every watched mailbox; trouble with one does not stop the others."""
    stop = stop or asyncio.Event()
    await database.write(return_path.fail_overdue, clock())
    turns = asyncio.Semaphore(AT_ONCE)

    async def check(account_id: int) -> Checked:
        async with turns:
            return await check_account(account_id, stop=stop, clock=clock)

    done = await asyncio.gather(*(check(account_id) for account_id in await database.read(accounts.active_accounts)))
    total: Counter[Standing] = sum((Counter(one.counts) for one in done), Counter())
    return Ran(total.total(), _counts(total), tuple(one.error for one in done if one.error))


async def check_account(account_id: int, *, stop: asyncio.Event | None = None, clock: Clock = utc_now) -> Checked:
    """Take in what is new in one mailbox. What fails is noted with the account. Raises NotFound."""
    account = await database.read(accounts.detached, account_id)
    look = _Look(account, stop or asyncio.Event(), clock)
    try:
        await look.run()
    except MailboxTrouble as trouble:
        forget_token(account, trouble)
        return await _failed(look, trouble.step, trouble.words)
    except EnvoiError as error:  # its secret cannot be read, or no token is to be had
        return await _failed(look, Step.LOGIN, str(error))
    await database.write(accounts.note_look, account_id, clock())
    return Checked(look.counts)


async def _failed(look: "_Look", step: Step, words: str) -> Checked:
    account = look.account
    log.warning("group email account %s: %s: %s", account.name, step, words)
    await database.write(accounts.note_look, account.id or 0, look.clock(), trouble=step.value, words=words)
    return Checked(look.counts, f"{account.name}: {step}: {words}")


@dataclass(frozen=True, slots=True)
class MailboxTest:
    """What “Test connection” found: `step` None is success; else the step that failed and the words about it.
    `folders`: those of the mailbox."""

    step: Step | None
    words: str = ""
    folders: tuple[str, ...] = ()


async def try_mailbox(account: GroupEmailAccount, *, patience: float = 10) -> MailboxTest:
    """Find, connect, secure, sign in, open every folder: which step failed with which words, if any. Reads no mail."""
    try:
        server = replace(await server_of(account), connect_seconds=patience, reply_seconds=patience + 5)
        return MailboxTest(None, folders=await _in_thread(_try, account, server))
    except MailboxTrouble as trouble:
        forget_token(account, trouble)
        return MailboxTest(trouble.step, trouble.words)
    except EnvoiError as error:
        return MailboxTest(Step.LOGIN, str(error))


def _try(account: GroupEmailAccount, server: MailServer) -> tuple[str, ...]:
    box = open_mailbox(account, server)
    try:
        for folder in account.folders:
            box.select(folder)
        return tuple(box.folders())
    finally:
        box.close()


async def server_of(account: GroupEmailAccount) -> MailServer:
    """Where the account's mailbox is, with what opens it. Raises Unavailable when its secret cannot be read, and
    MailboxTrouble at LOGIN when no access token is to be had."""
    tokens = _tokens(account)
    try:
        token = await tokens.current() if tokens else ""
    except NoToken as error:
        raise MailboxTrouble(Step.LOGIN, str(error)) from error
    return MailServer(
        host=account.host,
        port=account.port,
        tls=account.tls,
        check_certificate=account.check_certificate,
        username=account.username,
        password=decrypt(account.secret),
        token=token,
    )


def _tokens(account: GroupEmailAccount) -> Tokens | None:
    if account.sign_in is not SignIn.XOAUTH2:
        return None
    secrets = decrypt(account.client_secret), decrypt(account.refresh_secret)
    return Tokens(Grant(account.token_url, account.client_id, *secrets))


def forget_token(account: GroupEmailAccount, trouble: MailboxTrouble) -> None:
    """A token that the server does not take is bought anew the next time."""
    if trouble.step is Step.LOGIN and (tokens := _tokens(account)):
        tokens.refused()


def open_mailbox(account: GroupEmailAccount, server: MailServer) -> ImapMailbox | PopMailbox:
    """Over the protocol of the account. Raises MailboxTrouble."""
    kind = PopMailbox if account.protocol is Protocol.POP3 else ImapMailbox
    return kind.open(server, read_only=account.afterwards is Afterwards.LEAVE)


class _Look:
    """One look into a mailbox."""

    def __init__(self, account: GroupEmailAccount, stop: asyncio.Event, clock: Clock) -> None:
        self.account, self.stop, self.clock = account, stop, clock
        self.counts: Counter[Standing] = Counter()

    async def run(self) -> None:
        box = await _in_thread(open_mailbox, self.account, await server_of(self.account))
        try:
            for folder in self.account.folders:
                await self._read(box, folder)
        finally:
            await _in_thread(box.close)

    async def _read(self, box: ImapMailbox | PopMailbox, folder: str) -> None:
        where = _Folder(self.account.id or 0, folder, await _in_thread(box.select, folder))
        last = await database.write(mail_in.folder_mark, where.account_id, folder, where.uidvalidity)
        known = set() if box.numbered else await database.read(mail_in.known_uids, where.account_id, folder)
        await self._put_away(box, where)
        while not self.stop.is_set():
            new = (await _in_thread(box.uids_after, last, known))[:PORTION]
            if not new:
                return
            for start in range(0, len(new), FETCH):
                await self._take(box, where, new[start : start + FETCH])
            known |= set() if box.numbered else set(new)
            last = int(new[-1]) if box.numbered else 0

    async def _take(self, box: Mailbox, where: "_Folder", uids: Sequence[str]) -> None:
        if self.stop.is_set():
            return
        mails = await _in_thread(box.fetch, uids)
        verdicts = await asyncio.to_thread(lambda: [judge(mail.raw) for mail in mails])
        keeps = self.account.afterwards is Afterwards.LEAVE
        for mail, verdict in zip(mails, verdicts, strict=True):
            standing = await database.write_durably(_take_in, where, mail, verdict, self.clock(), keeps)
            if standing:
                self.counts[standing] += 1
        await database.write(_read_up_to, where, uids[-1])
        await self._put_away(box, where)

    async def _put_away(self, box: Mailbox, where: "_Folder") -> None:
        """Also what an earlier run took and did not come to mark or move."""
        if self.account.afterwards is Afterwards.LEAVE:
            return
        place = (where.account_id, where.folder, where.uidvalidity)
        if uids := await database.read(mail_in.not_put_away, *place):
            await _in_thread(box.put_away, uids, self.account.afterwards, self.account.move_to)
            await database.write(mail_in.note_put_away, *place, uids)


@dataclass(frozen=True, slots=True)
class _Folder:
    account_id: int
    folder: str
    uidvalidity: int


def judge(raw: bytes) -> MailVerdict:
    """The verdict on a mail; of one that makes a rule fail, that it was not understood: the run goes on."""
    try:
        return judge_mail(raw)
    except Exception as error:  # the edge: whatever a mail holds, the next one is read, and this one is listed
        log.exception("a mail of %s octets could not be judged", len(raw))
        return MailVerdict(Kind.NOT_A_BOUNCE, evidence=f"{type(error).__name__}: {error}"[:200])


def _take_in(
    session: Session, where: _Folder, mail: Fetched, verdict: MailVerdict, now: datetime, keeps: bool
) -> Standing | None:
    """One mail: kept, and all that follows, and that the folder is read up to here."""
    place = Place(where.account_id, where.folder, where.uidvalidity, mail.uid)
    standing = take_mail(session, Came(place, mail.raw, mail.size), verdict, now, keeps=keeps)
    _read_up_to(session, where, mail.uid)
    return standing


def _read_up_to(session: Session, where: _Folder, uid: str) -> None:
    if where.uidvalidity:
        mail_in.advance(session, where.account_id, where.folder, where.uidvalidity, int(uid))


def _counts(total: Counter[Standing]) -> dict[str, int]:
    told = (Standing.BOUNCED, Standing.COMPLAINED, Standing.REPLIED, Standing.OPTED_OUT)
    counts = {"mails": total.total(), **{standing.value: total[standing] for standing in told}}
    return {**counts, "to_decide": sum(total[standing] for standing in TO_DECIDE)}


async def _in_thread(call: Callable[P, T], /, *args: P.args, **named: P.kwargs) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, lambda: call(*args, **named))
