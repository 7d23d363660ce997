"""`polling practise`: the moderators' own links, robots that answer, and nothing left of it."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_desk import Desk, make_desk

from polling.core.poll import Verb
from polling.robots.moderator import Moderator, enter
from polling.robots.visit import visit


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path)


@dataclass
class Practice:
    """A practice under way."""

    process: subprocess.Popen[str]
    said: str

    def link(self, role: str, session: str) -> str:
        found = re.search(rf"^{role} +{re.escape(session)} .*?(http\S+)$", self.said, re.MULTILINE)
        assert found, self.said
        return found[1]

    def end(self, by: signal.Signals) -> tuple[str, str]:
        self.process.send_signal(by)
        return self.process.communicate(timeout=40)


@contextmanager
def practising(desk: Desk, *options: str) -> Iterator[Practice]:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "polling", "practise", "burst", "--speed", "30", *options],
        env={
            **desk.environment,
            "PATH": "/usr/bin",
            "POLLING_PUBLIC_URL": f"http://127.0.0.1:{desk.environment['PORT']}",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=desk.place,
    )
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Nothing of it is kept"):
                break
        yield Practice(process, "".join(lines))
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


async def answered(link: str) -> int:
    """Opens a poll by a moderator's link, and waits until everybody answered."""
    base, _, path = link.partition("/m/")
    moderator = Moderator(base, "burst", path.split("/")[1].split("#")[0], await enter(link))
    try:
        await moderator.command(Verb.OPEN, "fruit/best/1")
        view = await moderator.until("now", lambda value: value["answered"] >= 5)
        return int(view["answered"])
    finally:
        await moderator.leave()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_robots_answer_what_is_opened_by_the_real_links_and_nothing_is_left(desk: Desk, by: signal.Signals) -> None:
    real = desk.run("links", "burst", POLLING_PUBLIC_URL="http://real.example").out
    with practising(desk) as practice:
        link = practice.link("moderator", "attic")
        assert link.partition("#")[2] in real, "the key is that of the event itself"
        assert practice.link("participant", "attic").rpartition("/")[2] in real
        assert asyncio.run(answered(link)) == 5
        assert (desk.place / "polling.rehearsal.db").exists()
        out, err = practice.end(by)
    assert (practice.process.returncode, err) == (0, "")
    assert out.splitlines()[-1].endswith(
        f"polling.rehearsal.db is wiped: nothing is left of it. {desk.database_path} was not used."
    )
    assert list(desk.place.glob("*.db*")) == []


def test_the_real_event_stays_as_it_is_to_the_byte(desk: Desk) -> None:
    assert desk.rehearse().status == 0
    assert desk.run("links", "burst", "--replace", "moderator/attic").status == 0
    replaced = desk.run("links", "burst").out
    before = {path.name: path.read_bytes() for path in desk.place.glob("polling.db*")}
    with practising(desk, "--robots", "12") as practice:
        link = practice.link("moderator", "attic")
        assert link.partition("#")[2] in replaced, "the link that is in force"
        asyncio.run(answered(link))
        practice.end(signal.SIGINT)
    assert {path.name: path.read_bytes() for path in desk.place.glob("*.db*")} == before


def test_every_page_says_that_it_is_a_rehearsal_and_no_other_time(desk: Desk) -> None:
    async def pages(practice: Practice) -> list[str]:
        found = []
        for role, session in (("organiser", "(event)"), ("moderator", "hall"), ("presenter", "hall")):
            link = practice.link(role, session)
            found.append((await visit(link.partition("#")[0], cookies=await enter(link))).body)
        phone = practice.link("participant", "hall").replace("/j/", "/p/")
        for address in (phone, phone.partition("/p/")[0] + "/", phone[:-1] + "nothing-here"):
            found.append((await visit(address)).body)
        return found

    with practising(desk, "--robots", "0") as practice:
        assert "There are no robots." in practice.said
        for page in asyncio.run(pages(practice)):
            assert '<aside class="rehearsal"' in page
            assert "<title>Rehearsal · " in page
        practice.end(signal.SIGINT)


def test_behind_a_public_address_no_other_port_is_taken(desk: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = desk.run("practise", "burst", PORT=str(taken.getsockname()[1]))
    assert said.status == 1
    assert said.last.endswith("to which https://poll.example leads, is taken: stop the server there while you practise")
    assert list(desk.place.glob("*.db*")) == []
