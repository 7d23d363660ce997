"""Closing a poll is a barrier: what was acknowledged before it is in the result, what comes after is told so."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from server_process import BEST, HURRY, OPTIONS, Archive, ServerProcess, started

from polling.core.ballot import Fate
from polling.core.errors import Code
from polling.core.poll import PollKey, Verb
from polling.robots.moderator import Moderator
from polling.robots.phone import Phone, Told

VOTES, CLOSES, ROUNDS = 50, 50, 6


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    async with started(tmp_path) as server:
        yield server


async def close(moderator: Moderator, revision: int, poll: PollKey, after: float) -> dict[str, Any]:
    await asyncio.sleep(after)
    message = {"type": "command", "id": secrets.token_hex(8), "verb": "close", "poll": str(poll), "based_on": revision}
    return {"asked": message, **await moderator.line.ask(message)}


async def vote(phone: Phone, code: str, poll: PollKey, after: float) -> Told:
    await asyncio.sleep(after)
    return await phone.cast(code, str(poll), [random.choice(OPTIONS)])


@pytest.mark.promise("R03")
async def test_fifty_votes_and_fifty_closes_at_once_agree_on_one_result(server: ServerProcess) -> None:
    moderators = [await server.moderator() for _ in range(5)]
    phones = [Phone(server.url, HURRY) for _ in range(VOTES)]
    code, archive = server.code(), Archive(server)
    await asyncio.gather(*(phone.join(code) for phone in phones))
    revision = await moderators[0].command(Verb.OPEN, str(BEST))
    counted, refused, tallies = 0, 0, {}
    for number in range(1, ROUNDS + 1):
        poll = BEST._replace(round=number)
        if number > 1:
            await moderators[0].command(Verb.ASK_AGAIN)
            revision = await moderators[0].command(Verb.OPEN)
        votes = asyncio.gather(*(vote(phone, code, poll, random.uniform(0, 0.06)) for phone in phones))
        closes = await asyncio.gather(
            *(close(moderators[n % 5], revision, poll, random.uniform(0.02, 0.06)) for n in range(CLOSES))
        )
        told = await votes
        done = [answer for answer in closes if answer["type"] == "done"]
        assert len(done) == 1, "one close was carried out"
        assert {answer["code"] for answer in closes if answer["type"] == "refused"} == {Code.STALE}
        assert {each.code for each in told if each.fate is Fate.REFUSED} <= {Code.POLL_NOT_OPEN}
        in_time = [each for each in told if each.fate is Fate.COUNTED]
        assert archive.counted(poll)[0] == archive.stored(poll) == len(in_time)
        view = await moderators[0].seen(done[0]["revision"])
        assert view["answered"] == len(in_time)
        counted, refused, tallies[number] = counted + len(in_time), refused + len(told) - len(in_time), view
        await asked_again(moderators, phones, done[0], told, code, poll)
    assert exported(server) == {
        number: {row["cell"]: row["count"] for row in view["chart"]["rows"]} for number, view in tallies.items()
    }
    print(
        f"\nR03: {ROUNDS} rounds of {VOTES} votes and {CLOSES} closes at once: {counted} counted, {refused} told that "
        "the poll had closed; screen = export = database each time"
    )
    await asyncio.gather(*(phone.leave() for phone in phones), *(each.leave() for each in moderators))
    archive.close()


async def asked_again(
    moderators: list[Moderator], phones: list[Phone], done: dict[str, Any], told: list[Told], code: str, poll: PollKey
) -> None:
    """The same close, the same votes: the same answers."""
    again = await moderators[1].line.ask(done["asked"])
    assert (again["type"], again["revision"]) == ("done", done["revision"])
    for phone, before in list(zip(phones, told, strict=True))[:5]:
        after = await phone.cast(code, str(poll), before.sent.picks, revision=before.sent.revision)
        assert (after.fate, after.revision, after.picks) == (before.fate, before.revision, before.picks)


def exported(server: ServerProcess) -> dict[int, dict[str, int]]:
    """Round → cell → count, by the command beside the running server."""
    command = [sys.executable, "-m", "polling", "export", "burst", "--format", "json", "--output", str(server.place)]
    subprocess.run(command, env=server.environment, check=True, capture_output=True)
    rounds: dict[int, dict[str, int]] = {}
    for row in json.loads((server.place / "results.json").read_text())["results"]:
        rounds.setdefault(row["round"], {})[row["cell"]] = row["count"]
    return rounds
