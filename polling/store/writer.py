"""The one writer: a thread that commits what everybody wants written, in batches (docs/decisions/0005-one-writer.md).

It takes callables and knows no table. A handler gets all its items of a batch and returns a result for each; they
are one transaction. Waiters hear of it only after the commit. Two handlers never share a transaction, so that a
contact is never in a ballot's.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from polling.core.errors import Code, Refused
from polling.store.database import Database
from polling.store.settle import settle

GATHER = 0.005
"""Seconds that a batch waits for company: one sync to the disk then serves them all."""
LARGEST = 1000
"""Items in one batch, so that the first of them does not wait for too many others."""

T = TypeVar("T")
R = TypeVar("R")
Handler = Callable[[Connection, Sequence[T]], Sequence[R | Exception]]
"""Items → a result for each, in their order; an exception as a result is raised to that waiter alone."""
Committed = Callable[[Sequence[Any]], None]

_PASSING = {  # what the database may say today and not tomorrow: nothing is wrong with the items
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}


@dataclass(slots=True)
class _Wanted:
    """Something to be written, and who waits for it. `handler` None: a settle."""

    handler: Handler[Any, Any] | None
    item: Any
    future: asyncio.Future[Any]


class Writer:
    """Writes to `database`. `start` it in a loop and await `do`; or, without a loop, `run`.

    `on_commit` is called in the loop, after each commit, with the items that were committed: even where the one
    who waited has gone. An item of a poll has a `poll_id`; a command has `event` and `session_id`.
    """

    def __init__(self, database: Database, *, gather: float = GATHER, largest: int = LARGEST) -> None:
        self._database = database
        self._gather, self._largest = gather, largest
        self._queue: SimpleQueue[_Wanted | None] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._settled = False  # not known of a file that another process wrote
        self.on_commit: Committed | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Starts the thread; waiters are told in `loop`."""
        self._loop = loop
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it is at work: /readyz says so."""
        return self._thread is not None and self._thread.is_alive()

    async def stop(self) -> None:
        """Writes what is waiting, then ends. Who comes later is refused."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            await asyncio.to_thread(thread.join)

    async def do(self, handler: Callable[[Connection, Sequence[T]], Sequence[R | Exception]], item: T) -> R:
        """Has `handler` write `item`, with others of its kind; returns when it is on the disk.

        Raises `Refused(Code.BUSY)` if the database can't take it now: nothing was written, try again.
        """
        result: R = await self._wait(handler, item)
        return result

    async def settle(self) -> bool:
        """Settles between two batches; whether it is done (see settle.py). Nothing to do while nothing was written."""
        return bool(await self._wait(None, None))

    def run(self, handler: Callable[[Connection, Sequence[T]], Sequence[R | Exception]], items: Sequence[T]) -> list[R]:
        """Writes `items` at once, in the caller's own thread: for the command line and tests.

        All are tried; then the first failure is raised, if there was one.
        """
        self._settled = False
        done: list[R] = []
        for result in _commit(self._database, handler, items):
            if isinstance(result, Exception):
                raise result
            done.append(result)
        return done

    def settle_now(self) -> bool:
        """Settles in the caller's own thread, with `run`."""
        if not self._settled:
            with suppress(DBAPIError), self._database.engine.connect() as connection:
                self._settled = settle(connection)
        return self._settled

    async def _wait(self, handler: Handler[Any, Any] | None, item: Any) -> Any:
        if self._loop is None or not self.alive:
            raise Refused(Code.BUSY)
        future: asyncio.Future[Any] = self._loop.create_future()
        self._queue.put(_Wanted(handler, item, future))
        return await future

    def _work(self) -> None:
        running = True
        while running:
            batch, running = self._next_batch()
            for handler in dict.fromkeys(wanted.handler for wanted in batch if wanted.handler):
                mine = [wanted for wanted in batch if wanted.handler == handler]
                self._tell(mine, _commit(self._database, handler, [wanted.item for wanted in mine]))
            if settles := [wanted for wanted in batch if wanted.handler is None]:
                self._tell(settles, [self.settle_now()] * len(settles))

    def _next_batch(self) -> tuple[list[_Wanted], bool]:
        """What is waiting, once something is; and whether to go on after it."""
        first = self._queue.get()
        if first is None:
            return [], False
        batch = [first]
        time.sleep(self._gather)
        while len(batch) < self._largest:
            try:
                wanted = self._queue.get_nowait()
            except Empty:
                break
            if wanted is None:
                return batch, False
            batch.append(wanted)
        return batch, True

    def _tell(self, batch: list[_Wanted], results: Sequence[Any]) -> None:
        """One call into the loop for the whole batch."""
        if batch[0].handler is not None:
            self._settled = False
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._resolve, batch, results)

    def _resolve(self, batch: list[_Wanted], results: Sequence[Any]) -> None:
        committed = []
        for wanted, result in zip(batch, results, strict=True):
            failed = isinstance(result, Exception)
            if not failed and wanted.handler is not None:
                committed.append(wanted.item)
            if wanted.future.done():  # who waited has gone
                continue
            if failed:
                wanted.future.set_exception(result)
            else:
                wanted.future.set_result(result)
        if self.on_commit is not None and committed:
            self.on_commit(committed)


def _commit(database: Database, handler: Handler[T, R], items: Sequence[T]) -> list[R | Exception]:
    """One transaction; where an item makes it fail, halves of it, so that one bad item harms nobody else."""
    try:
        with database.write() as connection:
            results = list(handler(connection, items))
            if len(results) != len(items):
                raise RuntimeError(f"{handler!r} gave {len(results)} results for {len(items)} items")
        return results
    except Exception as error:
        if _is_passing(error):
            return [Refused(Code.BUSY) for _ in items]
        if len(items) == 1:
            return [error]
    middle = len(items) // 2
    return _commit(database, handler, items[:middle]) + _commit(database, handler, items[middle:])


def _is_passing(error: Exception) -> bool:
    """Whether the database itself, not an item, is why nothing was written."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(original, sqlite3.Error) and getattr(original, "sqlite_errorcode", 0) & 0xFF in _PASSING
