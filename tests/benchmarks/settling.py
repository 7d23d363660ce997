"""What settling costs those who vote: 2,000 robots in ten rooms whose polls open, close and are sealed all the time.

    python -m tests.benchmarks.settling [ROBOTS] [TURNS]

One server, one crowd. By turns settling is on and switched off, so that what else the machine does falls on both. The
server has one processor and the load another, where there are two.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))  # where the tests' own modules stand

from benchmarks.light_socket import LightSocket, light_socket  # noqa: E402
from benchmarks.votes import milliseconds, on_processor  # noqa: E402
from server_process import BEST, EVENT, HURRY, OPTIONS, ServerProcess, write_event  # noqa: E402

from polling.core.poll import Verb  # noqa: E402
from polling.robots.line import PROTOCOL  # noqa: E402
from polling.robots.moderator import Moderator, enter  # noqa: E402

ROOMS, POLLS = 10, 4
"""Rooms, and how many polls each opens and closes in a turn."""
VOTING = 2.0
"""Seconds in which everybody in a room votes once."""


@dataclass
class SwitchedServer(ServerProcess):
    """Its settling can be switched off and on while it runs."""

    @property
    def _off(self) -> Path:
        return self.place / "off"

    @property
    def _done(self) -> Path:
        return self.place / "settles"

    def _spawned(self) -> subprocess.Popen[bytes]:
        with (self.place / "server.log").open("ab") as log:
            command = [sys.executable, str(HERE / "switched_server.py"), str(self._off), str(self._done)]
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)

    def switch(self, on: bool) -> None:
        """Whether it settles."""
        if on:
            self._off.unlink(missing_ok=True)
        else:
            self._off.touch()

    def settles(self) -> list[float]:
        """How many seconds each settle took."""
        return [float(line.split()[0]) for line in self._done.read_text().splitlines()] if self._done.exists() else []


class Robot:
    """Votes once in each poll, and notes how long the acknowledgement took."""

    def __init__(self) -> None:
        self.socket: LightSocket | None = None
        self._sent = 0.0
        self._told: asyncio.Future[float] | None = None

    async def vote(self, poll: str) -> float:
        """At some moment; the seconds until it was acknowledged."""
        await asyncio.sleep(random.uniform(0, VOTING))
        assert self.socket is not None
        self._told = asyncio.get_running_loop().create_future()
        self._sent = time.perf_counter()
        option = secrets.choice(OPTIONS)
        self.socket.send(
            b'{"type":"cast","id":"1","poll":"%s","revision":1,"picks":["%s"]}' % (poll.encode(), option.encode())
        )
        return await self._told

    def hear(self, text: bytes) -> None:
        if self._told is None or text.startswith(b'{"type":"region"'):
            return
        assert b'"fate":"counted"' in text, text
        self._told.set_result(time.perf_counter() - self._sent)
        self._told = None


@dataclass
class Room:
    """A session with its robots, and the poll that is next."""

    session: str
    moderator: Moderator
    robots: list[Robot] = field(default_factory=list)
    round: int = 0

    async def play(self) -> list[float]:
        """A turn: some polls, each opened, voted on by all, and closed; how long each acknowledgement took."""
        waits: list[float] = []
        await asyncio.sleep(random.uniform(0, VOTING))  # rooms are not in step
        for _ in range(POLLS):
            self.round += 1
            poll = str(BEST._replace(round=self.round))
            if self.round > 1:
                await self.moderator.command(Verb.ASK_AGAIN)
            await self.moderator.command(Verb.OPEN, None if self.round > 1 else poll)
            waits += await asyncio.gather(*(robot.vote(poll) for robot in self.robots))
            await self.moderator.command(Verb.CLOSE)
        return waits


async def rooms(server: ServerProcess, size: int) -> list[Room]:
    """All rooms, with their moderators and `size` robots in all."""
    found = []
    for session in server.loaded().sessions:
        key = server.keys.link_key("moderator", server.event, session.id)
        cookies = await enter(f"{server.url}/m/{server.event}/{session.id}#{key}")
        room = Room(session.id, Moderator(server.url, server.event, session.id, cookies, HURRY))
        for _ in range(size // ROOMS):
            robot = Robot()
            cookie = server.keys.new_participant(secrets.token_bytes(16))
            headers = {"Host": f"127.0.0.1:{server.port}", "Origin": server.url, "Sec-WebSocket-Protocol": PROTOCOL}
            path = f"/p/{server.code(session.id)}/socket"
            robot.socket = await light_socket(
                server.port, path, headers | {"Cookie": f"polling-participant={cookie}"}, robot.hear
            )
            room.robots.append(robot)
        found.append(room)
    return found


async def compare(size: int, turns: int) -> None:
    """Plays turns without and with settling, one after the other, and prints both."""
    sessions = [{"id": f"room-{n}", "kind": "break-out", "title": f"Room {n}", "sets": ["fruit"]} for n in range(ROOMS)]
    privacy = {"smallest_group": 5, "seal_after_minutes": 0}
    waits: dict[bool, list[float]] = {True: [], False: []}
    lates: dict[bool, list[float]] = {True: [], False: []}  # the 99 % of each turn
    with on_processor(1), tempfile.TemporaryDirectory() as place:
        write_event(Path(place) / "questionsets", EVENT | {"sessions": sessions, "privacy": privacy})
        server = SwitchedServer(Path(place))
        try:
            with on_processor(0):
                await server.start()
            halls = await rooms(server, size)
            await asyncio.gather(*(room.play() for room in halls))  # not measured: all is warm after it
            settled = len(server.settles())
            for number in range(2 * turns):
                on = number % 4 in (1, 2)  # off, on, on, off: neither is always the later one
                server.switch(on)
                begun = time.perf_counter()
                each = [wait for some in await asyncio.gather(*(room.play() for room in halls)) for wait in some]
                waits[on] += each
                lates[on].append(_late(each))
                rate = len(each) / (time.perf_counter() - begun)
                print(f"{_words(on)} {_figures(each)}, {rate:,.0f} votes a second", flush=True)
            took = server.settles()[settled:]
            for room in halls:
                await room.moderator.leave()
        finally:
            await server.stop()
    print(f"{size} robots in {ROOMS} rooms, {turns} turns each; {ROOMS * POLLS} closes and as many seals in a turn")
    for on in (False, True):
        late = milliseconds(statistics.median(lates[on]))
        print(f"{_words(on)} {_figures(waits[on])} of {len(waits[on]):,}; 99 % in the median turn {late}")
    print(
        f"{len(took)} settles, each {milliseconds(statistics.median(took))} (median), {milliseconds(max(took))} (most)"
    )
    whole = _late(waits[True]) / _late(waits[False])
    turn = statistics.median(lates[True]) / statistics.median(lates[False])
    print(f"ratio of the 99 %, with to without: {whole:.2f} of all, {turn:.2f} of the median turns")


def _words(on: bool) -> str:
    return "with settling:   " if on else "without settling:"


def _figures(waits: list[float]) -> str:
    return f"{milliseconds(statistics.median(waits)):>7} (median), {milliseconds(_late(waits)):>7} (99 %)"


def _late(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=100)[98]


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    asyncio.run(compare(*given, *(2000, 6)[len(given) :]))
