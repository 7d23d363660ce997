"""P03, P04, P16: what is left after the seal, what no table ever holds, and what exports don't tell."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import math
import random
import sqlite3
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
from served import CAKE, EVENT, Talk, serving
from signing_stage import KEYS
from worlds import POLLS, World, fresh_databases, make

from polling.core.results.withholding import SMALL_STEP
from polling.store.database import Database
from polling.store.migrations import migrate


@pytest.fixture
def template(tmp_path: Path) -> Path:
    made = Database(f"sqlite:///{tmp_path}/empty.db")
    migrate(made)
    made.close()
    return tmp_path / "empty.db"


def held(world: World) -> World:
    world.hold()
    world.close()
    return world


@pytest.mark.promise("P03")
def test_after_the_seal_neither_cookie_nor_secret_finds_an_answer(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a full copy, the server's secret and everybody's cookie: every key that can be made is tried."""
    databases = fresh_databases(template, tmp_path)
    world = held(make(next(databases), random.Random(3), monkeypatch, 60, 3, own_pace=False))
    found = {}
    for moment in ("closed", "sealed"):
        if moment == "sealed":
            world.seal()
        world.settle()
        copy = world.steal(tmp_path / moment)
        content = copy.path.read_bytes() + copy.path.with_name(copy.path.name + "-wal").read_bytes()
        connection = sqlite3.connect(copy.path)
        nonces = [nonce for (nonce,) in connection.execute("SELECT nonce FROM poll")]
        connection.close()
        keys = [
            key
            for person in world.arrivals
            for nonce in nonces
            for key in (KEYS.voter_key(nonce, person.secret), KEYS.idea_key(nonce, person.secret), person.secret)
        ]
        found[moment] = sum(key in content for key in keys)
    databases.close()
    assert len(keys) == 60 * len(POLLS) * 3
    assert found["closed"] >= 60 * len(POLLS)
    assert found["sealed"] == 0


