"""Chores: what a server does by itself, again and again, beside those it serves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from polling.core.errors import Refused

log = logging.getLogger(__name__)


async def again_and_again(chore: Callable[[], Awaitable[object]], pause: float, what: str) -> None:
    """Does `chore` with so many seconds between, until cancelled. A failure is told as `what`, and tried again."""
    while True:
        try:
            await chore()
        except Refused:
            pass  # the database is busy: at the next look
        except Exception:
            log.exception("%s failed; it is tried again", what)
        await asyncio.sleep(pause)
