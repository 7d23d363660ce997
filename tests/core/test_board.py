"""The organiser's board: how each session stands, and which ask for attention."""

from __future__ import annotations

from typing import Any

import pytest

from polling.core.alarms import Missing, Trouble, Turnout
from polling.core.event import Event
from polling.core.event_state import BREAK_OUTS, Attendance, Audience, EventState, Message, Sending
from polling.core.poll import Poll, PollKey, SessionState, State
from polling.core.punctuality import Phase, Punctuality
from polling.core.regions.board import GRACE, Board, Clock, Health, Link, Seen, board, session_line
from polling.core.regions.notice import NoticeView, notice_of

FIRST, LAST = PollKey("set", "first"), PollKey("set", "last")
EVENT = Event.model_validate(
    {
        "event": "day",
        "title": "Day",
        "sessions": [
            {"id": "hall", "kind": "plenary", "title": "Hall", "sets": ["set"]},
            {"id": "attic", "kind": "break-out", "title": "Attic", "sets": ["set"]},
            {"id": "cellar", "kind": "break-out", "title": "Cellar", "sets": ["set"]},
        ],
        "sets": [
            {
                "set": "set",
                "title": "Set",
                "questions": [{"id": each, "type": "text", "title": each} for each in ("first", "last")],
            }
        ],
    }
)
OUT = EventState(revision=1, at=Sending(number=1, to=BREAK_OUTS))
HOME = EventState(at=Sending(number=0, to="hall"))
GONE = Health(connected=9, screen_gone=GRACE, moderator_gone=GRACE)


def at(poll: PollKey | None = None, state: State = State.CLOSED, *, calling: bool = False) -> SessionState:
    return SessionState(1, poll, {poll: Poll(poll, state)} if poll else {}, calling)


def troubles(session: str, state: SessionState, whole: EventState = OUT, **more: Any) -> set[Trouble]:
    return set(session_line(EVENT, whole, Seen(EVENT.session(session), state, **more)).troubles)


def late(minutes: int, phase: Phase = Phase.UNDER_WAY) -> Punctuality:
    return Punctuality(phase, 870, 60, 10, 10 + minutes, minutes)


def test_a_page_that_is_away_is_trouble_only_after_a_while_and_where_people_are() -> None:
    both = {Trouble.SCREEN_GONE, Trouble.MODERATOR_GONE}
    assert troubles("attic", at(FIRST), health=GONE) == both
    assert troubles("attic", at(FIRST), health=Health(screen_gone=GRACE - 1)) == set()
    assert troubles("hall", at(FIRST), health=GONE) == set(), "everyone is in the break-outs"
    assert troubles("hall", at(FIRST, State.OPEN), health=GONE) == both, "but a question is open there"
    assert troubles("attic", at(LAST), health=GONE) == set(), "all is done: they close their laptops"
    ended = OUT.model_copy(update={"ended": True})
    assert troubles("attic", at(FIRST), ended, health=GONE) == set()
    moved = OUT.model_copy(update={"moved": {"attic": "cellar"}})
    assert troubles("attic", at(FIRST), moved, health=GONE) == set()


def test_before_anyone_was_sent_anywhere_all_rooms_may_be_in_use() -> None:
    assert troubles("attic", at(FIRST), HOME, health=GONE) == {Trouble.SCREEN_GONE, Trouble.MODERATOR_GONE}


def test_a_screen_that_never_was_there_is_no_trouble_but_is_told() -> None:
    for health, screen in (
        (Health(), Link.NEVER),
        (Health(screens=1), Link.HERE),
        (Health(screen_gone=1.0), Link.GONE),
    ):
        assert session_line(EVENT, OUT, Seen(EVENT.session("attic"), at(FIRST), health=health)).screen is screen


def test_more_than_five_minutes_behind_the_plan_is_trouble() -> None:
    assert troubles("attic", at(FIRST), plan=late(6)) == {Trouble.BEHIND}
    assert troubles("attic", at(FIRST), plan=late(5)) == set()
    assert troubles("attic", at(FIRST), plan=late(-30)) == set()


def test_a_break_out_that_waits_for_the_plenary_is_not_late() -> None:
    assert troubles("attic", at(), HOME, plan=late(12, Phase.BEFORE)) == set()
    assert troubles("hall", at(), HOME, plan=late(12, Phase.BEFORE)) == {Trouble.BEHIND}
    assert troubles("attic", at(), OUT, plan=late(12, Phase.BEFORE)) == {Trouble.BEHIND}


def test_an_answered_share_that_sinks_is_trouble() -> None:
    before = (Turnout(20, 18), Turnout(20, 19))
    sinking: dict[str, Any] = {"answered": 5, "before": before, "open_for": 120.0, "health": Health(connected=20)}
    assert troubles("attic", at(FIRST, State.OPEN), **sinking) == {Trouble.SINKING}
    assert troubles("attic", at(FIRST, State.OPEN), **sinking | {"answered": 17}) == set()


def test_a_moderators_call_is_trouble_whatever_else_is_so_and_comes_first() -> None:
    ended = OUT.model_copy(update={"ended": True})
    assert troubles("hall", at(LAST, calling=True), ended) == {Trouble.CALLING}
    line = session_line(EVENT, OUT, Seen(EVENT.session("attic"), at(FIRST, calling=True), health=GONE, plan=late(9)))
    assert line.troubles[0] is Trouble.CALLING
    assert list(line.troubles) == [trouble for trouble in Trouble if trouble in line.troubles]


def test_phones_that_belong_here_and_are_away_count_as_present() -> None:
    line = session_line(EVENT, OUT, Seen(EVENT.session("attic"), at(), health=Health(connected=9, known=16)))
    assert (line.present, line.connected) == (16, 9)


@pytest.fixture
def whole() -> Board:
    state = OUT.model_copy(
        update={
            "attendance": {"": Attendance(registered=292, present=240), "attic": Attendance(present=3)},
            "messages": {Audience.SCREENS: Message(number=3, text="Lunch")},
        }
    )
    seen = [Seen(each, at(FIRST, calling=each.id != "hall")) for each in EVENT.sessions]
    return board(EVENT, state, seen, (Missing({"*": "Sector"}, ({"*": "Food"},), 20),), 131, Clock(870, 4.0))


def test_the_head_counts_heads_phones_and_the_rooms_that_ask_for_attention(whole: Board) -> None:
    figures = whole.figures
    assert (figures.registered, figures.present, figures.connected, figures.attention) == (292, 240, 131, 2)
    assert (figures.now, figures.midnight, figures.at, figures.ended) == (870, 4.0, BREAK_OUTS, False)


def test_rows_stand_in_the_order_of_the_file_whatever_their_trouble(whole: Board) -> None:
    assert [line.session.id for line in whole.lines] == ["hall", "attic", "cellar"]


def test_what_stands_for_all_is_told(whole: Board) -> None:
    assert [(each.audience, each.text) for each in whole.standing.messages] == [(Audience.SCREENS, "Lunch")]
    assert [each.of for each in whole.standing.missing] == [20]


def test_a_message_is_for_its_own_pages_only() -> None:
    state = EventState(messages={Audience.SCREENS: Message(number=3, text="Lunch")})
    assert notice_of(state, Audience.SCREENS) == NoticeView(3, "Lunch")
    assert notice_of(state, Audience.PHONES) == NoticeView(0, "")