@pytest.mark.promise("P03")
def test_a_seal_keeps_a_digest_of_its_sums_under_a_number_by_chance(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    databases = fresh_databases(template, tmp_path)
    world = held(make(next(databases), random.Random(4), monkeypatch, 14, 2, own_pace=False))
    world.seal()
    with world.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT seal_nonce, digest FROM poll").all()
    databases.close()
    assert len({nonce for nonce, _ in rows}) == len({digest for _, digest in rows}) == len(POLLS)
    assert {(len(nonce), len(digest)) for nonce, digest in rows} == {(16, 32)}


@pytest.mark.promise("P04")
def test_no_table_that_holds_answers_or_names_has_a_clock(database: Database) -> None:
    raw = sqlite3.connect(database.path)
    columns = {
        table: dict(raw.execute("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall())
        for table in ("ballot", "idea", "tally", "contact")
    }
    raw.close()
    assert all(columns.values())
    clocks = {"DATETIME", "TIMESTAMP", "TIME", "FLOAT", "REAL", "DATE"}
    found = {(table, name) for table, names in columns.items() for name, kind in names.items() if kind in clocks}
    assert found <= {("contact", "until")}  # the day that the consent names
    assert "half_day" in columns["contact"]


@pytest.mark.promise("P04")
async def test_bars_of_a_small_room_never_move_by_one_tap(tmp_path: Path) -> None:
    """What screens and phones were sent of an open poll, while twelve answered one by one and some changed it."""
    rules = {**cast(dict[str, Any], EVENT["privacy"]), "smallest_group": 5}
    with serving(tmp_path, {**EVENT, "privacy": rules}) as served:
        cookie = served.pass_cookie("presenter")
        screen = served.socket("/s/tea/hall/socket", cookie=cookie)
        async with served.moderator() as moderator, screen as big, served.phone(99) as watcher:
            await moderator.command("open", 0, CAKE)
            for number in range(1, 13):
                async with served.phone(number) as phone:
                    assert (await phone.cast(CAKE, "apple" if number % 3 else "plum"))["fate"] == "counted"
                    if number % 4 == 0:
                        await phone.cast(CAKE, "plum", revision=2)
                    await asyncio.sleep(0.12)  # longer than between two frames
            await asyncio.sleep(0.3)
            frames = []
            for talk in (big, watcher, moderator):
                await all_of(talk)
                frames.append([frame["value"] for region in talk.regions.values() for frame in region])
    seen = 0
    for heard in frames:
        states = [bars for value in heard if (bars := bars_of(value)) is not None]
        seen += len(set(states))
        for before, after in itertools.pairwise(states):
            moved = sum(abs(one - other) for one, other in zip(before, after, strict=True))
            assert moved == 0 or moved >= SMALL_STEP, (before, after)
    assert seen >= 4


async def all_of(talk: Talk) -> None:
    """Hears what is still on its way."""
    with suppress(TimeoutError):
        async with asyncio.timeout(0.3):
            while True:
                await talk.hear()


def bars_of(value: Any) -> tuple[int, ...] | None:
    """The counts of the chart in a region's value, wherever it stands; None where there are none."""
    if isinstance(value, dict):
        rows = value.get("rows")
        if isinstance(rows, list | tuple) and rows and all(isinstance(row, dict) and "count" in row for row in rows):
            counts = [row["count"] for row in rows]
            return None if None in counts else tuple(counts)
        return next((found for each in value.values() if (found := bars_of(each)) is not None), None)
    if isinstance(value, list):
        return next((found for each in value if (found := bars_of(each)) is not None), None)
    return None


# exports


def exported(world: World) -> dict[str, list[dict[str, str]]]:
    return {
        name: list(csv.DictReader(io.StringIO(content.decode(), newline="")))
        for name, content in world.exports().items()
        if name.endswith(".csv")
    }


@pytest.mark.promise("P16")
def test_the_lines_of_an_export_do_not_follow_the_order_of_votes(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kendall's tau between a text's line and the time of its vote, over twenty events: what chance would give."""
    databases, taus = fresh_databases(template, tmp_path), []
    size, times = 7, 20
    for number in range(times):
        world = held(make(next(databases), random.Random(number), monkeypatch, size, 2, own_pace=False))
        lines = [row["text"] for row in exported(world)["texts.csv"] if row["question"] == "ideas"]
        assert len(lines) == size
        places = [lines.index(person.idea) for person in world.arrivals]
        pairs = [(one < other) for at, one in enumerate(places) for other in places[at + 1 :]]
        taus.append(2 * sum(pairs) / len(pairs) - 1)
    databases.close()
    sigma = math.sqrt(2 * (2 * size + 5) / (9 * size * (size - 1)) / times)
    assert abs(sum(taus) / times) < 2.58 * sigma  # p > 0.01


@pytest.mark.promise("P16")
def test_two_exports_hold_the_same_and_no_column_numbers_people(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    databases = fresh_databases(template, tmp_path)
    world = held(make(next(databases), random.Random(5), monkeypatch, 60, 2, own_pace=True))
    closed = exported(world)
    world.seal()
    world.settle()
    sealed, again = exported(world), exported(world)
    databases.close()
    for name, rows in sealed.items():
        assert Counter(map(str, rows)) == Counter(map(str, again[name])), name
        if name != "segments.csv":  # which stand there once a poll is sealed
            assert Counter(map(str, rows)) == Counter(map(str, closed[name])), name
    texts = closed["texts.csv"]
    assert len(texts) == 120
    for column in texts[0]:
        if column != "text":
            assert len({row[column] for row in texts}) <= len(POLLS), column


@pytest.mark.promise("P16")
def test_an_open_poll_is_in_no_export(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    databases = fresh_databases(template, tmp_path)
    world = make(next(databases), random.Random(6), monkeypatch, 14, 2, own_pace=False)
    world.hold()
    before = {row["question"] for rows in exported(world).values() for row in rows}
    world.close()
    after = {row["question"] for rows in exported(world).values() for row in rows}
    databases.close()
    assert before == {"sector", "uses", "ideas", "thoughts"}
    assert after - before == {"mood"}
