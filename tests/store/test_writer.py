"""The one writer: batches, bad items, a database that can't take it, and the close as a barrier."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event, text
from store_room import SECTOR, Room

from polling.core.ballot import Ballot, Fate
from polling.core.errors import Code, Refused
from polling.core.poll import Verb
from polling.core.tally import Tally
from polling.store.ballot_box import Cast, cast
from polling.store.database import Database
from polling.store.sealing import recount
from polling.store.sessions import command
from polling.store.writer import Writer


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[Writer]:
    made = Writer(database)
    made.start(asyncio.get_running_loop())
    yield made
    await made.stop()


class Notes:
    """A handler that writes words to a table of its own, and remembers what it was given."""

    def __init__(self, database: Database) -> None:
        self.batches: list[list[str]] = []
        self.transactions: list[int] = []
        with database.write() as connection:
            connection.execute(text("CREATE TABLE IF NOT EXISTS note (word TEXT PRIMARY KEY)"))
        self._database = database

    def __call__(self, connection: Connection, words: Sequence[str]) -> list[str]:
        self.batches.append(list(words))
        for word in words:
            if word == "bad":
                raise ValueError(word)
            connection.execute(text("INSERT INTO note VALUES (:word)"), {"word": word})
        return [word.upper() for word in words]

    @property
    def kept(self) -> set[str]:
        with self._database.read() as connection:
            return set(connection.execute(text("SELECT word FROM note")).scalars())


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Another process is writing."""
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


async def test_what_is_wanted_at_the_same_time_is_one_transaction_in_order(database: Database, writer: Writer) -> None:
    notes = Notes(database)
    words = [f"word {n}" for n in range(50)]
    assert await asyncio.gather(*(writer.do(notes, word) for word in words)) == [word.upper() for word in words]
    assert notes.batches == [words]
    assert notes.kept == set(words)


async def test_two_handlers_never_share_a_transaction(database: Database, writer: Writer) -> None:
    begun = []

    @event.listens_for(database.engine, "begin")
    def begin(connection: Connection) -> None:
        begun.append(connection)

    one, other = Notes(database), Notes(database)
    begun.clear()
    await asyncio.gather(writer.do(one, "a"), writer.do(other, "b"), writer.do(one, "c"))
    assert (one.batches, other.batches) == ([["a", "c"]], [["b"]])
    assert len(begun) == 2


async def test_a_bad_item_harms_nobody_else(database: Database, writer: Writer) -> None:
    notes = Notes(database)
    words = [*(f"word {n}" for n in range(20)), "bad", *(f"more {n}" for n in range(20))]
    results = await asyncio.gather(*(writer.do(notes, word) for word in words), return_exceptions=True)
    assert [type(result) for result in results if not isinstance(result, str)] == [ValueError]
    assert notes.kept == set(words) - {"bad"}


async def test_a_handler_may_refuse_one_item(database: Database, writer: Writer) -> None:
    def handler(connection: Connection, items: Sequence[int]) -> list[int | Exception]:
        return [Refused(Code.ALREADY_SIGNED) if item == 2 else item for item in items]

    results = await asyncio.gather(*(writer.do(handler, item) for item in (1, 2, 3)), return_exceptions=True)
    assert results[0::2] == [1, 3]
    assert isinstance(results[1], Refused)


async def test_a_handler_that_forgets_an_item_writes_nothing(database: Database, writer: Writer) -> None:
    notes = Notes(database)

    def forgetful(connection: Connection, words: Sequence[str]) -> list[str]:
        return notes(connection, words)[1:]

    with pytest.raises(RuntimeError, match="0 results for 1 items"):
        await writer.do(forgetful, "word")
    assert notes.kept == set()


@pytest.mark.promise("R13")
async def test_while_another_process_writes_people_are_told_to_try_again(database: Database, writer: Writer) -> None:
    notes = Notes(database)
    with locked(database):
        results = await asyncio.gather(*(writer.do(notes, str(n)) for n in range(5)), return_exceptions=True)
        assert [result.code for result in results if isinstance(result, Refused)] == [Code.BUSY] * 5
        assert not await writer.settle()
    assert await writer.do(notes, "after") == "AFTER"
    assert notes.kept == {"after"}


@pytest.mark.promise("R13")
async def test_a_short_lock_only_delays(database: Database) -> None:
    patient = Database(f"sqlite:///{database.path}", busy_timeout=5)
    writer, notes = Writer(patient), Notes(patient)
    writer.start(asyncio.get_running_loop())
    with locked(database):
        waiting = asyncio.create_task(writer.do(notes, "word"))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    assert await waiting == "WORD"
    await writer.stop()
    patient.close()


