"""Modules and style sheets go over the wire without comments and indentation, and say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from polling.rendering import STATIC
from polling.web.static import lean

MODULES = sorted((STATIC / "js").glob("*.js"))
SHEETS = sorted((STATIC / "css").glob("*.css"))


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_loses_whole_lines_of_comment_and_nothing_else(module: Path) -> None:
    source = module.read_bytes()
    for line in source.splitlines():
        assert line.count(b"`") % 2 == 0, f"a text over several lines would lose its indentation: {line!r}"
        assert b"/*" not in line
    kept = [line.strip() for line in source.splitlines() if line.strip() and not line.strip().startswith(b"//")]
    assert lean(source, ".js").split(b"\n") == kept


@pytest.mark.parametrize("sheet", SHEETS, ids=name)
def test_a_style_sheet_keeps_every_rule(sheet: Path) -> None:
    source = sheet.read_bytes()
    packed = lean(source, ".css")
    assert b"/*" not in packed
    assert source.count(b"/*") == source.count(b"*/")
    assert re.sub(rb"\s+", b"", packed) == re.sub(rb"\s+", b"", re.sub(rb"/\*.*?\*/", b"", source, flags=re.DOTALL))
    assert not re.search(rb"""content:\s*["'][^"']*\n""", source)


def test_pictures_are_left_as_they_are() -> None:
    picture = (STATIC / "icons" / "favicon.svg").read_bytes()
    assert lean(picture, ".svg") == picture
