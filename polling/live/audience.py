"""An audience: the screens that watch one thing, and the frames they share."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from polling.live.frame import REGIONS, Body, Form, Frame, Region, html_body, json_body
from polling.live.screens import Screen
from polling.rendering import Renderer

Rendering = tuple[str, Form, str]
"""Role, form and language: the screens that share frames."""
Key = tuple[Region, Form, str]
"""What a frame is made once for. Regions of several roles may have one name; those that are one share its frames."""

BREATH = 200
"""So many screens are served before others get their turn."""


class Audience:
    """Renders each region once for all screens that show it alike, and only where something in it changed."""

    def __init__(self, renderer: Renderer, epoch: str, facts: Mapping[str, Any]) -> None:
        self._renderer = renderer
        self._epoch = epoch
        self._facts: tuple[int, Mapping[str, Any]] = (0, {**facts, "epoch": epoch})
        self._screens: dict[Screen, None] = {}
        self._frames: dict[Key, Frame] = {}
        self._views: dict[Key, tuple[int, object]] = {}

    def renew(self, facts: Mapping[str, Any]) -> None:
        """What its frames always say has changed: each is rendered anew."""
        self._facts = (self._facts[0] + 1, {**facts, "epoch": self._epoch})

    def hang_up(self) -> None:
        """What they watched is gone: all sockets are closed."""
        for screen in list(self._screens):
            screen.hang_up()

    def __len__(self) -> int:
        return len(self._screens)

    def count(self, role: str) -> int:
        """How many screens of a role there are."""
        return sum(screen.rendering[0] == role for screen in self._screens)

    def join(self, screen: Screen, revision: int) -> bool:
        """Adds a screen. Whether it was given the state of `revision`; if not, `show` has to be called."""
        self._screens[screen] = None
        keys = _keys(screen.rendering)
        frames = [frame for key in keys if (frame := self._frames.get(key)) and frame.revision == revision]
        if len(frames) < len(keys):
            return False
        for frame in frames:
            screen.offer(frame)
        return True

    def leave(self, screen: Screen) -> None:
        """Takes a screen away."""
        self._screens.pop(screen, None)
        screen.close()

    async def show(self, state: object, revision: int) -> None:
        """Gives all screens what they show of `state`."""
        wanted = {screen.rendering for screen in self._screens}
        self._frames, self._views = await asyncio.to_thread(self._render, wanted, state, revision)
        frames = {each: [self._frames[key] for key in _keys(each)] for each in wanted}
        for number, screen in enumerate(list(self._screens)):
            if number % BREATH == BREATH - 1:
                await asyncio.sleep(0)
            for frame in frames.get(screen.rendering, ()):  # none: it joined just now, and the next turn is for it
                screen.offer(frame)

    def _render(
        self, wanted: Iterable[Rendering], state: object, revision: int
    ) -> tuple[dict[Key, Frame], dict[Key, tuple[int, object]]]:
        frames: dict[Key, Frame] = {}
        views: dict[Key, tuple[int, object]] = {}
        number, facts = self._facts
        made: dict[Any, object] = {}
        for role, form, language in wanted:
            for region in REGIONS[role]:
                if region.view not in made:
                    made[region.view] = region.view(state)
                key = (region, form, language)
                views[key] = (number, made[region.view])
                body = self._body(region, key, views[key], facts)
                frames[key] = Frame(region.name, revision, body)
        return frames, views

    def _body(self, region: Region, key: Key, seen: tuple[int, object], facts: Mapping[str, Any]) -> Body:
        before = self._frames.get(key)
        if before is not None and self._views[key] == seen:
            return before.body
        _, form, language = key
        if form is Form.JSON:
            body = json_body(region, facts, seen[1])
        else:
            body = html_body(self._renderer, region, language, facts, seen[1])
        return before.body if before is not None and before.body == body else body


def _keys(rendering: Rendering) -> list[Key]:
    role, form, language = rendering
    return [(region, form, language) for region in REGIONS[role]]
