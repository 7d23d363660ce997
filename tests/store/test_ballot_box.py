"""Ballots: what counts, what is told, and what the bars show of it."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from store_room import FOOD, IDEAS, SECTOR, Room, make_event

from polling.core.ballot import Acknowledgement, Fate
from polling.core.errors import Code
from polling.core.poll import PollKey, Verb
from polling.core.tally import Tally
from polling.store.ballot_box import Cast, Held, my_ballot
from polling.store.database import Database
from polling.store.polls import Unsealed
from polling.store.sealing import seal


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


@pytest.mark.promise("R02")
def test_a_vote_sent_twice_counts_once(room: Room) -> None:
    room.open()
    vote = room.ballot(1, "steel")
    counted = Acknowledgement(Fate.COUNTED, 1, {"steel": 1})
    assert [room.cast(vote), room.cast(vote)] == [[counted], [counted]]
    assert room.standing().now == Tally(1, {"steel": 1})


@pytest.mark.promise("R02")
def test_a_vote_sent_fifty_times_in_one_batch_counts_once(room: Room) -> None:
    room.open()
    assert room.cast(*[room.ballot(1, "steel")] * 50) == [Acknowledgement(Fate.COUNTED, 1, {"steel": 1})] * 50
    assert room.standing().now == Tally(1, {"steel": 1})


@pytest.mark.promise("R02")
@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2)])
@pytest.mark.parametrize("together", [True, False])
def test_the_highest_revision_counts_in_whatever_order_they_come(
    room: Room, order: tuple[int, ...], together: bool
) -> None:
    room.open(FOOD)
    picks = {1: "soup", 2: "bread", 3: "cake"}
    votes = [room.ballot(1, picks[revision], revision=revision, key=FOOD) for revision in order]
    for batch in [votes] if together else [[vote] for vote in votes]:
        room.cast(*batch)
    assert room.standing(FOOD).now == Tally(1, {"cake": 1})


def test_a_lower_revision_is_told_what_counts(room: Room) -> None:
    room.open()
    room.cast(room.ballot(1, "glass", revision=4))
    assert room.cast(room.ballot(1, "steel", revision=3)) == [Acknowledgement(Fate.SUPERSEDED, 4, {"glass": 1})]


def test_two_tabs_with_the_same_revision_are_told_which_one_counts(room: Room) -> None:
    room.open()
    first, second = room.cast(room.ballot(1, "steel"), room.ballot(1, "glass"))
    assert first == Acknowledgement(Fate.COUNTED, 1, {"steel": 1})
    assert second == Acknowledgement(Fate.SUPERSEDED, 1, {"steel": 1})


@pytest.mark.parametrize("together", [True, False])
def test_the_same_revision_with_another_text_is_told_that_it_does_not_count(room: Room, together: bool) -> None:
    room.open(IDEAS)
    tabs = [room.ballot(1, texts={"1": text}, key=IDEAS) for text in ("a choir", "a garden", "a choir")]
    fates = [answer.fate for batch in ([tabs] if together else [[tab] for tab in tabs]) for answer in room.cast(*batch)]
    assert fates == [Fate.COUNTED, Fate.SUPERSEDED, Fate.COUNTED]
    assert room.texts() == {"a choir": False}


def test_a_form_without_a_revision_replaces_what_is_there(room: Room) -> None:
    room.open()
    room.cast(room.ballot(1, "steel", revision=7))
    assert room.cast(room.ballot(1, "glass", revision=None)) == [Acknowledgement(Fate.COUNTED, 8, {"glass": 1})]


def test_a_changed_vote_moves_from_one_cell_to_the_other(room: Room) -> None:
    room.open(FOOD)
    room.cast(room.ballot(1, "soup", "bread", key=FOOD), room.ballot(2, "bread", key=FOOD))
    room.cast(room.ballot(1, "bread", "cake", revision=2, key=FOOD))
    assert room.standing(FOOD).now == Tally(2, {"bread": 2, "cake": 1})


@pytest.mark.promise("R03")
def test_after_the_close_a_vote_is_told_closed_and_what_counts(room: Room) -> None:
    room.open()
    room.cast(room.ballot(1, "steel"))
    room.do(Verb.CLOSE)
    assert room.cast(room.ballot(1, "glass", revision=2), room.ballot(2, "glass")) == [
        Acknowledgement(Fate.REFUSED, 1, {"steel": 1}, Code.POLL_CLOSED),
        Acknowledgement(Fate.REFUSED, 0, {}, Code.POLL_CLOSED),
    ]
    assert room.standing().now == Tally(1, {"steel": 1})


@pytest.mark.promise("R03")
def test_a_vote_whose_acknowledgement_was_lost_is_told_counted_after_the_close_too(room: Room) -> None:
    room.open(IDEAS)
    vote = room.ballot(1, texts={"1": "a choir"}, key=IDEAS)
    room.cast(vote)
    room.do(Verb.CLOSE)
    assert room.cast(vote) == [Acknowledgement(Fate.COUNTED, 1, {})]


def test_a_sealed_poll_takes_no_vote_and_knows_none(room: Room) -> None:
    ref = room.open()
    vote = room.ballot(1, "steel")
    room.cast(vote)
    room.do(Verb.CLOSE)
    room.writer.run(seal, [Unsealed(ref.id)])
    assert room.cast(vote) == [Acknowledgement(Fate.REFUSED, 0, {}, Code.POLL_SEALED)]


def test_a_poll_asked_again_is_pending_until_it_is_opened(room: Room) -> None:
    room.open()
    room.do(Verb.CLOSE)
    room.do(Verb.ASK_AGAIN)
    again = PollKey("who", "sector", 2)
    assert room.cast(room.ballot(1, "steel", key=again))[0].code is Code.POLL_PENDING
    room.open(again)
    room.cast(room.ballot(1, "steel", key=again))
    assert room.standing(again).now == Tally(1, {"steel": 1})
    assert room.standing(SECTOR).now == Tally()


def test_a_poll_that_never_was_is_unknown(room: Room) -> None:
    room.open()
    lost = Cast(999, room.ballot(1, "steel").ballot)
    assert room.cast(lost, room.ballot(1, "steel")) == [
        Acknowledgement(Fate.REFUSED, code=Code.UNKNOWN_POLL),
        Acknowledgement(Fate.COUNTED, 1, {"steel": 1}),
    ]


@pytest.mark.parametrize("revision", [0, -1, 2**53, 2**70])
def test_a_revision_that_is_none_is_malformed_and_harms_nobody(room: Room, revision: int) -> None:
    room.open()
    bad, good = room.cast(room.ballot(1, "steel", revision=revision), room.ballot(2, "steel"))
    assert bad == Acknowledgement(Fate.REFUSED, 0, {}, Code.MALFORMED)
    assert good.fate is Fate.COUNTED


def test_half_a_character_is_malformed_and_harms_nobody(room: Room) -> None:
    room.open(IDEAS)
    half = room.ballot(1, texts={"1": "a \ud83d"}, key=IDEAS)
    whole = room.ballot(2, texts={"1": "a 🎺"}, key=IDEAS)
    assert [answer.code for answer in room.cast(half, whole)] == [Code.MALFORMED, None]
    assert room.texts() == {"a 🎺": False}


def test_a_phone_can_see_what_it_voted(room: Room) -> None:
    room.open()
    vote = room.ballot(1, "steel", revision=3)
    room.cast(vote)
    with room.database.read() as connection:
        assert my_ballot(connection, vote.poll_id, vote.ballot.voter_key) == Held(3, {"steel": 1})
        assert my_ballot(connection, vote.poll_id, bytes(16)) is None


def test_two_rooms_count_apart(room: Room) -> None:
    other = Room(room.database, "harbour", event=room.event)
    room.open()
    other.open()
    room.cast(room.ballot(1, "steel"), other.ballot(1, "glass"), room.ballot(2, "steel"))
    assert (room.standing().now, other.standing().now) == (Tally(2, {"steel": 2}), Tally(1, {"glass": 1}))


@pytest.mark.promise("P06")
def test_a_ballot_holds_no_text_and_a_text_no_voter_key_of_a_ballot(room: Room) -> None:
    room.open(FOOD)
    vote = room.ballot(1, "soup", texts={"soup": "with dumplings"}, key=FOOD)
    room.cast(vote)
    with room.database.read() as connection:
        ballot = connection.execute(text("SELECT voter_key, revision, cells FROM ballot")).one()
        idea = connection.execute(text("SELECT voter_key, cell, text FROM idea")).one()
    assert tuple(ballot) == (vote.ballot.voter_key, 1, '{"soup":1}')
    assert tuple(idea) == (vote.ballot.idea_key, "soup", "with dumplings")
    assert vote.ballot.voter_key != vote.ballot.idea_key


# what the bars show


@pytest.mark.promise("P04")
def test_with_few_present_the_bars_move_by_three_answers_while_the_count_runs(database: Database) -> None:
    room = Room(database, present=10)
    room.open()
    seen = []
    for phone in range(1, 8):
        room.vote([phone], "steel")
        standing = room.standing()
        seen.append((standing.now.respondents, standing.shown.respondents, standing.shown.cells.get("steel", 0)))
    assert seen == [(1, 0, 0), (2, 0, 0), (3, 3, 3), (4, 3, 3), (5, 3, 3), (6, 6, 6), (7, 6, 6)]


@pytest.mark.promise("P04")
def test_with_few_present_a_changed_vote_shows_only_with_the_next_step(database: Database) -> None:
    room = Room(database, present=10)
    room.open()
    room.vote([1, 2, 3], "steel")
    room.vote([1], "glass", revision=2)
    assert room.standing().shown == Tally(3, {"steel": 3})
    room.vote([4, 5, 6], "steel")
    assert room.standing().shown == Tally(6, {"steel": 5, "glass": 1})


def test_a_reopened_poll_goes_on_from_the_exact_result_that_was_seen(database: Database) -> None:
    room = Room(database, present=10)
    room.open()
    room.vote([1, 2, 3, 4], "steel")
    room.do(Verb.CLOSE)
    room.do(Verb.REOPEN)
    assert room.standing().shown == Tally(4, {"steel": 4})
    room.vote([5, 6], "steel")
    assert room.standing().shown == Tally(4, {"steel": 4})
    room.vote([7], "steel")
    assert room.standing().shown == Tally(7, {"steel": 7})


@pytest.mark.parametrize(("present", "smallest_group"), [(100, 5), (3, 1)])
def test_else_every_answer_and_every_change_shows_at_once(
    database: Database, present: int, smallest_group: int
) -> None:
    room = Room(database, present=present, event=make_event(smallest_group))
    room.open()
    room.vote([1, 2], "steel")
    assert room.standing().shown == Tally(2, {"steel": 2})
    room.vote([1], "glass", revision=2)
    assert room.standing().shown == Tally(2, {"steel": 1, "glass": 1})


# texts


def test_a_changed_answer_takes_its_old_texts_with_it(room: Room) -> None:
    room.open(IDEAS)
    room.cast(room.ballot(1, texts={"1": "a choir", "2": "a garden"}, key=IDEAS))
    room.cast(room.ballot(1, texts={"1": "a choir"}, key=IDEAS, revision=2))
    assert room.texts() == {"a choir": False}


def test_a_text_that_was_changed_leaves_the_big_screen(room: Room) -> None:
    room.open(IDEAS)
    room.cast(room.ballot(1, texts={"1": "a choir"}, key=IDEAS), room.ballot(2, texts={"1": "a garden"}, key=IDEAS))
    for idea in room.idea_ids():
        assert room.do(Verb.SHOW_IDEA, idea=idea).code is None
    ids = room.idea_ids()
    room.cast(room.ballot(1, texts={"1": "something rude"}, key=IDEAS, revision=2))
    room.cast(room.ballot(2, texts={"1": "a garden"}, key=IDEAS, revision=2))
    assert room.texts() == {"something rude": False, "a garden": True}
    assert room.idea_ids() == ids  # the records stay, so that a name under one does too


def test_a_superseded_answer_leaves_the_texts_alone(room: Room) -> None:
    room.open(IDEAS)
    room.cast(room.ballot(1, texts={"1": "new"}, key=IDEAS, revision=2))
    room.cast(room.ballot(1, texts={"1": "old"}, key=IDEAS, revision=1))
    assert room.texts() == {"new": False}


def test_texts_of_one_batch_are_those_of_the_last_revision(room: Room) -> None:
    room.open(IDEAS)
    room.cast(*(room.ballot(1, texts={"1": f"draft {n}"}, key=IDEAS, revision=n, claim=str(n)) for n in (1, 3, 2)))
    assert room.texts() == {"draft 3": False}
