"""What most tests stand on: a database of their own. Where CI is set, nothing may be skipped."""

from __future__ import annotations

import os
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


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test is a missing package: .ci/run installs everything, so there it is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
