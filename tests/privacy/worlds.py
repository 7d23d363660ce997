"""Worlds for the two-world swap: an event in which everybody answers everything and some sign, and what a thief
then carries off.

Two people of a world, a pair, do the same things at the same times in both of its forms; only what they answered
without a name is swapped. An attacker who can't tell in which of the two he is learns nothing of it.
"""

from __future__ import annotations

import io
import random
import shutil
import sqlite3
import zipfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from signing_stage import KEYS, Stage
from sqlalchemy import event as sqlalchemy_event

from polling.core.ballot import Ballot, Fate, IdeaText
from polling.core.event import Event
from polling.core.keys import claim_hash, key_hash, new_key
from polling.core.poll import PollKey, Verb
from polling.core.results.books import Books
from polling.export import FORMATS
from polling.export.csv_files import csv_files
from polling.store import ideas, polls, sealing
from polling.store.ballot_box import Cast, cast
from polling.store.database import Database
from polling.store.follow_up import follow_up
from polling.store.polls import PollRef
from polling.store.reading import outcomes
from polling.store.settle import settle

SECTOR, USES, IDEAS, THOUGHTS, MOOD = (PollKey("open", id) for id in ("sector", "uses", "ideas", "thoughts", "mood"))
POLLS = (SECTOR, USES, IDEAS, THOUGHTS, MOOD)
KINDS = ("city", "province", "firm")
SECTORS, TICKS, MOODS = (
    ("steel", "glass", "paper", "salt"),
    ("cranes", "drones", "ships"),
    ("good", "fair", "bad", "so"),
)


def _question(id: str, type: str, *options: str, **more: object) -> dict[str, object]:
    listed = {"options": [{"id": each, "text": each} for each in options]} if options else {}
    return {"id": id, "type": type, "title": id, **listed, **more}


EVENT = Event.model_validate(
    {
        "event": "open-day",
        "title": "Open day",
        "privacy": {"smallest_group": 1, "contacts_until": "2027-03-01"},
        "working_groups": [{"id": "talent", "title": "Talent"}],
        "sessions": [{"id": "plenary", "kind": "plenary", "title": "Plenary", "sets": ["open"]}],
        "sets": [
            {
                "set": "open",
                "title": "Open",
                "working_group": "talent",
                "questions": [
                    _question("kind", "choice", *KINDS, segment=True),
                    _question("sector", "choice", *SECTORS),
                    _question("uses", "choices", *TICKS, "own", contact="offer"),
                    _question("ideas", "text", contact="offer"),
                    _question("thoughts", "text", contact="offer"),
                    _question("mood", "choice", *MOODS, by="kind"),
                ],
            }
        ],
    }
)


@dataclass
class Person:
    """Someone in the room. `signs`: the tick "own", and the idea; never the thought."""

    name: str
    secret: bytes
    sector: str
    ticks: tuple[str, ...]
    idea: str
    thought: str
    mood: str
    kind: str  # of organisation: the label on the ballot about the mood
    signs: bool = False

    def answer(self, poll: PollKey) -> tuple[tuple[str, ...], str]:
        """Picks, and a text."""
        own = ("own",) if self.signs else ()
        return {
            SECTOR: ((self.sector,), ""),
            USES: ((*self.ticks, *own), ""),
            IDEAS: ((), self.idea),
            THOUGHTS: ((), self.thought),
            MOOD: ((self.mood,), ""),
        }[poll]


@dataclass(frozen=True)
class Pair:
    """Two people who both sign, and whether their nameless answers are swapped: ticks on ballots, and thoughts.

    `first` and `second` are as in the form that is not swapped: what an attacker is told to tell apart.
    """

    first: Person
    second: Person
    ballots_swapped: bool
    thoughts_swapped: bool


@dataclass(frozen=True)
class Snapshot:
    """What a thief carries off: the database file with its WAL, and all that was exported."""

    path: Path
    texts: Sequence[str]  # of texts.csv, line by line
    lines: Sequence[tuple[str, str]]  # of the working group's list: answer, name


