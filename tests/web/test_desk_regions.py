"""The regions of screen and desk as HTML: nothing in them that a frame may not hold, and nothing past the gate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from desk_stage import said
from signing_stage import EVENT_FILE, SET_FILE

from polling.core.event import Event
from polling.core.event_state import EventState
from polling.core.poll import Poll, PollKey, SessionState, State
from polling.core.regions.board import Health, Seen, session_line
from polling.core.regions.moderator import actions_view, head_view, now_view, order_view, tools_view
from polling.core.regions.room import IdeaLine, RoomState
from polling.core.regions.screen import screen_view
from polling.core.results.withholding import Standing
from polling.core.tally import Tally
from polling.rendering import LANGUAGES, Renderer

MANY = {
    "id": "many",
    "type": "choices",
    "title": "Which of many?",
    "options": [{"id": f"o{number}", "text": f"Option {number}"} for number in range(8)],
}
LATER = {
    "id": "later",
    "type": "choice",
    "title": "What do you think?",
    "results": "after-close",
    "options": [{"id": "yes", "text": "Yes, <b>sure</b>"}, {"id": "no", "text": "No"}],
}
PAUSE = {"id": "pause", "type": "info", "title": "A pause", "text": "Coffee & tea"}
QUESTIONS = [*SET_FILE["questions"], MANY, LATER, PAUSE]
EVENT = Event.model_validate(
    EVENT_FILE | {"privacy": {"smallest_group": 5}, "sets": [SET_FILE | {"questions": QUESTIONS}]}
)
RENDERER = Renderer()
REGIONS = (
    ("presenter/_screen.html", screen_view),
    ("presenter/_people.html", screen_view),
    ("moderator/_head.html", head_view),
    ("moderator/_now.html", now_view),
    ("moderator/_order.html", order_view),
    ("moderator/_tools.html", tools_view),
    ("moderator/_actions.html", actions_view),
)


def _room(
    question: str | None = None,
    state: State = State.OPEN,
    counts: Mapping[str, int] | None = None,
    respondents: int = 0,
    revealed: bool = True,
    ideas: tuple[IdeaLine, ...] = (),
) -> RoomState:
    polls, standings, key = {}, {}, None
    if question is not None:
        key = PollKey("topics", question)
        polls[key] = Poll(key, state, revealed, present=30)
        tally = Tally(respondents, counts or {})
        standings[key] = Standing(tally, tally)
    return RoomState(EVENT, EVENT.session("plenary"), SessionState(4, key, polls), 30, standings, ideas)


def _html(template: str, view: object, language: str = "en") -> str:
    facts = {"event": EVENT, "session": EVENT.session("plenary"), "code": "K7M4QX"}
    more = {"join_url": "https://poll.example/j/K7M4QX", "epoch": "e", "revision": 7}
    return RENDERER.render(template, language, **facts, **more, view=view)


def _screen(room: RoomState, language: str = "en") -> str:
    return _html("presenter/_screen.html", screen_view(room), language)


def _now(room: RoomState) -> str:
    return _html("moderator/_now.html", now_view(room))


def _every_state() -> Iterator[RoomState]:
    yield _room()
    for question in EVENT.question_set("topics").questions:
        for state in State:
            for revealed in (True, False):
                ideas = tuple(IdeaLine(f"{n:032x}", f"<i>text {n}</i>", "1", n > 0) for n in range(3))
                yield _room(question.id, state, {}, 9, revealed, ideas if question.text_fields() else ())


@pytest.mark.promise("S07")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_region_in_every_state_is_one_numbered_element_without_script_token_or_markup_of_people(
    language: str,
) -> None:
    for room in _every_state():
        for template, view in REGIONS:
            html = _html(template, view(room), language)
            name = template.split("_")[1].removesuffix(".html")
            assert html.count(f'id="region-{name}" data-region="{name}" data-epoch="e" data-revision="7"') == 1
            assert not re.search(r"\shx-|<script|javascript:|\son\w+=|name=\"(id|token)\"|<i>", html), html
            ids = re.findall(r'\sid="([^"]+)"', html)
            assert len(ids) == len(set(ids)), ids


@pytest.mark.promise("P11")
@pytest.mark.parametrize("state", [State.OPEN, State.CLOSED])
def test_below_the_smallest_group_no_count_no_share_and_no_bar_is_drawn_but_the_running_number_is(state: State) -> None:
    room = _room("mood", state, {"good": 3, "bad": 1}, 4)
    for html in (_screen(room), _now(room)):
        bars = html[html.index("<ol") : html.index("</ol>")]
        assert set(re.findall(r"--k:(\d+)", bars)) <= {"0"}
        assert "%" not in said(bars)
        assert not re.search(r"\b[13]\b", said(bars))
        assert "4" in said(html)
        assert "answers" in said(html)


def test_from_the_smallest_group_on_there_are_bars_with_the_base_beside_them() -> None:
    html = _screen(_room("mood", State.OPEN, {"good": 4, "bad": 1}, 5))
    assert re.findall(r'class="bar" style="--k:(\d+)"', html) == ["4", "1", "5"]
    assert "80 % Good 4" in said(html)
    assert "5 of 30 answered" in said(html)


@pytest.mark.promise("P11")
def test_a_reopened_result_says_why_it_stays_as_it_was() -> None:
    before, now = Tally(8, {"good": 6, "bad": 2}), Tally(10, {"good": 7, "bad": 3})
    for state, words in (
        (State.OPEN, "Reopened: the bars stand still"),
        (State.CLOSED, "Fewer than 5 answers came or changed"),
    ):
        room = _room("mood", state, {"good": 7, "bad": 3}, 10)
        standings = {key: Standing(now, before, held=True) for key in room.standings}
        for html in (_screen(replace(room, standings=standings)), _now(replace(room, standings=standings))):
            assert words in said(html)
            assert re.findall(r"--k:(\d+)", html[html.index("<ol") : html.index("</ol>")]) == ["6", "2"]


def test_a_hidden_result_is_counted_but_not_told() -> None:
    open_, closed = (
        _screen(_room("later", state, {"yes": 8}, 9, revealed=False)) for state in (State.OPEN, State.CLOSED)
    )
    for html in (open_, closed):
        assert "9 answers are in, of 30" in said(html)
        assert "sure" not in html
        assert "<ol" not in html
    assert "once the question is closed" in said(open_)
    assert "in a moment" in said(closed)


def test_a_bar_keeps_its_element_from_frame_to_frame() -> None:
    before, after = (_screen(_room("mood", State.OPEN, {"good": n, "bad": 1}, n + 1)) for n in (5, 6))
    for cell in ("good", "bad"):
        assert f'<li id="row-{cell}">' in before
        assert f'<li id="row-{cell}">' in after


def test_many_options_stand_dense_and_are_sorted_once_closed() -> None:
    counts = {f"o{number}": number for number in range(8)}
    open_, closed = (_screen(_room("many", state, counts, 8)) for state in (State.OPEN, State.CLOSED))
    assert re.findall(r'id="row-o(\d)"', open_) == list("01234567")
    assert re.findall(r'id="row-o(\d)"', closed) == list("76543210")
    assert all('class="bars dense"' in html for html in (open_, closed))
    assert 'class="bars"' in _screen(_room("mood", State.OPEN, {"good": 5}, 5))


@pytest.mark.promise("S06")
def test_only_chosen_texts_are_on_the_screen_and_what_people_wrote_stays_text() -> None:
    ideas = (
        IdeaLine("00", "<script>alert(1)</script>", "1", True),
        IdeaLine("01", "not yet <chosen>", "1", False),
        IdeaLine("02", "second", "1", True),
    )
    html = _screen(_room("ideas", State.OPEN, {}, 9, ideas=ideas))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script" not in html
    assert "chosen&gt;" not in html
    desk = _now(_room("ideas", State.OPEN, {}, 9, ideas=ideas))
    assert "not yet &lt;chosen&gt;" in desk
    assert [desk.count(f'value="{verb}"') for verb in ("show_idea", "hide_idea")] == [1, 2]


def test_the_moderator_is_told_whether_the_room_sees_the_bars_too() -> None:
    counts = {"yes": 6, "no": 3}
    assert "Only you see this" in said(_now(_room("later", State.CLOSED, counts, 9, revealed=False)))
    assert "Everyone sees this" in said(_now(_room("later", State.CLOSED, counts, 9)))


def test_a_page_between_questions_shows_its_text_to_room_and_moderator() -> None:
    room = _room("pause", State.OPEN)
    assert "Coffee & tea" in said(_screen(room))
    assert "Coffee & tea" in said(_now(room))
    assert "a page has no result" in said(_html("moderator/_actions.html", actions_view(room)))


def test_more_answers_than_people_present_are_not_told_as_a_share_of_them() -> None:
    room = _room("mood", State.OPEN, {"good": 40}, 40)
    assert "40 answered" in said(_screen(room))
    assert "of 30" not in said(_screen(room))
    assert "of 30" not in said(_now(room))


def test_the_lobby_shows_the_hall_as_strokes_in_rows_that_hold_still() -> None:
    room = _room()
    html = _screen(room)
    assert "30 taking part" in said(html)
    assert re.findall(r"--k:(\d+)", html) == ["30"]
    assert "--axis:30" in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_organisers_table_has_a_row_for_each_session(language: str) -> None:
    seen = (Seen(room.session, room.state, 9, health=Health(connected=room.present)) for room in _every_state())
    lines = tuple(session_line(EVENT, EventState(), each) for each in seen)
    html = RENDERER.render(
        "organiser/_sessions.html",
        language,
        event=EVENT,
        code="AAAAAA",
        join_url="https://poll.example/j/AAAAAA",
        codes={},
        epoch="e",
        revision=1,
        view=lines,
    )
    assert html.count('<tr role="row" id=') == len(lines)
