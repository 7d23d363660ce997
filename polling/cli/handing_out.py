"""What is handed out: links and codes for people, and our own copy of htmx for halls without internet."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import secrets
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from polling.cli.common import EVENT_HELP, Failed, folder_of, opened, out, settings
from polling.core import links as core
from polling.core.errors import Refused
from polling.core.event import Event
from polling.core.files.loading import load_event
from polling.core.keys import Keys, join_codes
from polling.rendering import HTMX_CDN, HTMX_HASH, HTMX_VERSION
from polling.settings import Settings, server_keys
from polling.store.database import looked_at
from polling.store.links import COMMAND_LINE, LinkOrder, change_links, kept_links
from polling.store.writer import Writer
from polling.web.access import address_of

HTMX_FILE = "htmx.min.js"
_IN_PACKAGE = f"package/dist/{HTMX_FILE}"


@dataclass(frozen=True)
class Link:
    """A way in. `session` "" is the event's own, and for a working group it is the group; staff come in by the link
    alone, so `code` is "". `number` 0 is a role's own link, others have a name. `url` "": it was revoked."""

    role: str
    session: str
    url: str
    code: str
    number: int = 0
    name: str = ""


def links_of(event: Event, keys: Keys, base: str, kept: Sequence[core.Link] = ()) -> list[Link]:
    """Every way in to an event. They follow from the server's secret, so that they can be printed again. `kept`: those
    that were named, revoked or replaced."""
    codes = codes_of(event, keys)
    found = [Link("participant", session, f"{base}/j/{code}", code) for session, code in codes.items()]
    for role, session in _places(event):
        named = [each for each in kept if each.place[1:3] == (role, session) and each.number and each.name]
        for each in (own_link(event.event, role, session, kept), *named):
            found.append(Link(role, session, _url(each, keys, base), "", each.number, each.name))
    return found


def own_link(event_id: str, role: str, session: str, kept: Sequence[core.Link]) -> core.Link:
    """A role's own link, as it is in force."""
    own = core.Link(event_id, role, session)
    return next((each for each in kept if each.place == own.place), own)


def _places(event: Event) -> list[tuple[str, str]]:
    """Role by role, with the organiser last, where it is seen."""
    order = ("presenter", "moderator", "working-group", "organiser")
    return sorted(core.places(event), key=lambda place: order.index(place[0]))


def _url(link: core.Link, keys: Keys, base: str) -> str:
    key = keys.link_key(link.role, link.event, link.session, link.number, link.generation)
    return "" if link.revoked else f"{base}{address_of(link.role, link.event, link.session)}#{key}"


def kept_links_of(chosen: Settings, event_id: str) -> list[core.Link]:
    """What became of an event's links, as the database has it, which is only looked at."""
    if not chosen.database_path.exists():
        return []
    try:
        with looked_at(chosen.database_path) as connection:
            return kept_links(connection, event_id)
    except DBAPIError:  # it is none, or of an older version
        return []


def codes_of(event: Event, keys: Keys) -> Mapping[str, str]:
    """Session → join code; "" for the event's own."""
    return join_codes(keys, event.event, [session.id for session in event.sessions], set())


def organiser_link(event_id: str, keys: Keys, base: str, kept: Sequence[core.Link] = ()) -> str:
    """The organiser's link: it opens every page of the event's staff. "": it was revoked."""
    return _url(own_link(event_id, "organiser", "", kept), keys, base)


def links(
    event: Annotated[str, typer.Argument(metavar="EVENT", help=EVENT_HELP)],
    as_json: Annotated[
        bool, typer.Option("--json", help="As JSON: a list of role, session, url, code, number and name.")
    ] = False,
    replace: Annotated[
        str | None,
        typer.Option(
            metavar="ROLE/SESSION",
            help="Make a new link in the place of this one, which stops: organiser, moderator/hall, moderator/hall/1.",
        ),
    ] = None,
) -> None:
    """Print the links and join codes of an event. Keep them apart from its answers: they let people in."""
    chosen = settings()
    loaded, keys = load_event(folder_of(event)), server_keys(chosen)
    if replace is not None:
        _replace(chosen, loaded, replace)
    found = links_of(loaded, keys, chosen.base_url, kept_links_of(chosen, loaded.event))
    if replace is not None:
        role, session, number = _meant(loaded, replace)
        found = [link for link in found if (link.role, link.session, link.number) == (role, session, number)]
    if as_json:
        typer.echo(json.dumps([asdict(link) for link in found], indent=2))
    else:
        print_links(found)


def _replace(chosen: Settings, event: Event, wanted: str) -> None:
    """A running server hears of it within seconds, and closes what is open by the old link."""
    role, session, number = _meant(event, wanted)
    asked = core.LinkChange(event.event, role, session, core.LinkVerb.REPLACE, number)
    with opened(chosen) as database:
        try:
            Writer(database).run(change_links, [LinkOrder(f"cli-{secrets.token_hex(16)}", asked, COMMAND_LINE)])
        except Refused:
            raise Failed(
                f"there is no link {wanted}: polling links {event.event} prints those that there are"
            ) from None


def _meant(event: Event, wanted: str) -> tuple[str, str, int]:
    """Role, session and number of organiser, organiser/2, moderator/hall or moderator/hall/1."""
    role, *rest = wanted.split("/")
    number = int(rest.pop()) if rest and rest[-1].isascii() and rest[-1].isdigit() else 0
    session = rest[0] if rest else ""
    if len(rest) > 1 or (role, session) not in core.places(event):
        known = ", ".join("/".join(filter(None, place)) for place in core.places(event))
        raise Failed(f"there is no link {wanted}: it is one of {known}, and a number after it for one with a name")
    return role, session, number


def print_links(found: list[Link]) -> None:
    """Links in columns, each on a line that no terminal's width cuts, so that it can be copied."""
    rows = [("role", "session", "code", "link")]
    rows += [(_title(link), link.session or "(event)", link.code, link.url or "(revoked)") for link in found]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for role, session, code, url in rows:
        out.print(f"{role:<{widths[0]}}  {session:<{widths[1]}}  {code:<{widths[2]}}  {url}", markup=False)


def _title(link: Link) -> str:
    named = f" {link.number}" if link.number else ""
    return f"{link.role}{named}" + (f" {link.name}" if link.name else "")


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
