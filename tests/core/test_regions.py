"""What each page shows, stage by stage, as values: the same for phones, screens and desks of a room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.core.errors import Code
from polling.core.event import Event
from polling.core.event_state import EventState, Sending
from polling.core.files.loading import load_event
from polling.core.poll import Poll, PollKey, SessionState, State, Verb
from polling.core.regions.board import Health, Seen, SessionLine, session_line
from polling.core.regions.moderator import actions_view, now_view, order_view, tools_view
from polling.core.regions.phone import phone_view
from polling.core.regions.room import IdeaLine, RoomState, Stage, plan, stage_of
from polling.core.regions.screen import people_view, screen_view
from polling.core.results.withholding import Standing
from polling.core.tally import Tally

RETRO = load_event(Path(__file__).parents[2] / "questionsets" / "retro")


def with_page(event: Event, smallest_group: int = 5) -> Event:
    """The retrospective with a page in front and its second question hidden until it is closed."""
    value: dict[str, Any] = event.model_dump(mode="json")
    value["privacy"]["smallest_group"] = smallest_group
    questions = value["sets"][0]["questions"]
    questions[1]["results"] = "after-close"
    questions.insert(0, {"id": "welcome", "type": "info", "title": "Welcome"})
    return Event.model_validate_json(Event.model_validate(value).model_dump_json())


EVENT = with_page(RETRO)
WELCOME, MOOD, KEEP, TRY_NEXT = (PollKey("look-back", name) for name in ("welcome", "mood", "keep", "try-next"))
STANDING = Standing(Tally(8, {"steady": 5, "uphill": 3}), Tally(6, {"steady": 4, "uphill": 2}))
IDEAS = (IdeaLine("1", "Lunch outside", "1", True), IdeaLine("2", "No meetings", "1", False))


def room(key: PollKey | None = None, state: State = State.PENDING, *, revealed: bool = False, **more: Any) -> RoomState:
    polls: Mapping[PollKey, Poll] = {key: Poll(key, state, revealed)} if key and state is not State.PENDING else {}
    now = SessionState(7, key, polls)
    values: dict[str, Any] = {"present": 12, "standings": {MOOD: STANDING}} | more
    return RoomState(EVENT, EVENT.session("team"), now, **values)


STAGES = {
    Stage.LOBBY: room(),
    Stage.COMING: room(MOOD),
    Stage.INFO: room(WELCOME, State.OPEN, revealed=True),
    Stage.QUESTION: room(MOOD, State.OPEN, revealed=True),
    Stage.CLOSED: room(MOOD, State.CLOSED),
    Stage.RESULT: room(MOOD, State.CLOSED, revealed=True),
}


def counts(view: Any) -> dict[str, int | None] | None:
    return None if view.chart is None else {row.cell: row.count for row in view.chart.rows if row.count != 0}


# stages


@pytest.mark.parametrize(("stage", "at"), STAGES.items(), ids=str)
def test_a_room_s_stage_is_the_same_on_every_page(stage: Stage, at: RoomState) -> None:
    pages = (phone_view(at).stage, screen_view(at).stage, now_view(at).stage, line_of(at).stage)
    assert {stage_of(at), *pages} == {stage}


def test_a_sealed_poll_is_a_result_or_closed_as_before() -> None:
    assert stage_of(room(MOOD, State.SEALED, revealed=True)) is Stage.RESULT
    assert stage_of(room(MOOD, State.SEALED)) is Stage.CLOSED


def test_a_page_that_is_closed_is_shown_no_longer() -> None:
    assert stage_of(room(WELCOME, State.CLOSED, revealed=True)) is Stage.COMING


@pytest.mark.parametrize(("key", "position"), [(None, 0), (WELCOME, 1), (MOOD, 2), (MOOD._replace(round=2), 2)])
def test_the_position_counts_questions_and_not_rounds(key: PollKey | None, position: int) -> None:
    view = phone_view(room(key))
    assert (view.position, view.total) == (position, 4)


# phones


def test_a_phone_is_told_the_question_while_it_can_be_answered_and_after() -> None:
    shown = {stage: phone_view(at).question for stage, at in STAGES.items()}
    assert {stage: question.id if question else None for stage, question in shown.items()} == {
        Stage.LOBBY: None,
        Stage.COMING: None,
        Stage.INFO: "welcome",
        Stage.QUESTION: "mood",
        Stage.CLOSED: None,
        Stage.RESULT: "mood",
    }


def test_a_phone_shows_numbers_only_once_closed_and_revealed() -> None:
    assert {stage for stage, at in STAGES.items() if phone_view(at).chart is not None} == {Stage.RESULT}
    assert counts(phone_view(STAGES[Stage.RESULT])) == {"steady": 5, "uphill": 3}


# the big screen


def test_the_big_screen_moves_by_steps_while_open_and_is_exact_once_closed() -> None:
    view = screen_view(STAGES[Stage.QUESTION])
    assert (counts(view), view.answered, view.present, view.is_open) == ({"steady": 4, "uphill": 2}, 8, 12, True)
    view = screen_view(STAGES[Stage.RESULT])
    assert (counts(view), view.answered, view.is_open) == ({"steady": 5, "uphill": 3}, 8, False)


def test_the_big_screen_counts_answers_while_their_result_is_hidden() -> None:
    for at in (room(MOOD, State.OPEN), STAGES[Stage.CLOSED]):
        view = screen_view(at)
        assert (view.chart, view.answered) == (None, 8)


def test_a_result_of_a_small_group_is_withheld_on_every_page() -> None:
    at = room(MOOD, State.CLOSED, revealed=True, standings={MOOD: Standing(Tally(4, {"steady": 4}))})
    for view in (phone_view(at), screen_view(at), now_view(at)):
        assert view.chart is not None
        assert view.chart.withheld
        assert view.chart.respondents == 4
        assert {(row.count, row.percent) for row in view.chart.rows} == {(None, None)}


def test_only_ideas_that_a_moderator_tapped_are_on_the_big_screen_and_only_while_revealed() -> None:
    at = room(TRY_NEXT, State.CLOSED, revealed=True, ideas=IDEAS)
    assert screen_view(at).ideas == ("Lunch outside",)
    assert screen_view(room(TRY_NEXT, State.CLOSED, ideas=IDEAS)).ideas == ()
    assert now_view(at).ideas == IDEAS


def test_the_foot_of_the_screen_counts_the_phones() -> None:
    assert people_view(room(present=31)).present == 31


# the moderator


def buttons(at: RoomState) -> dict[Verb, Code | None]:
    return {button.verb: button.why for button in actions_view(at).buttons}


def test_the_four_buttons_are_always_in_the_same_places() -> None:
    for at in STAGES.values():
        verbs = [button.verb for button in actions_view(at).buttons]
        assert verbs[:2] + verbs[3:] == [Verb.OPEN, Verb.CLOSE, Verb.NEXT]
        assert verbs[2] in (Verb.REVEAL, Verb.HIDE)


def test_a_button_that_rests_says_why() -> None:
    assert buttons(STAGES[Stage.LOBBY]) == {
        Verb.OPEN: Code.NO_POLL,
        Verb.CLOSE: Code.NO_POLL,
        Verb.REVEAL: Code.NO_POLL,
        Verb.NEXT: None,
    }
    assert buttons(STAGES[Stage.QUESTION]) == {
        Verb.OPEN: Code.POLL_OPEN,
        Verb.CLOSE: None,
        Verb.HIDE: None,
        Verb.NEXT: Code.POLL_OPEN,
    }
    assert buttons(room(KEEP, State.OPEN))[Verb.REVEAL] is Code.RESULT_AFTER_CLOSE
    assert buttons(STAGES[Stage.INFO])[Verb.HIDE] is Code.NOT_A_QUESTION
    assert buttons(room(TRY_NEXT, State.CLOSED, revealed=True))[Verb.NEXT] is Code.NO_NEXT


@pytest.mark.parametrize(
    ("at", "step"),
    [
        (STAGES[Stage.LOBBY], Verb.NEXT),
        (STAGES[Stage.COMING], Verb.OPEN),
        (STAGES[Stage.INFO], Verb.CLOSE),
        (STAGES[Stage.QUESTION], Verb.CLOSE),
        (STAGES[Stage.CLOSED], Verb.REVEAL),
        (STAGES[Stage.RESULT], Verb.NEXT),
        (room(TRY_NEXT, State.CLOSED, revealed=True), None),
    ],
    ids=["lobby", "coming", "info", "question", "closed", "result", "end"],
)
def test_one_button_is_the_next_step_and_a_clicker_takes_it(at: RoomState, step: Verb | None) -> None:
    main = [button.verb for button in actions_view(at).buttons if button.main]
    assert main == ([] if step is None else [step])
    assert screen_view(at).forward is step
    assert screen_view(at).revision == actions_view(at).revision == 7


def test_a_clicker_steps_back_by_hiding_or_showing_the_result() -> None:
    assert screen_view(STAGES[Stage.RESULT]).back is Verb.HIDE
    assert screen_view(STAGES[Stage.CLOSED]).back is Verb.REVEAL
    assert screen_view(STAGES[Stage.LOBBY]).back is None
    assert screen_view(STAGES[Stage.INFO]).back is None


def test_reopening_and_asking_again_are_there_where_they_can_be_done() -> None:
    assert tools_view(STAGES[Stage.RESULT]).undo == (Verb.REOPEN, Verb.ASK_AGAIN)
    assert tools_view(room(MOOD, State.SEALED)).undo == (Verb.ASK_AGAIN,)
    for stage in (Stage.LOBBY, Stage.COMING, Stage.QUESTION):
        assert tools_view(STAGES[stage]).undo == ()


def test_a_next_is_taken_back_to_where_the_room_was_and_not_to_the_line_above() -> None:
    def back(current: PollKey, *opened: PollKey) -> tuple[PollKey | None, int]:
        polls = {key: Poll(key, State.CLOSED, opened=float(number)) for number, key in enumerate(opened)}
        view = tools_view(replace(room(), state=SessionState(3, current, polls)))
        return view.back, view.back_to

    assert back(TRY_NEXT, WELCOME, MOOD) == (MOOD, 2)
    assert back(TRY_NEXT, MOOD, WELCOME) == (WELCOME, 1)
    assert back(MOOD._replace(round=2), MOOD) == (MOOD, 2)
    assert back(KEEP) == (MOOD, 2), "nothing was opened yet"
    assert back(WELCOME) == (None, 0)
    assert back(MOOD, MOOD) == (None, 0), "it was opened: there is nothing to take back"


def test_the_moderator_hears_where_the_people_were_sent() -> None:
    def told(**whole: Any) -> tuple[str | None, ...]:
        view = tools_view(room(whole=EventState(**whole)))
        return view.sent_to, view.moved_to, view.called_to

    there, begun = Sending(number=3, to="elsewhere"), Sending(number=0, to="elsewhere")
    assert told() == (None, None, None)
    assert told(at=begun) == (None, None, None), "where the event begins nobody was sent"
    assert told(at=there) == (None, None, "elsewhere")
    assert told(at=there, rooms={"team": Sending(number=4, to="attic")}) == ("attic", None, None)
    assert told(at=there, moved={"team": "attic", "attic": "cellar"}) == (None, "cellar", None)


def test_the_moderator_sees_what_comes_next() -> None:
    comings = [actions_view(room(key)).coming for key in (None, WELCOME, MOOD, KEEP, TRY_NEXT)]
    assert [coming.id if coming else None for coming in comings] == ["welcome", "mood", "keep", "try-next", None]


def test_the_running_order_tells_where_each_question_stands() -> None:
    second = MOOD._replace(round=2)
    polls = {MOOD: Poll(MOOD, State.SEALED), second: Poll(second), KEEP: Poll(KEEP, State.CLOSED)}
    at = replace(room(), state=SessionState(3, second, polls))
    [chapter] = order_view(at).chapters
    assert chapter.title == EVENT.sets[0].title
    assert [(line.poll, line.state, line.current) for line in chapter.lines] == [
        (WELCOME, State.PENDING, False),
        (second, State.PENDING, True),
        (KEEP, State.CLOSED, False),
        (TRY_NEXT, State.PENDING, False),
    ]


def test_the_plan_of_a_session_says_which_results_are_live() -> None:
    assert [(planned.question, planned.live) for planned in plan(EVENT, "team")] == [
        ("welcome", True),
        ("mood", True),
        ("keep", False),
        ("try-next", True),
    ]


# the organiser


def line_of(at: RoomState) -> SessionLine:
    """The room's line on the organiser's page."""
    seen = Seen(at.session, at.state, at.published.respondents, health=Health(connected=at.present))
    return session_line(at.event, at.whole, seen)


def test_a_session_s_line_tells_how_far_it_is() -> None:
    polls = {MOOD: Poll(MOOD, State.SEALED, True), KEEP: Poll(KEEP, State.CLOSED)}
    line = line_of(replace(room(), state=SessionState(3, MOOD, polls)))
    assert (line.stage, line.position, line.total, line.question) == (Stage.RESULT, 2, 4, EVENT.question(MOOD))
    assert (line.answered, line.present, line.connected, line.done) == (8, 12, 12, 2)


# whatever the state


@given(
    key=st.none() | st.sampled_from([WELCOME, MOOD, KEEP, TRY_NEXT]),
    state=st.sampled_from(State),
    revealed=st.booleans(),
    respondents=st.integers(0, 30),
    shown=st.integers(0, 30),
)
def test_no_page_tells_more_than_may_be_shown(
    key: PollKey | None, state: State, revealed: bool, respondents: int, shown: int
) -> None:
    cells = {KEEP: "pairing", MOOD: "steady"}.get(key, "") if key else ""
    standing = Standing(
        Tally(respondents, {cells: respondents} if cells else {}), Tally(shown, {cells: shown} if cells else {})
    )
    at = room(key, state, revealed=revealed, standings={key: standing} if key else {})
    is_open = state is State.OPEN
    least = shown if is_open else respondents
    for view in (phone_view(at), screen_view(at), now_view(at)):
        told = {row.count for row in view.chart.rows if row.count is not None} if view.chart else set()
        if least < EVENT.privacy.smallest_group:
            assert told == set()
        else:
            assert told <= {0, least}
    if not revealed:
        assert screen_view(at).chart is None
    if is_open or not revealed:
        assert phone_view(at).chart is None


def test_a_question_is_asked_again_only_where_the_room_was_asked_it_before() -> None:
    """An edit after other rooms opened a question makes a later round everywhere; here it is new."""
    second = PollKey("look-back", "mood", 2)
    fresh = replace(room(), state=SessionState(1, second, {second: Poll(second, State.OPEN)}))
    first = second._replace(round=1)
    again = replace(fresh, state=replace(fresh.state, polls={first: Poll(first, State.CLOSED), **fresh.state.polls}))
    assert (phone_view(fresh).again, screen_view(fresh).again) == (False, False)
    assert (phone_view(again).again, screen_view(again).again) == (True, True)


def test_a_moderator_is_told_that_the_event_is_over_and_no_more_where_people_were_sent() -> None:
    over = replace(room(), whole=EventState(at=Sending(number=3, to="elsewhere"), ended=True))
    assert tools_view(over).ended
    assert tools_view(over).called_to is None
