"""S12: strings that occur nowhere else go through a real server; then everything that it left behind is searched."""

from __future__ import annotations

import base64
import re
import secrets
import subprocess
import sys
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest
from server_process import ServerProcess, write_event
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

from polling.core.poll import PollKey, Verb
from polling.store.database import Database

EVENT: dict[str, Any] = {
    "event": "mine",
    "title": "The mine",
    "privacy": {"smallest_group": 1, "contacts_until": "2099-03-01", "controller": "The pit"},
    "working_groups": [{"id": "birds", "title": "Birds"}],
    "sessions": [{"id": "shaft", "kind": "plenary", "title": "Shaft", "sets": ["air"]}],
}
AIR: dict[str, Any] = {
    "set": "air",
    "title": "Air",
    "questions": [
        {
            "id": "bad",
            "type": "choice",
            "title": "Is it bad?",
            "options": [{"id": "yes", "text": "Yes"}, {"id": "no", "text": "No"}],
        },
        {"id": "why", "type": "text", "title": "Why?", "contact": "offer", "working_group": "birds"},
    ],
}
BAD, WHY = PollKey("air", "bad"), PollKey("air", "why")


@dataclass
class Canaries:
    """Name → the string as it went in, or as it came out and was used."""

    agent: str = f"canary-agent-{secrets.token_hex(8)}"
    query: str = f"canary-query-{secrets.token_hex(8)}"
    referrer: str = f"canary-referrer-{secrets.token_hex(8)}"
    forwarded: str = "203.0.113.77"
    email: str = f"canary-{secrets.token_hex(8)}@example.org"
    name: str = f"Canary {secrets.token_hex(8)}"
    text: str = f"a canary's idea {secrets.token_hex(8)}"
    other: dict[str, str] = field(default_factory=dict)

    def all(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if name != "other"} | self.other


@pytest.fixture
def canaries() -> Canaries:
    return Canaries()


class Visit:
    """One phone, with all that its browser tells of it."""

    def __init__(self, server: ServerProcess, canaries: Canaries) -> None:
        self.server, self.canaries = server, canaries
        self.headers = {
            "User-Agent": canaries.agent,
            "Referer": f"{server.url}/{canaries.referrer}",
            "X-Forwarded-For": canaries.forwarded,
            "Forwarded": f"for={canaries.forwarded}",
        }
        self.http = httpx2.AsyncClient(base_url=server.url, headers=self.headers, timeout=20)

    async def enter(self) -> None:
        code = self.server.code()
        answer = await self.http.get(f"/p/{code}", params={"from": self.canaries.query})
        assert answer.status_code == 200
        self.canaries.other |= {"the cookie": dict(self.http.cookies)["polling-participant"], "the join code": code}

    async def vote(self, poll: PollKey, pick: str = "", text: str = "") -> httpx2.Response:
        form = {"poll": str(poll)} | ({"pick": pick} if pick else {}) | ({"text.1": text} if text else {})
        return await self.http.post(f"/p/{self.server.code()}/vote", data=form)

    async def cast(self, message: str) -> str:
        """Over a socket, with the same headers."""
        cookie = f"polling-participant={self.canaries.other['the cookie']}"
        async with connect(
            f"ws://127.0.0.1:{self.server.port}/p/{self.server.code()}/socket?x={self.canaries.query}",
            origin=self.server.url,  # type: ignore[arg-type]
            subprotocols=["polling.json.v1"],  # type: ignore[list-item]
            user_agent_header=self.canaries.agent,
            additional_headers={"Cookie": cookie, "X-Forwarded-For": self.canaries.forwarded},
        ) as socket:
            await socket.send(message)
            async for heard in socket:
                if '"region"' not in str(heard) and '"clock"' not in str(heard):
                    return str(heard)
        return ""

    async def sign(self, page: str) -> str:
        """From the page that offers it to the private link's key."""
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        self.canaries.other["the claim"] = fields["claim"]
        form = await self.http.post("/sign", data=fields)
        fields |= {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form.text)}
        answer = await self.http.post(
            "/sign", data=fields | {"name": self.canaries.name, "email": self.canaries.email, "switch": ""}
        )
        key = re.search(r'data-private-key="([\w-]{22})"', answer.text)
        assert key, answer.text
        return key[1]


@contextmanager
def without(server: ServerProcess, table: str) -> Any:
    """A table is gone meanwhile, so that whatever needs it fails."""
    database = Database(server.environment["DATABASE_URL"])
    try:
        for old, new in ((table, "elsewhere"), ("elsewhere", table)):
            with database.write() as connection:
                connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")
            if new == "elsewhere":
                yield
    finally:
        database.close()


