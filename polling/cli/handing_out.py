"""What is handed out: links and codes for people, and our own copy of htmx for halls without internet."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from polling.cli.common import EVENT_HELP, Failed, folder_of, out, settings
from polling.core.event import Event
from polling.core.files.loading import load_event
from polling.core.keys import Keys, join_codes
from polling.rendering import HTMX_CDN, HTMX_HASH, HTMX_VERSION
from polling.settings import server_keys

HTMX_FILE = "htmx.min.js"
_IN_PACKAGE = f"package/dist/{HTMX_FILE}"


@dataclass(frozen=True)
class Link:
    """A way in. `session` "" is the event's own, and for a working group it is the group; staff come in by the link
    alone, so `code` is ""."""

    role: str
    session: str
    url: str
    code: str


def links_of(event: Event, keys: Keys, base: str) -> list[Link]:
    """Every way in to an event. They follow from the server's secret, so that they can be printed again."""
    codes = codes_of(event, keys)
    found = [Link("participant", session, f"{base}/j/{code}", code) for session, code in codes.items()]
    for role, letter in (("presenter", "s"), ("moderator", "m")):
        for session in event.sessions:
            key = keys.link_key(role, event.event, session.id)
            found.append(Link(role, session.id, f"{base}/{letter}/{event.event}/{session.id}#{key}", ""))
    for group in event.working_groups:
        key = keys.link_key("working-group", event.event, group.id)
        found.append(Link("working-group", group.id, f"{base}/w/{event.event}/{group.id}#{key}", ""))
    return [*found, Link("organiser", "", organiser_link(event.event, keys, base), "")]


def codes_of(event: Event, keys: Keys) -> Mapping[str, str]:
    """Session → join code; "" for the event's own."""
    return join_codes(keys, event.event, [session.id for session in event.sessions], set())


def organiser_link(event_id: str, keys: Keys, base: str) -> str:
    """The organiser's link: it opens every page of the event's staff."""
    return f"{base}/o/{event_id}#{keys.link_key('organiser', event_id, '')}"


def links(
    event: Annotated[str, typer.Argument(metavar="EVENT", help=EVENT_HELP)],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: a list of role, session, url and code.")] = False,
) -> None:
    """Print the links and join codes of an event. Keep them apart from its answers: they let people in."""
    chosen = settings()
    found = links_of(load_event(folder_of(event)), server_keys(chosen), chosen.base_url)
    if as_json:
        typer.echo(json.dumps([asdict(link) for link in found], indent=2))
    else:
        print_links(found)


def print_links(found: list[Link]) -> None:
    """Links in columns, each on a line that no terminal's width cuts, so that it can be copied."""
    rows = [("role", "session", "code", "link")]
    rows += [(link.role, link.session or "(event)", link.code, link.url) for link in found]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for role, session, code, url in rows:
        out.print(f"{role:<{widths[0]}}  {session:<{widths[1]}}  {code:<{widths[2]}}  {url}", markup=False)


def assets(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write to.")]) -> None:
    """Keep our own copy of htmx, its hash checked, for use without the CDN (POLLING_ASSETS=DIR)."""
    for source in _sources():
        if _hash(source) == HTMX_HASH:
            break
    else:
        raise Failed(
            f"htmx {HTMX_VERSION} could not be had, whole, by npm or from {HTMX_CDN}: "
            f"put its dist/{HTMX_FILE} into {folder} yourself, with the hash {HTMX_HASH}"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / HTMX_FILE).write_bytes(source)
    except OSError as error:
        raise Failed(f"{folder} can't be written to: {error.strerror or error}") from None
    out.print(f"{folder / HTMX_FILE} is htmx {HTMX_VERSION}. Serve it with POLLING_ASSETS={folder}", markup=False)


def _hash(content: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def _sources() -> Iterator[bytes]:
    """What the places give that may have htmx. What they say is not believed: the hash decides."""
    npm = shutil.which("npm")
    if npm is not None and (packed := _by_npm(npm)) is not None:
        yield packed
    try:
        with urllib.request.urlopen(HTMX_CDN, timeout=15) as answer:  # noqa: S310  # an https address of our own
            yield answer.read(1_000_000)
    except OSError:
        return


def _by_npm(npm: str) -> bytes | None:
    with tempfile.TemporaryDirectory() as place:
        command = [npm, "pack", f"htmx.org@{HTMX_VERSION}", "--pack-destination", place, "--silent"]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=60)  # noqa: S603  # nothing of a user's in it
            packed = next(Path(place).glob("*.tgz")).read_bytes()
            with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                member = archive.extractfile(_IN_PACKAGE)
                return member.read() if member is not None else None
        except (OSError, subprocess.SubprocessError, StopIteration, tarfile.TarError, KeyError):
            return None
