"""The rehearsal of ROEM-II, read as plain YAML, holds every figure that the report of the event prints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent
ROEM = HERE.parent / "questionsets" / "roem-ii"

COORDINATING = {"mics", "leerfabriek", "ih-zho"}
RESERVED = {"mics", "tpy"}
"""Rooms where more than elsewhere see no role in Digital connecting, and would not finance it."""


def plain(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


EVENT = plain(ROEM / "event.yaml")
REHEARSAL = plain(ROEM / "rehearsal.yaml")
FIGURES = plain(HERE / "figures.yaml")
SETS = {name: plain(ROEM / f"{name}.yaml") for session in EVENT["sessions"] for name in session["sets"]}


def per_cent(count: int, base: int) -> int:
    return (200 * count + base) // (2 * base)  # half up, as reports print it


def in_rooms(question_set: str, question: str) -> dict[str, Any]:
    """Session → what is answered there to the question."""
    rooms = REHEARSAL["sessions"].items()
    return {room: sets[question_set][question] for room, sets in rooms if question_set in sets}


def rolled_up(question_set: str, question: str) -> tuple[int, dict[str, int]]:
    """Respondents and counts, summed over the rooms that ask the question."""
    respondents, counts = 0, dict[str, int]()
    for answers in in_rooms(question_set, question).values():
        respondents += answers["respondents"]
        for option, count in answers["counts"].items():
            counts[option] = counts.get(option, 0) + count
    return respondents, counts


def shares(question_set: str, question: str, option: str) -> dict[str, float]:
    rooms = in_rooms(question_set, question)
    return {room: answers["counts"][option] / answers["respondents"] for room, answers in rooms.items()}


def planned() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each session, set and question that people can answer."""
    for session in EVENT["sessions"]:
        for name in session["sets"]:
            for question in SETS[name]["questions"]:
                if question["type"] != "info":
                    yield session["id"], name, question


def answers_of(room: str, question_set: str, question: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = REHEARSAL["sessions"][room][question_set][question["id"]]
    return found


PRINTED = [(name, question) for name, questions in FIGURES.items() for question in questions]


@pytest.mark.parametrize(("question_set", "question"), PRINTED, ids="/".join)
def test_the_figures_of_the_report_come_out_summed_over_rooms(question_set: str, question: str) -> None:
    figures = FIGURES[question_set][question]
    respondents, counts = rolled_up(question_set, question)
    if "respondents" in figures:
        assert respondents == figures["respondents"]
    for option, count in figures.get("counts", {}).items():
        assert counts[option] == count, option
    for options, percent in figures.get("percent", {}).items():
        count = sum(counts[option] for option in options.split(" + "))
        assert per_cent(count, respondents) == percent, options


def test_four_in_ten_are_interested_in_at_least_one_use_case() -> None:
    respondents, counts = rolled_up("plenary", "use-cases")
    assert per_cent(respondents - counts["none"], respondents) == 40


def test_the_other_product_chains_interest_fewer_than_3d_printing_and_hydrogen() -> None:
    _, counts = rolled_up("plenary", "product-chains")
    assert max(counts["lasersatcom"], counts["robotics"]) < min(counts["3d-printing"], counts["hydrogen"])


def test_hydrogen_has_43_respondents_who_differ_little_between_rooms() -> None:
    assert rolled_up("hydrogen", "would-finance")[0] == 43
    for option in ("supplier-co-innovator", "developer-researcher"):
        found = shares("hydrogen", "role", option).values()
        assert len(found) == 3
        assert max(found) - min(found) < 0.15


@pytest.mark.parametrize("question", ["hotspot-role-in-promotion", "side-entry-role"])
def test_three_rooms_want_the_hotspot_as_coordinator_and_all_others_to_join_what_exists(question: str) -> None:
    coordinator = {room for room, share in shares("talent", question, "coordinator").items() if share > 0.5}
    join = {room for room, share in shares("talent", question, "join-what-exists").items() if share > 0.5}
    assert coordinator == COORDINATING
    assert join == set(in_rooms("talent", question)) - COORDINATING
    assert len(join) == 7


@pytest.mark.parametrize(("question", "option"), [("role", "none"), ("would-finance", "no")])
def test_no_role_and_no_stand_out_in_two_rooms_of_digital_connecting(question: str, option: str) -> None:
    found = shares("digital-connecting", question, option)
    elsewhere = [share for room, share in found.items() if room not in RESERVED]
    assert len(elsewhere) == 3
    assert min(found[room] for room in RESERVED) > 2 * max(elsewhere)


def test_the_core_values_stand_in_the_order_of_the_report_each_well_over_half() -> None:
    respondents, counts = rolled_up("samen-sterker", "core-values")
    values = ["inventive", "practical", "reliable", "top-quality"]
    assert sorted(values, key=counts.__getitem__, reverse=True) == values
    assert all(counts[value] > 0.55 * respondents for value in values)
    assert len({counts[value] for value in values}) == 4


def test_search_engine_and_matchmakers_get_more_than_half() -> None:
    respondents, counts = rolled_up("samen-sterker", "network-proposals")
    assert min(counts["search-engine"], counts["matchmakers"]) > respondents / 2


def test_half_to_two_thirds_want_their_own_hotspot_to_organise() -> None:
    respondents, counts = rolled_up("samen-sterker", "hotspot-organises")
    activities = [counts[option] for option in counts if option != "none"]
    assert len(activities) == 3
    assert all(respondents / 2 <= count <= respondents * 2 / 3 for count in activities)


def test_stories_are_offered_most_in_robovalley_and_nl_space_campus() -> None:
    found = shares("samen-sterker", "stories", "contribute")
    assert set(sorted(found, key=found.__getitem__)[-2:]) == {"robovalley", "nl-space-campus"}


def test_every_question_of_every_session_is_answered_by_at_least_five() -> None:
    expected = {(room, name, question["id"]) for room, name, question in planned()}
    found = {
        (room, name, question)
        for room, sets in REHEARSAL["sessions"].items()
        for name, questions in sets.items()
        for question in questions
    }
    assert found == expected
    for room, name, question in planned():
        assert answers_of(room, name, question)["respondents"] >= 5, (room, name, question["id"])


def test_the_break_outs_together_hold_no_more_people_than_take_part() -> None:
    most = dict[str, int]()
    for room, name, question in planned():
        most[room] = max(most.get(room, 0), answers_of(room, name, question)["respondents"])
    assert most.pop("plenary") == REHEARSAL["participants"] == 130
    assert len(most) == 10
    assert sum(most.values()) <= REHEARSAL["participants"]


def test_the_counts_of_each_room_are_answers_that_people_can_give() -> None:
    for room, name, question in planned():
        answers, where = answers_of(room, name, question), (room, name, question["id"])
        respondents, counts, texts = answers["respondents"], answers.get("counts", {}), answers.get("texts", {})
        if question["type"] == "text":
            assert len(texts["1"]) == respondents, where
            continue
        options = {option["id"]: option for option in question["options"]}
        assert set(counts) == set(options), where
        alone = sum(count for option, count in counts.items() if options[option].get("exclusive"))
        picks = sum(counts.values()) - alone
        if question["type"] == "choice":
            assert picks == respondents, where
        else:
            most = question.get("max", len(options))
            assert respondents - alone <= picks <= most * (respondents - alone), where
            assert all(count <= respondents - alone for o, count in counts.items() if not options[o].get("exclusive"))
        for option in options.values():
            if option.get("other"):  # everyone who chose it wrote something
                assert len(texts[option["id"]]) == counts[option["id"]], where
