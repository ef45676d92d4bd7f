"""An installation that real processes share with the test: its database stands in their environment."""

import os
from pathlib import Path

import pytest

from models.settings import settings

EVERYTHING = os.environ.get("ENVOI_FAULTS") == "all"
"""make faults: what takes long is driven on PostgreSQL, too."""
_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)


@pytest.fixture(params=["sqlite", _POSTGRESQL] if EVERYTHING else ["sqlite"])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for what the processes write; their database is on SQLite, in `make faults` on PostgreSQL as well."""
    return _shared(request, tmp_path, monkeypatch)


@pytest.fixture(params=["sqlite", _POSTGRESQL])
def home_on_both(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """home() on both databases, always."""
    return _shared(request, tmp_path, monkeypatch)


def _shared(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    engine = request.getfixturevalue(f"{request.param}_database")
    monkeypatch.setenv("ENVOI_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    settings.cache_clear()
    return folder
