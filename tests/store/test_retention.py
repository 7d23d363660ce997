"""Retention: once their day is past contacts are gone, down to the bytes; a certificate with counts remains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from signing_stage import EVENT, IDEAS, KEYS, USE_CASES, Stage
from sqlalchemy import text

from polling.core.certificate import Certificate
from polling.core.event import Event
from polling.core.keys import claim_hash
from polling.core.poll import Verb
from polling.store.database import Database
from polling.store.events import keep_event
from polling.store.ideas import ideas_of
from polling.store.migrations import migrate
from polling.store.reset import reset
from polling.store.retention import Expired, certificates, expired, purge, to_erase
from polling.store.tallies import standing

LAST_DAY, DAY_AFTER = date(2027, 3, 1), date(2027, 3, 2)
CANARY = "canary@example.org"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/polling.db")
    migrate(made)
    yield made
    made.close()


@pytest.fixture
def stage(database: Database) -> Stage:
    """The event, with nothing in it yet."""
    with database.write() as connection:
        keep_event(connection, EVENT, KEYS.fingerprint())
    return Stage(database)


@pytest.fixture(autouse=True)
def claims(stage: Stage) -> Mapping[str, str]:
    """Two ideas, of which one was signed, and a signed option; all sealed. What the phone keeps of the ideas."""
    stage.command(Verb.OPEN, IDEAS)
    claims = stage.vote(1, IDEAS, texts={"1": "Invite alumni", "2": "Open the yard"}).claims
    stage.command(Verb.CLOSE, IDEAS)
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "own")
    stage.command(Verb.CLOSE, USE_CASES)
    for poll in (IDEAS, USE_CASES):
        stage.seal(poll)
    signings = (stage.signing(IDEAS, "2", CANARY, claim=claims["2"]), stage.signing(USE_CASES, "own", CANARY))
    assert stage.sign(*signings) == [None, None]
    return claims


def due(stage: Stage, today: date) -> list[Expired]:
    with stage.database.read() as connection:
        return expired(connection, today)


def test_contacts_are_kept_until_the_end_of_their_day(stage: Stage) -> None:
    assert due(stage, LAST_DAY) == []
    assert due(stage, DAY_AFTER) == [Expired("gathering", DAY_AFTER)]


@pytest.mark.promise("P09")
def test_after_it_names_and_claims_are_gone_and_sums_and_texts_stay(stage: Stage) -> None:
    with stage.database.read() as connection:
        before = standing(connection, stage.ref(USE_CASES).id), ideas_of(connection, stage.ref(IDEAS).id)
    (certificate,) = stage.writer.run(purge, due(stage, DAY_AFTER))
    assert certificate == Certificate("gathering", DAY_AFTER, contacts=2, ideas=2)
    with stage.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM contact")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM idea WHERE claim_hash IS NOT NULL")).scalar() == 0
        assert (standing(connection, stage.ref(USE_CASES).id), ideas_of(connection, stage.ref(IDEAS).id)) == before
        assert certificates(connection, "gathering") == [certificate]
    assert due(stage, DAY_AFTER) == []


@pytest.mark.promise("P08")
def test_settled_they_are_in_no_byte_of_the_files(stage: Stage, claims: Mapping[str, str]) -> None:
    traces = [CANARY.encode(), b"They may write to me.", claim_hash(claims["1"]), claim_hash(claims["2"])]
    assert all(trace in stage.stored_bytes() for trace in traces)
    stage.writer.run(purge, due(stage, DAY_AFTER))
    stage.settle()
    assert not [trace for trace in traces if trace in stage.stored_bytes()]


def test_a_claim_that_is_gone_signs_nothing(stage: Stage, claims: Mapping[str, str]) -> None:
    stage.writer.run(purge, due(stage, DAY_AFTER))
    assert stage.sign(stage.signing(IDEAS, "1", claim=claims["1"])) == ["not-signable"]


def test_what_is_erased_on_one_day_adds_up_in_one_certificate(stage: Stage) -> None:
    stage.writer.run(purge, [Expired("gathering", DAY_AFTER)] * 2)
    assert stage.sign(stage.signing(USE_CASES, "own")) == [None]
    stage.writer.run(purge, [Expired("gathering", DAY_AFTER)])
    with stage.database.read() as connection:
        assert certificates(connection, "gathering") == [Certificate("gathering", DAY_AFTER, contacts=3, ideas=2)]


def test_where_there_is_nothing_to_erase_nothing_is_certified(stage: Stage) -> None:
    (certificate,) = stage.writer.run(purge, [Expired("elsewhere", DAY_AFTER)])
    assert not certificate
    with stage.database.read() as connection:
        assert certificates(connection, "elsewhere") == []


def other(event_id: str, **privacy: object) -> Event:
    """An event like that of the stage, with other rules of privacy."""
    file = EVENT.model_dump()
    return Event.model_validate(file | {"event": event_id, "privacy": file["privacy"] | privacy})


def also_held(database: Database, event: Event) -> None:
    """Another event, with a signed option."""
    with database.write() as connection:
        keep_event(connection, event, KEYS.fingerprint())
    stage = Stage(database, event)
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "own")
    assert stage.sign(stage.signing(USE_CASES, "own")) == [None]


def test_another_event_keeps_what_is_its_own(stage: Stage, database: Database) -> None:
    also_held(database, other("later"))
    stage.writer.run(purge, [Expired("gathering", DAY_AFTER)])
    with database.read() as connection:
        assert to_erase(connection, Expired("later", DAY_AFTER)) == Certificate("later", DAY_AFTER, 1, 0)


def test_an_event_that_names_no_day_is_never_due(stage: Stage, database: Database) -> None:
    also_held(database, other("timeless", contacts_until=None))
    assert [item.event for item in due(stage, date(2999, 1, 1))] == ["gathering"]


def test_of_an_event_that_can_not_be_read_any_more_the_day_is_that_which_people_were_told(
    stage: Stage, database: Database
) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE event SET content = '{}'"))
    assert due(stage, LAST_DAY) == []
    assert due(stage, DAY_AFTER) == [Expired("gathering", DAY_AFTER)]


def test_a_reset_forgets_the_certificates_too(stage: Stage, database: Database) -> None:
    stage.writer.run(purge, due(stage, DAY_AFTER))
    with database.write() as connection:
        reset(connection, "gathering")
    with database.read() as connection:
        assert certificates(connection, "gathering") == []
