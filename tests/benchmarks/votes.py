"""500 robots at once: acknowledged votes a second beside a bare echo, and how soon the big screen has the last one.

    python -m tests.benchmarks.votes [ROBOTS] [VOTES]

The server has one processor and the load another, where there are two. Only the ratio tells anything about the
program: both figures are of one run on one machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))  # where the tests' own modules stand

from benchmarks.light_socket import LightSocket, light_socket  # noqa: E402
from server_process import BEST, OPTIONS, ServerProcess, free_port, started  # noqa: E402

from polling.core.poll import Verb  # noqa: E402
from polling.robots.line import PROTOCOL  # noqa: E402
from polling.robots.moderator import enter  # noqa: E402
from polling.robots.visit import cookie_header  # noqa: E402

ROUNDS = 5


class Robot:
    """Votes as soon as the last vote is acknowledged, as often as it is told to."""

    def __init__(self, is_answer: Callable[[bytes], bool]) -> None:
        self._is_answer = is_answer
        self.socket: LightSocket | None = None
        self.revision = 0
        self.waits: list[float] = []
        self._left, self._sent = 0, 0.0
        self._done: asyncio.Future[None] | None = None

    def vote(self, times: int) -> asyncio.Future[None]:
        """Done when so many votes were acknowledged."""
        self._left, self._done = times, asyncio.get_running_loop().create_future()
        self._send()
        return self._done

    def _send(self) -> None:
        self.revision += 1
        self._sent = time.perf_counter()
        assert self.socket is not None
        self.socket.send(
            b'{"type":"cast","id":"%d","poll":"%s","revision":%d,"picks":["%s"]}'
            % (self.revision, str(BEST).encode(), self.revision, OPTIONS[secrets.randbelow(5)].encode())
        )

    def hear(self, text: bytes) -> None:
        if self._done is None or not self._is_answer(text):
            return
        self.waits.append(time.perf_counter() - self._sent)
        self._left -= 1
        if self._left:
            self._send()
        else:
            self._done.set_result(None)


async def robots(
    size: int, port: int, path: str, server: ServerProcess | None, is_answer: Callable[[bytes], bool]
) -> list[Robot]:
    """So many robots, each with its socket."""
    crowd = [Robot(is_answer) for _ in range(size)]
    for robot in crowd:
        headers = {"Host": f"127.0.0.1:{port}", "Origin": f"http://127.0.0.1:{port}"}
        if server is not None:
            cookie = server.keys.new_participant(secrets.token_bytes(16))
            headers |= {"Sec-WebSocket-Protocol": PROTOCOL, "Cookie": f"polling-participant={cookie}"}
        robot.socket = await light_socket(port, path, headers, robot.hear)
    return crowd


async def a_second(crowd: list[Robot], votes: int) -> float:
    """Answers a second when all vote as fast as they are answered."""
    begun = time.perf_counter()
    await asyncio.gather(*(robot.vote(votes) for robot in crowd))
    return len(crowd) * votes / (time.perf_counter() - begun)


def counted(text: bytes) -> bool:
    """Whether it is an acknowledgement; anything but `counted` would spoil the figures."""
    if text.startswith(b'{"type":"region"'):
        return False
    assert b'"fate":"counted"' in text, text
    return True


async def burst(crowd: list[Robot], screen: BigScreen) -> None:
    """Prints what happens when everybody votes for the first time in the same instant."""
    begun = time.perf_counter()
    await asyncio.gather(*(robot.vote(1) for robot in crowd))
    last = time.perf_counter()
    shown = await screen.has(len(crowd))
    waits = sorted(robot.waits.pop() for robot in crowd)
    print(
        f"{len(crowd)} first votes at once: acknowledged after {milliseconds(statistics.median(waits))} (median), "
        f"{milliseconds(waits[-1])} (last)\n"
        f"the last vote on the big screen: {milliseconds(shown - begun)} after all voted, "
        f"{milliseconds(max(0.0, shown - last))} after the last acknowledgement"
    )


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


class BigScreen:
    """A presenter's socket, and when it showed what."""

    def __init__(self) -> None:
        self._shown: dict[int, float] = {}
        self._news = asyncio.Event()

    def hear(self, text: bytes) -> None:
        message = json.loads(text)
        if message["region"] == "screen":
            self._shown.setdefault(message["value"]["answered"], time.perf_counter())
            self._news.set()

    async def has(self, answered: int) -> float:
        """When it showed so many answers."""
        while answered not in self._shown:
            self._news.clear()
            await self._news.wait()
        return self._shown[answered]


