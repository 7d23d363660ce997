"""The declared alternative: in a pseudonymous event ballots stay, under one voter key, and can be read side by side.
In any other they can't."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from read_xlsx import rows as sheet_rows
from read_xlsx import sheet_names
from store_room import FOOD, IDEAS, KEYS, SECTOR, Room, make_event

from polling.core.event import Event
from polling.core.poll import PollKey, State, Verb
from polling.core.results.books import Books
from polling.core.tally import Tally
from polling.export import FORMATS
from polling.store.ballot_box import my_ballot
from polling.store.database import Database, DatabaseError
from polling.store.events import Kept, event_in_force, keep_event
from polling.store.polls import polls_to_seal
from polling.store.reading import outcomes
from polling.store.respondents import respondents
from polling.store.sealing import recount, seal

ANONYMOUS, MODE = make_event(smallest_group=3), "pseudonymous"


def pseudonymous(id: str = "the-event") -> Event:
    file = json.loads(ANONYMOUS.model_dump_json())
    return Event.model_validate_json(json.dumps(file | {"event": id, "privacy": file["privacy"] | {"mode": MODE}}))


def hall(database: Database, event: Event, session: str = "plenary") -> Room:
    keep(database, event)
    return Room(database, session, event=event)


def keep(database: Database, event: Event) -> Kept:
    with database.write() as connection:
        return keep_event(connection, event, KEYS.fingerprint())


def voter_key(room: Room, poll: PollKey, phone: int) -> bytes:
    return KEYS.voter_key(room.ref(poll).voter_nonce, phone.to_bytes(16, "big"))


def vote(room: Room, poll: PollKey, answers: Mapping[int, str], revision: int = 1) -> None:
    """Each phone's picks, with a space between; closed afterwards."""
    if room.state.poll(poll).state is State.PENDING:
        room.open(poll)
    texts = {"1": "a text"} if poll == IDEAS else None
    room.cast(
        *(
            room.ballot(phone, *picks.split(), key=poll, revision=revision, texts=texts)
            for phone, picks in answers.items()
        )
    )
    assert room.do(Verb.CLOSE, poll).code is None


def seal_all(room: Room) -> None:
    with room.database.read() as connection:
        due = polls_to_seal(connection, math.inf, room.event)
    assert all(each.sealed for each in room.writer.run(seal, due))
    room.writer.settle_now()


def stored(room: Room, table: str = "ballot") -> list[Any]:
    with room.database.read() as connection:
        return list(connection.exec_driver_sql(f"SELECT * FROM {table}").mappings())


def files(room: Room, format: str = "csv") -> Mapping[str, bytes]:
    with room.database.read() as connection:
        results = outcomes(connection, room.event)
        return FORMATS[format](Books(room.event, results, respondents(connection, room.event, results)))


def rows(room: Room) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files(room)["respondents.csv"].decode(), newline="")))


def answers(room: Room) -> Counter[tuple[str, ...]]:
    """The rows but for their numbers."""
    return Counter(tuple(value for name, value in row.items() if name != "respondent") for row in rows(room))


FOODS = {1: "soup cake", 2: "soup", 3: "bread", 5: "soup"}
SECTORS = {1: "steel", 2: "glass", 3: "steel glass", 4: "steel"}


@pytest.fixture
def room(database: Database) -> Room:
    """A pseudonymous event in which five phones answered two polls, not all of them both."""
    found = hall(database, pseudonymous())
    vote(found, SECTOR, SECTORS)
    vote(found, FOOD, FOODS)
    return found


def test_one_phone_has_one_voter_key_in_all_polls_and_rooms_of_a_pseudonymous_event(database: Database) -> None:
    plenary = hall(database, pseudonymous())
    harbour = Room(database, "harbour", event=plenary.event)
    places = [(plenary, SECTOR), (plenary, FOOD), (harbour, SECTOR)]
    for place, poll in places:
        place.open(poll)
        place.do(Verb.CLOSE)
    assert len({voter_key(place, poll, 1) for place, poll in places}) == 1
    assert len({voter_key(plenary, FOOD, phone) for phone in range(20)}) == 20
    assert len({place.ref(poll).nonce for place, poll in places}) == 3  # receipts, claims and texts stay apart


@pytest.mark.promise("P01")
def test_in_an_anonymous_event_each_poll_has_voter_keys_of_its_own(database: Database) -> None:
    room = hall(database, ANONYMOUS)
    for poll in (SECTOR, FOOD):
        vote(room, poll, {})
        assert room.ref(poll).voter_nonce == room.ref(poll).nonce
    assert voter_key(room, SECTOR, 1) != voter_key(room, FOOD, 1)
    assert [row["nonce"] for row in stored(room, "event")] == [None]


def test_two_pseudonymous_events_share_no_voter_key(database: Database) -> None:
    one = hall(database, pseudonymous())
    other = hall(database, pseudonymous("another"))
    for room in (one, other):
        room.open()
    assert voter_key(one, SECTOR, 1) != voter_key(other, SECTOR, 1)


def test_the_ballots_of_a_pseudonymous_event_stay_at_the_seal_and_their_texts_stand_alone(room: Room) -> None:
    vote(room, IDEAS, {1: "", 2: "", 3: ""})
    before = stored(room)
    seal_all(room)
    assert {poll.state for poll in room.state.polls.values()} == {State.SEALED}
    assert stored(room) == before
    assert [idea["voter_key"] for idea in stored(room, "idea")] == [None] * 3
    with room.database.read() as connection:
        held = my_ballot(connection, room.ref(FOOD).id, voter_key(room, FOOD, 1))
        assert recount(connection, room.event.event) == []
    assert held is not None
    assert held.cells == {"soup": 1, "cake": 1}


