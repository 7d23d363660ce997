"""Which rooms are named beside the texts that were written in them, so that no other is known for not being named."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

ROOM_OF_IDEAS = 10
"""Below this many ideas in a room, an idea doesn't say which room it came from: colleagues could guess whose it is."""

Room = TypeVar("Room", bound=Hashable)


def named_rooms(ideas: Mapping[Room, int]) -> frozenset[Room]:
    """Of the rooms that were asked one question, with how many ideas each gave: those that gave enough. Where one room
    alone gave too few, the texts without a room would be known to be its: there the next smallest is not named either.
    """
    named = {room for room, number in ideas.items() if number >= ROOM_OF_IDEAS}
    few = [room for room, number in ideas.items() if 0 < number < ROOM_OF_IDEAS]
    if len(few) == 1 and named:
        named.remove(min(named, key=lambda room: (ideas[room], str(room))))
    return frozenset(named)
