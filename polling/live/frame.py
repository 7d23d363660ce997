"""Frames: one region's whole present state, rendered once for each form and language, and numbered.

A region is a value (core/regions/); HTML (its template) and JSON (`plain`) are two renderings of it. A number
stands for one state of the room: a screen that was given a frame needs no older one, and may miss any.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum, StrEnum
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from polling.core.poll import PollKey
from polling.core.regions.board import figures_view, lines_view, standing_view
from polling.core.regions.lobby import lobby_view, rooms_view
from polling.core.regions.moderator import actions_view, head_view, now_view, order_view, tools_view
from polling.core.regions.notice import moderators_notice, phones_notice, screens_notice
from polling.core.regions.phone import phone_view
from polling.core.regions.room import timer_view
from polling.core.regions.screen import people_view, screen_view
from polling.core.results.withholding import Published
from polling.rendering import Renderer


class Form(StrEnum):
    """How frames are written: the WebSocket subprotocol that a screen speaks."""

    HTML = "polling.html.v1"
    JSON = "polling.json.v1"


@dataclass(frozen=True)
class Region:
    """A part of a page that changes by itself: its name, its template, and how its value is made."""

    name: str
    template: str
    view: Callable[[Any], object]


_TIMER = Region("timer", "timer/_timer.html", timer_view)
_ON_PHONES = Region("notice", "notice/_notice.html", phones_notice)
_ON_SCREENS = Region("notice", "notice/_notice.html", screens_notice)
REGIONS: Mapping[str, tuple[Region, ...]] = {
    "participant": (Region("phone", "participant/_phone.html", phone_view), _TIMER, _ON_PHONES),
    "chooser": (Region("rooms", "participant/_rooms.html", rooms_view), _ON_PHONES),
    "presenter": (
        Region("screen", "presenter/_screen.html", screen_view),
        Region("people", "presenter/_people.html", people_view),
        _TIMER,
        _ON_SCREENS,
    ),
    "hall": (Region("lobby", "presenter/_lobby.html", lobby_view), _ON_SCREENS),
    "moderator": (
        Region("head", "moderator/_head.html", head_view),
        Region("now", "moderator/_now.html", now_view),
        Region("order", "moderator/_order.html", order_view),
        Region("tools", "moderator/_tools.html", tools_view),
        Region("actions", "moderator/_actions.html", actions_view),
        Region("notice", "notice/_notice.html", moderators_notice),
    ),
    "organiser": (
        Region("figures", "organiser/_figures.html", figures_view),
        Region("standing", "organiser/_standing.html", standing_view),
        Region("sessions", "organiser/_sessions.html", lines_view),
    ),
}
"""The regions of each role's pages."""


@dataclass(frozen=True)
class Body:
    """A region rendered, but for its number: equal bodies show the same."""

    head: str
    tail: str


@dataclass(frozen=True)
class Frame:
    """What is sent: `body` as it stood at `revision`. The message is made once, for all who get it."""

    region: str
    revision: int
    body: Body

    @property
    def text(self) -> str:
        """The frame as a page or a robot reads it."""
        return f"{self.body.head}{self.revision}{self.body.tail}"

    @cached_property
    def message(self) -> dict[str, Any]:
        """The frame as the server sends it."""
        return {"type": "websocket.send", "text": self.text}


def html_body(renderer: Renderer, region: Region, language: str, facts: Mapping[str, Any], view: object) -> Body:
    """The region's template, rendered. `facts`: what its room always says (event, code, join_url, epoch …)."""
    # no real revision is negative: so the number is found again, and nothing that somebody wrote is taken for it
    # (quotes in it are escaped)
    text = renderer.render(region.template, language, **facts, view=view, revision=-1)
    head, mark, tail = text.partition('data-revision="-1"')
    if not mark:
        raise ValueError(f"{region.template} has no data-revision")
    return Body(f'{head}data-revision="', f'"{tail}')


def json_body(region: Region, facts: Mapping[str, Any], view: object) -> Body:
    """The region's value in the integration protocol; an organiser's with the join codes of event and sessions."""
    codes = f',"codes":{_json({"": facts["code"], **facts["codes"]})}' if "codes" in facts else ""
    head = f'{{"type":"region","region":{_json(region.name)},"epoch":{_json(facts["epoch"])}{codes},"revision":'
    return Body(head, f',"value":{_json(plain(view))}}}')


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def plain(value: Any) -> Any:
    """A region's value as JSON holds it: dataclasses and models by their fields, polls as set/question/round."""
    match value:
        case None | bool() | int() | float():
            return value
        case PollKey():
            return str(value)
        case Enum():
            return value.value
        case str():
            return value
        case date():
            return value.isoformat()
        case Published():  # what may be shown of it is in a Summary
            raise TypeError("a Published result is no part of a region")
        case BaseModel():
            return value.model_dump(mode="json")
        case Mapping():
            return {str(plain(key)): plain(entry) for key, entry in value.items()}
        case list() | tuple() | frozenset():
            return [plain(entry) for entry in value]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"a region holds no {type(value).__name__}")
