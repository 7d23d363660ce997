"""A stage for break-outs in a real browser: a plenary and three rooms, one of a single seat, and an organiser."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from browser_stage import EVENT, SET, Stage
from playwright.async_api import Browser, BrowserContext, Page
from server_process import HURRY, ServerProcess, write_event

from polling.robots.moderator import Moderator, enter
from polling.robots.visit import visit

ROOMS = (
    ("attic", {"en": "Attic", "nl": "Zolder"}, {"en": "Upstairs", "nl": "Boven"}, 1),
    ("barn", {"en": "Barn", "nl": "Schuur"}, {"en": "Across the yard", "nl": "Over het erf"}, 20),
    ("cellar", {"en": "Cellar", "nl": "Kelder"}, {"en": "Downstairs", "nl": "Beneden"}, None),
)


def break_outs(assign: str = "choose", **more: Any) -> dict[str, Any]:
    """The fair with its break-outs."""
    rooms = [
        {"id": id, "kind": "break-out", "title": title, "place": place, "sets": ["fruit"]}
        | ({"seats": seats} if seats else {})
        for id, title, place, seats in ROOMS
    ]
    return {**EVENT, "sessions": [EVENT["sessions"][0], *rooms], "break_outs": {"assign": assign, **more}}


@dataclass
class BreakOuts(Stage):
    """The stage, and what an organiser does on it."""

    organiser: dict[str, str] | None = None

    async def give(self, verb: str, *, session: str = "", to: str = "") -> None:
        """An organiser's command."""
        fields = {"id": secrets.token_hex(8), "verb": verb, "session": session, "to": to}
        reply = await visit(self.url("/o/fair/command"), cookies=self.organiser, form=fields)
        assert (reply.status, "refused" in reply.body) == (303, False), reply.body[:300]

    async def moderator_of(self, session: str) -> Moderator:
        """The moderator of another room."""
        key = self.server.keys.link_key("moderator", "fair", session)
        cookies = await enter(self.url(f"/m/fair/{session}#{key}"))
        return Moderator(self.server.url, "fair", session, cookies, HURRY)

    async def at(self, context: BrowserContext, session: str = "") -> Page:
        """A phone that scanned the code of a session, or of the event."""
        page = await self.tab(context)
        await page.goto(self.url(f"/j/{self.server.code(session)}"))
        return page

    def address(self, session: str = "") -> str:
        """A session's page."""
        return self.url(f"/p/{self.server.code(session)}")


@asynccontextmanager
async def staged(place: Path, browser: Browser, assign: str = "choose", **more: Any) -> AsyncIterator[BreakOuts]:
    """The server with the fair and its break-outs."""
    write_event(place / "questionsets", break_outs(assign, **more), SET)
    server = ServerProcess(place, event="fair", session="hall")
    await server.start()
    moderator = await server.moderator()
    organiser = await enter(f"{server.url}/o/fair#{server.keys.link_key('organiser', 'fair', '')}")
    yield BreakOuts(server, browser, moderator, organiser=organiser)
    await moderator.leave()
    await server.stop()
