"""The import contracts of pyproject.toml hold, and each of them catches a breach planted in a copy of the source."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LAYERS = "Lower layers never import higher ones"
CORE = "The core knows no web"
EXPORTS = "Exports reach neither the store nor a ballot"
PRIVACY = "Signing, contacts and follow-up never reach a ballot"
TYPES = "Question types are independent"


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """import-linter on the package that lies in `root`, whatever else is installed."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    paths = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run(command, cwd=root, env=paths, capture_output=True, text=True, timeout=120, check=False)


def broken(result: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in result.stdout.splitlines() if "BROKEN" in line]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the source, to plant breaches in."""
    shutil.copytree(ROOT / "polling", tmp_path / "polling", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_all_five_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "5 kept, 0 broken" in result.stdout


@pytest.mark.promise("P05")
@pytest.mark.parametrize(
    ("module", "planted", "contract"),
    [
        ("web/signing.py", "import polling.store.ballot_box", PRIVACY),
        ("web/me.py", "from polling.core.ballot import Ballot", PRIVACY),
        ("store/database.py", "import polling.store.ballot_box", PRIVACY),
        ("store/writer.py", "import polling.store.ballot_box", PRIVACY),
        ("store/ideas.py", "from polling.core import ballot", PRIVACY),
        ("live/room.py", "import polling.store.ballot_box", PRIVACY),
        ("rendering.py", "import polling.core.ballot", PRIVACY),
        ("core/regions/room.py", "from polling.core.ballot import Ballot", PRIVACY),
        ("core/contact.py", "def f() -> None:\n    import polling.core.ballot", PRIVACY),
        ("core/tally.py", "import secrets", CORE),
        ("core/event.py", "import sqlalchemy", CORE),
        ("export/__init__.py", "import polling.store.reading", EXPORTS),
        ("printing/sheets.py", "import polling.store.contacts", EXPORTS),
        ("core/questions/choice.py", "import polling.core.questions.text", TYPES),
        ("settings.py", "import polling.store.database", LAYERS),
        ("web/guard.py", "import polling.app", LAYERS),
        ("stray.py", "", LAYERS),
    ],
)
def test_a_planted_breach_is_caught(copy: Path, module: str, planted: str, contract: str) -> None:
    path = copy / "polling" / module
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n{planted}\n")
    result = lint(copy)
    assert result.returncode != 0, result.stdout + result.stderr
    assert any(contract in line for line in broken(result)), result.stdout + result.stderr
