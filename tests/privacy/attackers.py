"""The attackers of the two-world swap. Each reads a snapshot and says, for a pair, whether their answers are swapped.

An attacker is a reader, which puts what it finds into some order (rows, offsets in pages, frames of the WAL, numbers,
ids, lines of exports), and a route from that order to a guess. The routes:

- arrival: knows in which order people came, so the ballot at a person's place in the order is that person's;
- signature: knows nobody; a contact names its idea, whose place in the order is the person's place in every poll;
- contact: of two contacts the earlier one's owner gave the earlier of two unsigned answers;
- beside: knows what both ticked; the thought at the place of a ballot is by the same person.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from order_reader import FRAME_HEADER, WAL_HEADER, by_offset, by_wal
from worlds import IDEAS, MOOD, POLLS, SECTOR, THOUGHTS, TICKS, USES, Pair, Person, Snapshot

from polling.core.poll import PollKey

Rank = tuple[int | str, ...]
Order = Sequence[bytes]
"""Keys, or what stands for them, from the one that came first to the last. Empty: the reader finds none."""


@dataclass(frozen=True)
class Loot:
    """A snapshot, with what SQL says of it."""

    snapshot: Snapshot
    polls: Mapping[PollKey, int]

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self.snapshot.path}?mode=ro", uri=True)

    def close(self) -> None:
        self._connection.close()

    def rows(self, table: str) -> list[dict[str, object]]:
        """All rows in the order in which the table gives them."""
        cursor = self._connection.execute(f"SELECT * FROM {table} NOT INDEXED")
        names = [each[0] for each in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    @cached_property
    def ballots(self) -> dict[PollKey, dict[bytes, dict[str, object]]]:
        rows = self.rows("ballot")
        return {
            poll: {_bytes(r["voter_key"]): r for r in rows if r["poll_id"] == id} for poll, id in self.polls.items()
        }

    @cached_property
    def ideas(self) -> dict[PollKey, dict[bytes, dict[str, object]]]:
        rows = self.rows("idea")
        return {poll: {_bytes(r["id"]): r for r in rows if r["poll_id"] == id} for poll, id in self.polls.items()}

    @cached_property
    def contacts(self) -> dict[bytes, dict[str, object]]:
        return {_bytes(row["id"]): row for row in self.rows("contact")}

    @cached_property
    def keys(self) -> list[bytes]:
        kept = [*self.ballots.values(), *self.ideas.values(), self.contacts]
        return [key for each in kept for key in each]

    @cached_property
    def offsets(self) -> Mapping[bytes, Rank]:
        return by_offset(self.snapshot.path, self.keys)

    @cached_property
    def raw(self) -> tuple[bytes, bytes]:
        wal = self.snapshot.path.with_name(self.snapshot.path.name + "-wal")
        return self.snapshot.path.read_bytes(), wal.read_bytes() if wal.exists() else b""


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


# readers: key → rank


def rows(loot: Loot) -> Mapping[bytes, Rank]:
    """The order in which tables give their rows."""
    return {key: (number,) for number, key in enumerate(loot.keys)}


def offsets(loot: Loot) -> Mapping[bytes, Rank]:
    """Where things lie inside a page: a new one is put before the older ones."""
    return loot.offsets


def pages(loot: Loot) -> Mapping[bytes, Rank]:
    """The page that a thing lies in: pages are made as they are needed."""
    return {key: rank[:1] for key, rank in loot.offsets.items()}


def leftovers(loot: Loot) -> Mapping[bytes, Rank]:
    """Where its bytes stand last in file and WAL, in live pages or in what is left of old ones: page by page, and in
    each from its end."""
    file, wal = loot.raw
    size = int.from_bytes(file[16:18], "big")
    found: dict[bytes, Rank] = {}
    for key in loot.keys:
        if (at := wal.rfind(key)) >= 0:
            frame, offset = divmod(at - WAL_HEADER, FRAME_HEADER + size)
            found[key] = (len(file) + frame, -offset)
        elif (at := file.rfind(key)) >= 0:
            found[key] = (at // size, -(at % size))
    return found


def wal(loot: Loot) -> Mapping[bytes, Rank]:
    """The first frame that has it."""
    return by_wal(loot.snapshot.path, loot.keys)


def numbers(loot: Loot) -> Mapping[bytes, Rank]:
    """Revisions, times, and any other column that is neither key nor answer; labels too, if there are any."""
    told = {
        "poll_id",
        "voter_key",
        "cells",
        "id",
        "cell",
        "text",
        "claim_hash",
        "idea_id",
        "answer",
        "name",
        "email",
        "key_hash",
        "event",
        "session",
        "set",
        "question",
        "round",
    }
    found: dict[bytes, Rank] = {}
    for table in (*loot.ballots.values(), *loot.ideas.values(), loot.contacts):
        for key, row in table.items():
            found[key] = tuple(f"{value!s:>20}" for name, value in sorted(row.items()) if name not in told)
    return found


def ids(loot: Loot) -> Mapping[bytes, Rank]:
    """The keys themselves."""
    return {key: (key.hex(),) for key in loot.keys}


def exports(loot: Loot) -> Mapping[bytes, Rank]:
    """The lines of texts.csv, and of the working group's list."""
    found: dict[bytes, Rank] = {}
    for table in loot.ideas.values():
        for key, row in table.items():
            where = [number for number, line in enumerate(loot.snapshot.texts) if str(row["text"]) in line]
            found |= {key: (where[0],)} if where else {}
    for key, row in loot.contacts.items():
        same = (str(row["answer"]), str(row["name"]))
        where = [number for number, line in enumerate(loot.snapshot.lines) if line == same]
        found |= {key: (where[0],)} if where else {}
    return found


