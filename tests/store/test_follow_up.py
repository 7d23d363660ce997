"""A working group's list: what was signed for it and what was written for it, each once."""

from __future__ import annotations

import secrets

import pytest
from signing_stage import EVENT, EVENT_FILE, IDEAS, SET_FILE, USE_CASES, Stage

from polling.core.contact import Contact
from polling.core.event import Event
from polling.core.follow_up import HEADER, Line, Status
from polling.core.keys import key_hash, new_key
from polling.core.poll import Command, PollKey, Verb
from polling.core.results.rooms import ROOM_OF_IDEAS
from polling.store.contacts import Withdrawal, withdraw
from polling.store.database import Database
from polling.store.follow_up import Progress, follow_up, set_status
from polling.store.ideas import ideas_of
from polling.store.sessions import SessionCommand, command, session_state

ANN = Contact("Ann", "ann@example.org")
KEY = new_key(b"k" * 16)


def rows(stage: Stage, language: str = "en", group: str = "talent") -> list[dict[str, object]]:
    """The list as its files have it."""
    return [dict(zip(HEADER, row, strict=True)) for line in lines(stage, group) for row in line.rows(language)]


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
    assert (signed.contact, signed.session, str(signed.signers[0].consent.until)) == (ANN, "plenary", "2027-03-01")


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
    stage.writer.run(withdraw, [Withdrawal(key_hash(KEY), "2026-11-25 am")])
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
@pytest.mark.parametrize(("in_harbour", "where"), [(ROOM_OF_IDEAS, True), (ROOM_OF_IDEAS - 1, False)])
def test_an_unsigned_idea_names_no_room_with_fewer_than_ten_nor_the_next_one_if_it_were_known_by_that(
    stage: Stage, in_harbour: int, where: bool
) -> None:
    for session, ideas in (("plenary", ROOM_OF_IDEAS + 1), ("harbour", in_harbour)):
        stage.command(Verb.OPEN, IDEAS, session)
        for phone in range(ideas):
            kept = stage.vote(phone, IDEAS, texts={"1": f"{session} {phone}"}, session=session)
            if phone == 0:
                stage.sign(stage.signing(IDEAS, "1", claim=kept.claims["1"], session=session))
        stage.command(Verb.CLOSE, IDEAS, session)
    rooms = {(line.answer.split()[0], line.contact is not None): line.session for line in lines(stage)}
    assert rooms == {
        ("plenary", True): "plenary",  # whoever signs says where
        ("plenary", False): "plenary" if where else None,
        ("harbour", True): "harbour",
        ("harbour", False): "harbour" if where else None,
    }


def test_a_row_tells_in_the_readers_language_what_its_header_names(stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS)
    kept = stage.vote(1, IDEAS, texts={"1": "Alumni", "2": "Yard"})
    stage.sign(stage.signing(IDEAS, "1", claim=kept.claims["1"]))
    stage.command(Verb.CLOSE, IDEAS)
    signed, unsigned = rows(stage, "nl")
    assert signed == {
        "answer": "Alumni",
        "also": "",
        "people": 1,
        "status": "open",
        "signed": "yes",
        "name": "Ann",
        "email": "ann@example.org",
        "organisation": "",
        "phone": "",
        "session": "Plenair",
        "set": "topics",
        "question": "Wat zou helpen?",
        "cell": "1",
        "hidden": "no",
        "until": "2027-03-01",
        "language": "en",
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


# routing


def routed(**changes: object) -> Event:
    """The event with another routing of its open question."""
    questions = [dict(question) for question in SET_FILE["questions"]]
    ideas = next(question for question in questions if question["id"] == IDEAS.question)
    ideas.update(changes)
    return Event.model_validate(EVENT_FILE | {"sets": [SET_FILE | {"questions": questions, "working_group": "links"}]})


@pytest.mark.parametrize(
    ("working_group", "expected"), [(["talent", "links"], {"talent", "links"}), ("talent", {"talent"}), ([], {"links"})]
)
def test_an_answer_goes_to_all_groups_that_it_is_routed_to_the_set_s_where_the_question_names_none(
    database: Database, working_group: object, expected: set[str]
) -> None:
    stage = Stage(database, routed(working_group=working_group))
    stage.command(Verb.OPEN, IDEAS)
    kept = stage.vote(1, IDEAS, texts={"1": "Invite alumni", "2": "Open the yard"})
    stage.sign(stage.signing(IDEAS, "1", claim=kept.claims["1"]))
    stage.command(Verb.CLOSE, IDEAS)
    both = [("Invite alumni", "Ann"), ("Open the yard", None)]
    assert {group: told(stage, group) for group in ("talent", "links")} == {
        group: both if group in expected else [] for group in ("talent", "links")
    }


def test_an_option_s_own_group_goes_before_the_question_s(database: Database) -> None:
    content = EVENT.model_dump(mode="json")
    question = content["sets"][0]["questions"][0]
    next(option for option in question["options"] if option["id"] == "other")["working_group"] = "talent"
    stage = Stage(database, Event.model_validate(content))
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "own", "cranes")
    stage.vote(2, USE_CASES, "other", texts={"other": "Ropes"})
    stage.sign(stage.signing(USE_CASES, "own"))
    stage.command(Verb.CLOSE, USE_CASES)
    assert (told(stage, "links"), told(stage, "talent")) == ([("own", "Ann")], [("Ropes", None)])


# what moderators did


def moderate(stage: Stage, verb: Verb, idea: str, **about: str) -> None:
    """A moderator's command about the idea with this text."""
    with stage.database.read() as connection:
        ids = {line.text: line.id for line in ideas_of(connection, stage.ref(IDEAS).id)}
        revision = session_state(connection, EVENT.event, "plenary").revision
    twin = ids.get(about.get("twin", ""), "")
    asked = Command(secrets.token_hex(8), verb, revision, None, ids[idea], about.get("group", ""), twin)
    (outcome,) = stage.writer.run(command, [SessionCommand(stage.event, "plenary", asked, 10)])
    assert outcome.code is None


