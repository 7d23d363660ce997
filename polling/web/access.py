"""Who may come in: a phone by the secret in its cookie, staff by a link that is exchanged for a pass."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.event import Event, SessionPlan, WorkingGroup
from polling.core.links import Link, has_ended, of_what
from polling.store.links import LinkUse, record_uses
from polling.web.site import Site, is_https, site_of

PARTICIPANT = "polling-participant"
PARTICIPANT_PATH = "/p/"
"""So that the cookie reaches no signing form."""
PARTICIPANT_DAYS = 90
ROOM_DAYS = 7
PASS_DAYS = 30

PAGES: Mapping[str, str] = {
    "moderator": "/m/{event}/{session}",
    "presenter": "/s/{event}/{session}",
    "organiser": "/o/{event}",
    "working-group": "/w/{event}/{session}",
}
"""Where each staff role's pages are; a working group stands in the place of a session. A link is that address with
the key as its fragment. A presenter's for no session is the screen in the hall."""


def address_of(role: str, event: str, session: str) -> str:
    """A role's page."""
    return PAGES[role].format(event=event, session=session).rstrip("/")


Room = SessionPlan | WorkingGroup
"""What a role's pages are for, where they are not for the whole event."""


class NoPass(Exception):
    """Staff without a pass: the page asks for the key (errors.py)."""

    def __init__(self, role: str, event: Event, session: Room | None, refused: Code | None = None) -> None:
        super().__init__(role)
        self.role = role
        self.event = event
        self.session = session
        self.refused = refused


@dataclass(frozen=True)
class Participant:
    """A phone. `cookie`: what to set on the answer, where it came without one."""

    secret: bytes
    cookie: str | None = None


# phones


def participant_of(connection: HTTPConnection) -> bytes | None:
    """The phone's secret; None where it has none of ours."""
    return site_of(connection).keys.participant(connection.cookies.get(_participant_name(connection), ""))


def admit(connection: HTTPConnection) -> Participant:
    """The phone's secret, a new one where it has none."""
    known = participant_of(connection)
    if known is not None:
        return Participant(known)
    chance = secrets.token_bytes(16)
    value = site_of(connection).keys.new_participant(chance)
    cookie = _cookie(connection, _participant_name(connection), value, PARTICIPANT_PATH, PARTICIPANT_DAYS)
    return Participant(chance, cookie)


def remember(response: Response, participant: Participant) -> None:
    """Sets the phone's cookie on `response`, if it has none yet."""
    if participant.cookie is not None:
        response.headers.append("set-cookie", participant.cookie)


def own_room(connection: HTTPConnection, event: str) -> str:
    """The break-out that the phone says is its own, "" where it has none. Kept by the phone and nowhere else."""
    return connection.cookies.get(_room_name(connection, event), "")


def remember_room(connection: HTTPConnection, response: Response, event: str, session: str) -> None:
    """Has the phone keep its break-out."""
    cookie = _cookie(connection, _room_name(connection, event), session, PARTICIPANT_PATH, ROOM_DAYS)
    response.headers.append("set-cookie", cookie)


def _room_name(connection: HTTPConnection, event: str) -> str:
    return f"{'__Secure-' if is_https(connection) else ''}polling-room-{event}"


def _participant_name(connection: HTTPConnection) -> str:
    return f"__Secure-{PARTICIPANT}" if is_https(connection) else PARTICIPANT


# staff


def pass_of(connection: HTTPConnection, role: str, event: str, session: str = "") -> Link | None:
    """The link by which this browser may see the role's pages: the role's, or the organiser's, which opens all of its
    event. None: it may not."""
    for each in ((role, event, session), ("organiser", event, "")):
        link = _held(connection, *each)
        if link is not None and why_not(site_of(connection), link) is None:
            return link
    return None


def may(connection: HTTPConnection, role: str, event: str, session: str = "") -> bool:
    """Whether this browser has a pass for the role's pages."""
    return pass_of(connection, role, event, session) is not None


