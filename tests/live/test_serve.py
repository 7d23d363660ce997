"""`polling serve` as people start it: what it says when it can't, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from served import CAKE, EVENT, Served, free_port, serving, write_event

from polling.cli.serve import GONE_AFTER, SEND_BUFFER, ServeFailed, listen
from polling.core.keys import Keys, join_codes
from polling.web.logs import Formatter, Quiet

SECRET = "a secret of thirty-two characters"
OTHER_SECRET = "quite another one, of the same length"
SERVE = (sys.executable, "-m", "polling", "serve")


def environment(place: Path, **more: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("POLLING_")}
    return (
        ours
        | {
            "PORT": str(free_port()),
            "DATABASE_URL": f"sqlite:///{place}/tea.db",
            "POLLING_QUESTIONSETS": str(place / "questionsets"),
            "POLLING_SECRET": SECRET,
            "POLLING_HOST": "127.0.0.1",
        }
        | more
    )


def refused(settings: Mapping[str, str]) -> str:
    """What a server that can't start says last."""
    ended = subprocess.run(SERVE, env=settings, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr.strip().splitlines()[-1]


@contextmanager
def holding_a_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_port_that_is_taken_is_told_with_the_remedy(tmp_path: Path) -> None:
    with holding_a_port() as port:
        last = refused(environment(tmp_path, PORT=str(port)))
    assert str(port) in last
    assert "set PORT" in last


def test_a_database_that_can_not_be_opened_is_told_with_the_remedy(tmp_path: Path) -> None:
    write_event(tmp_path / "questionsets")
    (tmp_path / "folder.db").mkdir()
    for place, said in (("nowhere/tea.db", f"there is no folder {tmp_path}/nowhere"), ("folder.db", "folder.db")):
        last = refused(environment(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/{place}"))
        assert "DATABASE_URL" in last
        assert said in last


def test_a_secret_other_than_the_one_the_event_was_begun_with_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path):
        pass
    last = refused(environment(tmp_path, POLLING_SECRET=OTHER_SECRET))
    assert "tea" in last
    assert "POLLING_SECRET" in last
    assert OTHER_SECRET not in last


def test_a_second_server_on_the_same_database_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path):
        assert "a server is running" in refused(environment(tmp_path))


async def test_an_event_with_errors_is_told_in_the_log_and_the_others_are_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_event(tmp_path / "questionsets", EVENT | {"event": "broken"})
    (folder / "event.yaml").write_text("event: broken\ntitel: X\n")
    write_event(tmp_path / "questionsets")
    with serving(tmp_path) as served:
        assert set(served.site.hall.events) == {"tea"}
        assert (await served.ask(f"/p/{served.code()}")).status == 200
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert any("event.yaml:2:1" in line and "title" in line for line in told)
    assert "broken is left out: it has errors" in told


async def test_an_edit_after_the_first_answer_is_left_out_and_told(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        async with served.moderator() as moderator, served.phone() as phone:
            await moderator.command("open", 0, CAKE)
            await phone.cast(CAKE, "plum")
    edited = EVENT | {"title": "Coffee"}
    (tmp_path / "questionsets" / "tea" / "event.yaml").write_text(yaml.safe_dump(edited))
    with serving(tmp_path) as served:
        assert served.site.hall.events["tea"].title == EVENT["title"]
        assert (await served.ask("/readyz")).json()["warnings"][-1].startswith("tea: its files were edited")
        async with served.phone() as phone:
            assert (await phone.cast(CAKE, "plum"))["fate"] == "counted"


@pytest.mark.promise("R09")
async def test_told_to_stop_it_closes_sockets_with_1012_and_ends_in_order(tmp_path: Path) -> None:
    write_event(tmp_path / "questionsets")
    settings = environment(tmp_path)
    process = await asyncio.create_subprocess_exec(*SERVE, env=settings, stderr=subprocess.PIPE)
    with serving_elsewhere(tmp_path, settings["PORT"]) as served:
        await ready(served)
        code = join_codes(Keys(SECRET.encode()), "tea", ["hall", "annex"], set())["hall"]
        async with served.socket(f"/p/{code}/socket") as phone:
            await phone.hear()
            process.send_signal(signal.SIGTERM)
            assert await phone.closed() == 1012
        _, log = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0, log
    assert len(log.splitlines()) == 1, log  # that it serves, and nothing of who came


@contextmanager
def serving_elsewhere(place: Path, port: str) -> Iterator[Served]:
    """To talk to a server in another process."""
    yield Served(f"http://127.0.0.1:{port}", site=None)  # type: ignore[arg-type]


async def ready(served: Served) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                if (await served.ask("/readyz")).status == 200:
                    return
            except OSError:
                await asyncio.sleep(0.05)


@pytest.mark.promise("R07")
def test_the_listening_socket_gives_up_on_who_takes_nothing() -> None:
    with listen("127.0.0.1", free_port()) as ours:
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == GONE_AFTER
        assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) in (SEND_BUFFER, 2 * SEND_BUFFER)
    with holding_a_port() as port, pytest.raises(ServeFailed, match="set PORT"):
        listen("127.0.0.1", port)


# the log


def record(message: str, *, name: str = "polling", exc_info: Any = None) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, "x.py", 1, message, (), exc_info)


@pytest.mark.promise("S12")
def test_a_traceback_in_the_log_says_where_and_quotes_nobody() -> None:
    try:
        try:
            raise ValueError("what somebody typed")
        except ValueError as error:
            raise RuntimeError("and the name of somebody") from error
    except RuntimeError:
        text = Formatter().format(record("it failed", exc_info=sys.exc_info()))
    assert "somebody" not in text
    assert "test_serve.py" in text
    assert text.endswith("builtins.RuntimeError from builtins.ValueError")


@pytest.mark.promise("R18")
def test_repetitions_and_clients_rubbish_do_not_fill_the_log() -> None:
    quiet = Quiet()
    assert sum(quiet.filter(record("the same")) for _ in range(1000)) == 10
    assert quiet.filter(record("another"))
    rubbish = record("Invalid UTF-8 sequence received from client.", name="uvicorn.error", exc_info=(1, 2, 3))
    assert quiet.filter(rubbish)
    assert rubbish.exc_info is None
