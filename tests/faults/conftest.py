"""An installation that real processes share with the test: its database stands in their environment."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.settings import settings


@pytest.fixture
def home(database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for what the processes write, on SQLite and on PostgreSQL."""
    monkeypatch.setenv("ENVOI_DATABASE_URL", database.url.render_as_string(hide_password=False))
    settings.cache_clear()
    return tmp_path