def written(stage: Stage, *texts: str, poll: PollKey = IDEAS) -> list[str]:
    """Each text by a phone of its own; their claims."""
    stage.command(Verb.OPEN, poll)
    claims = [stage.vote(phone, poll, texts={"1": text}).claims["1"] for phone, text in enumerate(texts)]
    stage.command(Verb.CLOSE, poll)
    return claims


def test_a_tag_adds_a_group_which_gets_the_words_but_no_name_that_was_given_to_another(stage: Stage) -> None:
    claims = written(stage, "Invite alumni")
    stage.sign(stage.signing(IDEAS, "1", claim=claims[0]))
    moderate(stage, Verb.TAG_IDEA, "Invite alumni", group="links")
    assert (told(stage), told(stage, "links")) == ([("Invite alumni", "Ann")], [("Invite alumni", None)])


def test_twins_are_one_line_with_so_many_people_and_each_can_still_be_signed(stage: Stage) -> None:
    written(stage, *(f"filler {number}" for number in range(9)))
    stage.command(Verb.REOPEN, IDEAS)
    claims = [stage.vote(20 + n, IDEAS, texts={"1": text}).claims["1"] for n, text in enumerate(("Alumni", "Old boys"))]
    stage.command(Verb.CLOSE, IDEAS)
    moderate(stage, Verb.MERGE_IDEA, "Old boys", twin="Alumni")

    def line() -> Line:
        (found,) = (line for line in lines(stage) if "filler" not in line.answer)
        return found

    assert (line().answer, line().unsigned, line().people, line().signers) == ("Alumni", ("Old boys",), 2, ())
    stage.sign(stage.signing(IDEAS, "1", email="bo@example.org", name="Bo", claim=claims[1]))
    assert (line().people, line().unsigned) == (2, ())
    assert [(signer.contact.name, signer.answer) for signer in line().signers] == [("Bo", "Old boys")]
    assert [(row["answer"], row["also"]) for row in rows(stage) if row["people"] == 2] == [("Old boys", "Alumni")]
    stage.sign(stage.signing(IDEAS, "1", claim=claims[0]))
    assert [(signer.contact.name, signer.answer) for signer in line().signers] == [
        ("Ann", "Alumni"),
        ("Bo", "Old boys"),
    ]
    assert [(row["answer"], row["also"], row["name"]) for row in rows(stage) if row["people"] == 2] == [
        ("Alumni", "", "Ann"),
        ("Old boys", "", "Bo"),
    ]


@pytest.mark.promise("P15")
def test_in_a_small_room_an_unsigned_twin_stands_apart_from_the_signed_one_that_names_the_room(stage: Stage) -> None:
    claims = written(stage, "Alumni", "Old boys", "Former pupils")
    moderate(stage, Verb.MERGE_IDEA, "Old boys", twin="Alumni")
    moderate(stage, Verb.MERGE_IDEA, "Former pupils", twin="Alumni")
    stage.sign(stage.signing(IDEAS, "1", claim=claims[0]))
    assert [(line.answer, line.people, line.session) for line in lines(stage)] == [
        ("Alumni", 1, "plenary"),
        (lines(stage)[1].answer, 2, None),
    ]
    assert {lines(stage)[1].answer, *lines(stage)[1].unsigned} == {"Old boys", "Former pupils"}


def test_what_a_moderator_keeps_off_the_screen_reaches_its_group_and_is_marked(stage: Stage) -> None:
    written(stage, "Rude words", "Kind words")
    moderate(stage, Verb.BLOCK_IDEA, "Rude words")
    assert {line.answer: line.hidden for line in lines(stage)} == {"Rude words": True, "Kind words": False}


# how far a group is


def say_so(stage: Stage, line: str, status: Status, group: str = "talent") -> bool:
    (done,) = stage.writer.run(set_status, [Progress(stage.event, group, line, status)])
    return done


def test_a_status_is_kept_for_ideas_signed_answers_and_options_and_stays_through_signing_and_seal(stage: Stage) -> None:
    claims = written(stage, "Alumni", "Yard")
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "own")
    stage.sign(stage.signing(USE_CASES, "own"))
    stage.command(Verb.CLOSE, USE_CASES)
    assert {line.status for group in ("talent", "links") for line in lines(stage, group)} == {Status.OPEN}
    ids = {line.answer: line.id for line in lines(stage)}
    assert say_so(stage, ids["Alumni"], Status.TAKEN)
    assert say_so(stage, lines(stage, "links")[0].id, Status.ANSWERED, "links")
    stage.sign(stage.signing(IDEAS, "1", claim=claims[0]))
    stage.seal(IDEAS)
    assert [(line.answer, line.status) for line in lines(stage)] == [("Alumni", Status.TAKEN), ("Yard", Status.OPEN)]
    assert [line.status for line in lines(stage, "links")] == [Status.ANSWERED]
    assert [row["status"] for row in rows(stage)] == ["taken", "open"]


def test_a_group_says_nothing_of_what_is_not_in_its_list(stage: Stage) -> None:
    written(stage, "Alumni")
    (line,) = lines(stage)
    strangers = [line.id.replace("idea-", "contact-"), "idea-", "", "idea-" + "00" * 16, "contact-zz"]
    assert [say_so(stage, stranger, Status.TAKEN) for stranger in strangers] == [False] * 5
    assert not say_so(stage, line.id, Status.TAKEN, "links")
    assert lines(stage)[0].status is Status.OPEN
