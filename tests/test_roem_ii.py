"""ROEM-II from end to end: robots play it whole, and the exports hold every figure that the report prints."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from server_process import free_port

HERE = Path(__file__).parent
QUESTIONSETS = HERE.parent / "questionsets"
FIGURES: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "figures.yaml").read_text(encoding="utf-8"))
REHEARSAL: dict[str, Any] = yaml.safe_load((QUESTIONSETS / "roem-ii" / "rehearsal.yaml").read_text(encoding="utf-8"))
PRINTED = [(name, question) for name, questions in FIGURES.items() for question in questions]


@dataclass(frozen=True)
class Played:
    """What the commands said, and what is in the files."""

    rehearse: subprocess.CompletedProcess[str]
    recount: subprocess.CompletedProcess[str]
    results: list[dict[str, str]]
    texts: list[dict[str, str]]
    segments: list[dict[str, str]]
    again: subprocess.CompletedProcess[str]  # counted again once everything is sealed

    def summed(self, question_set: str, question: str) -> tuple[int, Counter[str]]:
        """Respondents and counts of a question, over all rooms that asked it."""
        rows = [row for row in self.results if (row["set"], row["question"]) == (question_set, question)]
        rooms = {row["session"]: int(row["respondents"]) for row in rows}
        counts = Counter[str]()
        for row in rows:
            counts[row["cell"]] += int(row["count"])
        return sum(rooms.values()), counts


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    place = tmp_path_factory.mktemp("roem-ii")
    ours = {name: value for name, value in os.environ.items() if not name.startswith("POLLING_")}
    environment = ours | {
        "DATABASE_URL": f"sqlite:///{place / 'polling.db'}",
        "POLLING_QUESTIONSETS": str(QUESTIONSETS),
        "PORT": str(free_port()),
    }

    def polling(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "polling", *command], env=environment, capture_output=True, text=True, check=False
        )

    rehearse = polling("rehearse", "roem-ii", "--play", "--fast", "--keep")
    environment["DATABASE_URL"] = f"sqlite:///{place / 'polling.rehearsal.db'}"
    recount = polling("recount", "roem-ii")
    export = polling("export", "roem-ii", "--format", "csv", "--output", str(place))
    assert export.returncode == 0, rehearse.stderr + export.stderr
    results, texts = list(rows(place / "results.csv")), list(rows(place / "texts.csv"))
    assert polling("seal", "roem-ii").returncode == 0
    again = polling("recount", "roem-ii")
    assert polling("export", "roem-ii", "--format", "csv", "--output", str(place)).returncode == 0
    assert list(rows(place / "results.csv")) == results
    return Played(rehearse, recount, results, texts, list(rows(place / "segments.csv")), again)


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def per_cent(count: int, base: int) -> int:
    return (200 * count + base) // (2 * base)  # half up, as reports print it


def test_the_rehearsal_and_the_recount_find_no_difference(played: Played) -> None:
    assert played.rehearse.returncode == 0, played.rehearse.stderr
    assert played.rehearse.stdout.splitlines()[-1].endswith("no difference with the rehearsal.")
    assert played.recount.returncode == 0, played.recount.stdout + played.recount.stderr
    print("\n" + played.rehearse.stdout.splitlines()[-1])


@pytest.mark.parametrize(("question_set", "question"), PRINTED, ids=["/".join(each) for each in PRINTED])
def test_the_figures_of_the_report_come_out_of_the_export(played: Played, question_set: str, question: str) -> None:
    figures = FIGURES[question_set][question]
    respondents, counts = played.summed(question_set, question)
    if "respondents" in figures:
        assert respondents == figures["respondents"]
    for option, count in figures.get("counts", {}).items():
        assert counts[option] == count, option
    for options, percent in figures.get("percent", {}).items():
        count = sum(counts[option] for option in options.split(" + "))
        assert per_cent(count, respondents) == percent, options


def test_every_count_of_every_room_is_the_rehearsal_s(played: Played) -> None:
    found = {
        (row["session"], row["set"], row["question"], row["cell"]): (int(row["count"]), int(row["respondents"]))
        for row in played.results
        if row["cell"]
    }
    assert found == {
        (session, name, question, option): (count, answers["respondents"])
        for session, sets in REHEARSAL["sessions"].items()
        for name, questions in sets.items()
        for question, answers in questions.items()
        for option, count in answers.get("counts", {}).items()
    }
    for row in played.results:
        if row["cell"]:
            assert int(row["percent"]) == per_cent(int(row["count"]), int(row["respondents"]))


def test_every_text_comes_out_once_and_small_rooms_are_not_named(played: Played) -> None:
    sent = Counter(
        (name, question, text)
        for sets in REHEARSAL["sessions"].values()
        for name, questions in sets.items()
        for question, answers in questions.items()
        for texts in answers.get("texts", {}).values()
        for text in texts
    )
    assert Counter((row["set"], row["question"], row["text"]) for row in played.texts) == sent
    named = Counter((row["session"], row["set"], row["question"]) for row in played.texts if row["session"])
    assert all(number >= 10 for number in named.values())


@pytest.mark.promise("P14")
def test_product_chains_are_divided_by_organisation_and_no_part_is_small(played: Played) -> None:
    assert played.again.returncode == 0, played.again.stdout + played.again.stderr
    assert {(row["question"], row["by"]) for row in played.segments} == {("product-chains", "plenary/organisation")}
    shown = {(row["label"], row["cell"]): int(row["count"]) for row in played.segments if row["count"]}
    sizes = {row["label"]: int(row["respondents"]) for row in played.segments if row["count"]}
    assert sizes == {"business": 65, "knowledge-education": 28, "government": 19, "*": 12 + 6}
    _, whole = played.summed("plenary", "product-chains")
    assert {cell: sum(n for (_, c), n in shown.items() if c == cell) for cell in whole} == whole
    print("\n" + "\n".join(f"{label:20} {cell:12} {count}" for (label, cell), count in shown.items()))
