"""What the pages of moderator, presenter and organiser share: the room of an address, and the links that lead there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from polling.core import links
from polling.core.event import Event, SessionPlan
from polling.core.links import Link
from polling.live.room import Room
from polling.web.access import address_of
from polling.web.site import Site, site_of

MEDIA: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Doors:
    """The ways into a session, or into the event as a whole (`session` None; then only for phones)."""

    session: SessionPlan | None
    code: str
    join_url: str
    moderator: str = ""
    presenter: str = ""


def room_of(request: Request) -> Room:
    """The room that the address names; 404 if there is none."""
    try:
        return site_of(request).hall.room(request.path_params["event"], request.path_params["session"])
    except KeyError:
        raise HTTPException(404) from None


def event_of(request: Request) -> Event:
    """The event that the address names; 404 if there is none."""
    event = site_of(request).hall.events.get(request.path_params["event"])
    if event is None:
        raise HTTPException(404)
    return event


def link(site: Site, role: str, event: str, session: str = "", number: int = 0) -> str:
    """A role's link as it is in force: its page, with the key as the fragment. Derived, so that it can be printed
    again. `session` is what the role is for: a session, or a working group; `number` 0: the role's own."""
    found = site.links.find(event, role, session, number) or site.links.own(event, role, session)
    return link_url(site, found)


def link_url(site: Site, found: Link) -> str:
    """What is printed, copied or scanned."""
    page = address_of(found.role, found.event, found.session)
    key = site.keys.link_key(found.role, found.event, found.session, found.number, found.generation)
    return f"{site.settings.base_url}{page}#{key}"


AT_THE_SCREEN = ", at the big screen"
"""Where a clicker's commands come from, in the list of commands."""


def who(site: Site, found: Link | None) -> str:
    """Whom a command is from, as the list of commands keeps it: by the link that its giver came in by."""
    event = site.hall.events.get(found.event) if found else None
    return links.who(event, found) if found and event else ""


def file_to_keep(name: str, content: bytes) -> Response:
    """A file to download. Names hold ids only, so that they need no quoting."""
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, headers=headers, media_type=MEDIA[name.rpartition(".")[2]])


def doors(site: Site, event: Event) -> list[Doors]:
    """The event's own way in, and those of each session in its order."""
    code = site.hall.code(event.event)
    found = [Doors(None, code, site.hall.join_url(code))]
    for session in event.sessions:
        code = site.hall.code(event.event, session.id)
        ways = [link(site, role, event.event, session.id) for role in ("moderator", "presenter")]
        found.append(Doors(session, code, site.hall.join_url(code), *ways))
    return found
