"""A real server with the one-room event, and what is in its database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from server_process import ServerProcess, write_event


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    """Started, and gone at the end."""
    write_event(tmp_path / "questionsets")
    made = ServerProcess(tmp_path, forks=True)
    await made.start()
    yield made
    await made.stop()
