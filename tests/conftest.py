"""What most tests stand on: a database of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from polling.store.database import Database
from polling.store.migrations import migrate


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database with its tables, in a file."""
    made = Database(f"sqlite:///{tmp_path}/polling.db", busy_timeout=0.1)
    migrate(made)
    yield made
    made.close()
