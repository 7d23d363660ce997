"""Exports as a spreadsheet program reads them: nothing that people typed is calculated, numbers are numbers. In
LibreOffice, without a screen."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from polling.core.event import Event
from polling.core.poll import PollKey
from polling.core.results.books import Books
from polling.core.results.outcomes import Text, outcome
from polling.core.tally import Tally
from polling.export import FORMATS

TYPED = [
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "\r=1",
    "＝1+1",
    ";=1+1",
    "+49 30 1234",
    '=HYPERLINK("https://x.example")',
    '=cmd|"/c calc"!A0',
    '",=1+1',
    "two\nlines, and a comma",
    "Wáár is „de” kantine?",
]
EVENT = Event.model_validate(
    {
        "event": "day",
        "title": "A day",
        "sessions": [{"id": "hall", "kind": "plenary", "title": "Hall", "sets": ["one"]}],
        "sets": [
            {
                "set": "one",
                "title": "One",
                "questions": [
                    {"id": "why", "type": "text", "title": "Why?"},
                    {
                        "id": "colour",
                        "type": "choice",
                        "title": "Which?",
                        "options": [{"id": "red", "text": "=2+2"}, {"id": "blue", "text": "Blue"}],
                    },
                ],
            }
        ],
    }
)
SPACES = {
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}


def named(space: str, name: str) -> str:
    return f"{{{SPACES[space]}}}{name}"


class Sheet:
    """A file as LibreOffice understood it."""

    def __init__(self, flat: Path) -> None:
        self.cells = list(ElementTree.parse(flat).getroot().iter(named("table", "table-cell")))

    @property
    def formulas(self) -> list[str]:
        return [formula for cell in self.cells if (formula := cell.get(named("table", "formula")))]

    @property
    def links(self) -> int:
        return sum(len(cell.findall(".//text:a", SPACES)) for cell in self.cells)

    @property
    def numbers(self) -> list[float]:
        kind, value = named("office", "value-type"), named("office", "value")
        return [float(str(cell.get(value))) for cell in self.cells if cell.get(kind) in ("float", "percentage", "date")]

    @property
    def texts(self) -> list[str]:
        return ["\n".join("".join(line.itertext()) for line in cell.findall("text:p", SPACES)) for cell in self.cells]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sheet]:
    """By name: every file of both formats, and one that nobody defused, to see that this test can fail."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("no LibreOffice: `apt install libreoffice-calc-nogui`")
    place = tmp_path_factory.mktemp("libreoffice")
    why = outcome(EVENT, "hall", PollKey("one", "why"), Tally(30), [Text("1", text) for text in TYPED])
    colour = outcome(EVENT, "hall", PollKey("one", "colour"), Tally(8, {"red": 5, "blue": 3}), ())
    for format in ("csv", "xlsx"):
        for name, content in FORMATS[format](Books(EVENT, [why, colour])).items():
            (place / name).write_bytes(content)
    (place / "raw.csv").write_text('"text"\n"=1+1"\n')
    for kind, how in (("csv", ["--infilter=Text - txt - csv (StarCalc):44,34,76,1"]), ("xlsx", [])):
        files = sorted(path for path in place.glob(f"*.{kind}"))
        command = [program, f"-env:UserInstallation=file://{place}/profile", "--headless", *how]
        command += ["--convert-to", "fods", "--outdir", str(place / kind), *map(str, files)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    return {f"{path.stem}.{path.parent.name}": Sheet(path) for path in place.glob("*/*.fods")}


def told(text: str) -> str:
    """A text as a person sees it: without the apostrophes that keep a spreadsheet from calculating, and odd spaces."""
    return " ".join(text.replace("'", "").split())


@pytest.mark.promise("S08")
def test_no_cell_of_any_export_is_a_formula_or_a_link(read: dict[str, Sheet]) -> None:
    assert len(read["raw.csv"].formulas) == 1, "LibreOffice calculates, where nothing stops it"
    assert {"results.csv", "texts.csv", "results.xlsx"} <= set(read)
    assert {name: sheet.formulas for name, sheet in read.items() if sheet.formulas and name != "raw.csv"} == {}
    assert {name: sheet.links for name, sheet in read.items() if sheet.links} == {}


@pytest.mark.promise("S08")
@pytest.mark.parametrize("name", ["texts.csv", "results.xlsx"])
def test_what_people_typed_is_there_as_they_typed_it(read: dict[str, Sheet], name: str) -> None:
    assert {told(text) for text in TYPED} - {told(text) for text in read[name].texts} == set()


@pytest.mark.promise("S08")
@pytest.mark.parametrize("name", ["results.csv", "results.xlsx"])
def test_numbers_stay_numbers(read: dict[str, Sheet], name: str) -> None:
    assert {5.0, 3.0, 8.0, 63.0, 38.0} <= set(read[name].numbers)