@pytest.mark.promise("P03")
def test_those_of_an_anonymous_event_do_not(database: Database) -> None:
    room = hall(database, ANONYMOUS)
    vote(room, SECTOR, SECTORS)
    seal_all(room)
    assert stored(room) == []
    assert "respondents.csv" not in files(room)
    assert "respondents" not in json.loads(files(room, "json")["results.json"])


@pytest.mark.promise("P19")
@pytest.mark.parametrize(
    ("sql", "counted"),
    [
        ("UPDATE ballot SET cells = '{\"steel\":1}' WHERE cells LIKE '%glass%'", {4, 0}),
        ("DELETE FROM ballot WHERE cells LIKE '%soup%'", {1}),
        ("UPDATE poll SET digest = x'00'", {None}),
        ("UPDATE tally SET count = count + 1", {None}),
    ],
)
def test_a_recount_still_counts_what_stayed(room: Room, sql: str, counted: set[int | None]) -> None:
    seal_all(room)
    with room.database.write() as connection:
        connection.exec_driver_sql(sql)
    with room.database.read() as connection:
        found = {difference.counted for difference in recount(connection, room.event.event)}
    assert found >= counted if None not in counted else found == counted


@pytest.mark.parametrize("sealed", [False, True], ids=["closed", "sealed"])
def test_the_export_has_a_row_for_each_respondent_and_a_column_for_each_poll(room: Room, sealed: bool) -> None:
    if sealed:
        seal_all(room)
    found = rows(room)
    assert list(found[0]) == ["respondent", f"plenary/{SECTOR}", f"plenary/{FOOD}"]
    assert sorted(int(row["respondent"]) for row in found) == [1, 2, 3, 4, 5]
    assert answers(room) == Counter(
        [("steel", "soup cake"), ("glass", "soup"), ("steel glass", "bread"), ("steel", ""), ("", "soup")]
    )


def test_every_format_has_the_same_respondents_and_none_a_key(room: Room) -> None:
    keys = {row["voter_key"] for row in stored(room)}
    book = files(room, "xlsx")["results.xlsx"]
    table = sheet_rows(book, sheet_names(book).index("respondents") + 1)
    listed = json.loads(files(room, "json")["results.json"])["respondents"]
    assert Counter(tuple(value or "" for value in [*row, None, None][1:3]) for row in table[1:]) == answers(room)
    assert Counter(tuple(value or "" for value in list(row.values())[1:]) for row in listed) == answers(room)
    for format in FORMATS:
        for content in files(room, format).values():
            assert not any(key in content or key.hex().encode() in content for key in keys)


def test_each_export_numbers_them_anew(room: Room) -> None:
    orders = {tuple(tuple(row.values()) for row in rows(room)) for _ in range(20)}
    assert len(orders) > 5


@pytest.mark.promise("P11")
def test_a_poll_that_is_withheld_is_withheld_from_respondents_too(database: Database) -> None:
    room = hall(database, pseudonymous())
    vote(room, SECTOR, {1: "steel", 2: "glass", 3: "glass"})
    vote(room, FOOD, {1: "soup", 9: "cake"})
    vote(room, IDEAS, {1: "", 2: "", 3: ""})
    assert answers(room) == Counter([("steel", "", "answered"), ("glass", "", "answered"), ("glass", "", "answered")])


def test_an_open_poll_is_not_in_it(room: Room) -> None:
    room.open(IDEAS)
    room.cast(room.ballot(1, texts={"1": "too soon"}, key=IDEAS))
    assert len(rows(room)[0]) == 3


def test_answers_that_a_reopened_poll_holds_back_are_held_back_here_and_gone_at_the_seal(database: Database) -> None:
    room = hall(database, pseudonymous())
    vote(room, SECTOR, dict.fromkeys(range(6), "steel"))
    assert room.do(Verb.REOPEN, SECTOR).code is None
    vote(room, SECTOR, {0: "glass", 8: "glass"}, revision=2)
    assert answers(room) == Counter({("steel",): 6})
    seal_all(room)
    assert len(stored(room)) == 6
    assert answers(room) == Counter({("steel",): 6})
    with room.database.read() as connection:
        assert recount(connection, room.event.event) == []
    assert room.standing().out == Tally(6, {"steel": 6})


# it is declared beforehand


@pytest.mark.promise("P17")
def test_an_anonymous_event_stays_one_once_someone_has_answered(database: Database) -> None:
    room = hall(database, ANONYMOUS)
    vote(room, SECTOR, SECTORS)
    kept = keep(database, pseudonymous())
    assert kept == Kept(ANONYMOUS, ANONYMOUS.content_hash, changed=True, weakened=("privacy.mode",))
    assert [row["nonce"] for row in stored(room, "event")] == [None]
    seal_all(room)
    assert stored(room) == []


def test_before_the_first_answer_its_mode_may_change_and_its_key_with_it(database: Database) -> None:
    nonces = []
    for event in (ANONYMOUS, pseudonymous(), ANONYMOUS, pseudonymous(), pseudonymous()):
        room = hall(database, event)
        nonces += [row["nonce"] for row in stored(room, "event")]
    assert [nonce is None for nonce in nonces] == [True, False, True, False, False]
    assert nonces[1] != nonces[3] == nonces[4]


@pytest.mark.promise("P17")
def test_a_key_for_all_polls_that_was_put_in_from_outside_is_found(database: Database) -> None:
    room = hall(database, ANONYMOUS)
    vote(room, SECTOR, SECTORS)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE event SET nonce = x'00112233445566778899aabbccddeeff'")
    with database.read() as connection, pytest.raises(DatabaseError, match="changed from outside"):
        event_in_force(connection, ANONYMOUS.event)
