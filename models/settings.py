"""Settings read from the environment once. Everything an administrator changes at run time is in the database."""

import secrets
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The environment of a process, 12-factor: ENVOI_<FIELD>. The README lists them."""

    model_config = SettingsConfigDict(env_prefix="ENVOI_", extra="ignore")

    data_dir: Path = Path("data")
    database_url: str = ""
    site_url: str = Field(default="", description="First value of the setting of that name")
    secret_key: str = ""
    secret_key_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=1, le=65535)
    catcher_port: int = Field(default=2525, ge=0, le=65535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @property
    def url(self) -> str:
        """The database address: ENVOI_DATABASE_URL, else SQLite in the data directory. postgresql:// means pg8000."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'envoi.sqlite').resolve()}"
        scheme, _, rest = self.database_url.partition("://")
        return f"postgresql+pg8000://{rest}" if scheme in {"postgres", "postgresql"} else self.database_url

    def secret(self) -> bytes:
        """The key that signs tokens: from the environment, or made once in the data directory, for its owner only."""
        if self.secret_key:
            return self.secret_key.encode()
        file = self.secret_key_file or self.data_dir / "secret_key"
        if not file.exists():
            _make_key(file)
        return file.read_text().strip().encode()


def _make_key(file: Path) -> None:
    """Whole or not at all, and once: the web process and the worker may start at the same moment."""
    file.parent.mkdir(parents=True, exist_ok=True)
    made = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    made.touch(mode=0o600)
    made.write_text(secrets.token_urlsafe(48))
    try:
        file.hardlink_to(made)
    except FileExistsError:
        pass  # another process was first
    finally:
        made.unlink()


@cache
def settings() -> Settings:
    """The settings of this process. Tests clear the cache after changing the environment."""
    return Settings()
