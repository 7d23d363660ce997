"""A real server in a thread, with a small event, and the clients that talk to it: for tests of pages and sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from email.message import Message
from pathlib import Path
from typing import Any, TypeVar

import yaml
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from polling.cli.serve import ServeFailed, running
from polling.core.poll import PollKey
from polling.live.frame import Form
from polling.settings import load_settings
from polling.web.site import Site

CAKE, TOPPINGS, IDEA, NEWS = (PollKey("cakes", name) for name in ("cake", "toppings", "idea", "news"))

EVENT = {
    "event": "tea",
    "title": {"en": "Tea", "nl": "Thee"},
    "languages": ["en", "nl"],
    "privacy": {
        "smallest_group": 1,
        "seal_after_minutes": 60,
        "contacts_until": date(2099, 3, 1),
        "controller": "The tea room",
    },
    "working_groups": [{"id": "bakers", "title": "Bakers"}],
    "sessions": [
        {"id": "hall", "kind": "plenary", "title": "Hall", "sets": ["cakes"]},
        {"id": "annex", "kind": "break-out", "title": "Annex", "sets": ["cakes"]},
    ],
}
CAKES = {
    "set": "cakes",
    "title": "Cakes",
    "questions": [
        {
            "id": "cake",
            "type": "choice",
            "title": {"en": "Which cake?", "nl": "Welke taart?"},
            "contact": "offer",
            "working_group": "bakers",
            "options": [
                {"id": "apple", "text": "Apple"},
                {"id": "plum", "text": "Plum"},
                {"id": "other", "text": "Other", "other": True},
            ],
        },
        {
            "id": "toppings",
            "type": "choices",
            "title": "Which toppings?",
            "max": 2,
            "options": [{"id": name, "text": name} for name in ("cream", "sugar", "nuts")],
        },
        {"id": "idea", "type": "text", "title": "Any idea?", "contact": "offer", "working_group": "bakers"},
        {"id": "news", "type": "info", "title": "News"},
    ],
}

T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    """What came back over HTTP. No redirect is followed."""

    status: int
    headers: Message
    text: str

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


@dataclass
class Served:
    """The server, and ways to talk to it."""

    url: str
    site: Site

    @property
    def address(self) -> str:
        """Host and port."""
        return self.url.removeprefix("http://")

    def code(self, session: str = "hall") -> str:
        """A session's join code."""
        return self.site.hall.code("tea", session)

    def pass_cookie(self, role: str, session: str = "hall", event: str = "tea") -> str:
        """The cookie of someone who came in by a role's link."""
        session = "" if role == "organiser" else session
        return f"polling-pass-{role}-{event}.{session}={self.site.keys.new_pass(role, event, session)}"

    def phone_cookie(self, number: int) -> str:
        """The cookie of one phone."""
        return f"polling-participant={self.site.keys.new_participant(number.to_bytes(16, 'big'))}"

    async def ask(
        self, path: str, *, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One request."""
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=dict(headers or {}))
        return await asyncio.to_thread(_ask, request)

    async def on_server(self, work: Coroutine[Any, Any, T]) -> T:
        """Does something in the server's own loop."""
        loop = self.site.writer._loop
        assert loop is not None
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))

    @asynccontextmanager
    async def socket(
        self,
        path: str,
        *,
        cookie: str | None = None,
        form: Form | None = Form.JSON,
        origin: str | None = "",
        **more: Any,
    ) -> AsyncIterator[Talk]:
        """A socket, from the server's own origin unless told otherwise. `name`: the Host to ask it by."""
        headers = {"Cookie": cookie} if cookie else {}
        host, _, port = self.address.partition(":")
        async with connect(
            f"ws://{more.pop('name', self.address)}{path}",
            host=host,
            port=int(port),
            origin=Origin(self.url if origin == "" else origin) if origin is not None else None,
            subprotocols=[Subprotocol(form)] if form else None,
            additional_headers=headers | more.pop("headers", {}),
            compression=None,
            **more,
        ) as connection:
            yield Talk(connection)

    def phone(self, number: int = 1, session: str = "hall", **more: Any) -> Any:
        """A phone's socket."""
        more.setdefault("cookie", self.phone_cookie(number))
        return self.socket(f"/p/{self.code(session)}/socket", **more)

    def moderator(self, session: str = "hall", **more: Any) -> Any:
        """A moderator's socket."""
        more.setdefault("cookie", self.pass_cookie("moderator", session))
        return self.socket(f"/m/tea/{session}/socket", **more)


