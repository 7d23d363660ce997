"""Cards that send people to their break-outs: how many for each room, and in which order they are handed out."""

from __future__ import annotations

from polling.core.event import Event, SessionPlan

MOST_CARDS = 1000


def how_many(event: Event) -> int:
    """A card for each seat, where all rooms say how many they have; else ten for each room."""
    rooms = event.break_out_sessions
    seats = [room.seats for room in rooms if room.seats is not None]
    return min(MOST_CARDS, sum(seats) if len(seats) == len(rooms) else 10 * len(rooms))


def deal(event: Event, number: int) -> list[SessionPlan]:
    """The rooms of so many cards: by their seats where all rooms say them, else evenly. However many of the first are
    handed out, rooms are as evenly filled as can be."""
    rooms = event.break_out_sessions
    if not rooms:
        return []
    weights = [room.seats or 0 for room in rooms] if all(room.seats for room in rooms) else [1] * len(rooms)
    dealt = [0] * len(rooms)
    order = []
    for _ in range(number):
        emptiest = min(range(len(rooms)), key=lambda place: ((2 * dealt[place] + 1) / weights[place], place))
        dealt[emptiest] += 1
        order.append(rooms[emptiest])
    return order
