"""The site: what every page and socket works with, and the language that it speaks to a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from polling.core.event import Event
from polling.core.keys import Keys
from polling.live.hall import Hall
from polling.live.links import Links
from polling.live.watching import Edits
from polling.rendering import LANGUAGES, Renderer
from polling.settings import Settings
from polling.store.database import Database
from polling.store.settle import Settler
from polling.store.writer import Writer
from polling.web.health import Health

LANGUAGE_COOKIE = "polling-lang"


def _now() -> datetime:
    return datetime.now().astimezone()


@dataclass(frozen=True)
class Site:
    """What a running server consists of; at `request.app.state.site`."""

    settings: Settings
    keys: Keys
    database: Database
    writer: Writer
    settler: Settler
    hall: Hall
    links: Links
    renderer: Renderer
    health: Health
    edits: Edits
    """What the events' files say now, whatever is in force."""
    clock: Callable[[], datetime] = _now
    """In the server's own time zone: its days end when the event's do."""


def site_of(connection: HTTPConnection) -> Site:
    """The site that a request or a socket came to."""
    site: Site = connection.app.state.site
    return site


def is_https(connection: HTTPConnection) -> bool:
    """Whether this request came in behind TLS: by the public address, where that has it. Nobody but the operator
    says so: no header of a client's, and not the loopback address beside it."""
    public = urlsplit(public_origin(site_of(connection).settings))
    return public.scheme == "https" and connection.headers.get("host", "") == public.netloc


def public_origin(settings: Settings) -> str:
    """The public address as browsers write an Origin, "" where there is none."""
    parts = urlsplit(settings.public_url or "")
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}" if parts.hostname else ""


def language_of(connection: HTTPConnection, event: Event | None = None) -> str:
    """The language for this person: chosen (?lang, then cookie), else the browser's, else the event's first."""
    chosen = chosen_language(connection)
    if chosen:
        return chosen
    kept = connection.cookies.get(LANGUAGE_COOKIE)
    if kept in LANGUAGES:
        return kept
    spoken = LANGUAGES if event is None else event.languages
    for language in _accepted(connection.headers.get("accept-language", "")):
        if language in spoken:
            return language
    return spoken[0]


def chosen_language(connection: HTTPConnection) -> str | None:
    """What `?lang=` asks for, if it is a language that there is."""
    asked = connection.query_params.get("lang")
    return asked if asked in LANGUAGES else None


def _accepted(header: str) -> Sequence[str]:
    """The languages that a browser asks for, best first."""
    weighed = []
    for part in header[:200].split(","):
        tag, _, weight = part.partition(";q=")
        try:
            weighed.append((-float(weight or 1), tag.strip().lower()[:2]))
        except ValueError:
            continue
    return [language for _, language in sorted(weighed, key=lambda pair: pair[0])]
