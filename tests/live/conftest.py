"""A served event for the tests of live pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Served, serving


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server of its own for each test."""
    with serving(tmp_path) as it:
        yield it
