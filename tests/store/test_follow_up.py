"""A working group's list: what was signed for it and what was written for it, each once."""

from __future__ import annotations

import pytest
from signing_stage import EVENT, IDEAS, USE_CASES, Stage

from polling.core.contact import Contact
from polling.core.keys import key_hash, new_key
from polling.core.poll import Verb
from polling.store.contacts import withdraw
from polling.store.database import Database
from polling.store.follow_up import HEADER, IDEAS_TO_NAME_A_ROOM, Line, follow_up

ANN = Contact("Ann", "ann@example.org")
KEY = new_key(b"k" * 16)


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def lines(stage: Stage, group: str = "talent") -> tuple[Line, ...]:
    with stage.database.read() as connection:
        return follow_up(connection, stage.event, group)


def told(stage: Stage, group: str = "talent") -> list[tuple[str, str | None]]:
    """Answer and name."""
    return [(line.answer, line.contact.name if line.contact else None) for line in lines(stage, group)]


def test_signed_and_unsigned_ideas_stand_there_once_each(stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS)
    kept = stage.vote(1, IDEAS, texts={"1": "Invite alumni", "2": "Open the yard"})
    stage.vote(2, IDEAS, texts={"1": "Ask pupils"})
    stage.sign(stage.signing(IDEAS, "2", claim=kept.claims["2"]))
    stage.command(Verb.CLOSE, IDEAS)
    assert told(stage) == [("Open the yard", "Ann"), ("Ask pupils", None), ("Invite alumni", None)]
    signed = lines(stage)[0]
    assert (signed.contact, signed.session, str(signed.until)) == (ANN, "plenary", "2027-03-01")


def test_each_group_gets_what_goes_to_it_and_nothing_else(stage: Stage) -> None:
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "own", "cranes")
    stage.vote(2, USE_CASES, "other", texts={"other": "Ropes"})
    stage.sign(stage.signing(USE_CASES, "own"))
    stage.command(Verb.CLOSE, USE_CASES)
    assert told(stage, "links") == [("own", "Ann"), ("Ropes", None)]
    assert told(stage, "talent") == []


def test_a_withdrawn_idea_stands_there_without_a_name_again(stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS)
    claim = stage.vote(1, IDEAS, texts={"1": "Invite alumni"}).claims["1"]
    stage.sign(stage.signing(IDEAS, "1", claim=claim, key=KEY))
    stage.command(Verb.CLOSE, IDEAS)
    assert told(stage) == [("Invite alumni", "Ann")]
    stage.writer.run(withdraw, [key_hash(KEY)])
    assert told(stage) == [("Invite alumni", None)]


def test_the_seal_changes_nothing_in_the_list(stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS)
    kept = stage.vote(1, IDEAS, texts={"1": "Invite alumni", "2": "Open the yard"})
    stage.sign(stage.signing(IDEAS, "1", claim=kept.claims["1"]))
    stage.command(Verb.CLOSE, IDEAS)
    before = lines(stage)
    stage.seal(IDEAS)
    assert lines(stage) == before


def test_an_idea_that_was_changed_after_it_was_signed_is_two_the_old_one_with_the_name(stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS)
    claim = stage.vote(1, IDEAS, texts={"1": "Invite alumni"}).claims["1"]
    stage.sign(stage.signing(IDEAS, "1", claim=claim))
    stage.vote(1, IDEAS, texts={"1": "Invite pupils"}, revision=2)
    stage.command(Verb.CLOSE, IDEAS)
    assert told(stage) == [("Invite alumni", "Ann"), ("Invite pupils", None)]


def test_while_a_poll_is_open_its_unsigned_ideas_are_not_listed(stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS)
    claim = stage.vote(1, IDEAS, texts={"1": "Invite alumni"}).claims["1"]
    stage.vote(2, IDEAS, texts={"1": "Ask pupils"})
    stage.sign(stage.signing(IDEAS, "1", claim=claim))
    assert told(stage) == [("Invite alumni", "Ann")]


@pytest.mark.promise("P15")
def test_an_unsigned_idea_names_no_room_with_fewer_than_ten(stage: Stage) -> None:
    for session, ideas in (("plenary", IDEAS_TO_NAME_A_ROOM), ("harbour", IDEAS_TO_NAME_A_ROOM - 1)):
        stage.command(Verb.OPEN, IDEAS, session)
        for phone in range(ideas):
            kept = stage.vote(phone, IDEAS, texts={"1": f"{session} {phone}"}, session=session)
            if phone == 0:
                stage.sign(stage.signing(IDEAS, "1", claim=kept.claims["1"], session=session))
        stage.command(Verb.CLOSE, IDEAS, session)
    rooms = {(line.answer.split()[0], line.contact is not None): line.session for line in lines(stage)}
    assert rooms == {
        ("plenary", True): "plenary",
        ("plenary", False): "plenary",
        ("harbour", True): "harbour",  # whoever signs says where
        ("harbour", False): None,
    }


def test_a_row_tells_in_the_readers_language_what_its_header_names(stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS)
    kept = stage.vote(1, IDEAS, texts={"1": "Alumni", "2": "Yard"})
    stage.sign(stage.signing(IDEAS, "1", claim=kept.claims["1"]))
    stage.command(Verb.CLOSE, IDEAS)
    signed, unsigned = (dict(zip(HEADER, line.row("nl"), strict=True)) for line in lines(stage))
    assert signed == {
        "answer": "Alumni",
        "signed": "yes",
        "name": "Ann",
        "email": "ann@example.org",
        "session": "Plenair",
        "set": "topics",
        "question": "Wat zou helpen?",
        "cell": "1",
        "until": "2027-03-01",
        "consent": "They may write to me.",
    }
    assert (unsigned["answer"], unsigned["signed"], unsigned["name"], unsigned["session"]) == ("Yard", "no", "", "")


def test_what_an_edited_event_no_longer_has_is_still_listed(stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS, "harbour")
    claim = stage.vote(1, IDEAS, texts={"1": "Invite alumni"}, session="harbour").claims["1"]
    stage.sign(stage.signing(IDEAS, "1", claim=claim, session="harbour"))
    stage.command(Verb.CLOSE, IDEAS, "harbour")
    content = EVENT.model_dump(mode="json")
    content["sessions"] = content["sessions"][:1]
    stage.event = type(EVENT).model_validate(content)
    (line,) = lines(stage)
    assert (line.answer, line.place) == ("Invite alumni", {"*": "harbour"})
