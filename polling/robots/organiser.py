"""An organiser by the public protocol: sends everyone on, and sees how many phones are in each room."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping

from polling.core.errors import Code
from polling.core.event_state import EventVerb
from polling.robots.line import Patience, jitter
from polling.robots.moderator import CommandRefused
from polling.robots.visit import Unreachable, visit
from polling.robots.watching import Watching

TRIES = 8
"""How often a command is sent whose answer is not heard: the same id does it once."""
SEEN_WITHIN = 15.0
"""Seconds within which the board must agree with what the phones know."""


class Organiser(Watching):
    """Holds the organiser's pass."""

    def __init__(self, base: str, event: str, cookies: Mapping[str, str], patience: Patience | None = None) -> None:
        self._page = f"{base.rstrip('/')}/o/{event}"
        self._cookies = cookies
        super().__init__(f"{self._page}/socket", cookies, patience)

    async def command(self, verb: EventVerb, **fields: str) -> int:
        """Carries a command about the event as a whole out, and returns the event's new revision. Raises
        `CommandRefused`, or `Unreachable`."""
        form = {"verb": verb.value, "id": secrets.token_hex(16), **fields}
        for attempt in range(TRIES):
            try:
                reply = await visit(
                    f"{self._page}/command", cookies=self._cookies, form=form, accept="application/json"
                )
            except Unreachable:
                if attempt == TRIES - 1:
                    raise
            else:
                told = _told(reply.body)
                if told.get("type") == "done":
                    return int(str(told["revision"]))
                if reply.status != 503 or attempt == TRIES - 1:
                    raise CommandRefused(str(told.get("code", Code.MALFORMED)), str(told.get("message", "")))
            await asyncio.sleep(jitter(2**attempt / 4))
        raise AssertionError("the last try returns or raises")

    async def connected(self, wanted: Mapping[str, int], *, alone: bool) -> dict[str, int]:
        """How many phones the board sees in each session, as soon as that is what is `wanted`, or after a while all the
        same. `alone`: no other phones are there, so that more is as wrong as fewer."""

        def here() -> dict[str, int]:
            return {line["session"]["id"]: line["connected"] for line in self.view.get("sessions", ())}

        def right() -> bool:
            seen = here()
            return all(seen.get(each) == n or (not alone and seen.get(each, 0) > n) for each, n in wanted.items())

        try:
            async with asyncio.timeout(SEEN_WITHIN):
                await self.until("sessions", lambda value: right())
        except TimeoutError:
            pass
        return here()


def _told(body: str) -> Mapping[str, object]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
