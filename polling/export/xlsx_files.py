"""XLSX for spreadsheets. Every text is written as text: nothing that someone typed is a formula or a link."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from polling.core.results.books import Books
from polling.export.rows import Value
from polling.export.tables import tables

Sheet = tuple[Sequence[str], Iterable[Sequence[Value]]]
"""Header and rows."""

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_NO_TIME = datetime(2000, 1, 1)  # the format has no time zones
_WIDTHS = range(8, 61)


def xlsx_bytes(sheets: Mapping[str, Sheet]) -> bytes:
    """A workbook. It holds no time: the same rows make the same bytes."""
    out = io.BytesIO()
    with Workbook(out, dict(_OPTIONS)) as book:
        book.set_properties({"created": _NO_TIME})
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for name, (header, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            table: list[Sequence[Value]] = [header, *rows]
            for number, row in enumerate(table):
                for column, value in enumerate(row):
                    _write(sheet, number, column, value, wrapped if number else bold)
            sheet.freeze_panes(1, 0)
            for column, width in enumerate(_widths(table)):
                sheet.set_column(column, column, width)
    return out.getvalue()


def _write(sheet: Worksheet, row: int, column: int, value: Value, format: object) -> None:
    if isinstance(value, str):
        if value:
            lines = value.replace("\r\n", "\n").replace("\r", "\n")  # the format writes them as "_x000D_"
            sheet.write_string(row, column, _NOT_IN_XML.sub("", lines), format)
    elif value is not None:
        sheet.write_number(row, column, value, format)


def _widths(table: Sequence[Sequence[Value]]) -> list[int]:
    longest = (
        max(len(line) for value in column for line in str(value).split("\n")) for column in zip(*table, strict=True)
    )
    return [min(max(width + 2, _WIDTHS.start), _WIDTHS.stop - 1) for width in longest]


def xlsx_files(books: Books) -> dict[str, bytes]:
    """results.xlsx: a sheet for each table, with the same facts as the CSV files."""
    return {"results.xlsx": xlsx_bytes({table.name: (table.header, table.rows) for table in tables(books)})}
