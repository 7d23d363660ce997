"""`polling rehearse` and `polling demo`: robots on a server of their own, or on one that runs."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli_desk import REHEARSAL, Desk, make_desk
from server_process import SECRET, free_port

from polling.cli.own_database import database_of_its_own
from polling.cli.serve import running
from polling.core.keys import Keys
from polling.core.poll import Verb
from polling.robots.moderator import Moderator, enter
from polling.robots.visit import visit
from polling.settings import load_settings
from polling.store.database import Database


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path)


def change(desk: Desk, rehearsal: dict[str, Any]) -> None:
    (desk.place / "questionsets" / "burst" / "rehearsal.yaml").write_text(yaml.safe_dump(rehearsal))


def there(desk: Desk) -> list[str]:
    """The files of databases at the desk."""
    return sorted(path.name for path in desk.place.glob("*.db*"))


def test_a_rehearsal_plays_every_poll_in_a_database_of_its_own_of_which_nothing_is_left(desk: Desk) -> None:
    for _ in range(2):
        said = desk.run("rehearse", "burst", "--play", "--fast")
        assert (said.status, said.err) == (0, "")
        assert said.last == "burst: 20 answers planned, 20 counted in 2 sessions, no difference with the rehearsal."
        own = desk.place / "polling.rehearsal.db"
        assert f"{own} is wiped: nothing is left of it. {desk.database_path} was not used." in said.out
        assert there(desk) == []


def test_the_real_database_stays_as_it_is_to_the_byte(desk: Desk) -> None:
    assert desk.rehearse().status == 0
    before = {path.name: path.read_bytes() for path in desk.place.glob("polling.db*")}
    assert desk.run("rehearse", "burst", "--play", "--fast").status == 0
    assert {path.name: path.read_bytes() for path in desk.place.glob("polling.db*")} == before
    assert desk.run("recount", "burst").last == "burst: no difference in 4 polls (4 closed)."


def test_a_kept_rehearsal_can_be_looked_at_and_the_next_one_wipes_it(desk: Desk) -> None:
    said = desk.run("rehearse", "burst", "--play", "--fast", "--keep", POLLING_SECRET="")
    own = desk.place / "polling.rehearsal.db"
    assert f"{own} is kept until the next rehearsal" in said.out
    kept = {"DATABASE_URL": f"sqlite:///{own}", "POLLING_SECRET": ""}
    assert desk.run("recount", "burst", **kept).last == "burst: no difference in 4 polls (4 closed)."
    with running(load_settings({**desk.environment, **kept})):
        pass  # with the secret that it was made with
    again = desk.run("rehearse", "burst", "--play", "--fast")
    assert f"{own} was left by an earlier rehearsal: wiped." in again.out
    assert (again.status, there(desk)) == (0, [])


def test_a_rehearsal_that_fails_is_wiped_too(desk: Desk) -> None:
    own = desk.place / "polling.rehearsal.db"
    own.mkdir()  # no database can be made there
    said = desk.run("rehearse", "burst", "--play", "--fast")
    assert (said.status, f"{own} can't be wiped" in said.last) == (1, True)
    own.rmdir()
    with database_of_its_own(load_settings(desk.environment)):
        refused = desk.run("rehearse", "burst", "--play", "--fast")
    assert refused.last == f"polling: a rehearsal is under way on {own}: end it first"
    with database_of_its_own(load_settings(desk.environment)) as chosen:
        Database(chosen.database_url).close()
        assert "polling.rehearsal.db" in there(desk)
    assert there(desk) == []


def test_with_other_participants_the_file_s_robots_are_sampled_evenly(desk: Desk) -> None:
    said = desk.run("rehearse", "burst", "--play", "--fast", "--participants", "24")
    assert said.last == "burst: 40 answers planned, 40 counted in 2 sessions, no difference with the rehearsal."


def test_on_a_running_server_the_secret_beside_it_or_the_organiser_s_link_gives_the_right_to_play(desk: Desk) -> None:
    settings = load_settings({**desk.environment, "POLLING_PUBLIC_URL": ""})
    with running(settings) as server:
        beside = desk.run("rehearse", "burst", "--play", "--fast", "--server", server.url)
        assert beside.status == 0, beside.err
        refused = desk.run("rehearse", "burst", "--play", "--fast", "--server", server.url, typed="\n")
        assert "is under way (hall, attic)" in refused.out
        assert refused.status == 1

        organiser = desk.run("links", "burst", "--json").out.rpartition('"url": "')[2].partition('"')[0]
        link = organiser.replace("https://poll.example", server.url)
        elsewhere = {"POLLING_SECRET": "", "DATABASE_URL": f"sqlite:///{desk.place / 'elsewhere.db'}"}
        play = ("rehearse", "burst", "--play", "--fast", "--yes", "--server", server.url)
        unknown = desk.run(*play, **elsewhere)
        assert (unknown.status, "give the organiser's --link" in unknown.last) == (1, True)
        assert desk.run(*play, "--link", link, **elsewhere).status == 0
        wrong = desk.run(*play, "--link", link[:-3] + "abc", **elsewhere)
        assert (wrong.status, "its key is not this server's" in wrong.last) == (1, True)
        assert desk.run("rehearse", "burst", "--play", "--fast").status == 0, "one of its own, beside the server"
        kept = desk.run("rehearse", "burst", "--play", "--keep", "--server", server.url)
        assert (kept.status, "--keep is for a rehearsal in a database of its own" in kept.last) == (1, True)


def test_robots_answer_whatever_people_open(desk: Desk) -> None:
    change(
        desk, {"participants": 6, "sessions": {"hall": {"fruit": {"best": {"respondents": 6, "counts": {"apple": 6}}}}}}
    )
    settings = load_settings({**desk.environment, "POLLING_PUBLIC_URL": ""})
    with running(settings) as server:
        said = []
        robots = threading.Thread(
            target=lambda: said.append(
                subprocess.run(
                    [sys.executable, "-m", "polling", "rehearse", "burst", "--fast", "--server", server.url],
                    env={**desk.environment, "PATH": "/usr/bin"},
                    capture_output=True,
                    text=True,
                    check=False,
                )
            )
        )
        robots.start()
        open_by_hand(desk, server.url)
        robots.join(60)
    assert said[0].returncode == 0, said[0].stderr
    assert said[0].stdout.splitlines()[-1].startswith("burst: 6 answers planned, 6 counted in 1 session")


def open_by_hand(desk: Desk, url: str) -> None:
    """A person opens a poll."""

    async def by_hand() -> None:
        key = Keys(SECRET.encode()).link_key("moderator", "burst", "hall")
        moderator = Moderator(url, "burst", "hall", await enter(f"{url}/m/burst/hall#{key}"))
        await moderator.command(Verb.OPEN, "fruit/best/1")
        await moderator.until("now", lambda value: value["answered"] == 6)
        await moderator.leave()

    asyncio.run(by_hand())


def test_a_rehearsal_that_no_robots_can_bring_about_is_told_with_its_place(desk: Desk) -> None:
    change(desk, {**REHEARSAL, "sessions": {"hall": {"fruit": {"best": {"respondents": 3, "counts": {"apple": 1}}}}}})
    said = desk.run("rehearse", "burst", "--play", "--fast")
    assert said.status == 1
    assert re.match(r".*rehearsal\.yaml:\d+:\d+: ", said.last)


def test_a_server_that_does_not_answer_is_told(desk: Desk) -> None:
    said = desk.run("rehearse", "burst", "--play", "--server", f"http://127.0.0.1:{free_port()}")
    assert (said.status, "does not answer" in said.last) == (1, True)


async def seconds_until_bars_move(url: str, key: str) -> float:
    """What the big screen shows, until it has bars."""
    begun = time.monotonic()
    cookies = await enter(f"{url}/s/roem-ii/plenary#{key}")
    while True:
        reply = await visit(f"{url}/s/roem-ii/plenary/regions", cookies=cookies, accept="application/json")
        screen = json.loads(reply.body)[0]["value"]
        if screen["chart"] and any(row["count"] for row in screen["chart"]["rows"]):
            return time.monotonic() - begun
        await asyncio.sleep(0.1)


def test_the_demo_prints_ways_in_moves_bars_at_once_and_ends_without_a_trace(desk: Desk) -> None:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = str(taken.getsockname()[1])
    environment = {**desk.environment, "PATH": "/usr/bin", "PORT": port, "POLLING_PUBLIC_URL": ""}
    demo = subprocess.Popen(
        [sys.executable, "-u", "-m", "polling", "demo"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=desk.place,
    )
    assert demo.stdout is not None
    lines = []
    for line in demo.stdout:
        lines.append(line)
        if line.startswith("Robots are voting"):
            break
    text = "".join(lines)
    assert re.search(r"^participant +plenary +[A-Z0-9]{6} +http://\S+/j/[A-Z0-9]{6}$", text, re.MULTILINE)
    for role, letter in (("presenter", "s"), ("moderator", "m"), ("organiser", "o")):
        assert re.search(rf"^{role} .* http://\S+/{letter}/roem-ii\S*#\S{{43}}$", text, re.MULTILINE)
    (used,) = set(re.findall(r":(\d+)/j/", text))
    assert used != port, "the next free one"
    key = re.search(r"/s/roem-ii/plenary#(\S+)", text)
    assert key is not None
    assert asyncio.run(seconds_until_bars_move(f"http://127.0.0.1:{used}", key[1])) < 10
    demo.send_signal(signal.SIGINT)
    out, err = demo.communicate(timeout=30)
    taken.close()
    assert (demo.returncode, err) == (0, "")
    assert out.endswith("The demo has ended; nothing of it is kept.\n")


def test_a_server_whose_event_is_another_version_is_told(desk: Desk) -> None:
    settings = load_settings({**desk.environment, "POLLING_PUBLIC_URL": ""})
    with running(settings) as server:
        file = desk.place / "questionsets" / "burst" / "event.yaml"
        file.write_text(file.read_text().replace("id: attic", "id: cellar"))
        change(desk, {**REHEARSAL, "sessions": {"cellar": REHEARSAL["sessions"]["attic"]}})
        said = desk.run("rehearse", "burst", "--play", "--fast", "--server", server.url)
    assert said.status == 1
    assert said.last.startswith("polling: the server closed ")
    assert said.last.endswith("/m/burst/cellar/socket with 4404")
