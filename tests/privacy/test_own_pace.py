"""P02: a copy of the file that is taken while a set is open at the participants' own pace. What came before the last
settle is in no order, and what one person answered to two questions can't be put together by it; at most the answers
of the ten seconds since then are."""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from pathlib import Path
from statistics import fmean

import pytest
from order_reader import Ranks, by_offset, by_row, by_wal, chance_sigma, linked, pairs_in_order
from own_pace_stage import EVENT, FRUIT
from sqlalchemy import event as events

from polling.core.ballot import Ballot
from polling.core.event import Event
from polling.core.keys import Keys
from polling.core.poll import Command, PollKey, Verb
from polling.store import polls
from polling.store.ballot_box import Cast, cast
from polling.store.database import Database
from polling.store.migrations import migrate
from polling.store.polls import PollRef, poll_ref
from polling.store.sessions import SessionCommand, command
from polling.store.writer import Writer

KEYS = Keys(b"a secret of thirty-two characters")
BEFORE, SINCE = 60, 8
"""Phones that answered before the last settle, and since."""
TIMES = 6


def quartet() -> Event:
    """A set of two questions with the same options, at the participants' own pace."""
    asked = [{"id": name, "type": "choice", "title": name, "options": [{"id": "a", "text": "A"}]} for name in "xy"]
    session = {"id": "hall", "kind": "plenary", "title": "Hall", "sets": ["fruit"]}
    return Event.model_validate({**EVENT, "sessions": [session], "sets": [{**FRUIT, "questions": asked}]})


def opened(database: Database, event: Event, round: int, writer: Writer) -> list[PollRef]:
    """The set, opened as a whole; `round` 2 and more: asked again."""
    revision = 3 * (round - 1)
    verbs = [Verb.OPEN] if round == 1 else [Verb.CLOSE, Verb.ASK_AGAIN, Verb.OPEN]
    start = 0 if round == 1 else revision - 2
    for number, verb in enumerate(verbs):
        given = Command(f"{round} {number}", verb, start + number, PollKey("fruit", "x") if round == 1 else None)
        (outcome,) = writer.run(command, [SessionCommand(event, "hall", given, 100)])
        assert outcome.code is None
    with database.read() as connection:
        found = [poll_ref(connection, "walk", "hall", PollKey("fruit", name, round)) for name in "xy"]
    return [ref for ref in found if ref is not None]


def answered(writer: Writer, refs: list[PollRef], phones: list[int], order: dict[int, list[bytes]]) -> None:
    """Phone after phone, each both questions."""
    for phone in phones:
        secret = phone.to_bytes(16, "big")
        for ref in refs:
            keys = KEYS.voter_key(ref.nonce, secret), KEYS.idea_key(ref.nonce, secret)
            writer.run(cast, [Cast(ref.id, Ballot(*keys, 1, {"a": 1}, ()))])
            order[ref.id].append(keys[0])


def read(path: Path, reader: str, order: dict[int, list[bytes]]) -> list[Ranks]:
    if reader == "row":
        return [by_row(path, poll_id) for poll_id in order]
    keys = [key for voters in order.values() for key in voters]
    found = by_offset(path, keys) if reader == "offset" else by_wal(path, keys)
    return [
        {key: found[key] for key in sorted(voters) if key in found} for voters in order.values()
    ]  # ties in no order of ours


def stolen(database: Database, folder: Path) -> Path:
    folder.mkdir()
    for source in (database.path, database.path.with_name(database.path.name + "-wal")):
        shutil.copy(source, folder / source.name)
    return folder / database.path.name


@pytest.mark.promise("P02")
def test_a_copy_taken_while_people_answer_puts_nothing_together_but_the_last_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, event, chance = Database(f"sqlite:///{tmp_path}/polling.db"), quartet(), random.Random(15)
    migrate(database)
    database.engine.dispose()
    events.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
    monkeypatch.setattr(polls, "token_bytes", chance.randbytes)
    writer = Writer(database)
    in_order, together = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
    for time in range(1, TIMES + 1):
        refs = opened(database, event, time, writer)
        assert len(refs) == 2
        phones = chance.sample(range(10_000), BEFORE + SINCE)
        order: dict[int, list[bytes]] = {ref.id: [] for ref in refs}
        answered(writer, refs, phones[:BEFORE], order)
        unsettled = stolen(database, tmp_path / f"{time} unsettled")
        assert writer.settle_now()
        first = {poll: list(keys) for poll, keys in order.items()}
        answered(writer, refs, phones[BEFORE:], order)
        within = stolen(database, tmp_path / f"{time} within")
        for name, path in {"unsettled": unsettled, "within": within}.items():
            for reader in ("row", "offset", "wal"):
                ranks = read(path, reader, first)
                twins = dict(zip(*first.values(), strict=True))
                in_order[f"{name} {reader}"] += map(pairs_in_order, ranks, first.values())
                together[f"{name} {reader}"].append(linked(ranks[0], ranks[1], twins))
    database.close()
    limit = 0.5 + 3 * chance_sigma(BEFORE, 2 * TIMES)
    for name, scores in in_order.items():
        print(
            f"\n{name:16} in order {fmean(scores):.3f} (limit {limit:.3f}), linked {fmean(together[name]):.3f}", end=""
        )
    for reader in ("row", "offset", "wal"):
        assert fmean(in_order[f"within {reader}"]) <= limit
        assert fmean(together[f"within {reader}"]) <= 4 / BEFORE
    assert fmean(in_order["unsettled wal"]) > 0.9
    assert fmean(together["unsettled wal"]) > 0.9