READERS: Mapping[str, Callable[[Loot], Mapping[bytes, Rank]]] = {
    reader.__name__: reader for reader in (rows, offsets, pages, leftovers, wal, numbers, ids, exports)
}


# routes: how much speaks for the pair as told, less what speaks for the swap


@dataclass(frozen=True)
class Attack:
    """What one reader found, put to use."""

    loot: Loot
    ranks: Mapping[bytes, Rank]
    arrivals: Sequence[str]  # names

    def order(self, table: Mapping[bytes, object]) -> Order:
        """By rank; an attacker who has lost the early ones still has the order of the rest."""
        return sorted((key for key in table if key in self.ranks), key=self.ranks.__getitem__)

    def at(self, table: Mapping[bytes, Mapping[str, object]], place: float) -> Mapping[str, object] | None:
        """What is at a place between 0, the first, and 1, the last; counted from the end where early ones are lost."""
        order = self.order(table)
        number = round(place * (len(table) - 1)) - (len(table) - len(order))
        return table[order[number]] if order and number >= 0 else None

    # places

    def came(self, person: Person) -> float | None:
        """Seen at the door."""
        return self.arrivals.index(person.name) / (len(self.arrivals) - 1)

    def signed(self, person: Person) -> float | None:
        """By the contact's idea, among all ideas."""
        table = self.loot.ideas[IDEAS]
        order = self.order(table)
        held = (row for row in self.loot.contacts.values() if row["name"] == person.name and row["idea_id"])
        idea = next((_bytes(row["idea_id"]) for row in held), None)
        if idea not in order:
            return None
        return (order.index(idea) + len(table) - len(order)) / (len(table) - 1)

    # evidence

    def ballots_at(self, place: Callable[[Person], float | None], pair: Pair) -> float:
        """Whether the ballots at both places are the ones as told."""
        found = 0.0
        for person, sign in ((pair.first, 1), (pair.second, -1)):
            if (where := place(person)) is not None:
                for poll in (SECTOR, USES, MOOD):
                    row = self.at(self.loot.ballots[poll], where)
                    found += sign * _speaks(str(row["cells"]), poll, pair) if row else 0
        return found

    def thoughts_at(self, place: Callable[[Person], float | None], pair: Pair) -> float:
        """Whether the thoughts at both places are."""
        found = 0.0
        for person, sign in ((pair.first, 1), (pair.second, -1)):
            if (where := place(person)) is not None and (row := self.at(self.loot.ideas[THOUGHTS], where)):
                found += sign * ((row["text"] == pair.first.thought) - (row["text"] == pair.second.thought))
        return found

    def earlier_contact(self, pair: Pair) -> float:
        """1: the first's contact came before the second's; -1: after it; 0: can't tell."""
        order = [str(self.loot.contacts[key]["name"]) for key in self.order(self.loot.contacts)]
        if pair.first.name not in order or pair.second.name not in order:
            return 0
        return 1 if order.index(pair.first.name) < order.index(pair.second.name) else -1

    def ballots_in_order(self, pair: Pair) -> float:
        """Whether the earlier contact's owner gave the earlier answers."""
        found = 0.0
        for poll in (SECTOR, MOOD):
            spoken = [
                _speaks(str(self.loot.ballots[poll][key]["cells"]), poll, pair)
                for key in self.order(self.loot.ballots[poll])
            ]
            mine, yours = ([n for n, speaks in enumerate(spoken) if speaks == sign] for sign in (1, -1))
            if mine and yours:
                found += (fmean(yours) - fmean(mine)) / len(spoken)
        return found * self.earlier_contact(pair)

    def thoughts_in_order(self, pair: Pair) -> float:
        """The same of thoughts."""
        order = [self.loot.ideas[THOUGHTS][key]["text"] for key in self.order(self.loot.ideas[THOUGHTS])]
        if pair.first.thought not in order or pair.second.thought not in order:
            return 0
        first = 1 if order.index(pair.first.thought) < order.index(pair.second.thought) else -1
        return first * self.earlier_contact(pair)

    def thoughts_beside(self, pair: Pair) -> float:
        """Whether the ballots at the places of both thoughts are their writers'; what both ticked is known."""
        table = self.loot.ideas[THOUGHTS]
        order = [table[key]["text"] for key in self.order(table)]
        found = 0.0
        for thought, sign in ((pair.first.thought, 1), (pair.second.thought, -1)):
            if thought in order:
                where = (order.index(thought) + len(table) - len(order)) / (len(table) - 1)
                for poll in (SECTOR, USES, MOOD):
                    row = self.at(self.loot.ballots[poll], where)
                    found += sign * _speaks(str(row["cells"]), poll, pair) if row else 0
        return -found if pair.ballots_swapped else found


