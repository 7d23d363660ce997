"""An event's folder becomes an event, or every problem at its place, in one pass."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from polling.core.files.loading import LoadingFailed, load_event, load_rehearsal, read
from polling.core.rehearsal import ballots
from polling.core.tally import tally_of

ROOT = Path(__file__).parents[2]
QUESTIONSETS = ROOT / "questionsets"
BROKEN = sorted(path for path in (ROOT / "tests" / "events").iterdir() if path.is_dir())
SHIPPED = ("retro", "roem-ii")


def told(folder: Path) -> list[str]:
    """Problems, then warnings, as `polling check` tells them, from the folder on."""
    loaded = read(folder)
    problems = [str(problem) for problem in loaded.problems]
    warnings = [f"warning: {warning}" for warning in loaded.warnings]
    return [line.replace(f"{folder}/", "") for line in problems + warnings]


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(LoadingFailed) as failed:
        load_event(folder)
    return [str(problem).replace(f"{folder}/", "") for problem in failed.value.problems]


@pytest.fixture
def retro(tmp_path: Path) -> Path:
    return Path(shutil.copytree(QUESTIONSETS / "retro", tmp_path / "retro"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_there_are_more_than_ten_broken_events() -> None:
    assert len(BROKEN) > 10


@pytest.mark.parametrize("folder", BROKEN, ids=lambda folder: folder.name)
def test_a_broken_event_is_told_place_by_place(folder: Path) -> None:
    expected = (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert told(folder) == expected


@pytest.mark.parametrize("name", SHIPPED)
def test_the_events_that_come_with_polling_have_no_problem(name: str) -> None:
    assert told(QUESTIONSETS / name) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_their_rehearsals_come_out_as_written(name: str) -> None:
    event = load_event(QUESTIONSETS / name)
    rehearsal = load_rehearsal(QUESTIONSETS / name, event)
    for session_id in rehearsal.sessions:
        for place in event.running_order(session_id):
            counts = rehearsal.counts(session_id, place.set.set, place.question.id)
            if counts is not None:
                cast = [place.question.parse(a.picks, a.texts) for a in ballots(place.question, counts)]
                tally = tally_of(place.question.cells(answer) for answer in cast)
                assert tally.respondents == counts.respondents
                assert tally.cells == {cell: count for cell, count in counts.counts.items() if count}


def test_retro_asks_three_questions_of_a_team_among_friends() -> None:
    event = load_event(QUESTIONSETS / "retro")
    assert [place.question.type for place in event.running_order("team")] == ["choice", "choices", "text"]
    assert event.privacy.smallest_group == 1
    assert event.languages == ("en",)


def test_the_same_files_give_the_same_hash_and_other_words_another(retro: Path) -> None:
    before = load_event(retro).content_hash
    assert load_event(retro).content_hash == before
    edit(retro, "event.yaml", "# A look back", "# Another comment: a look back")
    assert load_event(retro).content_hash == before
    edit(retro, "look-back.yaml", "Stuck in the mud", "Stuck in the sand")
    assert load_event(retro).content_hash != before


def test_a_missing_folder_is_told_with_the_near_miss(tmp_path: Path) -> None:
    (tmp_path / "team-day").mkdir()
    assert problems_of(tmp_path / "teamday") == [
        f"{tmp_path / 'teamday'}:1:1: there is no such folder; did you mean 'team-day'?"
    ]
    assert problems_of(tmp_path / "nowhere" / "at-all") == [
        f"{tmp_path / 'nowhere' / 'at-all'}:1:1: there is no such folder"
    ]


@pytest.mark.parametrize("name", ["n" * 300, "retro/event.yaml/deeper", "a\0b"])
def test_a_folder_that_cannot_be_is_told(retro: Path, name: str) -> None:
    assert [line.endswith("there is no such folder") for line in problems_of(retro.parent / name)] == [True]


def test_a_file_in_place_of_a_folder_is_told(retro: Path) -> None:
    path = retro / "event.yaml"
    assert problems_of(path) == [f"{path}:1:1: this is a file: name its folder"]


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    assert problems_of(tmp_path) == ["event.yaml:1:1: there is no event.yaml in this folder"]


def test_a_folder_named_as_here_is_known_by_its_real_name(retro: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(retro)
    assert load_event(Path(".")).event == "retro"


def test_a_rehearsal_that_is_missing_is_told(retro: Path) -> None:
    event = load_event(retro)
    (retro / "rehearsal.yaml").unlink()
    assert read(retro).rehearsal is None
    assert read(retro).problems == ()
    with pytest.raises(LoadingFailed) as failed:
        load_rehearsal(retro, event)
    assert [problem.message for problem in failed.value.problems] == [
        "there is no rehearsal.yaml: what should be played?"
    ]


def test_a_broken_rehearsal_does_not_keep_the_event_from_being_served(retro: Path) -> None:
    edit(retro, "rehearsal.yaml", "steady: 4", "steady: 40")
    assert load_event(retro).event == "retro"
    assert told(retro) == ["rehearsal.yaml:9:48: 40 choose 'steady', but only 8 answer this question"]


def test_a_set_that_no_session_runs_is_a_warning_and_no_part_of_the_event(retro: Path) -> None:
    before = load_event(retro).content_hash
    shutil.copy(retro / "look-back.yaml", retro / "spare.yaml")
    edit(retro, "spare.yaml", "set: look-back", "set: spare")
    assert told(retro) == ["warning: spare.yaml:2:1: no session runs this question set"]
    assert load_event(retro).content_hash == before


def test_other_files_in_the_folder_are_left_alone(retro: Path) -> None:
    (retro / "notes.txt").write_bytes(b"\xff\x00")
    (retro / "pictures.yaml").mkdir()
    assert told(retro) == []


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(retro: Path) -> None:
    before = load_event(retro).content_hash
    for path in retro.glob("*.yaml"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_event(retro).content_hash == before


def test_a_file_that_cannot_be_read_is_told(retro: Path) -> None:
    (retro / "look-back.yaml").unlink()
    (retro / "look-back.yaml").symlink_to("/proc/self/mem")  # opens, and then gives an error to everyone, root too
    assert problems_of(retro) == ["look-back.yaml:1:1: this file can't be read: Input/output error"]


def test_a_link_that_leads_nowhere_is_told(retro: Path) -> None:
    (retro / "look-back.yaml").unlink()
    (retro / "look-back.yaml").symlink_to(retro / "gone.yaml")
    assert problems_of(retro) == [
        "event.yaml:17:12: there is no file 'look-back.yaml' for this set",
    ]


def test_contact_may_be_offered_where_all_that_it_needs_is_there(retro: Path) -> None:
    edit(
        retro, "look-back.yaml", "    short: Try next", "    short: Try next\n    contact: offer\n    working_group: us"
    )
    privacy = "  smallest_group: 1\n  contacts_until: 2027-03-01\n  controller: The team"
    edit(retro, "event.yaml", "  smallest_group: 1", privacy)
    edit(retro, "event.yaml", "sessions:", "working_groups:\n  - {id: us, title: Us}\nsessions:")
    event = load_event(retro)
    assert event.running_order("team")[2].question.working_group == ("us",)
    assert str(event.privacy.contacts_until) == "2027-03-01"


def test_a_day_between_quotes_is_a_day_too(retro: Path) -> None:
    edit(retro, "event.yaml", "  smallest_group: 1", '  contacts_until: "2027-03-01"\n  smallest_group: 1')
    assert str(load_event(retro).privacy.contacts_until) == "2027-03-01"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: mood", "id: Mood", "'Mood' can't be an id: expected small letters, digits and hyphens between them, "),
        ("id: mood", f"id: {'m' * 61}", "this text has 61 characters: 60 is the most"),
        ("max: 2", "max: 7", "'max' is 7, but there are only 6 options"),
        ("type: text", "type: texts", "unknown type 'texts'; did you mean 'text'?"),
        ("type: text", "type: essay", "the type of this question is not known: expected one of 'choice', 'choices', "),
        ("type: text", "type:", "the type of this question is not known: expected one of 'choice', 'choices', "),
        ("    type: text\n", "", "'type' is missing: what type of question is this?"),
        (
            "type: choices",
            "type: choice",
            "unknown key 'max'; expected 'results', 'contact', 'working_group', 'minutes', 'timer', 'script', "
            "'only_if', 'by' or 'segment'",
        ),
        ("title: Looking back", "title: ''", "this text is empty"),
        ("hint: One sentence is enough.", f"hint: {'x' * 4001}", "this text has 4001 characters: 4000 is the most"),
        ("hint: One sentence is enough.", "title: Twice", "the key 'title' stands twice; first on line 32"),
    ],
)
def test_one_mistake_gets_one_message(retro: Path, old: str, new: str, message: str) -> None:
    edit(retro, "look-back.yaml", old, new)
    found = [line.split(": ", 1)[1] for line in problems_of(retro)]
    assert any(line.startswith(message) for line in found), found
    assert len(found) == 1 + found.count("'exclusive' is for type 'choices' only")


def test_a_text_that_is_only_a_comment_is_told(retro: Path) -> None:
    edit(retro, "event.yaml", "privacy:", "accent: #d9480f\nprivacy:")
    edit(retro, "look-back.yaml", "title: Looking back", "title:")
    assert problems_of(retro) == [
        "event.yaml:10:8: expected a text, but a '#' without quotes begins a comment: put quotes around the text",
        "look-back.yaml:3:7: expected a text, or one for each language (en: …), but there is nothing here",
    ]


def test_an_option_too_many_is_told(retro: Path) -> None:
    options = "".join(f"      - {{id: option-{number}, text: More}}\n" for number in range(21))
    edit(retro, "look-back.yaml", "      - {id: stuck, text: Stuck in the mud}\n", options)
    edit(retro, "look-back.yaml", "    options:\n", f"    options:\n{options.replace('option-', 'other-')}")
    assert [line.split(": ", 1)[1] for line in problems_of(retro)] == ["there are 45 of these: 24 is the most"]
