"""Frames: two renderings of one value, numbered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from polling.core.deciding import decide
from polling.core.event import Event
from polling.core.event_state import EventState
from polling.core.files.loading import load_event
from polling.core.poll import Command, SessionState, Verb
from polling.core.regions.board import Clock, Seen, board
from polling.core.regions.lobby import LobbyState
from polling.core.regions.room import RoomState, plan
from polling.core.results.withholding import Standing, withhold
from polling.core.tally import Tally
from polling.live.frame import REGIONS, Body, Frame, html_body, json_body, plain
from polling.rendering import Renderer

RETRO = Path(__file__).parents[2] / "questionsets" / "retro"
FACTS: dict[str, Any] = {"epoch": "e1", "code": "ABC234", "join_url": "http://poll.example/j/ABC234", "codes": {}}


@pytest.fixture(scope="module")
def event() -> Event:
    return load_event(RETRO)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def states(event: Event) -> dict[str, RoomState]:
    """A room in each stage of its first question."""
    session = event.sessions[0]
    order, state = plan(event, session.id), SessionState()
    rooms = {"lobby": RoomState(event, session, state)}
    standing = Standing(Tally(1, {}), Tally(1, {}))
    for verb in (Verb.NEXT, Verb.OPEN, Verb.CLOSE, Verb.HIDE):
        state = decide(order, state, Command("", verb, state.revision), present=3, smallest_group=1)
        assert state.current is not None
        rooms[verb] = RoomState(event, session, state, present=3, standings={state.current: standing})
    return rooms


@pytest.mark.parametrize("role", REGIONS)
def test_each_region_of_a_role_has_an_html_and_a_json_form_in_every_stage(
    role: str, event: Event, renderer: Renderer
) -> None:
    for stage, room in states(event).items():
        state: Any = room
        if role == "organiser":
            state = board(event, EventState(), [Seen(room.session, room.state)], (), 3, Clock(870, 12.0))
        elif role in ("chooser", "hall"):
            state = LobbyState(event, codes={each.id: "K7M4QX" for each in event.sessions})
        for region in REGIONS[role]:
            view = region.view(state)
            facts = FACTS | {"event": event, "session": room.session}
            html = Frame(region.name, 17, html_body(renderer, region, "en", facts, view)).text
            assert f'id="region-{region.name}"' in html, stage
            assert 'data-epoch="e1"' in html
            assert html.count('data-revision="17"') == 1
            said = json.loads(Frame(region.name, 17, json_body(region, facts, view)).text)
            assert {key: said[key] for key in ("type", "region", "epoch", "revision")} == {
                "type": "region",
                "region": region.name,
                "epoch": "e1",
                "revision": 17,
            }


def test_a_poll_is_named_in_json_as_a_message_names_it(event: Event) -> None:
    room = states(event)[Verb.OPEN]
    value = plain(REGIONS["participant"][0].view(room))
    assert value["poll"] == str(room.state.current)
    assert value["question"]["id"] == room.state.current.question if room.state.current else False


def test_what_was_not_let_through_the_gate_is_in_no_frame(event: Event) -> None:
    with pytest.raises(TypeError):
        plain(withhold(Standing(), is_open=True, smallest_group=5))


def test_a_value_that_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        plain({"x": [object()]})


def test_values_become_what_json_holds() -> None:
    @dataclass(frozen=True)
    class Holder:
        day: date
        verbs: tuple[Verb, ...]

    assert plain(Holder(date(2026, 11, 24), (Verb.OPEN,))) == {"day": "2026-11-24", "verbs": ["open"]}


def test_a_frame_is_made_once_and_says_its_number() -> None:
    frame = Frame("phone", 3, Body("<", ">"))
    assert frame.message == {"type": "websocket.send", "text": "<3>"}
    assert frame.message is frame.message
