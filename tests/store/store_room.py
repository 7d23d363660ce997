"""A room for the store's tests: an event of two questions and a text, a moderator, and phones that vote."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from polling.core.ballot import Acknowledgement, Ballot, IdeaText
from polling.core.event import Event
from polling.core.keys import Keys
from polling.core.poll import Command, PollKey, SessionState, Verb
from polling.core.results.withholding import Standing
from polling.store.ballot_box import Cast, cast
from polling.store.database import Database
from polling.store.ideas import ideas_of
from polling.store.migrations import migrate
from polling.store.polls import PollRef, poll_ref
from polling.store.sessions import Outcome, SessionCommand, command, session_state
from polling.store.tallies import standing
from polling.store.writer import Writer

KEYS = Keys(b"a secret of thirty-two characters")
SECTOR, FOOD, IDEAS = PollKey("who", "sector"), PollKey("who", "food"), PollKey("who", "ideas")


def make_event(smallest_group: int = 5, seal_after: float = 5, title: str = "The event") -> Event:
    """An event with a plenary and a break-out that run the same set."""
    return Event.model_validate(
        {
            "event": "the-event",
            "title": title,
            "privacy": {"smallest_group": smallest_group, "seal_after_minutes": seal_after},
            "sessions": [
                {"id": "plenary", "kind": "plenary", "title": "Plenary", "sets": ["who"]},
                {"id": "harbour", "kind": "break-out", "title": "Harbour", "sets": ["who"]},
            ],
            "sets": [
                {
                    "set": "who",
                    "title": "Who",
                    "questions": [
                        _choices("sector", "steel", "glass"),
                        _choices("food", "soup", "bread", "cake"),
                        _text(),
                    ],
                }
            ],
        }
    )


def _choices(id: str, *options: str) -> dict[str, object]:
    return {"id": id, "type": "choices", "title": id, "options": [{"id": one, "text": one} for one in options]}


def _text() -> dict[str, object]:
    return {"id": "ideas", "type": "text", "title": "Ideas", "max": 2}


class Room:
    """One session, in a database that is already there."""

    def __init__(
        self,
        database: Database,
        session: str = "plenary",
        *,
        event: Event | None = None,
        present: int = 100,
        first_id: int = 1,
    ) -> None:
        self.database = database
        self.writer = Writer(database)
        self.event = event or make_event()
        self.session = session
        self.present = present
        self._ids = itertools.count(first_id)
        self._refs: dict[PollKey, PollRef] = {}

    def command(self, verb: Verb, poll: PollKey | None = None, *, idea: str = "", id: str = "") -> SessionCommand:
        """A command as a moderator's page sends it, based on what is now."""
        asked = Command(id or f"{self.session}-{next(self._ids)}", verb, self.state.revision, poll, idea)
        return SessionCommand(self.event, self.session, asked, self.present)

    def do(self, verb: Verb, poll: PollKey | None = None, *, idea: str = "") -> Outcome:
        """Has it carried out."""
        return self.writer.run(command, [self.command(verb, poll, idea=idea)])[0]

    def open(self, key: PollKey = SECTOR) -> PollRef:
        """Opens a poll."""
        assert self.do(Verb.OPEN, key).code is None
        return self.ref(key)

    def ref(self, key: PollKey = SECTOR) -> PollRef:
        """A poll as the store knows it."""
        with self.database.read() as connection:
            found = poll_ref(connection, self.event.event, self.session, key)
        assert found is not None
        return found

    @property
    def state(self) -> SessionState:
        with self.database.read() as connection:
            return session_state(connection, self.event.event, self.session)

    def ballot(
        self,
        phone: int,
        *picks: str,
        revision: int | None = 1,
        texts: Mapping[str, str] | None = None,
        key: PollKey = SECTOR,
        claim: str = "claim",
        label: str = "",
    ) -> Cast:
        """A phone's vote. Its claims are made of the phone, the cell and `claim`."""
        if key not in self._refs:
            self._refs[key] = self.ref(key)
        ref, secret = self._refs[key], phone.to_bytes(16, "big")
        ideas = tuple(
            IdeaText(cell, text, sha256(f"{claim} {phone} {cell}".encode()).digest())
            for cell, text in (texts or {}).items()
        )
        voter_key, idea_key = KEYS.voter_key(ref.voter_nonce, secret), KEYS.idea_key(ref.nonce, secret)
        return Cast(ref.id, Ballot(voter_key, idea_key, revision, dict.fromkeys(picks, 1), ideas, label))

    def cast(self, *ballots: Cast) -> list[Acknowledgement]:
        """Casts them in one batch."""
        return self.writer.run(cast, ballots)

    def vote(
        self,
        phones: Sequence[int],
        *picks: str,
        key: PollKey = SECTOR,
        revision: int | None = 1,
        label: str = "",
    ) -> None:
        """Every phone gives the same answer; all are counted."""
        self.cast(*(self.ballot(phone, *picks, key=key, revision=revision, label=label) for phone in phones))

    def standing(self, key: PollKey = SECTOR) -> Standing:
        """How the poll stands."""
        with self.database.read() as connection:
            return standing(connection, self.ref(key).id)

    def texts(self, key: PollKey = IDEAS) -> dict[str, bool]:
        """Text → whether it is on the big screen."""
        with self.database.read() as connection:
            return {idea.text: idea.shown for idea in ideas_of(connection, self.ref(key).id)}

    def idea_ids(self, key: PollKey = IDEAS) -> list[str]:
        """The ids of a poll's ideas, as moderators' pages know them."""
        with self.database.read() as connection:
            return [idea.id for idea in ideas_of(connection, self.ref(key).id)]

    def bytes(self) -> bytes:
        """The database file and its WAL, as who copies them finds them."""
        wal = self.database.path.with_name(self.database.path.name + "-wal")
        return self.database.path.read_bytes() + (wal.read_bytes() if wal.exists() else b"")


@contextmanager
def fresh_rounds(place: Path) -> Iterator[Iterator[tuple[Room, PollKey]]]:
    """A fresh round of the same question, as often as asked: for tests with many examples."""
    database = Database(f"sqlite:///{place}/polling.db")
    migrate(database)
    yield (_one_round(database, number) for number in itertools.count(1))
    database.close()


def _one_round(database: Database, number: int) -> tuple[Room, PollKey]:
    room = Room(database, first_id=1000 * number)
    if number > 1:
        room.do(Verb.CLOSE)
        room.do(Verb.ASK_AGAIN)
    key = FOOD._replace(round=number)
    room.open(key)
    return room, key
