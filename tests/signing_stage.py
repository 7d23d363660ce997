"""A stage for signing: an event that offers it, rooms whose polls are opened and closed, and phones that vote.

The tests of signing set it with ballots, which the code that they test can't reach.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import yaml
from httpx2 import Response
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.testclient import TestClient

from polling.app import create_app
from polling.core.ballot import Ballot, Fate, IdeaText
from polling.core.contact import Consent, Contact, half_day, terms_for
from polling.core.event import Event
from polling.core.keys import Keys, claim_hash, key_hash, new_key
from polling.core.poll import Command, PollKey, Verb
from polling.settings import load_settings
from polling.store.ballot_box import Cast, cast
from polling.store.contacts import Signing, sign
from polling.store.database import Database
from polling.store.events import event_in_force
from polling.store.polls import PollRef, Unsealed, poll_ref
from polling.store.sealing import seal
from polling.store.sessions import SessionCommand, command, session_state
from polling.store.settle import settle
from polling.store.writer import Writer
from polling.web.site import Site

ADDRESS = "http://127.0.0.1:8000"
KEYS = Keys(b"a secret of thirty-two characters")
USE_CASES, IDEAS, MOOD = PollKey("topics", "use-cases"), PollKey("topics", "ideas"), PollKey("topics", "mood")

EVENT_FILE: dict[str, Any] = {
    "event": "gathering",
    "title": "The gathering",
    "languages": ["en", "nl"],
    "privacy": {
        "smallest_group": 1,
        "contacts_until": "2027-03-01",
        "controller": {"en": "the Harbour Foundation", "nl": "Stichting Haven"},
    },
    "working_groups": [
        {
            "id": "talent",
            "title": "Talent",
            "purpose": {"en": "take your suggestion further", "nl": "op uw suggestie door te gaan"},
        },
        {"id": "links", "title": {"en": "Links", "nl": "Schakels"}},
    ],
    "sessions": [
        {"id": "plenary", "kind": "plenary", "title": {"en": "Plenary", "nl": "Plenair"}, "sets": ["topics"]},
        {"id": "harbour", "kind": "break-out", "title": {"en": "Harbour", "nl": "Haven"}, "sets": ["topics"]},
    ],
}
SET_FILE: dict[str, Any] = {
    "set": "topics",
    "title": "Topics",
    "questions": [
        {
            "id": "use-cases",
            "type": "choices",
            "title": {"en": "Which use cases?", "nl": "Welke toepassingen?"},
            "working_group": "links",
            "options": [
                {"id": "cranes", "text": {"en": "Cranes", "nl": "Kranen"}},
                {
                    "id": "own",
                    "text": {"en": "A use case of my own", "nl": "Een eigen toepassing"},
                    "contact": "offer",
                },
                {"id": "other", "text": {"en": "Other", "nl": "Anders"}, "other": True, "contact": "offer"},
                {"id": "none", "text": {"en": "No interest", "nl": "Geen interesse"}, "exclusive": True},
            ],
        },
        {
            "id": "ideas",
            "type": "text",
            "title": {"en": "What would help?", "nl": "Wat zou helpen?"},
            "max": 3,
            "contact": "offer",
            "working_group": "talent",
        },
        {
            "id": "mood",
            "type": "choice",
            "title": "How is it?",
            "options": [{"id": "good", "text": "Good"}, {"id": "bad", "text": "Bad"}],
        },
    ],
}
EVENT = Event.model_validate(EVENT_FILE | {"sets": [SET_FILE]})


def write_event(questionsets: Path, **privacy: object) -> None:
    """The event as an organiser writes it; `privacy` beside what it says of that."""
    folder = questionsets / EVENT_FILE["event"]
    folder.mkdir(parents=True)
    event = EVENT_FILE | {"privacy": EVENT_FILE["privacy"] | privacy}
    for name, content in (("event", event), (SET_FILE["set"], SET_FILE)):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False))


@dataclass(frozen=True)
class Kept:
    """What a phone keeps of a vote: cell → what a signing needs."""

    receipts: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)


class Stage:
    """The event's rooms in a database, without a server."""

    def __init__(self, database: Database, event: Event = EVENT) -> None:
        self.database = database
        self.writer = Writer(database)
        with database.read() as connection:  # a server keeps it with the privacy that its files say
            self.event = event_in_force(connection, event.event) or event

    def command(self, verb: Verb, poll: PollKey, session: str = "plenary") -> None:
        """A moderator's command, which has to succeed."""
        with self.database.read() as connection:
            state = session_state(connection, self.event.event, session)
        asked = Command(secrets.token_hex(8), verb, state.revision, poll)
        (outcome,) = self.writer.run(command, [SessionCommand(self.event, session, asked, present=100)])
        assert outcome.code is None

    def ref(self, poll: PollKey, session: str = "plenary") -> PollRef:
        """A poll as the store knows it."""
        with self.database.read() as connection:
            found = poll_ref(connection, self.event.event, session, poll)
        assert found is not None
        return found

    def vote(
        self,
        phone: int,
        poll: PollKey,
        *picks: str,
        texts: Mapping[str, str] | None = None,
        session: str = "plenary",
        revision: int = 1,
    ) -> Kept:
        """A phone's vote, counted; with all its receipts, also those that it would not be told."""
        ref, secret = self.ref(poll, session), phone.to_bytes(16, "big")
        claims = {cell: new_key(secrets.token_bytes(16)) for cell in texts or {}}
        ideas = tuple(IdeaText(cell, text, claim_hash(claims[cell])) for cell, text in (texts or {}).items())
        keys = KEYS.voter_key(ref.nonce, secret), KEYS.idea_key(ref.nonce, secret)
        (told,) = self.writer.run(cast, [Cast(ref.id, Ballot(*keys, revision, dict.fromkeys(picks, 1), ideas))])
        assert told.fate is Fate.COUNTED
        return Kept({pick: KEYS.receipt(ref.nonce, pick) for pick in picks}, claims)

    def seal(self, poll: PollKey, session: str = "plenary") -> None:
        """Deletes a closed poll's ballots."""
        ref = self.ref(poll, session)
        (sealed,) = self.writer.run(seal, [Unsealed(ref.id)])
        assert sealed.sealed

    def signing(
        self,
        poll: PollKey,
        cell: str,
        email: str = "ann@example.org",
        *,
        claim: str = "",
        session: str = "plenary",
        key: str = "",
        name: str = "Ann",
    ) -> Signing:
        """A request to sign, as the web layer makes it."""
        terms = terms_for(self.event, poll, cell)
        return Signing(
            id=secrets.token_bytes(16),
            key_hash=key_hash(key or new_key(secrets.token_bytes(16))),
            event=self.event.event,
            session=session,
            poll=poll,
            cell=cell,
            claim_hash=claim_hash(claim) if claim else None,
            answer=cell,
            contact=Contact(name, email),
            working_groups=tuple(group.id for group in terms.groups),
            consent=Consent("They may write to me.", "en", terms.until),
            half_day=half_day(datetime(2026, 11, 24, 15)),
        )

    def sign(self, *signings: Signing) -> list[str | None]:
        """Has them signed in one batch: a refusal's code for each, or None."""
        with self.database.write() as connection:
            results = sign(connection, signings)
        return [result.code.value if result else None for result in results]

    def settle(self) -> None:
        """Makes the file forget."""
        with self.database.engine.connect() as connection:
            assert settle(connection)

    def stored_bytes(self) -> bytes:
        """Everything in the database's files."""
        files = [self.database.path, *self.database.path.parent.glob(self.database.path.name + "-*")]
        return b"".join(file.read_bytes() for file in files)


