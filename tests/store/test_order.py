"""P02: a copy of the file says nothing about the order in which people voted, once it is settled."""

from __future__ import annotations

import math
import random
import shutil
from collections import defaultdict
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from statistics import fmean

import pytest
from order_reader import Ranks, by_offset, by_row, by_wal, chance_sigma, linked, pairs_in_order
from sqlalchemy import event
from store_room import FOOD, SECTOR, Room

from polling.core.poll import PollKey, Verb
from polling.store import polls
from polling.store.database import Database
from polling.store.writer import Writer

READERS = ("row", "offset", "wal")
POLLS: Mapping[PollKey, tuple[str, ...]] = {SECTOR: ("steel", "glass"), FOOD: ("soup", "bread", "cake")}


def read(path: Path, reader: str, order: Mapping[int, list[bytes]]) -> list[Ranks]:
    """What a reader finds of each poll; `order`: poll id → its voter keys."""
    if reader == "row":
        return [by_row(path, poll_id) for poll_id in order]
    keys = [key for voters in order.values() for key in voters]
    found = by_offset(path, keys) if reader == "offset" else by_wal(path, keys)
    return [{key: found[key] for key in voters if key in found} for voters in order.values()]


def copy(database: Database, folder: Path) -> Path:
    """What a thief carries off: the file and its WAL."""
    folder.mkdir()
    for source in (database.path, database.path.with_name(database.path.name + "-wal")):
        shutil.copy(source, folder / source.name)
    return folder / database.path.name


def play(room: Room, round: int, phones: list[int], chance: random.Random) -> dict[int, list[bytes]]:
    """Two polls, in which the phones vote one by one in the same order. Poll id → voter keys in that order."""
    order = {}
    for first, options in POLLS.items():
        key = first._replace(round=round)
        if round > 1:
            room.do(Verb.NEXT, first._replace(round=round - 1))
            room.do(Verb.ASK_AGAIN)
        poll = room.open(key)
        votes = [room.ballot(phone, chance.choice(options), key=key) for phone in phones]
        for vote in votes:
            room.cast(vote)
        room.do(Verb.CLOSE)
        order[poll.id] = [vote.ballot.voter_key for vote in votes]
    return order


def hurry(database: Database) -> None:
    """Does not wait for the disk: what is written is the same."""
    database.engine.dispose()
    event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))


@pytest.mark.promise("P02")
@pytest.mark.parametrize(("voters", "times"), [(7, 12), (14, 8), (60, 4), (130, 4)])
def test_after_the_settle_no_byte_tells_the_order_of_votes(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, voters: int, times: int
) -> None:
    in_order: dict[tuple[str, str], list[float]] = defaultdict(list)
    put_together: dict[tuple[str, str], list[float]] = defaultdict(list)
    hurry(database)
    room, chance = Room(database), random.Random(voters)
    monkeypatch.setattr(polls, "token_bytes", chance.randbytes)  # three sigma would fail now and then by true chance
    for time in range(1, times + 1):
        order = play(room, time, chance.sample(range(10_000), voters), chance)
        copies = {"unsettled": copy(database, tmp_path / f"{time} unsettled")}
        assert Writer(database).settle_now()
        copies["settled"] = copy(database, tmp_path / f"{time} settled")
        twins = dict(zip(*order.values(), strict=True))
        for state, reader in product(copies, READERS):
            ranks = read(copies[state], reader, order)
            in_order[state, reader] += map(pairs_in_order, ranks, order.values())
            put_together[state, reader].append(linked(ranks[0], ranks[1], twins))

    limit = 0.5 + 3 * chance_sigma(voters, 2 * times)
    print(
        f"\n{voters} voters, {times} times two polls; chance + 3 sigma: {limit:.3f}; chance to link: {1 / voters:.3f}"
    )
    for (state, reader), scores in in_order.items():
        print(f"  {state:9}  {reader:6}  in order {fmean(scores):.3f}  linked {fmean(put_together[state, reader]):.3f}")
    assert max(fmean(in_order["settled", reader]) for reader in READERS) <= limit
    link_limit = (1 + 3 / math.sqrt(times)) / voters  # by chance one voter is put together, give or take one
    assert max(fmean(put_together["settled", reader]) for reader in READERS) <= link_limit
    assert fmean(in_order["unsettled", "wal"]) > 0.9
    assert fmean(put_together["unsettled", "wal"]) > 0.9
    assert fmean(in_order["unsettled", "offset"]) > limit