@pytest.mark.promise("R11")
async def test_a_full_disk_refuses_and_goes_on_when_there_is_room_again(database: Database, writer: Writer) -> None:
    notes = Notes(database)
    with database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    database.engine.dispose()
    limit = [pages]
    event.listen(database.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count = {limit[0]}"))
    with pytest.raises(Refused, match="busy"):
        await writer.do(notes, "long " * 10_000)
    assert notes.kept == set()
    limit[0] = 1_000_000
    database.engine.dispose()
    assert await writer.do(notes, "short") == "SHORT"


async def test_screens_hear_of_a_commit_even_if_who_waited_has_gone(database: Database, writer: Writer) -> None:
    committed: list[list[str]] = []
    writer.on_commit = lambda items: committed.append(list(items))
    notes = Notes(database)
    gone = asyncio.create_task(writer.do(notes, "gone"))
    await asyncio.sleep(0)
    gone.cancel()
    results = await asyncio.gather(writer.do(notes, "there"), writer.do(notes, "bad"), return_exceptions=True)
    assert results[0] == "THERE"
    assert committed == [["gone", "there"]]


@pytest.mark.promise("R09")
async def test_stopping_writes_what_is_waiting_and_takes_nothing_more(database: Database) -> None:
    writer, notes = Writer(database), Notes(database)
    writer.start(asyncio.get_running_loop())
    waiting = [asyncio.create_task(writer.do(notes, str(n))) for n in range(20)]
    await asyncio.sleep(0)
    await writer.stop()
    assert await asyncio.gather(*waiting) == [str(n) for n in range(20)]
    assert not writer.alive
    with pytest.raises(Refused, match="busy"):
        await writer.do(notes, "late")


@pytest.mark.promise("R03")
async def test_closing_is_a_barrier(database: Database, writer: Writer) -> None:
    """Fifty closes among two thousand votes: what was told counted is in the result, and nothing else is."""
    room = Room(database)
    ref = room.open()
    closed = asyncio.Event()
    late: list[bool] = []

    async def vote(phone: int) -> bool:
        ballot = room_ballots[phone]
        await asyncio.sleep(phone % 50 / 1000)
        is_late = closed.is_set()
        fate = (await writer.do(cast, ballot)).fate
        late.append(is_late and fate is Fate.COUNTED)
        return fate is Fate.COUNTED

    async def close(tap: int) -> Code | None:
        await asyncio.sleep(0.025 + tap / 10_000)
        code = (await writer.do(command, closes[tap])).code
        closed.set()
        return code

    room_ballots = [Cast(ref.id, Ballot(n.to_bytes(16), n.to_bytes(16), 1, {"steel": 1})) for n in range(2000)]
    closes = [room.command(Verb.CLOSE, SECTOR, id=f"tap {tap // 2}") for tap in range(50)]
    counted, codes = await asyncio.gather(
        asyncio.gather(*(vote(phone) for phone in range(2000))), asyncio.gather(*(close(tap) for tap in range(50)))
    )
    print(f"{sum(counted)} of 2000 counted before the close")
    assert room.standing().now == Tally(sum(counted), {"steel": sum(counted)} if any(counted) else {})
    assert not any(late)
    assert codes.count(None) == 2  # the tap that closed, and the same tap sent again
    assert set(codes) == {None, Code.STALE}
    with database.read() as connection:
        assert recount(connection, room.event.event) == []


async def test_votes_are_written_by_the_thousand(database: Database, writer: Writer) -> None:
    """The figure is for docs/decisions; the floor leaves room for a busy machine."""
    room = Room(database)
    ref = room.open()
    ballots = (Cast(ref.id, Ballot(n.to_bytes(16), bytes(16), 1, {"steel": 1})) for n in itertools.count())

    async def phone() -> None:
        for _ in range(10):
            await writer.do(cast, next(ballots))

    begun, busy = time.perf_counter(), time.process_time()
    await asyncio.gather(*(phone() for _ in range(1000)))
    taken, busy = time.perf_counter() - begun, time.process_time() - busy
    print(f"{10_000 / taken:,.0f} casts/s, {10_000 / busy:,.0f} for a second of processor")
    assert room.standing().now.respondents == 10_000
    assert 10_000 / busy > 10_000