class Talk:
    """What is said over one socket, by its test."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.regions: dict[str, list[Any]] = {}
        self.clock: float | None = None  # the server's own, as told

    async def say(self, message: Mapping[str, Any] | str) -> None:
        """Sends a message."""
        await self.connection.send(message if isinstance(message, str) else json.dumps(message))

    async def hear(self) -> Any:
        """The next message but the clock: JSON, or a frame's HTML."""
        text = str(await asyncio.wait_for(self.connection.recv(), 10))
        message = json.loads(text) if text.startswith("{") else text
        if isinstance(message, dict) and message.get("type") == "clock":
            self.clock = message["now"]
            return await self.hear()
        if isinstance(message, dict) and message.get("type") == "region":
            self.regions.setdefault(message["region"], []).append(message)
        return message

    async def answer(self, message: Mapping[str, Any] | str) -> Any:
        """Sends a message, and gives the answer to it; frames on the way are kept."""
        await self.say(message)
        while True:
            heard = await self.hear()
            if isinstance(heard, dict) and heard["type"] != "region":
                return heard

    async def region(self, name: str) -> Any:
        """The next frame of a region."""
        while True:
            heard = await self.hear()
            if isinstance(heard, dict) and heard.get("region") == name:
                return heard

    async def until(self, name: str, **wanted: Any) -> Any:
        """The first frame of a region whose value says so, those already heard included."""
        frames = list(self.regions.get(name, []))[-1:]
        while True:
            for frame in frames:
                if all(frame["value"][key] == value for key, value in wanted.items()):
                    return frame
            frames = [await self.region(name)]

    async def cast(self, poll: PollKey, *picks: str, revision: int | None = 1, **more: Any) -> Any:
        """Casts, and gives the acknowledgement."""
        message = {"type": "cast", "id": f"cast-{revision}", "poll": str(poll), "revision": revision}
        return await self.answer(message | {"picks": list(picks)} | more)

    async def command(self, verb: str, based_on: int, poll: PollKey | None = None, **more: Any) -> Any:
        """Commands, and gives the answer."""
        message = {"type": "command", "id": f"{verb}-{based_on}", "verb": verb, "based_on": based_on}
        return await self.answer(message | ({"poll": str(poll)} if poll else {}) | more)

    async def closed(self) -> int | None:
        """Reads until the server closes it; its code."""
        with suppress(ConnectionClosed):
            async for _ in self.connection:
                pass
        return self.connection.close_code


async def until(so: Callable[[], bool], seconds: float = 20) -> None:
    """Waits until something is so."""
    async with asyncio.timeout(seconds):
        while True:
            if so():
                return
            await asyncio.sleep(0.005)


def write_event(folder: Path, event: Mapping[str, Any] = EVENT) -> Path:
    """Writes the event's folder under `folder`."""
    place = folder / str(event["event"])
    place.mkdir(parents=True)
    (place / "event.yaml").write_text(yaml.safe_dump(dict(event)))
    (place / "cakes.yaml").write_text(yaml.safe_dump(CAKES))
    return place


@contextmanager
def serving(place: Path, event: Mapping[str, Any] = EVENT, **settings: Any) -> Iterator[Served]:
    """Serves the event from a database in `place`."""
    if not (place / "questionsets").exists():
        write_event(place / "questionsets", event)
    with ExitStack() as open_server:
        chosen = {"secret": "a secret of thirty-two characters", "host": "127.0.0.1"} | settings
        places = {"questionsets": place / "questionsets", "database_url": f"sqlite:///{place}/tea.db"}
        for attempt in range(5):
            try:
                server = open_server.enter_context(
                    running(load_settings({}, **chosen | places | {"port": free_port()}))
                )
                break
            except ServeFailed:  # someone else took the port meanwhile
                if attempt == 4:
                    raise
        yield Served(server.url, server.app.state.site)


def raw_socket(port: int, path: str = "/", headers: str = "") -> socket.socket:
    """A WebSocket that is opened and then not read; what its kernel takes meanwhile is little."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    raw.settimeout(10)
    raw.connect(("127.0.0.1", port))
    raw.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n".encode()
    )
    return raw


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ask(request: urllib.request.Request) -> Reply:
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=20) as answer:
            return Reply(answer.status, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read().decode())