def require(request: Request, role: str, event: Event, session: Room | None = None) -> Link:
    """The link by which this browser may see the role's pages; raises `NoPass` if it may not."""
    name = session.id if session else ""
    link = pass_of(request, role, event.event, name)
    if link is not None:
        return link
    held = _held(request, role, event.event, name)
    raise NoPass(role, event, session, why_not(site_of(request), held) if held else None)


def why_not(site: Site, link: Link) -> Code | None:
    """Why a link opens nothing now; None: it is in force."""
    if not site.links.in_force(link):
        return Code.LINK_REVOKED
    event = site.hall.events.get(link.event)
    if event is not None and has_ended(link.role, event, site.clock().date()):
        return Code.LINK_ENDED
    return None


async def exchange(request: Request) -> Response:
    """POST /pass: the key of a link for a pass. The one place where a link is used; a GET leaves no trace."""
    form = await request.form()
    role, event_id, session_id, key = (str(form.get(name, "")) for name in ("role", "event", "session", "key"))
    site = site_of(request)
    event = site.hall.events.get(event_id)
    if role not in PAGES or event is None:
        raise Refused(Code.UNKNOWN_KEY)
    try:
        session = of_what(event, role, session_id)
    except KeyError:
        raise Refused(Code.UNKNOWN_KEY) from None
    link = _link_with(site, _key_in(key), role, event_id, session_id)
    refused = Code.UNKNOWN_KEY if link is None else why_not(site, link)
    if link is None or refused is not None:
        raise NoPass(role, event, session, refused)
    with suppress(Refused):  # a database that is full keeps nobody out
        await site.writer.do(record_uses, LinkUse(link, site.clock().timestamp()))
    response = RedirectResponse(address_of(role, event_id, session_id), 303)
    hand_pass(request, response, link)
    return response


def hand_pass(connection: HTTPConnection, response: Response, link: Link) -> None:
    """Sets the pass of `link` on `response`."""
    where = (link.role, link.event, link.session)
    value = site_of(connection).keys.new_pass(*where, link.number, link.generation)
    cookie = _cookie(connection, _pass_name(connection, *where), value, "/", PASS_DAYS)
    response.headers.append("set-cookie", cookie)


def _held(connection: HTTPConnection, role: str, event: str, session: str) -> Link | None:
    """The link that this browser's pass was given for, whatever became of it since."""
    cookie = connection.cookies.get(_pass_name(connection, role, event, session), "")
    told = site_of(connection).keys.pass_of(cookie, role, event, session)
    if told is None:
        return None
    number, generation = told
    now = site_of(connection).links.find(event, role, session, number)
    return Link(event, role, session, number, now.name if now else "", generation)


def _link_with(site: Site, key: str, role: str, event: str, session: str) -> Link | None:
    """The link that has this key, also one of before; each is looked at, so that time tells nothing."""
    found = None
    for link in site.links.of(event, role, session):
        for generation in range(1, link.generation + 1):
            if site.keys.is_link_key(key, role, event, session, link.number, generation):
                found = Link(event, role, session, link.number, link.name, generation)
    return found


def _key_in(pasted: str) -> str:
    """The key, also where the whole link was pasted."""
    return pasted.rpartition("#")[2].strip()


def _pass_name(connection: HTTPConnection, role: str, event: str, session: str) -> str:
    name = f"polling-pass-{role}-{event}.{session}"  # ids hold no full stop: so no two are alike
    return f"__Host-{name}" if is_https(connection) else name


def _cookie(connection: HTTPConnection, name: str, value: str, path: str, days: int) -> str:
    secure = "; Secure" if is_https(connection) else ""
    return f"{name}={value}; Path={path}; Max-Age={days * 86400}; HttpOnly; SameSite=Lax{secure}"


routes = [Route("/pass", exchange, methods=["POST"])]
