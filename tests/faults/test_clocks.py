"""R15: a server whose wall clock jumps by an hour while a timer runs."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from server_process import BEST, HURRY, ServerProcess, write_event

from polling.core.poll import State, Verb
from polling.robots.phone import Phone

SECONDS = 5
WRONG = """
import pathlib, sys, time
right, file = time.time, pathlib.Path(sys.argv.pop(1))
time.time = lambda: right() + int(file.read_text() or 0)
from polling.cli import main
main()
"""
"""Serves with a wall clock that is off by what stands in a file. It stands for the operating system's clock being set:
libfaketime can't do that to Python without the monotonic clock, which is never set, jumping along."""


@dataclass
class WrongClock(ServerProcess):
    """A server whose wall clock is off by as many seconds as `set_off` last said."""

    def set_off(self, seconds: int) -> None:
        (self.place / "off").write_text(str(seconds))

    def _spawned(self) -> subprocess.Popen[bytes]:
        with (self.place / "server.log").open("ab") as log:
            command = [sys.executable, "-c", WRONG, str(self.place / "off"), "serve"]
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)


def given(server: ServerProcess) -> dict[str, float]:
    """When each command was given, as the server's wall clock had it."""
    connection = sqlite3.connect(server.place / "polling.db")
    rows = connection.execute("SELECT verb, at FROM command").fetchall()
    connection.close()
    return {str(verb): float(at) for verb, at in rows}


@pytest.mark.promise("R15")
@pytest.mark.parametrize("jump", [3600, -3600])
async def test_a_server_whose_clock_jumps_closes_in_time_and_reopens_nothing(tmp_path: Path, jump: int) -> None:
    write_event(tmp_path / "questionsets")
    server = WrongClock(tmp_path)
    server.set_off(0)
    try:
        await server.start()
    except BaseException:
        await server.stop()
        raise
    moderator, phone = await server.moderator(), Phone(server.url, HURRY)
    try:
        await phone.join(server.code())
        await moderator.command(Verb.OPEN, str(BEST))
        begun = time.monotonic()
        told = await moderator.line.ask(
            {"type": "command", "id": "t", "verb": "start_timer", "based_on": 1, "seconds": SECONDS, "closes": True}
        )
        assert told["type"] == "done"
        await asyncio.sleep(1)
        server.set_off(jump)
        await asyncio.sleep(SECONDS - 2)
        assert (await phone.cast(server.code(), str(BEST), ["apple"])).fate == "counted"
        async with asyncio.timeout(30):
            await moderator.until("now", lambda now: now["poll"]["state"] != State.OPEN)
        took = time.monotonic() - begun
        print(f"\nR15: the clock jumped by {jump} s; a timer of {SECONDS} s closed after {took:.2f} s")
        assert SECONDS - 1 < took < SECONDS + 3
        server.set_off(-jump)
        await asyncio.sleep(1.5)
        assert moderator.view["now"]["poll"]["state"] != State.OPEN
        at = given(server)
        assert abs(at["close"] - at["start_timer"] - SECONDS - jump) < 60  # the clock did jump
    finally:
        await moderator.leave()
        await phone.leave()
        await server.stop()
