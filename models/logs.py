"""How the processes write their log: on standard error, to read or as JSON (ENVOI_LOG_LEVEL, ENVOI_LOG_FORMAT)."""

import json
import logging
from datetime import UTC, datetime

from models.settings import Settings

_QUIET = ("alembic", "apscheduler", "asyncio", "httpx", "multipart", "mail.log", "uvicorn.error", "websockets")


class JsonLines(logging.Formatter):
    """One object per line: at, level, logger, message, and error with its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(settings: Settings) -> None:
    """Set up this process's log; may be called again. Libraries speak from WARNING on."""
    handler = logging.StreamHandler()
    readable = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if settings.log_format == "json" else readable)
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(settings.log_level)))
