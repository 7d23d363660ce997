"""Who may come in: a phone by the secret in its cookie, staff by a link that is exchanged for a pass."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code, Refused
from polling.core.event import Event, SessionPlan, WorkingGroup
from polling.web.site import is_https, site_of

PARTICIPANT = "polling-participant"
PARTICIPANT_PATH = "/p/"
"""So that the cookie reaches no signing form."""
PARTICIPANT_DAYS = 90
PASS_DAYS = 30

PAGES: Mapping[str, str] = {
    "moderator": "/m/{event}/{session}",
    "presenter": "/s/{event}/{session}",
    "organiser": "/o/{event}",
    "working-group": "/w/{event}/{session}",
}
"""Where each staff role's pages are; a working group stands in the place of a session. A link is that address with
the key as its fragment."""

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


def _participant_name(connection: HTTPConnection) -> str:
    return f"__Secure-{PARTICIPANT}" if is_https(connection) else PARTICIPANT


# staff


def may(connection: HTTPConnection, role: str, event: str, session: str = "") -> bool:
    """Whether this browser has a pass for the role's pages. An organiser's opens all of its event."""
    keys = site_of(connection).keys
    roles = {(role, event, session), ("organiser", event, "")}
    return any(keys.is_pass(connection.cookies.get(_pass_name(connection, *each), ""), *each) for each in roles)


def require(request: Request, role: str, event: Event, session: Room | None = None) -> None:
    """Raises `NoPass` unless this browser has a pass for the role's pages."""
    if not may(request, role, event.event, session.id if session else ""):
        raise NoPass(role, event, session)


async def exchange(request: Request) -> Response:
    """POST /pass: the key of a link for a pass."""
    form = await request.form()
    role, event_id, session_id, key = (str(form.get(name, "")) for name in ("role", "event", "session", "key"))
    site = site_of(request)
    event = site.hall.events.get(event_id)
    if role not in PAGES or event is None:
        raise Refused(Code.UNKNOWN_KEY)
    rooms: Sequence[Room] = event.working_groups if role == "working-group" else event.sessions
    session = next((room for room in rooms if room.id == session_id), None)
    if (session is None) != (role == "organiser"):
        raise Refused(Code.UNKNOWN_KEY)
    if not site.keys.is_link_key(_key_in(key), role, event_id, session_id):
        raise NoPass(role, event, session, Code.UNKNOWN_KEY)
    response = RedirectResponse(PAGES[role].format(event=event_id, session=session_id), 303)
    name, value = _pass_name(request, role, event_id, session_id), site.keys.new_pass(role, event_id, session_id)
    response.headers.append("set-cookie", _cookie(request, name, value, "/", PASS_DAYS))
    return response


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
