"""Served events for the tests of pages and sockets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Served, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests of a module that leave nothing behind."""
    with serving(tmp_path_factory.mktemp("served")) as it:
        yield it


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Served]:
    """A server of its own for one test."""
    with serving(tmp_path) as it:
        yield it


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that people reach behind TLS, at https://poll.example."""
    with serving(tmp_path_factory.mktemp("public"), public_url="https://Poll.example:443/") as it:
        yield it
