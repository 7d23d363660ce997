"""Timers: what they end by, whatever the wall clocks say, and polls that close by themselves."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from served import CAKE, Served, serving, until

from polling.core.poll import Poll, PollKey, State, Timer
from polling.live.countdown import Countdown
from polling.live.timing import GRACE, WHO, Timekeeper

CAKES = PollKey("cakes", "cake")


class Clocks:
    """A wall clock that can be wrong, and one that only runs."""

    def __init__(self) -> None:
        self.wall = 1_800_000_000.0
        self.monotonic = 1000.0

    def countdown(self) -> Countdown:
        return Countdown(lambda: self.wall, lambda: self.monotonic)

    def run(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds

    def timed(self, seconds: int, closes: bool = True) -> Poll:
        return Poll(CAKES, State.OPEN, timer=Timer(seconds, closes, self.wall))


@pytest.mark.promise("R15")
@pytest.mark.parametrize("jump", [3600.0, -3600.0, 86_400.0])
def test_a_wall_clock_that_jumps_moves_no_end(jump: float) -> None:
    clocks = Clocks()
    countdown, poll = clocks.countdown(), clocks.timed(120)
    assert countdown.ends(poll) == 1120.0
    clocks.run(30)
    clocks.wall += jump
    assert countdown.ends(poll) == 1120.0
    clocks.run(200)
    assert countdown.ends(poll) == 1120.0


@given(jumps=st.lists(st.floats(-4000, 4000), max_size=6), more=st.integers(1, 60))
def test_only_an_extension_moves_an_end_and_by_as_much(jumps: list[float], more: int) -> None:
    clocks = Clocks()
    countdown, poll = clocks.countdown(), clocks.timed(60)
    first = countdown.ends(poll)
    assert first is not None
    for jump in jumps:
        clocks.run(1)
        clocks.wall += jump
        assert countdown.ends(poll) == first
    assert poll.timer is not None
    longer = replace(poll, timer=replace(poll.timer, seconds=60 + more))
    assert countdown.ends(longer) == first + more


@pytest.mark.promise("R15")
def test_after_a_restart_a_timer_goes_on_where_it_was() -> None:
    clocks = Clocks()
    poll = clocks.timed(120)
    clocks.run(50)
    assert clocks.countdown().ends(poll) == 1050.0 + 70
    clocks.wall -= 3600  # set back while the server was down: at the most the whole time again
    assert clocks.countdown().ends(poll) == 1050.0 + 120
    clocks.wall += 2 * 3600
    assert clocks.countdown().ends(poll) == 1050.0  # over


def test_a_timer_that_is_started_anew_is_another_one() -> None:
    clocks = Clocks()
    countdown = clocks.countdown()
    countdown.ends(clocks.timed(60))
    clocks.run(10)
    assert countdown.ends(clocks.timed(60)) == 1070.0
    assert countdown.ends(Poll(CAKES, State.OPEN)) is None
    assert countdown.ends(None) is None


async def timed(moderator: Any, seconds: int, closes: bool) -> None:
    """Opens a question and starts a timer."""
    await moderator.command("open", 0, CAKE)
    await moderator.command("start_timer", 1, seconds=seconds, closes=closes)


def keeper(served: Served, later: float) -> Timekeeper:
    """As it looks so many seconds later."""
    return Timekeeper(served.site.hall, served.site.writer, lambda: time.monotonic() + later)


def state(served: Served) -> State:
    return served.site.hall.room("tea", "hall").state.state.poll(CAKE).state


@pytest.mark.promise("R15")
async def test_a_poll_whose_timer_is_over_is_closed_once_by_the_timer(served: Served) -> None:
    async with served.moderator() as moderator:
        await timed(moderator, 60, closes=True)
        await until(lambda: served.site.hall.room("tea", "hall").state.ends is not None)
        assert await served.on_server(keeper(served, 58).look()) == 0
        assert await served.on_server(keeper(served, 60 + GRACE + 0.3).look()) == 1
        await until(lambda: state(served) is State.CLOSED)
        assert await served.on_server(keeper(served, 70).look()) == 0
        closed = await moderator.until("now", revision=3)
        assert closed["value"]["poll"]["timer"] is None
    with served.site.database.read() as connection:
        told = connection.exec_driver_sql("SELECT who FROM command WHERE verb = 'close'").scalars().all()
    assert told == [WHO]


async def test_a_timer_that_does_not_close_leaves_the_poll_open(served: Served) -> None:
    async with served.moderator() as moderator:
        await timed(moderator, 5, closes=False)
        await until(lambda: served.site.hall.room("tea", "hall").state.ends is not None)
        assert await served.on_server(keeper(served, 100).look()) == 0
        assert state(served) is State.OPEN


async def test_a_timer_that_is_extended_in_the_last_moment_closes_nothing(served: Served) -> None:
    async with served.moderator() as moderator:
        await timed(moderator, 60, closes=True)
        room = served.site.hall.room("tea", "hall")
        await until(lambda: room.state.ends is not None)
        before, ends = room.state, room.state.ends or 0.0
        await moderator.command("extend_timer", 2, seconds=60)
        await until(lambda: room.state.state.revision == 3)
        room.state = before  # as it was last read, a moment ago
        assert await served.on_server(keeper(served, 61).look()) == 0
        await served.on_server(room.fresh())
        assert state(served) is State.OPEN
        assert room.state.ends == ends + 60


@pytest.mark.promise("R15")
async def test_an_answer_that_comes_before_the_end_counts_and_the_poll_is_closed_also_after_a_restart(
    tmp_path: Path,
) -> None:
    with serving(tmp_path) as served:
        async with served.moderator() as moderator, served.phone() as phone:
            await timed(moderator, 2, closes=True)
            assert (await phone.cast(CAKE, "plum"))["fate"] == "counted"
    with serving(tmp_path) as again:
        assert again.site.hall.room("tea", "hall").state.ends is not None
        await until(lambda: state(again) is State.CLOSED)
        async with again.phone() as phone:
            assert (await phone.cast(CAKE, "apple", revision=2))["code"] == "poll-not-open"


@pytest.mark.promise("R15")
async def test_a_page_is_told_the_server_s_clock_and_an_end_that_stands_while_others_vote(served: Served) -> None:
    async with served.moderator() as moderator, served.phone() as phone:
        await timed(moderator, 90, closes=False)
        timer = await phone.until("timer", seconds=90)
        assert phone.clock is not None
        assert 80 < timer["value"]["ends"] - phone.clock < 92
        for number in range(3):
            async with served.phone(10 + number) as other:
                await other.cast(CAKE, "plum")
        await moderator.command("extend_timer", 2, seconds=30)
        assert await phone.region("timer") | {"revision": 0} == timer | {
            "revision": 0,
            "value": timer["value"] | {"seconds": 120, "ends": timer["value"]["ends"] + 30},
        }  # the very next one: none came in between
    reply = await served.ask(f"/p/{served.code()}/regions")
    assert abs(float(reply.headers["Polling-Clock"]) - time.monotonic()) < 5