@dataclass
class World:
    """One event that was held, step by step; `snapshots` yields what can be stolen after each."""

    database: Database
    chance: random.Random
    size: int
    pairs: Sequence[Pair]
    arrivals: Sequence[Person]
    own_pace: bool
    order: dict[PollKey, list[Person]] = field(default_factory=dict)
    refs: dict[PollKey, PollRef] = field(default_factory=dict)
    _claims: dict[tuple[str, PollKey], str] = field(default_factory=dict)

    @property
    def stage(self) -> Stage:
        return Stage(self.database, EVENT)

    def hold(self) -> None:
        """Everything up to the last poll's close: opened, answered, signed. At their own pace each answers all polls
        before the next one comes; else all answer a poll before the next is opened, in the same order."""
        if self.own_pace:
            self._open_all()
            self._play([(person, poll) for person in self.arrivals for poll in POLLS], burst=1)
            return
        for poll in POLLS:
            self.stage.command(Verb.OPEN, poll)
            self.refs[poll] = self.stage.ref(poll)
            self._play([(person, poll) for person in self.arrivals], burst=3)
            if poll != POLLS[-1]:
                self.stage.command(Verb.CLOSE, poll)

    def close(self) -> None:
        """Closes what is open."""
        self.stage.command(Verb.CLOSE, POLLS[-1])

    def seal(self) -> None:
        """Deletes the ballots."""
        for poll in POLLS:
            self.stage.seal(poll)

    def _open_all(self) -> None:
        """The set as a whole, as one command opens it."""
        self.stage.command(Verb.PACE, POLLS[0])
        self.stage.command(Verb.OPEN, POLLS[0])
        self.refs = {poll: self.stage.ref(poll) for poll in POLLS}

    def _play(self, turns: Sequence[tuple[Person, PollKey]], burst: int) -> None:
        """Votes as they come, up to `burst` of them in one batch; a fifth think better of it a little later."""
        second: list[tuple[Person, PollKey]] = []
        batch: list[Cast] = []
        for person, poll in turns:
            self.order.setdefault(poll, []).append(person)
            hesitates = self.chance.random() < 0.2
            batch.append(self._cast(person, poll, 1, self._other(person, poll) if hesitates else person.answer(poll)))
            if hesitates:
                second.append((person, poll))
            if second and self.chance.random() < 0.5:
                changed = second.pop(0)
                batch.append(self._cast(*changed, 2, changed[0].answer(changed[1])))
            signs = person.signs and poll in (USES, IDEAS)
            if signs or len(batch) >= self.chance.randint(1, burst):
                self._send(batch)
            if signs:
                if (person, poll) in second:
                    second.remove((person, poll))
                    self._send([self._cast(person, poll, 2, person.answer(poll))])
                self._sign(person, poll)
        self._send([*batch, *(self._cast(*late, 2, late[0].answer(late[1])) for late in second)])

    def _other(self, person: Person, poll: PollKey) -> tuple[tuple[str, ...], str]:
        other = self.chance.choice(self.arrivals)
        return other.answer(poll) if poll not in (IDEAS, THOUGHTS) else person.answer(poll)

    def _send(self, batch: list[Cast]) -> None:
        if batch:
            told = self.stage.writer.run(cast, batch)
            assert {each.fate for each in told} == {Fate.COUNTED}
        batch.clear()

    def _cast(self, person: Person, poll: PollKey, revision: int, answer: tuple[tuple[str, ...], str]) -> Cast:
        picks, text = answer
        ref = self.refs[poll]
        texts: tuple[IdeaText, ...] = ()
        if text:
            claim = self._claims.setdefault((person.name, poll), new_key(self.chance.randbytes(16)))
            texts = (IdeaText("1", text, claim_hash(claim)),)
        keys = KEYS.voter_key(ref.nonce, person.secret), KEYS.idea_key(ref.nonce, person.secret)
        label = person.kind if poll == MOOD else ""
        return Cast(ref.id, Ballot(*keys, revision, dict.fromkeys(picks, 1), texts, label=label))

    def _sign(self, person: Person, poll: PollKey) -> None:
        cell, claim = ("own", "") if poll == USES else ("1", self._claims[person.name, poll])
        asked = self.stage.signing(poll, cell, f"{person.name}@example.org", claim=claim, name=person.name)
        key = new_key(self.chance.randbytes(16))
        asked = replace(asked, id=self.chance.randbytes(16), key_hash=key_hash(key))
        assert self.stage.sign(asked) == [None]

    def voter_keys(self) -> dict[tuple[str, PollKey], bytes]:
        """Whose ballot is under which key."""
        return {
            (person.name, poll): KEYS.voter_key(ref.nonce, person.secret)
            for person in self.arrivals
            for poll, ref in self.refs.items()
        }

    # what can be stolen

    def settle(self) -> None:
        """What the server does at each close and seal, and after each name."""
        with self.database.engine.connect() as connection:
            assert settle(connection)

    def steal(self, folder: Path) -> Snapshot:
        """A copy of it all."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for source in (self.database.path, self.database.path.with_name(self.database.path.name + "-wal")):
            shutil.copy(source, folder / source.name)
        with self.database.read() as connection:
            texts = csv_files(Books(EVENT, outcomes(connection, EVENT)))["texts.csv"]
            lines = [
                (line.answer, line.contact.name if line.contact else "")
                for line in follow_up(connection, EVENT, "talent")
            ]
        return Snapshot(folder / self.database.path.name, texts.decode().splitlines()[1:], lines)

    def exports(self) -> dict[str, bytes]:
        """Every export, in every format, file by file; of a spreadsheet its parts but those that name the hour."""
        with self.database.read() as connection:
            results = outcomes(connection, EVENT)
        files = {name: content for write in FORMATS.values() for name, content in write(Books(EVENT, results)).items()}
        found: dict[str, bytes] = {}
        for name, content in files.items():
            if zipfile.is_zipfile(io.BytesIO(content)):
                packed = zipfile.ZipFile(io.BytesIO(content))
                found |= {f"{name}/{part}": packed.read(part) for part in packed.namelist() if "docProps" not in part}
            else:
                found[name] = content
        return found

    def careless(self, folder: Path) -> Snapshot:
        """The same copy as a store would leave it that numbers what comes in, and exports it in that order."""
        stolen = self.steal(folder)
        connection = sqlite3.connect(stolen.path)
        for poll, people in self.order.items():
            ref = self.refs[poll]
            for number, person in enumerate(people):
                key = number.to_bytes(16, "big")
                voter = KEYS.voter_key(ref.nonce, person.secret), KEYS.idea_key(ref.nonce, person.secret)
                connection.execute(
                    "UPDATE ballot SET voter_key = ?, revision = ? WHERE poll_id = ? AND voter_key = ?",
                    (key, number + 1, ref.id, voter[0]),
                )
                row = (b"%d idea %d" % (number, ref.id)).rjust(16, b"0")
                old = connection.execute("SELECT id FROM idea WHERE poll_id = ? AND voter_key = ?", (ref.id, voter[1]))
                for (id,) in old.fetchall():
                    connection.execute("UPDATE contact SET idea_id = ? WHERE idea_id = ?", (row, id))
                    connection.execute("UPDATE idea SET id = ? WHERE id = ?", (row, id))
                email = f"{person.name}@example.org"
                id = (b"%d contact %d" % (number, ref.id)).rjust(16, b"0")
                connection.execute(
                    "UPDATE contact SET id = ?, half_day = ? WHERE email = ? AND question = ?",
                    (id, f"{number:09}", email, poll.question),
                )
        connection.commit()
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        arrived = {text: number for number, one in enumerate(self.arrivals) for text in (one.idea, one.thought)}
        came = {person.name: number for number, person in enumerate(self.arrivals)}

        def by_arrival(text: str) -> int:
            return next((number for word, number in arrived.items() if word in text), -1)

        lines = sorted(stolen.lines, key=lambda line: came[line[1]] if line[1] else by_arrival(line[0]))
        return replace(stolen, texts=sorted(stolen.texts, key=by_arrival), lines=lines)


def make(
    database: Database,
    chance: random.Random,
    patch: pytest.MonkeyPatch,
    size: int,
    pairs: int,
    own_pace: bool,
    swapped: bool | None = None,
) -> World:
    """A world of `size` people that is still to be held. All chance in it is `chance`'s: three sigma would fail now
    and then by true chance. `swapped`: all pairs, or none; else as it falls."""
    for module in (polls, ideas, sealing):
        patch.setattr(module, "token_bytes", chance.randbytes)
    people = [_person(number, chance) for number in range(size)]
    made = []
    for first, second in zip(people[: 2 * pairs : 2], people[1 : 2 * pairs : 2], strict=True):
        first.signs = second.signs = True
        second.kind = first.kind  # else the label tells them apart, as it is meant to
        first.sector, second.sector = chance.sample(SECTORS, 2)
        first.mood, second.mood = chance.sample(MOODS, 2)
        first.ticks, second.ticks = ((TICKS[0],), TICKS[1:]) if chance.random() < 0.5 else (TICKS[1:], (TICKS[0],))
        drawn = chance.random() < 0.5, chance.random() < 0.5
        made.append(Pair(replace(first), replace(second), *(drawn if swapped is None else (swapped, swapped))))
        if made[-1].ballots_swapped:
            first.sector, second.sector = second.sector, first.sector
            first.ticks, second.ticks = second.ticks, first.ticks
            first.mood, second.mood = second.mood, first.mood
        if made[-1].thoughts_swapped:
            first.thought, second.thought = second.thought, first.thought
    arrivals = chance.sample(people, size)
    return World(database, chance, size, made, arrivals, own_pace)


def _person(number: int, chance: random.Random) -> Person:
    return Person(
        name=f"person-{number:03}",
        secret=chance.randbytes(16),
        sector=chance.choice(SECTORS),
        ticks=tuple(tick for tick in TICKS if chance.random() < 0.5) or TICKS[:1],
        idea=f"idea {chance.randbytes(6).hex()}",
        thought=f"thought {chance.randbytes(6).hex()}",
        mood=chance.choice(MOODS),
        kind=chance.choice(KINDS),
        signs=chance.random() < 0.2,
    )


def hurry(database: Database) -> None:
    """Does not wait for the disk: what is written is the same. The WAL keeps all of it until the settle, as under a
    reader that never ends."""

    def set_up(raw: sqlite3.Connection, _: object) -> None:
        raw.execute("PRAGMA synchronous = OFF")
        raw.execute("PRAGMA wal_autocheckpoint = 0")

    database.engine.dispose()
    sqlalchemy_event.listen(database.engine, "connect", set_up)


def fresh_databases(template: Path, folder: Path) -> Generator[Database]:
    """A new database, with its tables, again and again."""
    while True:
        for old in folder.glob("world.db*"):
            old.unlink()
        shutil.copy(template, folder / "world.db")
        database = Database(f"sqlite:///{folder}/world.db", busy_timeout=0.1)
        hurry(database)
        yield database
        database.close()
