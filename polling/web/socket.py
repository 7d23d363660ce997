"""Sockets: one for each page. Frames go out to it; answers and commands come in, and each is answered."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from polling.core.ballot import Fate
from polling.core.errors import Code, Refused
from polling.core.links import Link
from polling.core.poll import Command, PollKey
from polling.live.frame import Form
from polling.live.lobby import Lobby
from polling.live.overview import Overview
from polling.live.room import Room
from polling.live.screens import Screen
from polling.rendering import sentence
from polling.web.access import admit, pass_of, why_not
from polling.web.acknowledging import acknowledge, why
from polling.web.choosing import come_in
from polling.web.commanding import command
from polling.web.messages import CastMessage, CommandMessage, Unreadable, read_message
from polling.web.regions import clock
from polling.web.site import Site, language_of, site_of
from polling.web.staff import AT_THE_SCREEN, who
from polling.web.too_late import why_refused

log = logging.getLogger(__name__)
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

NO_PASS, UNKNOWN, NO_PROTOCOL = 4401, 4404, 4406
"""Codes that a socket is closed with for good: trying again would not help."""
TOO_FAST, BROKEN = 1008, 1011
PHONE_SOCKETS = 12
"""So many sockets one phone may have in a room: tabs, and those that it lost without knowing."""


class Turned(Exception):
    """This socket leads nowhere: it is closed with `code`, and `reason` for who wrote the client."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Door:
    """What a socket may do: where it leads, as whom, and what to set on the way in. `sees`, `commands`: the links by
    which staff came in; when one of them stops, so does the socket."""

    role: str
    watched: Room | Overview | Lobby
    phone: bytes | None = None
    sees: Link | None = None
    commands: Link | None = None
    cookie: str | None = None

    @property
    def links(self) -> set[Link]:
        """What it hangs on."""
        return {link for link in (self.sees, self.commands) if link is not None}


class Endpoint:
    """The ASGI application of one role's sockets: it hands the server's own `send` to the screen, unwrapped."""

    def __init__(self, role: str) -> None:
        self._role = role

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        try:
            door = open_door(socket, self._role)
            form = _form(socket)
        except Turned as turned:
            await socket.accept(next(iter(scope["subprotocols"]), None))  # a browser hears the code only so
            await socket.close(turned.code, turned.reason)
            return
        headers = [(b"set-cookie", door.cookie.encode())] if door.cookie else []
        await socket.accept(form.value if scope["subprotocols"] else None, headers)
        conversation = Conversation(site_of(socket), door, language_of(socket, door.watched.event), send)
        screen = Screen(send, door.role, form, conversation.language)
        hang_up = HangUp(socket, door, screen)
        screen.hang_up = lambda: hang_up(UNKNOWN, "this session is no longer there")
        if door.links:
            site_of(socket).links.enter(door.links, hang_up)
        try:
            await conversation.tell_clock()
            _join(door, screen)
            await conversation.hold(receive)
        except Turned as turned:
            await _close(socket, turned.code, turned.reason)
        except Exception:
            log.exception("a %s's socket failed", door.role)
            await _close(socket, BROKEN, "something went wrong on our side")
        finally:
            door.watched.leave(screen)
            site_of(socket).links.leave(hang_up)


def open_door(socket: WebSocket, role: str) -> Door:
    """Where a socket leads; raises `Turned`."""
    site, path = site_of(socket), socket.path_params
    if role == "participant":
        return _phone_door(socket)
    event, session = path["event"], path.get("session", "")
    try:
        watched = _watched(site, role, event, session)
    except KeyError:
        raise Turned(UNKNOWN, "no such event or session") from None
    sees = pass_of(socket, role, event, session)
    if sees is None:
        raise Turned(NO_PASS, "no pass: come in by the link")
    commands = pass_of(socket, "moderator", event, session) if isinstance(watched, Room) else None
    return Door("hall" if isinstance(watched, Lobby) else role, watched, sees=sees, commands=commands)


def _phone_door(socket: WebSocket) -> Door:
    site = site_of(socket)
    found = site.hall.by_code(socket.path_params["code"])
    if found is None:
        raise Turned(UNKNOWN, "no event or session has this code")
    participant = admit(socket)
    place = site.hall.room(*found) if found[1] else site.hall.lobby(found[0])
    if place.sockets_of(participant.secret) >= PHONE_SOCKETS:
        raise Turned(TOO_FAST, "too many sockets of one phone")
    if isinstance(place, Room):
        come_in(socket, place, participant.secret)
    role = "participant" if isinstance(place, Room) else "chooser"
    return Door(role, place, phone=participant.secret, cookie=participant.cookie)


def _watched(site: Site, role: str, event: str, session: str) -> Room | Overview | Lobby:
    """What staff watch at this address; KeyError if there is no such."""
    if session:
        return site.hall.room(event, session)
    return site.hall.lobby(event) if role == "presenter" else site.hall.overview(event)


def _form(socket: WebSocket) -> Form:
    offered = socket.scope["subprotocols"]
    if not offered:
        return Form.HTML
    for protocol in offered:
        if protocol in set(Form):
            return Form(protocol)
    raise Turned(NO_PROTOCOL, f"speak {Form.HTML} or {Form.JSON}")


