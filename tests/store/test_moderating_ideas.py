"""What moderators do with ideas beside showing them: block, tag, merge; and what is left of it afterwards."""

from __future__ import annotations

import secrets

import pytest
from store_room import IDEAS, Room, make_event

from polling.core.errors import Code
from polling.core.event import Event
from polling.core.poll import Command, Verb
from polling.core.regions.room import IdeaLine
from polling.store.database import Database
from polling.store.ideas import ideas_of
from polling.store.polls import Unsealed
from polling.store.sealing import seal
from polling.store.sessions import SessionCommand, command


def event() -> Event:
    content = make_event().model_dump(mode="json")
    content["working_groups"] = [{"id": "choir", "title": "Choir"}, {"id": "yard", "title": "Yard"}]
    return Event.model_validate(content)


@pytest.fixture
def room(database: Database) -> Room:
    made = Room(database, event=event())
    made.open(IDEAS)
    made.cast(
        *(made.ballot(phone, texts={"1": text}, key=IDEAS) for phone, text in enumerate(("sing", "Sing!", "dig")))
    )
    return made


def lines(room: Room) -> dict[str, IdeaLine]:
    with room.database.read() as connection:
        return {idea.text: idea for idea in ideas_of(connection, room.ref(IDEAS).id)}


def do(room: Room, verb: Verb, idea: str, *, group: str = "", twin: str = "") -> Code | None:
    """A command about the idea with this text; the code of its refusal."""
    known = lines(room)
    ids = [known[text].id if text in known else text for text in (idea, twin)]
    asked = Command(secrets.token_hex(8), verb, room.state.revision, None, ids[0], group, ids[1])
    (outcome,) = room.writer.run(command, [SessionCommand(room.event, room.session, asked, 10)])
    return outcome.code


def test_a_blocked_idea_leaves_the_screen_and_can_not_be_shown_until_it_is_allowed(room: Room) -> None:
    do(room, Verb.SHOW_IDEA, "sing")
    assert do(room, Verb.BLOCK_IDEA, "sing") is None
    assert (lines(room)["sing"].blocked, lines(room)["sing"].shown) == (True, False)
    assert do(room, Verb.SHOW_IDEA, "sing") is Code.IDEA_BLOCKED
    assert do(room, Verb.ALLOW_IDEA, "sing") is None
    assert do(room, Verb.SHOW_IDEA, "sing") is None
    assert lines(room)["sing"].shown


def test_an_idea_is_tagged_for_groups_of_the_event_only_and_once(room: Room) -> None:
    for group in ("yard", "choir", "yard"):
        assert do(room, Verb.TAG_IDEA, "dig", group=group) is None
    assert lines(room)["dig"].tags == ("choir", "yard")
    assert do(room, Verb.UNTAG_IDEA, "dig", group="choir") is None
    assert lines(room)["dig"].tags == ("yard",)
    assert [do(room, Verb.TAG_IDEA, "dig", group=group) for group in ("", "kitchen")] == [Code.UNKNOWN_GROUP] * 2


def test_twins_are_merged_one_step_deep_in_whatever_order_and_can_be_parted(room: Room) -> None:
    assert do(room, Verb.MERGE_IDEA, "Sing!", twin="sing") is None
    assert do(room, Verb.MERGE_IDEA, "sing", twin="Sing!") is None  # together already: no ring
    assert [line.merged_into for line in lines(room).values() if line.text != "Sing!"] == [None, None]
    assert lines(room)["Sing!"].merged_into == lines(room)["sing"].id
    assert do(room, Verb.MERGE_IDEA, "sing", twin="dig") is None
    assert {lines(room)[text].merged_into for text in ("sing", "Sing!")} == {lines(room)["dig"].id}
    assert do(room, Verb.SPLIT_IDEA, "sing") is None
    assert lines(room)["sing"].merged_into is None


def test_what_is_merged_is_shown_as_the_one_that_it_stands_under(room: Room) -> None:
    do(room, Verb.SHOW_IDEA, "Sing!")
    do(room, Verb.MERGE_IDEA, "Sing!", twin="sing")
    assert [line.text for line in lines(room).values() if line.shown] == []
    do(room, Verb.SHOW_IDEA, "Sing!")
    assert [line.text for line in lines(room).values() if line.shown] == ["sing"]
    do(room, Verb.BLOCK_IDEA, "sing")
    assert do(room, Verb.SHOW_IDEA, "Sing!") is Code.IDEA_BLOCKED


def test_an_idea_has_no_twin_in_itself_in_nothing_or_in_another_room(room: Room) -> None:
    other = Room(room.database, "harbour", event=room.event, first_id=1000)
    other.open(IDEAS)
    other.cast(other.ballot(9, texts={"1": "sail"}, key=IDEAS))
    elsewhere = lines(other)["sail"].id
    codes = [do(room, Verb.MERGE_IDEA, "sing", twin=twin) for twin in ("sing", "", "no hex", "00" * 16, elsewhere)]
    assert codes == [Code.UNKNOWN_IDEA] * 5
    assert do(other, Verb.BLOCK_IDEA, lines(room)["sing"].id) is Code.UNKNOWN_IDEA


@pytest.mark.parametrize("texts", [{"1": "hum"}, {}])
def test_an_idea_that_was_changed_or_taken_back_is_another_and_leaves_its_twin_alone(
    room: Room, texts: dict[str, str]
) -> None:
    do(room, Verb.TAG_IDEA, "sing", group="choir")
    do(room, Verb.BLOCK_IDEA, "sing")
    do(room, Verb.MERGE_IDEA, "Sing!", twin="sing")
    room.cast(room.ballot(0, texts=texts, key=IDEAS, revision=2))
    assert lines(room)["Sing!"].merged_into is None
    assert all(line.tags == () and not line.blocked for line in lines(room).values())


def test_the_seal_keeps_what_moderators_did(room: Room) -> None:
    do(room, Verb.TAG_IDEA, "dig", group="choir")
    do(room, Verb.BLOCK_IDEA, "dig")
    do(room, Verb.MERGE_IDEA, "Sing!", twin="sing")
    room.do(Verb.CLOSE)
    before = lines(room)
    assert room.writer.run(seal, [Unsealed(room.ref(IDEAS).id)])[0].sealed
    assert lines(room) == before
