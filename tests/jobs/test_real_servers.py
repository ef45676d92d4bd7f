"""A portion into a server of somebody else's: Postfix's smtp-sink."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jobs.delivery import send_portion
from jobs.smtp import Server, test_connection
from models import db
from models.mass_email import MassEmailStatus
from models.queue_item import queue_counts
from tests import factories
from tests.conftest import free_port

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("sqlite_database")]


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[tuple[int, Path]]:
    """The port of a running smtp-sink, and the folder with a file per message."""
    program = shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin:/usr/libexec/postfix")
    if not program:
        pytest.skip("no smtp-sink: install the package postfix")
    port, folder = free_port(), tmp_path / "sink"
    folder.mkdir()
    user = []
    if os.geteuid() == 0:  # smtp-sink refuses to run as root
        user = ["-u", "nobody"]
        for path in (folder, *folder.parents):
            if path.is_relative_to("/tmp") and path != Path("/tmp"):
                path.chmod(0o777)
    command = [program, *user, "-d", "%M.", f"127.0.0.1:{port}", "100"]
    process = await asyncio.create_subprocess_exec(*command, cwd=folder)
    try:
        for _ in range(100):
            if (await test_connection(Server("127.0.0.1", port))).step is None:
                break
            await asyncio.sleep(0.05)
        yield port, folder
    finally:
        process.terminate()
        await process.wait()


async def test_fifty_people_get_exactly_one_message_each(sink: tuple[int, Path]) -> None:
    port, folder = sink
    with db.unit_of_work() as session:
        account = factories.smtp_account(session, port=port)
        members = [factories.recipient(session, f"person{n}@example.org") for n in range(50)]
        listed = factories.target_list(session, members=members)
        in_process = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": factories.NOW}
        mail = factories.mass_email(session, listed, smtp_account_id=account.id, **in_process)
        for member in members:
            factories.queue_item(session, mail, member, list_id=listed.id)
    portion = await send_portion(mail.id, "worker-1", clock=lambda: factories.NOW)
    assert (portion.handled, portion.error) == (50, "")
    received = [file.read_bytes().decode() for file in folder.iterdir()]
    recipients = [line for text in received for line in text.splitlines() if line.startswith("X-Rcpt-Args:")]
    assert len(received) == len(set(recipients)) == 50
    with db.reading() as session:
        assert queue_counts(session, mail.id).sent == 50
