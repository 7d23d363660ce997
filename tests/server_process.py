"""A real `polling serve` in a process of its own, with an event of one room: to be killed, stopped, started again."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import yaml

from polling.cli.serve import run
from polling.core.event import Event
from polling.core.files.loading import load_event
from polling.core.keys import Keys, join_codes
from polling.core.poll import PollKey
from polling.core.tally import Tally
from polling.robots.line import Patience
from polling.robots.moderator import Moderator, enter
from polling.robots.phone import Phone
from polling.robots.visit import Unreachable, visit
from polling.settings import load_settings
from polling.store.ballot_box import Held, my_ballot
from polling.store.database import Database
from polling.store.polls import PollRef, poll_ref
from polling.store.sealing import Difference, recount
from polling.store.tallies import labelled, standing

SECRET = "a secret of the fault tests, long enough"
HURRY = Patience(first=0.05, longest=0.5, answer=4.0)
OPTIONS = ("apple", "banana", "cherry", "damson", "elder")

EVENT = {
    "event": "burst",
    "title": "Burst",
    "privacy": {"smallest_group": 1},
    "sessions": [{"id": "hall", "kind": "plenary", "title": "Hall", "sets": ["fruit"]}],
}
FRUIT = {
    "set": "fruit",
    "title": "Fruit",
    "questions": [
        {
            "id": "best",
            "type": "choice",
            "title": "Which is best?",
            "options": [{"id": option, "text": option.title()} for option in OPTIONS],
        },
        {"id": "why", "type": "text", "title": "Why?"},
    ],
}
BEST, WHY = PollKey("fruit", "best"), PollKey("fruit", "why")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_event(questionsets: Path, event: Mapping[str, Any] = EVENT, *sets: Mapping[str, Any]) -> Path:
    """Writes an event's folder."""
    folder = questionsets / str(event["event"])
    folder.mkdir(parents=True)
    (folder / "event.yaml").write_text(yaml.safe_dump(dict(event)))
    for each in sets or (FRUIT,):
        (folder / f"{each['set']}.yaml").write_text(yaml.safe_dump(dict(each)))
    return folder


@dataclass
class ServerProcess:
    """The server in `place`. `url` is its own address, whatever proxy phones go through."""

    place: Path
    port: int = field(default_factory=free_port)
    event: str = "burst"
    session: str = "hall"
    forks: bool = False  # start by a fork of a process that has imported the program: many times as fast
    _process: subprocess.Popen[bytes] | BaseProcess | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def keys(self) -> Keys:
        return Keys(SECRET.encode())

    @property
    def pid(self) -> int:
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    @property
    def environment(self) -> dict[str, str]:
        """What the server, or a command beside it, is set up with."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("POLLING_")}
        return ours | {
            "DATABASE_URL": f"sqlite:///{self.place / 'polling.db'}",
            "POLLING_QUESTIONSETS": str(self.place / "questionsets"),
            "POLLING_HOST": "127.0.0.1",
            "POLLING_SECRET": SECRET,
            "PORT": str(self.port),
        }

    async def start(self) -> float:
        """Starts it; how many seconds until it was ready."""
        begun = time.monotonic()
        self._process = self._forked() if self.forks else self._spawned()
        while not await self._is_ready():
            assert self._status() is None, self.log()
            assert time.monotonic() - begun < 60, self.log()
            await asyncio.sleep(0.02)
        return time.monotonic() - begun

    def _spawned(self) -> subprocess.Popen[bytes]:
        with (self.place / "server.log").open("ab") as log:
            command = [sys.executable, "-m", "polling", "serve"]
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)

    def _forked(self) -> BaseProcess:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["polling.cli.serve", "pytest"])
        process = context.Process(target=_serve, args=(self.environment, str(self.place / "server.log")))
        process.start()
        return process

    def _status(self) -> int | None:
        """The exit status; None while it runs."""
        assert self._process is not None
        return self._process.poll() if isinstance(self._process, subprocess.Popen) else self._process.exitcode

    async def _is_ready(self) -> bool:
        try:
            return (await visit(f"{self.url}/readyz")).status == 200
        except Unreachable:
            return False

    async def _end(self, by: signal.Signals) -> int:
        os.kill(self.pid, by)
        return await asyncio.to_thread(self._wait)

    def _wait(self) -> int:
        if isinstance(self._process, subprocess.Popen):
            return self._process.wait()
        assert self._process is not None
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode

    async def kill(self) -> None:
        """`kill -9`."""
        await self._end(signal.SIGKILL)

    async def terminate(self) -> tuple[int, float]:
        """SIGTERM; the exit status, and how many seconds until it was gone."""
        begun = time.monotonic()
        return await asyncio.wait_for(self._end(signal.SIGTERM), 30), time.monotonic() - begun

    async def stop(self) -> None:
        """At the end of a test, whatever state it is in."""
        if self._process is not None and self._status() is None:
            await self.kill()

    def log(self) -> str:
        """What the server wrote."""
        return (self.place / "server.log").read_text()

    def loaded(self) -> Event:
        return load_event(self.place / "questionsets" / self.event)

    def code(self, session: str | None = None) -> str:
        """The room's join code."""
        sessions = [each.id for each in self.loaded().sessions]
        return join_codes(self.keys, self.event, sessions, set())[self.session if session is None else session]

    async def moderator(self, patience: Patience = HURRY) -> Moderator:
        """A moderator with a pass."""
        key = self.keys.link_key("moderator", self.event, self.session)
        cookies = await enter(f"{self.url}/m/{self.event}/{self.session}#{key}")
        return Moderator(self.url, self.event, self.session, cookies, patience)


