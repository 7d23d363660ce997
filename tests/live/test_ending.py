"""The end of the event: what is still open when its day is past is closed, and sealed in its time, by the server."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from served import CAKE, EVENT, TOPPINGS, Served, serving, until, write_event
from sqlalchemy import text
from store_room import KEYS, Room

from polling.core.files.loading import load_event
from polling.core.poll import State
from polling.live.sealing import Sealer
from polling.store.database import Database
from polling.store.ending import WHO
from polling.store.events import keep_event
from polling.store.migrations import migrate
from polling.store.polls import poll_states

TOMORROW, YESTERDAY = date.today() + timedelta(days=1), date.today() - timedelta(days=1)
PRIVACY = {
    "smallest_group": 1,
    "seal_after_minutes": 0,
    "contacts_until": TOMORROW + timedelta(days=90),
    "controller": "The tea room",
}


def rows(database: Database, statement: str) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(text(statement)))


def ballots(database: Database) -> int:
    return len(rows(database, "SELECT * FROM ballot"))


def by_the_end(database: Database) -> list[tuple[str, str, str]]:
    """What was commanded for the day that is past."""
    found = rows(database, f"SELECT session, verb, poll FROM command WHERE who = '{WHO}' ORDER BY session, poll")
    return [tuple(row) for row in found]


def sealer(served: Served, now: datetime) -> Sealer:
    site = served.site
    return Sealer(site.database, site.writer, site.settler, site.hall, clock=lambda: now)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour).astimezone()


@pytest.mark.promise("P03")
async def test_an_open_poll_is_closed_when_the_day_of_its_event_is_past_and_then_sealed(tmp_path: Path) -> None:
    with serving(tmp_path, EVENT | {"day": TOMORROW}) as served:
        database = served.site.database
        async with served.moderator() as moderator, served.phone() as phone, served.moderator("annex") as other:
            await moderator.command("open", 0, CAKE)
            await other.command("open", 0, TOPPINGS)
            await phone.cast(CAKE, "plum")
            assert await served.on_server(sealer(served, at(TOMORROW, 23)).close_due()) == 0
            midnight = at(TOMORROW + timedelta(days=1), 0)
            assert await served.on_server(sealer(served, midnight).close_due()) == 2
            assert await served.on_server(sealer(served, midnight).close_due()) == 0
            frame = await moderator.until("now", revision=2)
            assert frame["value"]["poll"]["state"] == State.CLOSED
            refused = await phone.cast(CAKE, "apple", revision=2)
            assert (refused["fate"], refused["code"]) == ("refused", "poll-not-open")
        assert by_the_end(database) == [
            ("annex", "close", str(TOPPINGS)),
            ("hall", "close", str(CAKE)),
        ]
        assert await served.on_server(sealer(served, midnight + timedelta(minutes=59)).seal_due()) == 0
        assert await served.on_server(sealer(served, midnight + timedelta(minutes=61)).seal_due()) == 2
        assert ballots(database) == 0
        await until(lambda: not served.site.settler.owed)


async def test_what_a_moderator_reopens_after_the_end_is_closed_again(tmp_path: Path) -> None:
    with serving(tmp_path, EVENT | {"day": TOMORROW}) as served:
        it = sealer(served, at(TOMORROW + timedelta(days=1)))
        async with served.moderator() as moderator:
            await moderator.command("open", 0, CAKE)
            assert await served.on_server(it.close_due()) == 1
            await moderator.command("reopen", 2, CAKE)
            assert await served.on_server(it.close_due()) == 1
        assert len(by_the_end(served.site.database)) == 2


def left_open(place: Path) -> Database:
    """A database as a server left it that was gone before the event's day was past: one poll open, with votes."""
    folder = write_event(place / "questionsets", EVENT | {"day": YESTERDAY, "privacy": PRIVACY})
    database = Database(f"sqlite:///{place}/tea.db")
    migrate(database)
    event = load_event(folder)
    with database.write() as connection:
        keep_event(connection, event, KEYS.fingerprint())
    room = Room(database, "hall", event=event)
    room.open(CAKE)
    room.vote([1, 2, 3], "plum", key=CAKE)
    assert ballots(database) == 3
    return database


@pytest.mark.promise("P03")
@pytest.mark.parametrize("served_still", [True, False], ids=["served", "its files are gone"])
async def test_a_server_that_starts_after_the_day_closes_and_seals_what_another_left_open(
    tmp_path: Path, served_still: bool
) -> None:
    left = left_open(tmp_path)
    keys = [bytes(row[0]) for row in rows(left, "SELECT voter_key FROM ballot")]
    left.close()
    if not served_still:
        shutil.rmtree(tmp_path / "questionsets" / "tea")
    with serving(tmp_path) as served:
        database, settler = served.site.database, served.site.settler
        await until(lambda: ballots(database) == 0)
        await until(lambda: not settler.owed)
        assert by_the_end(database) == [("hall", "close", str(CAKE))]
        with database.read() as connection:
            assert poll_states(connection, "tea") == [State.SEALED]
        assert rows(database, "SELECT count FROM tally") == [(3,)]
        held = (tmp_path / "tea.db").read_bytes() + (tmp_path / "tea.db-wal").read_bytes()
        assert not [key for key in keys if key in held]


async def test_an_event_that_names_no_day_never_ends_by_itself(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        async with served.moderator() as moderator:
            await moderator.command("open", 0, CAKE)
        assert await served.on_server(sealer(served, at(date(2100, 1, 1))).close_due()) == 0
