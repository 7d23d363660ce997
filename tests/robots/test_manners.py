"""How people take part: shares, seconds, and the same people for the same seed."""

from __future__ import annotations

from collections import Counter
from statistics import median

import pytest

from polling.robots.manners import Loss, Manners

ROBOTS = range(2000)


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    first, again, other = Manners(seed=1), Manners(seed=1), Manners(seed=2)
    assert [first.loss(robot, "a/b/1") for robot in ROBOTS] == [again.loss(robot, "a/b/1") for robot in ROBOTS]
    assert [first.seconds_to_think(robot, "a/b/1") for robot in ROBOTS] != [
        other.seconds_to_think(robot, "a/b/1") for robot in ROBOTS
    ]


def test_most_are_near_the_middle_and_a_few_take_several_times_as_long() -> None:
    seconds = sorted(Manners(think=8).seconds_to_think(robot, "q") for robot in ROBOTS)
    assert 7 < median(seconds) < 9
    assert seconds[int(0.9 * len(seconds))] > 2 * median(seconds)
    assert seconds[0] > 0
    assert seconds[-1] < 60
    assert max(Manners(think=8, speed=10).seconds_to_think(robot, "q") for robot in ROBOTS) == seconds[-1] / 10


def test_so_many_lose_their_connection_leave_come_late_and_change_their_mind_as_was_asked() -> None:
    manners = Manners(late=0.2, lost=0.3, leaving=0.1, unsure=0.25)
    losses = Counter(manners.loss(robot, "q") for robot in ROBOTS)
    assert losses[Loss.LEFT] + losses[Loss.LEFT_AFTER] == pytest.approx(0.1 * len(ROBOTS), rel=0.2)
    assert losses[Loss.AWAY] + losses[Loss.CUT] == pytest.approx(0.9 * 0.3 * len(ROBOTS), rel=0.2)
    assert min(losses.values()) > 0
    late = sum(manners.seconds_late(robot, "hall") > 0 for robot in ROBOTS)
    assert late == pytest.approx(0.2 * len(ROBOTS), rel=0.2)
    unsure = sum(manners.seconds_to_doubt(robot, "q") is not None for robot in ROBOTS)
    assert unsure == pytest.approx(0.25 * len(ROBOTS), rel=0.2)


def test_nobody_does_what_nobody_was_asked_to() -> None:
    calm = Manners(late=0, lost=0, leaving=0, unsure=0)
    assert {calm.loss(robot, "q") for robot in ROBOTS} == {Loss.NONE}
    assert {calm.seconds_late(robot, "hall") for robot in ROBOTS} == {0.0}
    assert {calm.seconds_to_doubt(robot, "q") for robot in ROBOTS} == {None}


def test_a_moderator_waits_as_long_as_the_timer_says_or_until_nearly_everyone_is_done() -> None:
    manners = Manners(think=8, speed=2)
    assert manners.patience(60) == 30
    patience = manners.patience(None)
    done = sum(manners.seconds_to_think(robot, "q") < patience for robot in ROBOTS)
    assert done == pytest.approx(0.98 * len(ROBOTS), rel=0.01)
