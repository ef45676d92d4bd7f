"""python -m jobs: the worker process. --once runs each scheduled job that is due, and ends.

Exit status: 0 when it ended as asked, 1 when --once found another process at the work.
"""

import argparse
import sys

import uvloop

from jobs.worker import stop_on_signals, work, work_once
from models import logs
from models.migrations import migrate
from models.settings import settings


def main() -> int:
    """Run the worker; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m jobs", description="Scheduled jobs, sending, the mail catcher.")
    parser.add_argument("--once", action="store_true", help="run each scheduled job that is due once, and end")
    once = parser.parse_args().once
    logs.configure(settings())
    migrate()
    return uvloop.run(_run(once))


async def _run(once: bool) -> int:
    stop = stop_on_signals()
    if once:
        return 0 if await work_once(stop) else 1
    await work(stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
