"""A4 paper: pages of text, lines and codes at places in millimetres, as one PDF. Everything is vectors."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import segno
from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue

from polling.printing.lettering import SCREEN_FONT, WIDE_FONT, cut, legible, needs_wide_font
from polling.rendering import TEMPLATES

INK, SECOND = "#12181c", "#444e55"
WIDTH, HEIGHT = 210.0, 297.0
LATIN = "".join(map(chr, range(0x20, 0x7F))) + "‘’“”…–·×àáâäçèéêëìíîïñòóôöùúûüÀÉËÏÖÜß€"
"""Every character that our own sentences take."""
POINT = 25.4 / 72
"""Millimetres of a typographic point."""

Weight = Literal["", "B"]
_WEIGHTS: dict[Weight, int] = {"": 400, "B": 750}


class Style(NamedTuple):
    """How words look."""

    size: float  # in points
    weight: Weight = ""
    ink: str = INK
    leading: float = 1.3


class Paper:
    """A document. `text`: all that will be written on it, so that the fonts hold just that."""

    def __init__(self, title: str, language: str, text: str) -> None:
        self._pdf = FPDF(format="A4", unit="mm")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.set_title(legible(title))
        self._pdf.set_creator("polling")
        self._pdf.set_lang(language)
        self._broken: dict[tuple[str, float, Style, int], list[str]] = {}  # cards say the same again and again
        self._add_fonts(legible(text))

    def _add_fonts(self, text: str) -> None:
        wide = needs_wide_font(text)
        with tempfile.TemporaryDirectory() as place:
            for weight, number in _WEIGHTS.items():
                for family, font in (("screen", SCREEN_FONT), *([("wide", WIDE_FONT)] if wide else [])):
                    path = Path(place) / f"{family}{number}.ttf"
                    path.write_bytes(cut(font, number, text))
                    self._pdf.add_font(family, weight, path)
        if wide:
            self._pdf.set_fallback_fonts(["wide"], exact_match=True)

    def page(self) -> None:
        """Begins a page."""
        self._pdf.add_page()

    def words(
        self, text: str, x: float, y: float, width: float, style: Style, *, most: int = 0, align: Align = Align.L
    ) -> float:
        """Writes from (x, y) down, in lines of `width`; returns where the next line would begin. No more than `most`
        lines: the last one then ends in …"""
        self._choose(style)
        for line in self.lines(text, width, style, most):
            self._pdf.set_xy(x, y)
            self._pdf.cell(width, style.size * POINT * style.leading, text=line, align=align)
            y += style.size * POINT * style.leading
        return y

    def lines(self, text: str, width: float, style: Style, most: int = 0) -> list[str]:
        """The lines that a text takes."""
        key = (text, width, style, most)
        if key not in self._broken:
            self._broken[key] = self._break(*key)
        return self._broken[key]

    def _break(self, text: str, width: float, style: Style, most: int) -> list[str]:
        self._choose(style)
        told = self._pdf.multi_cell(width, text=legible(text), dry_run=True, output=MethodReturnValue.LINES)
        assert isinstance(told, list)
        found = [line.strip() for line in told]
        if most and len(found) > most:
            found = [*found[: most - 1], found[most - 1].rstrip(" -") + "…"]
        return found

    def fitting(self, text: str, width: float, styles: Sequence[tuple[Style, int]]) -> tuple[Style, int]:
        """The first style in which the text takes no more than its number of lines; the last one where none does."""
        for style, most in styles[:-1]:
            found = self.lines(text, width, style)
            self._choose(style)
            if len(found) <= most and all(self._pdf.get_string_width(line) <= width for line in found):
                return style, most
        return styles[-1]

    def _choose(self, style: Style) -> None:
        self._pdf.set_font("screen", style.weight, style.size)
        self._pdf.set_text_color(style.ink)

    def rule(self, x: float, y: float, width: float, thickness: float = 0.5, ink: str = INK) -> None:
        """A line across."""
        self._pdf.set_draw_color(ink)
        self._pdf.set_line_width(thickness)
        self._pdf.line(x, y, x + width, y)

    def upright(self, x: float, y: float, height: float, thickness: float, ink: str) -> None:
        """A line down."""
        self._pdf.set_draw_color(ink)
        self._pdf.set_line_width(thickness)
        self._pdf.line(x, y, x, y + height)

    def code(self, url: str, x: float, y: float, size: float) -> None:
        """A QR code, as large as `size` and sharp at any size. It leads there by a click too."""
        side, runs = _runs(url)
        dot = size / side
        self._pdf.set_fill_color(INK)
        for column, row, length in runs:  # a hair taller, so that no reader shows a seam between two rows
            self._pdf.rect(x + column * dot, y + row * dot, length * dot, dot * 1.02, style="F")
        self._pdf.link(x, y, size, size, url)

    def brand(self, right: float, y: float, height: float, accent: str) -> None:
        """The program's name, ending at `right`."""
        svg = (TEMPLATES / "brand.html").read_text(encoding="utf-8").partition("#}")[2]
        svg = svg.replace("currentColor", INK).replace("var(--mark)", dark_enough(accent))
        width = height * 127 / 40
        self._pdf.image(io.BytesIO(svg.strip().encode()), right - width, y, width, height)

    def finish(self) -> bytes:
        """The file."""
        return bytes(self._pdf.output())


@lru_cache(maxsize=256)
def _runs(url: str) -> tuple[int, list[tuple[int, int, int]]]:
    """The side of a QR code, and its dark runs: column, row, length."""
    matrix = segno.make(url, error="m", micro=False).matrix
    rows = ("".join("1" if dark else "0" for dark in cells) for cells in matrix)
    runs = [(run.start(), row, len(run[0])) for row, cells in enumerate(rows) for run in re.finditer("1+", cells)]
    return len(matrix), runs


def dark_enough(accent: str) -> str:
    """The colour, darkened until it stands out on white paper (3 to 1)."""
    parts = [int(accent[at : at + 2], 16) for at in (1, 3, 5)]
    while _contrast_with_white(parts) < 3:
        parts = [int(part * 0.95) for part in parts]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _contrast_with_white(parts: Sequence[int]) -> float:
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in parts]
    red, green, blue = linear
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
