"""The environment as typed settings. A wrong or misspelt one is refused at start, by its name and with the remedy."""

from __future__ import annotations

import difflib
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from polling.core.keys import Keys


class SettingsError(Exception):
    """The program can't start as it is set up; the message names the variable and the remedy."""


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise ValueError("should be like https://poll.example, without a path")
    return value.rstrip("/")


def _database_url(value: str) -> str:
    if not value.startswith("sqlite:///"):
        raise ValueError("should be like sqlite:///polling.db; other databases come later")
    folder = Path(value.removeprefix("sqlite:///")).parent
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}; make it, or name a file elsewhere")
    return value


def _strong(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < 32:
        raise ValueError("should be 32 characters or more, made by chance")
    return value


class Settings(BaseSettings):
    """Every setting, with its variable. The table in README.md is checked against this class."""

    model_config = SettingsConfigDict(env_prefix="POLLING_", extra="ignore", env_ignore_empty=True)

    questionsets: Path = Field(Path("questionsets"), description="folder with a folder for each event")
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        "sqlite:///polling.db", validation_alias="DATABASE_URL", description="where answers are kept"
    )
    port: int = Field(8000, ge=1, le=65535, validation_alias="PORT", description="the port to listen on")
    host: str = Field("0.0.0.0", description="the address to listen on")  # noqa: S104 (phones in the hall must get in)
    public_url: Annotated[str, AfterValidator(_public_url)] | None = Field(
        None, description="what QR codes and links say, as https://poll.example; else this machine's LAN address"
    )
    secret: Annotated[SecretStr, AfterValidator(_strong)] | None = Field(
        None, description="the server's secret, 32 characters or more; else a file beside the database, made once"
    )
    assets: Path | None = Field(
        None, description="folder with a self-hosted copy of htmx (see `polling assets`); else it comes by the CDN"
    )

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def base_url(self) -> str:
        """What links begin with."""
        return self.public_url or f"http://{lan_address()}:{self.port}"

    @property
    def is_https(self) -> bool:
        """Whether people reach the server behind TLS, so that cookies can be `Secure`."""
        return self.base_url.startswith("https://")


VARIABLES: Mapping[str, str] = {
    name: str(info.validation_alias or f"POLLING_{name.upper()}") for name, info in Settings.model_fields.items()
}
"""Field → the variable that sets it."""


def load_settings(environment: Mapping[str, str], **fixed: Any) -> Settings:
    """The settings that `environment` gives, `fixed` ones (by field) going first. Raises `SettingsError`."""
    _refuse_misspelt(environment)
    given = {field: environment[name] for field, name in VARIABLES.items() if environment.get(name)}
    given.update(fixed)
    by_alias = {str(Settings.model_fields[field].validation_alias or field): value for field, value in given.items()}
    try:
        return Settings.model_validate(by_alias)
    except ValidationError as error:
        raise SettingsError(_in_words(error)) from None


def _refuse_misspelt(environment: Mapping[str, str]) -> None:
    known = list(VARIABLES.values())
    for name in environment:
        if name.startswith("POLLING_") and not name.startswith("POLLING_TEST_") and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
            raise SettingsError(f"{name} is no setting: {remedy}")


def _in_words(error: ValidationError) -> str:
    lines = []
    for problem in error.errors(include_input=False, include_url=False):  # an input may be a secret
        field = str(problem["loc"][0]) if problem["loc"] else ""
        name = VARIABLES.get(field, field)
        lines.append(f"{name}: {problem['msg'].removeprefix('Value error, ')}")
    return "; ".join(lines)


def server_keys(settings: Settings) -> Keys:
    """The server's secret: from the environment, else from the file beside the database, which is made once."""
    if settings.secret is not None:
        return Keys(settings.secret.get_secret_value().encode())
    path = settings.database_path.with_name(settings.database_path.name + ".secret")
    try:
        if not path.exists():
            path.touch(mode=0o600, exist_ok=False)
            path.write_text(secrets.token_urlsafe(48))
        secret = path.read_text().strip()
    except OSError as error:
        raise SettingsError(
            f"{path} can't be used for the server's secret ({error.strerror}); set POLLING_SECRET"
        ) from None
    if len(secret) < 32:
        raise SettingsError(f"{path} holds no secret of 32 characters or more; restore it, or set POLLING_SECRET")
    return Keys(secret.encode())


def lan_address() -> str:
    """This machine's address in its own network; 127.0.0.1 where it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation: only picks the outgoing interface
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
