"""An attacker who has a copy of the database file and its WAL, and wants to know in which order votes were cast.

Reads bytes, not SQL: the cells of B-tree pages with their offsets, and every version of a page that the WAL keeps.
The format is described at sqlite.org/fileformat2.html. A reader answers with ranks: voter key → rank, equal where it
can't tell.
"""

from __future__ import annotations

import itertools
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

INDEX_LEAF, INDEX_INTERIOR = 0x0A, 0x02  # tables WITHOUT ROWID live in index pages
WAL_HEADER, FRAME_HEADER = 32, 24

Ranks = Mapping[bytes, tuple[int, int]]
"""Voter key → (group, rank): two keys can be compared where their group is the same."""
UNKNOWN = (-1, 0)


def by_row(path: Path, poll_id: int) -> Ranks:
    """The order in which the table gives its rows."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows = connection.execute("SELECT voter_key FROM ballot WHERE poll_id = ?", (poll_id,)).fetchall()
    connection.close()
    return {key: (0, rank) for rank, (key,) in enumerate(rows)}


def by_offset(path: Path, keys: Sequence[bytes]) -> Ranks:
    """Where ballots lie inside their page: new ones are put before older ones, from the page's end."""
    ranks: dict[bytes, tuple[int, int]] = {}
    for number, page in newest_pages(path).items():
        for offset, blobs in cells(page, first=number == 1):
            for key in blobs.intersection(keys):
                ranks[key] = (number, -offset)
    return ranks


def by_wal(path: Path, keys: Sequence[bytes]) -> Ranks:
    """The first version of any page, in the order of the WAL, that has the ballot."""
    wal = path.with_name(path.name + "-wal")
    ranks: dict[bytes, tuple[int, int]] = {}
    for time, (number, page) in enumerate(frames(wal.read_bytes() if wal.exists() else b"")):
        for _, blobs in cells(page, first=number == 1):
            for key in blobs.intersection(keys):
                ranks.setdefault(key, (0, time))
    return ranks


# how well they do


def pairs_in_order(ranks: Ranks, true_order: Sequence[bytes]) -> float:
    """The share of pairs that the ranks put in the right order; one that they can't tell counts half. 0.5: nothing."""
    ranked = [ranks.get(key, UNKNOWN) for key in true_order]
    scores = [
        0.5 if one == other or one[0] != other[0] else float(one < other)
        for one, other in itertools.combinations(ranked, 2)
    ]
    return sum(scores) / len(scores)


def chance_sigma(voters: int, times: int) -> float:
    """The standard deviation of that share, over `times` random orders (that of Kendall's tau, halved)."""
    return math.sqrt(2 * (2 * voters + 5) / (9 * voters * (voters - 1))) / 2 / math.sqrt(times)


def linked(one: Ranks, other: Ranks, pairs: Mapping[bytes, bytes]) -> float:
    """The share of voters whose ballots in two polls are put together, by matching ranks. Chance: one voter's."""
    matched = dict(zip(sorted(one, key=one.__getitem__), sorted(other, key=other.__getitem__), strict=False))
    return sum(matched.get(key) == twin for key, twin in pairs.items()) / len(pairs)


# bytes


def newest_pages(path: Path) -> dict[int, bytes]:
    """Every page by its number, as the database stands: the newest frame of the WAL goes before the file."""
    file, wal = path.read_bytes(), path.with_name(path.name + "-wal")
    size = int.from_bytes(file[16:18], "big")
    found = {start // size + 1: file[start : start + size] for start in range(0, len(file), size)}
    return found | dict(frames(wal.read_bytes() if wal.exists() else b""))


def frames(wal: bytes) -> Iterator[tuple[int, bytes]]:
    """Page number and page of every frame that a WAL holds, old ones beyond its present end too."""
    size = int.from_bytes(wal[8:12], "big")
    for start in range(WAL_HEADER, len(wal) - FRAME_HEADER - size + 1, FRAME_HEADER + size):
        body = start + FRAME_HEADER
        yield int.from_bytes(wal[start : start + 4], "big"), wal[body : body + size]


def cells(page: bytes, *, first: bool) -> Iterator[tuple[int, set[bytes]]]:
    """The cells of a page that holds a table WITHOUT ROWID: offset, and the blobs in its record."""
    start = 100 if first else 0
    kind = page[start]
    if kind not in (INDEX_LEAF, INDEX_INTERIOR):
        return
    header = start + (8 if kind == INDEX_LEAF else 12)
    for number in range(int.from_bytes(page[start + 3 : start + 5], "big")):
        pointer = header + 2 * number
        offset = int.from_bytes(page[pointer : pointer + 2], "big")
        yield offset, blobs_of(page, offset + (4 if kind == INDEX_INTERIOR else 0))


def blobs_of(page: bytes, at: int) -> set[bytes]:
    """The blobs of the record that begins at `at`."""
    _, record = varint(page, at)
    length, position = varint(page, record)
    body, found = record + length, set()
    while position < record + length:
        kind, position = varint(page, position)
        size = size_of(kind)
        if kind >= 12 and kind % 2 == 0:
            found.add(page[body : body + size])
        body += size
    return found


def size_of(kind: int) -> int:
    """How many bytes a value of this serial type takes."""
    return (kind - 12) // 2 if kind >= 12 else (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]


def varint(page: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where the next thing begins."""
    value = 0
    for number in range(8):
        byte = page[at + number]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + number + 1
    return value << 8 | page[at + 8], at + 9