@contextmanager
def serving(folder: Path, **privacy: object) -> Iterator[TestClient]:
    """A server at work on the day of the event, with the event of the stage."""
    write_event(folder / "questionsets", **privacy)
    settings = load_settings(
        {
            "DATABASE_URL": f"sqlite:///{folder}/polling.db",
            "POLLING_QUESTIONSETS": str(folder / "questionsets"),
            "POLLING_SECRET": KEYS.secret.decode(),
            "POLLING_PUBLIC_URL": ADDRESS,
        }
    )
    with TestClient(create_app(settings), base_url=ADDRESS) as client:
        on_day(client, 2026, 11, 24)
        yield client


def site_behind(client: TestClient) -> Site:
    """What the server consists of."""
    assert isinstance(client.app, Starlette)
    site: Site = client.app.state.site
    return site


def on_day(client: TestClient, year: int, month: int, day: int, hour: int = 12) -> None:
    """Sets the server's clock."""
    assert isinstance(client.app, Starlette)
    moment = datetime(year, month, day, hour).astimezone()
    client.app.state.site = replace(site_behind(client), clock=lambda: moment)


def proof(poll: PollKey, cell: str, kept: Kept, language: str = "en") -> dict[str, str]:
    """The fields that a phone in the plenary sends of one answer."""
    return {
        "event": EVENT.event,
        "session": "plenary",
        "poll": str(poll),
        "cell": cell,
        "receipt": kept.receipts.get(cell, ""),
        "claim": kept.claims.get(cell, ""),
        "language": language,
    }


def send(client: TestClient, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Response:
    """The form, as a browser sends it."""
    return client.post("/sign", data=dict(fields), headers=dict(headers or {}))


def words(response: Response) -> str:
    """What a person reads of a page."""
    main = response.text.partition("<main>")[2]
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", main).split()))


def private_key(response: Response) -> str:
    """The key of the private link on the page that thanks."""
    found = re.search(r'data-private-key="([\w-]{22})"', response.text)
    assert found, words(response)
    return found[1]


def stored(site: Site) -> list[dict[str, object]]:
    """Every contact in the database."""
    with site.database.read() as connection:
        return [dict(row) for row in connection.execute(text("SELECT * FROM contact")).mappings()]
