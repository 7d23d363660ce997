"""docs/privacy.md names its tests, and they are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = (ROOT / "docs" / "privacy.md").read_text()


def test_every_test_that_the_document_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", DOCUMENT))
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert len(named) > 20
    assert named - there == set()


def test_every_promise_of_the_document_names_a_test() -> None:
    table = DOCUMENT.split("| promise | against | tests |\n|---|---|---|\n")[1].split("\n\n")[0]
    assert [row for row in table.splitlines() if "`test_" not in row] == []


def test_every_file_that_the_document_names_is_there() -> None:
    named = re.findall(r"`((?:polling|tests)/[\w/]+\.py)`", DOCUMENT)
    named += [f"docs/{target}" for target in re.findall(r"\]\(([\w/.-]+\.md)\)", DOCUMENT)]
    assert [name for name in named if not (ROOT / name).exists()] == []
