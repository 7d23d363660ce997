"""Reading a PDF back: its pages' words, and the QR codes that are drawn on it as squares."""

from __future__ import annotations

import io

import segno
from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream


def pages(pdf: bytes) -> list[PageObject]:
    return list(PdfReader(io.BytesIO(pdf)).pages)


def words(page: PageObject) -> str:
    """What a page says, with single spaces."""
    return " ".join(page.extract_text().split())


def codes(page: PageObject) -> dict[str, frozenset[tuple[int, int]]]:
    """Where a page's QR codes lead by a click, and the dark squares (column, row) of each, read from the rectangles
    that draw it."""
    stream = page.get_contents()
    assert isinstance(stream, ContentStream)
    boxes = [[float(number) for number in operands] for operands, operator in stream.operations if operator == b"re"]
    found = {}
    for annotation in page.annotations or []:
        area = [float(number) for number in annotation.get_object()["/Rect"]]
        left, right = sorted((area[0], area[2]))
        bottom, top = sorted((area[1], area[3]))
        inside = [box for box in boxes if left - 0.1 < box[0] < right and bottom < box[1] < top + 0.1]
        found[str(annotation.get_object()["/A"]["/URI"])] = _squares(inside, left, top)
    return found


def _squares(boxes: list[list[float]], left: float, top: float) -> frozenset[tuple[int, int]]:
    dot = boxes[0][2] / 7  # it begins with the upper edge of a corner, seven squares long
    found: set[tuple[int, int]] = set()
    for x, y, width, _ in boxes:
        row, column = round((top - y) / dot), round((x - left) / dot)
        found.update((column + step, row) for step in range(round(width / dot)))
    return frozenset(found)


def code_for(url: str) -> frozenset[tuple[int, int]]:
    """The same of the QR code that leads to an address."""
    matrix = segno.make(url, error="m", micro=False).matrix
    return frozenset((column, row) for row, cells in enumerate(matrix) for column, dark in enumerate(cells) if dark)