def _speaks(cells: str, poll: PollKey, pair: Pair) -> int:
    """1: these are the first's ticks as told; -1: the second's; 0: neither's, or both's."""

    def told(person: Person) -> bool:
        picks = person.answer(poll)[0]
        options = TICKS if poll == USES else picks
        return all((f'"{each}"' in cells) == (each in picks) for each in options)

    return told(pair.first) - told(pair.second)


Route = Callable[[Attack, Pair], float]
ROUTES: Mapping[tuple[str, str], Route] = {
    ("arrival", "ballots"): lambda attack, pair: attack.ballots_at(attack.came, pair),
    ("arrival", "thoughts"): lambda attack, pair: attack.thoughts_at(attack.came, pair),
    ("signature", "ballots"): lambda attack, pair: attack.ballots_at(attack.signed, pair),
    ("signature", "thoughts"): lambda attack, pair: attack.thoughts_at(attack.signed, pair),
    ("contact", "ballots"): lambda attack, pair: attack.ballots_in_order(pair),
    ("contact", "thoughts"): lambda attack, pair: attack.thoughts_in_order(pair),
    ("beside", "thoughts"): lambda attack, pair: attack.thoughts_beside(pair),
}
"""(how, what is told apart) → the attack."""


def seen_to_change(loot: Loot, pair: Pair, revisions: Mapping[tuple[str, PollKey], int]) -> float:
    """Looked over two shoulders and knows who changed an answer, and how often. Revisions tell that until the seal."""
    found = 0.0
    for poll in (SECTOR, USES, MOOD):
        for person, sign in ((pair.first, 1), (pair.second, -1)):
            same = [
                str(row["cells"])
                for row in loot.ballots[poll].values()
                if row["revision"] == revisions[person.name, poll]
            ]
            found += sign * sum(_speaks(cells, poll, pair) for cells in same) / max(1, len(same))
    return found


def score(evidence: float, swapped: bool) -> float:
    """1 for a right guess, 0 for a wrong one; no evidence is half a right one, as by a coin."""
    if not evidence:
        return 0.5
    return float((evidence < 0) == swapped)


__all__ = ["POLLS", "READERS", "ROUTES", "Attack", "Loot", "score", "seen_to_change"]
