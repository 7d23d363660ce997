"""Who belongs in which room: seats are never given twice, and nobody has two."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from polling.live.whereabouts import Whereabouts

SEATS = {"north": 1, "east": 2, "south": 3}
PHONES = st.integers(min_value=0, max_value=7).map(lambda number: bytes([number]))
ROOMS = st.sampled_from(sorted(SEATS))


class Seats(RuleBasedStateMachine):
    """Phones choose, come in by a room's own code, and change their minds, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.whereabouts = Whereabouts()
        self.belongs: dict[bytes, str] = {}
        self.by_code: set[tuple[bytes, str]] = set()

    @rule(phone=PHONES, room=ROOMS)
    def choose(self, phone: bytes, room: str) -> None:
        others = sum(place == room for each, place in self.belongs.items() if each != phone)
        fits = others < SEATS[room] or self.belongs.get(phone) == room
        assert self.whereabouts.take(phone, room, SEATS[room]) == fits
        if fits:
            self.belongs[phone] = room

    @rule(phone=PHONES, room=ROOMS)
    def come_in(self, phone: bytes, room: str) -> None:
        self.whereabouts.come(phone, room)
        self.belongs[phone] = room
        self.by_code.add((phone, room))

    @invariant()
    def every_phone_has_one_seat_at_most(self) -> None:
        assert self.whereabouts.taken() == Counter(self.belongs.values())
        assert {phone: self.whereabouts.of(phone) for phone in self.belongs} == self.belongs

    @invariant()
    def no_seat_is_given_twice(self) -> None:
        for room, taken in self.whereabouts.taken().items():
            walked_in = sum(self.belongs.get(phone) == room for phone, place in self.by_code if place == room)
            assert taken <= SEATS[room] + walked_in


TestSeats = Seats.TestCase
TestSeats.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_of_many_who_take_the_last_seats_at_once_as_many_get_one_as_there_are() -> None:
    for _ in range(20):
        whereabouts = Whereabouts()
        with ThreadPoolExecutor(16) as pool:
            got = [pool.submit(whereabouts.take, bytes([phone]), "east", 5, ["north"]) for phone in range(40)]
        assert sum(each.result() for each in got) == 5
        assert whereabouts.taken() == {"east": 5}


def test_rooms_that_sit_together_share_their_seats() -> None:
    whereabouts = Whereabouts()
    whereabouts.come(b"1", "north")
    assert whereabouts.take(b"2", "east", 2, ["north"])
    assert not whereabouts.take(b"3", "east", 2, ["north"])
    assert whereabouts.take(b"1", "east", 2, ["north"])  # it has a seat there already


def test_whoever_is_told_that_a_room_is_full_keeps_the_seat_they_had() -> None:
    whereabouts = Whereabouts()
    whereabouts.come(b"1", "north")
    assert whereabouts.take(b"2", "east", 2)
    assert not whereabouts.take(b"2", "north", 1)
    assert whereabouts.of(b"2") == "east"


@given(st.lists(st.tuples(PHONES, ROOMS), max_size=40))
def test_memory_is_bounded_and_who_was_heard_of_longest_ago_is_forgotten(arrivals: list[tuple[bytes, str]]) -> None:
    whereabouts = Whereabouts(most=3)
    recent: dict[bytes, str] = {}
    for phone, room in arrivals:
        whereabouts.come(phone, room)
        recent.pop(phone, None)
        recent[phone] = room
    newest = dict(list(recent.items())[-3:])
    assert {phone: whereabouts.of(phone) for phone in newest} == newest
    assert whereabouts.taken() == Counter(newest.values())


def test_changes_are_told_once_each() -> None:
    whereabouts, told = Whereabouts(), []
    whereabouts.on_change = lambda: told.append(1)
    whereabouts.come(b"1", "north")
    whereabouts.come(b"1", "north")
    whereabouts.take(b"1", "north", 1)
    assert len(told) == 1
