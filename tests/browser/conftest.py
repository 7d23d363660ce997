"""A browser and a stage. Without a Chromium these tests skip, and say how to get one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from browser_stage import CHROMIUM_ARGUMENTS, EVENT, SET, Stage, chromium_path
from playwright.async_api import Browser, async_playwright, expect
from server_process import ServerProcess, write_event

expect.set_options(timeout=20_000)  # a slow machine is no finding; timings live in benchmarks


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium."""
    async with async_playwright() as playwright:
        path = chromium_path(playwright.chromium.executable_path)
        if path is None:
            pytest.skip("no Chromium: `apt install chromium`, or name one in POLLING_TEST_CHROMIUM")
        started = await playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        yield started
        await started.close()


@pytest.fixture
def event() -> Mapping[str, Any]:
    """The event that is served."""
    return EVENT


@pytest_asyncio.fixture
async def stage(tmp_path: Path, browser: Browser, event: Mapping[str, Any]) -> AsyncIterator[Stage]:
    """The server with its event, and a moderator who has come in."""
    write_event(tmp_path / "questionsets", event, SET)
    server = ServerProcess(tmp_path, event="fair", session="hall")
    await server.start()
    moderator = await server.moderator()
    yield Stage(server, browser, moderator)
    await moderator.leave()
    await server.stop()
