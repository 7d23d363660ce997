"""A stage for browser tests: a real server with an event of two rooms, a moderator, and phones in a real browser."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Route
from server_process import ServerProcess

from polling.core.poll import Verb
from polling.rendering import HTMX_CDN
from polling.robots.moderator import Moderator

Cdn = Literal["served", "blocked", "hanging"]
"""What becomes of the browser's request for htmx."""

HTMX = Path(os.environ.get("POLLING_TEST_HTMX") or "node_modules/htmx.org/dist")
"""The npm package's files, where they are: tests hold without them too, as phones do where the network blocks it."""
CHROMIUM_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")

EVENT: Mapping[str, Any] = {
    "event": "fair",
    "title": {"en": "The fair", "nl": "De beurs"},
    "languages": ["en", "nl"],
    "privacy": {"smallest_group": 1, "contacts_until": "2099-03-01", "controller": "The Fair Foundation"},
    "working_groups": [
        {
            "id": "garden",
            "title": {"en": "Garden", "nl": "Tuin"},
            "purpose": {"en": "plan it", "nl": "het uit te werken"},
        }
    ],
    "sessions": [
        {"id": "hall", "kind": "plenary", "title": {"en": "Hall", "nl": "Zaal"}, "sets": ["fruit"]},
        {"id": "attic", "kind": "break-out", "title": "Attic", "place": "Upstairs", "sets": ["fruit"]},
    ],
}
SET: Mapping[str, Any] = {
    "set": "fruit",
    "title": "Fruit",
    "questions": [
        {
            "id": "best",
            "type": "choice",
            "title": {"en": "Which is best?", "nl": "Welke is de beste?"},
            "segment": True,
            "options": [
                {"id": "apple", "text": "Apple"},
                {"id": "pear", "text": "Pear"},
                {"id": "plum", "text": "Plum"},
            ],
        },
        {
            "id": "grow",
            "type": "choices",
            "title": "What will you grow?",
            "by": "best",
            "max": 2,
            "working_group": "garden",
            "options": [
                {"id": "apple", "text": "Apples", "contact": "offer"},
                {"id": "pear", "text": "Pears"},
                {"id": "own", "text": "Something else", "other": True, "contact": "offer"},
                {"id": "none", "text": "Nothing", "exclusive": True},
            ],
        },
        {"id": "why", "type": "text", "title": "Why?", "contact": "offer", "working_group": "garden"},
        {"id": "read", "type": "info", "title": "Time for tea", "text": "It is served in the attic."},
    ],
}
BEST, GROW, WHY, READ = (f"fruit/{question}/1" for question in ("best", "grow", "why", "read"))


def chromium_path(bundled: str) -> str | None:
    """A Chromium to drive: the one that is named, the one that came with Playwright, or the system's."""
    named = os.environ.get("POLLING_TEST_CHROMIUM")
    found = [named, bundled, shutil.which("chromium"), shutil.which("chromium-browser"), shutil.which("google-chrome")]
    return next((path for path in found if path and Path(path).exists()), None)


@dataclass
class Stage:
    """What a test acts on. `said`: what the pages' consoles complained about."""

    server: ServerProcess
    browser: Browser
    moderator: Moderator
    said: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        return self.server.url + path

    @property
    def code(self) -> str:
        return self.server.code()

    async def context(self, cdn: Cdn = "served", **options: Any) -> BrowserContext:
        """A browser of its own: one phone."""
        asked = {"viewport": {"width": 390, "height": 844}, "locale": "en-GB"} | options
        context = await self.browser.new_context(**asked)
        await context.route(re.compile(r"^https://"), lambda route: _answer(route, cdn))
        return context

    async def tab(self, context: BrowserContext) -> Page:
        page = await context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        """All complaints but those about the CDN, which may well be blocked."""
        if message.type == "error" and not message.location["url"].startswith("https://"):
            self.said.append(message.text)

    async def phone(self, cdn: Cdn = "served", **options: Any) -> Page:
        """A phone that joined by the QR code's address."""
        page = await self.tab(await self.context(cdn, **options))
        await page.goto(self.url(f"/j/{self.code}"), wait_until="commit")
        return page

    async def screen(self, cdn: Cdn = "served") -> Page:
        """The big screen, in by its link."""
        server = self.server
        key = server.keys.link_key("presenter", server.event, server.session)
        page = await self.tab(await self.context(cdn, viewport={"width": 1920, "height": 1080}))
        await page.goto(self.url(f"/s/{server.event}/{server.session}#{key}"), wait_until="commit")
        return page

    async def open(self, poll: str) -> None:
        await self.moderator.command(Verb.OPEN, poll)

    async def close(self) -> None:
        await self.moderator.command(Verb.CLOSE)


async def _answer(route: Route, cdn: Cdn) -> None:
    """Stands in for the content network; its other files are blocked."""
    file = HTMX / HTMX_CDN.rpartition("/")[2]
    if cdn == "hanging":
        return
    if cdn == "blocked" or route.request.url != HTMX_CDN or not file.exists():
        await route.abort()
    else:
        headers = {"Access-Control-Allow-Origin": "*"}
        await route.fulfill(body=file.read_bytes(), content_type="text/javascript", headers=headers)


def status(page: Page) -> Locator:
    """The line at the foot."""
    return page.locator("#status")


def pick(page: Page, option: str) -> Locator:
    return page.locator(f"#pick-{option}")


def form(page: Page) -> Locator:
    return page.locator("#vote")
