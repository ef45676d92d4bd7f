"""/healthz: whether this process can do its work."""

import asyncio
import logging
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from models import db
from models.catalogue import text
from models.errors import Unavailable

_log = logging.getLogger(__name__)

PATIENCE: Final = 5  # seconds for the database to answer


async def healthz(_request: Request) -> Response:
    """200 when the process can do its work; 503 with the reason when the database cannot be reached."""
    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.to_thread(db.ping)
    except (Unavailable, TimeoutError):
        _log.warning("The database cannot be reached", exc_info=True)
        return JSONResponse({"status": "unavailable", "reason": text("en", "errors.database_away")}, 503)
    return JSONResponse({"status": "ok"})
