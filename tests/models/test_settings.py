"""The environment of a process, and the key it makes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from models.settings import Settings


def test_processes_that_start_at_once_make_one_key(tmp_path: Path) -> None:
    for turn in range(20):
        place = tmp_path / str(turn)
        with ThreadPoolExecutor(8) as at_once:
            keys = set(at_once.map(lambda _, place=place: Settings(data_dir=place, secret_key="").secret(), range(8)))
        assert len(keys) == 1
        assert len(keys.pop()) >= 32
        assert [file.name for file in place.iterdir()] == ["secret_key"]
        assert (place / "secret_key").stat().st_mode & 0o777 == 0o600
