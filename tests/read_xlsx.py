"""Reads a workbook by its XML, so that nothing of it is taken on trust."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

Cell = str | float | None


def parts(content: bytes) -> dict[str, str]:
    """Every part of the workbook, as text."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


def sheet_names(content: bytes) -> list[str]:
    """The sheets, in their order."""
    return re.findall(r'<sheet name="([^"]*)"', parts(content)["xl/workbook.xml"])


def rows(content: bytes, number: int = 1) -> list[list[Cell]]:
    """A sheet's cells: texts, numbers, and None where there is nothing."""
    book = parts(content)
    strings = [
        _plain("".join(text.text or "" for text in item.iter(f"{_MAIN}t")))
        for item in ElementTree.fromstring(book.get("xl/sharedStrings.xml", "<sst/>"))
    ]
    sheet = ElementTree.fromstring(book[f"xl/worksheets/sheet{number}.xml"])
    return [_row(row, strings) for row in sheet.iter(f"{_MAIN}row")]


def _plain(text: str) -> str:
    """A text without the format's own way to write signs that XML would change: _x000D_ is a carriage return."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda escaped: chr(int(escaped[1], 16)), text)


def _row(row: ElementTree.Element, strings: list[str]) -> list[Cell]:
    cells: dict[int, Cell] = {}
    for cell in row.iter(f"{_MAIN}c"):
        value = cell.findtext(f"{_MAIN}v")
        if value is not None:
            cells[_column(cell.attrib["r"])] = strings[int(value)] if cell.get("t") == "s" else float(value)
    return [cells.get(column) for column in range(max(cells, default=-1) + 1)]


def _column(reference: str) -> int:
    letters = re.sub(r"\d", "", reference)
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