@asynccontextmanager
async def started(
    place: Path, *, forks: bool = True, around: AbstractContextManager[None] | None = None
) -> AsyncIterator[ServerProcess]:
    """A server with the event `burst`, started (within `around`); gone at the end, whatever state it is in."""
    write_event(place / "questionsets")
    server = ServerProcess(place, forks=forks)
    try:
        with around or nullcontext():
            await server.start()
        yield server
    finally:
        await server.stop()


def _serve(environment: Mapping[str, str], log: str) -> None:
    """In the forked process: what `polling serve` does."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    run(load_settings(environment))


class Archive:
    """What is in the database, read by another process than the server's."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._database = Database(server.environment["DATABASE_URL"])

    def poll(self, key: PollKey) -> PollRef:
        with self._database.read() as connection:
            found = poll_ref(connection, self._server.event, self._server.session, key)
        assert found is not None
        return found

    def ballots(self, key: PollKey, phones: list[Phone]) -> list[Held | None]:
        """The ballot of each phone."""
        poll = self.poll(key)
        with self._database.read() as connection:
            return [my_ballot(connection, poll.id, self._voter_key(poll, phone)) for phone in phones]

    def _voter_key(self, poll: PollRef, phone: Phone) -> bytes:
        (cookie,) = phone.cookies.values()
        participant = self._server.keys.participant(cookie)
        assert participant is not None
        return self._server.keys.voter_key(poll.voter_nonce, participant)

    def counted(self, key: PollKey) -> tuple[int, dict[str, int]]:
        """Respondents and cells of the tally."""
        with self._database.read() as connection:
            tally = standing(connection, self.poll(key).id).now
        return tally.respondents, dict(tally.cells)

    def segments(self, key: PollKey) -> dict[str, Tally]:
        """The tallies by label."""
        with self._database.read() as connection:
            return labelled(connection, self.poll(key).id)

    def stored(self, key: PollKey) -> int:
        """How many ballots there are in all, whoever cast them."""
        with self._database.read() as connection:
            return int(
                connection.exec_driver_sql(
                    "SELECT count(*) FROM ballot WHERE poll_id = ?", (self.poll(key).id,)
                ).scalar()
                or 0
            )

    def differences(self) -> list[Difference]:
        with self._database.read() as connection:
            return recount(connection, self._server.event)

    def integrity(self) -> str:
        with self._database.read() as connection:
            return str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())

    def close(self) -> None:
        self._database.close()