def hits(canaries: Mapping[str, str], content: bytes) -> set[str]:
    """The canaries that are in it: as text, or as the bytes that they stand for."""
    found = set()
    for name, canary in canaries.items():
        forms = {canary.encode()}
        if name.startswith("the ") and len(canary) >= 22:
            raw = base64.urlsafe_b64decode(canary + "=" * (-len(canary) % 4))
            forms |= {raw, raw[:16]} if len(raw) >= 16 else set()
        if any(form in content for form in forms):
            found.add(name)
    return found


def files_of(server: ServerProcess) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(server.place.glob("polling.db*")))


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def run(server: ServerProcess, *command: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "polling", *command], env=server.environment, capture_output=True, timeout=60, check=True
    )
    return done.stdout + done.stderr


@pytest.mark.promise("S12")
@pytest.mark.promise("P08")
async def test_nothing_that_a_phone_tells_of_itself_is_left_behind(tmp_path: Path, canaries: Canaries) -> None:
    write_event(tmp_path / "questionsets", EVENT, AIR)
    server = ServerProcess(tmp_path, event="mine", session="shaft", forks=True)
    try:
        await server.start()
        keys = {role: server.keys.link_key(role, "mine", "shaft") for role in ("moderator", "presenter")}
        canaries.other |= {f"the {role}'s key": key for role, key in keys.items()}
        moderator = await server.moderator()
        canaries.other["the moderator's pass"] = server.keys.new_pass("moderator", "mine", "shaft")
        phone = Visit(server, canaries)
        await phone.enter()

        await moderator.command(Verb.OPEN, str(BAD))
        assert (await phone.vote(BAD, "yes")).status_code == 303
        told = await phone.cast('{"type":"cast","id":"1","poll":"air/bad/1","revision":2,"picks":["no"]}')
        assert '"counted"' in told
        await phone.cast(f'{{"type":"{canaries.text}","id"')
        await phone.vote(BAD, canaries.query)
        await phone.http.get(f"/nothing/{canaries.query}?{canaries.query}")
        await phone.http.post(
            "/pass", data={"role": canaries.name, "event": "mine", "session": "", "key": canaries.query}
        )

        with without(server, "ballot"):
            assert (await phone.vote(BAD, "yes")).status_code == 500
            with suppress(ConnectionClosedError):  # the server says that it failed
                await phone.cast('{"type":"cast","id":"2","poll":"air/bad/1","revision":9,"picks":["no"]}')
        await moderator.command(Verb.CLOSE)
        await moderator.command(Verb.OPEN, str(WHY))
        offer = await phone.vote(WHY, text=canaries.text)
        key = await phone.sign(offer.text)
        canaries.other["the private link"] = key
        with without(server, "contact"):
            assert (await phone.http.post("/me", data={"key": key})).status_code == 500
        await moderator.command(Verb.CLOSE)
        assert canaries.name in (await phone.http.post("/me", data={"key": key})).text
        assert hits(canaries.all(), files_of(server)) == {"email", "name", "text"}

        out = tmp_path / "out"
        for export in ("csv", "json"):
            run(server, "export", "mine", "--format", export, "--output", str(out))
        exported = b"".join(map(Path.read_bytes, files_in(out)))
        assert hits(canaries.all(), exported) == {"text"}

        assert "Withdrawn" in (await phone.http.post("/me/withdraw", data={"key": key})).text
        assert hits(canaries.all(), files_of(server)) == {"text"}
        assert hits(canaries.all(), run(server, "recount", "mine")) == set()
        await moderator.leave()
        await phone.http.aclose()
    finally:
        await server.terminate()
    log = (tmp_path / "server.log").read_bytes()
    lines = re.findall(r"^20\S+ \S+ ([A-Z]+) (.*)$", log.decode(), re.MULTILINE)
    assert [level for level, _ in lines] == ["INFO", "ERROR", "ERROR", "ERROR"], lines  # no line for a vote or a name
    assert log.count(b"sqlalchemy.exc.OperationalError") >= 2  # the failures were told, with where they struck
    assert hits(canaries.all(), log) == set()
    assert hits(canaries.all(), files_of(server)) == {"text"}
    assert b"127.0.0.1" not in log.replace(b"http://127.0.0.1", b"")  # its own address, and no phone's


def test_the_search_would_find_a_canary() -> None:
    raw = secrets.token_bytes(32)
    cookie = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert hits({"the cookie": cookie}, b"..." + raw[:16] + b"...") == {"the cookie"}
    assert hits({"email": "canary@example.org"}, b"x canary@example.org") == {"email"}
    assert hits({"the cookie": cookie}, secrets.token_bytes(500)) == set()