async def big_screen(server: ServerProcess) -> BigScreen:
    key = server.keys.link_key("presenter", server.event, server.session)
    cookies = await enter(f"{server.url}/s/{server.event}/{server.session}#{key}")
    screen = BigScreen()
    headers = {"Host": f"127.0.0.1:{server.port}", "Origin": server.url, "Sec-WebSocket-Protocol": PROTOCOL}
    path = f"/s/{server.event}/{server.session}/socket"
    await light_socket(server.port, path, headers | {"Cookie": cookie_header(cookies)}, screen.hear)
    return screen


@asynccontextmanager
async def bare_echo() -> AsyncIterator[tuple[int, int]]:
    """Its process and its port."""
    port = free_port()
    with on_processor(0):
        process = await asyncio.create_subprocess_exec(sys.executable, str(HERE / "echo.py"), str(port))
    try:
        await listening(port)
        yield process.pid, port
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def listening(port: int) -> None:
    """Waits until someone listens there."""
    for _ in range(1000):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise TimeoutError(port)


@contextmanager
def on_processor(number: int) -> Iterator[None]:
    """What is started meanwhile runs on this processor alone, where there are two."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {number % (os.cpu_count() or 1)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def processor_seconds(process: int) -> float:
    """What a process used of its processor, all threads together."""
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


async def measured(process: int, crowd: list[Robot], votes: int) -> tuple[float, float]:
    """Answers a second, and the server's processor time for one of them."""
    used = processor_seconds(process)
    rate = await a_second(crowd, votes)
    return rate, (processor_seconds(process) - used) / (len(crowd) * votes)


async def compare(size: int, votes: int) -> None:
    """Echo and program by turns, so that what else the machine does falls on both."""
    with on_processor(1), tempfile.TemporaryDirectory() as place:
        async with (
            bare_echo() as (echo_process, echo_port),
            started(Path(place), forks=False, around=on_processor(0)) as server,
        ):
            moderator = await server.moderator()
            await moderator.command(Verb.OPEN, str(BEST))
            screen = await big_screen(server)
            crowd = await robots(size, server.port, f"/p/{server.code()}/socket", server, counted)
            await asyncio.sleep(0.5)  # everybody is present, and the screen has said so
            await burst(crowd, screen)
            echoes = await robots(size, echo_port, "/", None, lambda text: True)
            turns = []
            for _ in range(ROUNDS):
                bare = await measured(echo_process, echoes, votes)
                ours = await measured(server.pid, crowd, votes)
                print(
                    f"{ours[0]:7,.0f} acknowledged votes a second, {bare[0]:7,.0f} bare echoes: {ours[0] / bare[0]:.2f}"
                )
                turns.append((ours[0] / bare[0], *ours, *bare))
            ratio, rate, cost, bare_rate, bare_cost = (statistics.median(column) for column in zip(*turns, strict=True))
            waits = [wait for robot in crowd for wait in robot.waits]
            print(
                f"medians: {rate:,.0f} votes a second, {bare_rate:,.0f} echoes, ratio {ratio:.2f}; "
                f"{cost * 1e6:.0f} µs of the processor a vote, {bare_cost * 1e6:.0f} µs an echo\n"
                f"a vote is acknowledged after {milliseconds(statistics.median(waits))} (median), "
                f"{milliseconds(statistics.quantiles(waits, n=100)[98])} (99 %)"
            )
            await moderator.leave()


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    asyncio.run(compare(*given, *(500, 20)[len(given) :]))