def _join(door: Door, screen: Screen) -> None:
    if isinstance(door.watched, Room | Lobby):
        door.watched.join(screen, door.phone)
    else:
        door.watched.join(screen)


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    with suppress(OSError, RuntimeError):  # it is closed already
        await socket.close(code, reason)


class HangUp:
    """Ends a socket whose link was revoked or replaced, or has ended, or whose session is gone: it is shown nothing
    more, and told so."""

    def __init__(self, socket: WebSocket, door: Door, screen: Screen) -> None:
        self._socket = socket
        self._door = door
        self._screen = screen
        self._closing: asyncio.Task[None] | None = None

    def __call__(self, code: int = NO_PASS, reason: str = "this link is no longer in force") -> None:
        if self._closing is None:
            self._door.watched.leave(self._screen)
            self._closing = asyncio.create_task(_close(self._socket, code, reason))


class Pulse:
    """How fast messages may come: `burst` at once, `rate` a second in the long run."""

    def __init__(self, rate: float = 50, burst: float = 150) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = burst, asyncio.get_running_loop().time()

    def beat(self) -> bool:
        """Whether one more is within it."""
        now = asyncio.get_running_loop().time()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        self._left -= 1
        return self._left >= 0


class Conversation:
    """What is said over one socket, beside the frames."""

    def __init__(self, site: Site, door: Door, language: str, send: Send) -> None:
        self.language = language
        self._site = site
        self._door = door
        self._send = send

    async def tell_clock(self) -> None:
        """What the ends of timers are counted by."""
        await self._say({"type": "clock", "now": clock()})

    async def hold(self, receive: Receive) -> None:
        """Answers one message after the other until the socket is closed. So a client that does not wait for
        answers waits at its own end."""
        pulse = Pulse()
        while (message := await receive())["type"] == "websocket.receive":
            if not pulse.beat():
                raise Turned(TOO_FAST, "too many messages")
            await self._answer(message.get("text"))

    async def _answer(self, text: str | None) -> None:
        try:
            if text is None:
                raise Unreadable("", "a message is JSON text")
            match read_message(text):
                case CastMessage() as sent:
                    await self._say(await self._cast(sent))
                case CommandMessage() as sent:
                    await self._say(await self._command(sent))
        except Unreadable as unreadable:
            told = {"message": sentence(Code.MALFORMED, self.language), "detail": str(unreadable)}
            await self._say({"type": "error", "code": Code.MALFORMED.value} | told)

    async def _cast(self, sent: CastMessage) -> dict[str, Any]:
        door = self._door
        if door.phone is None or not isinstance(door.watched, Room):
            refused = {"type": "ack", "id": sent.id, "poll": sent.poll, "fate": Fate.REFUSED.value}
            return refused | why(Refused(Code.NOT_ALLOWED), self.language)
        return await acknowledge(self._site, door.watched, door.phone, sent, self.language)

    async def _command(self, sent: CommandMessage) -> dict[str, Any]:
        room = self._door.watched
        try:
            giver = self._door.commands
            if giver is None or not isinstance(room, Room):
                raise Refused(Code.NOT_ALLOWED)
            if (ended := why_not(self._site, giver)) is not None:
                raise Refused(ended)
            poll = PollKey.from_text(sent.poll) if sent.poll is not None else None
            about = (sent.idea, sent.group, sent.twin, sent.seconds, sent.closes)
            asked = Command(sent.id, sent.verb, sent.based_on, poll, *about)
            outcome = await command(self._site, room, asked, self._who(giver))
        except Refused as refused:
            return self._refused(sent, _revision(room), refused)
        if outcome.code is not None:
            told = self._refused(sent, outcome.revision, Refused(outcome.code, revision=outcome.revision))
            return told | {"message": await why_refused(self._site, room, outcome, self.language)}
        return {"type": "done", "id": sent.id, "revision": outcome.revision}

    def _who(self, giver: Link) -> str:
        """By which link, and from where: a clicker is at the big screen."""
        return who(self._site, giver) + (AT_THE_SCREEN if self._door.role == "presenter" else "")

    def _refused(self, sent: CommandMessage, revision: int, refused: Refused) -> dict[str, Any]:
        return {"type": "refused", "id": sent.id, "revision": revision} | why(refused, self.language)

    async def _say(self, message: Mapping[str, Any]) -> None:
        text = _json(message)
        with suppress(OSError, RuntimeError):  # the socket is closed; nothing that counts depends on its hearing this
            await self._send({"type": "websocket.send", "text": text})


def _revision(watched: Room | Overview | Lobby) -> int:
    return watched.state.state.revision if isinstance(watched, Room) else 0


routes = [
    WebSocketRoute("/p/{code}/socket", Endpoint("participant")),
    WebSocketRoute("/m/{event}/{session}/socket", Endpoint("moderator")),
    WebSocketRoute("/s/{event}/{session}/socket", Endpoint("presenter")),
    WebSocketRoute("/s/{event}/socket", Endpoint("presenter")),
    WebSocketRoute("/o/{event}/socket", Endpoint("organiser")),
]
