"""YAML that is large, deep, a bomb or noise costs little and ends in clear problems, never in anything else (S09)."""

from __future__ import annotations

import os
import random
import shutil
import time
import tracemalloc
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polling.core.files import nodes
from polling.core.files.loading import Loaded, read
from polling.core.files.nodes import MAX_NODES, read_yaml
from polling.core.files.text import MAX_BYTES, MAX_DEPTH

QUESTIONSETS = Path(__file__).parents[2] / "questionsets"
SHIPPED = sorted(QUESTIONSETS.glob("*/*.yaml"))
MUTATIONS = 1_000
SIGNS = (b": ", b"- ", b"\t", b"[", b"}", b"'", b'"', b"&a ", b"*a ", b"!!x ", b"~")

pytestmark = pytest.mark.promise("S09")

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def messages(raw: bytes | str) -> list[str]:
    raw = raw.encode() if isinstance(raw, str) else raw
    return [problem.message for problem in read_yaml(raw, "event.yaml").problems]


def loaded(folder: Path, raw: bytes, name: str = "event.yaml") -> Loaded:
    """The folder with one file in place of what was there."""
    (folder / name).write_bytes(raw)
    return checked(folder, [name])


def checked(folder: Path, names: list[str]) -> Loaded:
    """What is read of the folder. Every problem has a message of one line and a place in its file."""
    result = read(folder)
    lines = {f"{folder}/{name}": lines_of((folder / name).read_bytes()) for name in names}
    for problem in result.problems:
        assert 1 <= problem.line <= lines.get(problem.file, problem.line), problem
        assert problem.column >= 1
        assert problem.message
        assert "\n" not in problem.message
    assert result.event is not None or result.problems
    return result


def lines_of(raw: bytes) -> int:
    """As YAML counts them: it knows more line ends than editors do."""
    return 1 + sum(raw.count(end) for end in (b"\n", b"\r", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xc2\x85"))


def test_a_bomb_is_refused_within_a_tenth_of_a_second_and_20_megabytes(tmp_path: Path) -> None:
    (tmp_path / "event.yaml").write_text(BOMB, encoding="utf-8")
    read(tmp_path)  # once before, so that nothing is measured but the loading
    begin = time.perf_counter()
    problems = read(tmp_path).problems
    elapsed = time.perf_counter() - begin
    tracemalloc.start()
    read(tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"bomb of {len(BOMB)} bytes: {elapsed * 1000:.1f} ms, {peak / 1e6:.2f} MB at most")
    assert [problem.message for problem in problems[:2]] == [
        "'&a' (an anchor) is not read here: take it out",
        "'&b' (an anchor) is not read here: take it out",
    ]
    assert elapsed < 0.1
    assert peak < 20e6


def test_256_kilobytes_are_read_and_one_byte_more_is_refused() -> None:
    filler = "# " + "x" * 77 + "\n"
    text = ("title: A\n" + filler * (MAX_BYTES // len(filler) + 1))[:MAX_BYTES]
    assert messages(text) == []
    assert messages(text + "x") == ["the file is larger than 256 kB, the most that is read"]


def test_20_000_things_are_read_and_one_more_is_refused() -> None:
    assert messages("[" + "1," * (MAX_NODES - 1) + "]") == []
    assert messages("[" + "1," * MAX_NODES + "]") == ["the file holds more than 20000 things: too many"]


def test_32_levels_are_read_and_one_more_is_refused() -> None:
    assert messages("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    for depth in (MAX_DEPTH + 1, MAX_BYTES):
        assert messages("[" * depth) == ["this is nested more than 32 levels deep"]
    assert messages("- " * 60_000) == ["this is nested more than 32 levels deep"]
    assert messages("{a: " * 60_000) == ["this is nested more than 32 levels deep"]


@pytest.mark.parametrize(
    "raw",
    [
        b"a: " + b"x" * (MAX_BYTES - 4),
        (b"x" * 63 + b": y\n") * (MAX_BYTES // 70),
        b"questions:\n" + b"  - {id: a, type: choice, title: A, optons: [], a: , b: , c: }\n" * 2_000,
        b"set: a\ntitle: A\nquestions: [" + b"{type: choice}, " * 9_000 + b"]",
        b"set: a\n" + b"".join(b"key%d: x\n" % number for number in range(9_000)),
        b"set: a\ntitle: {" + b"".join(b"k%d: x, " % number for number in range(9_000)) + b"}\n",
        b"a: '" + b"''" * (MAX_BYTES // 2 - 4) + b"'",
        b'a: "' + b"\\u2028" * (MAX_BYTES // 6 - 4) + b'"',
        b"? " * (MAX_BYTES // 2),
        b"! " * (MAX_BYTES // 2),
        b"%" * MAX_BYTES,
        b"\n" * MAX_BYTES,
        b"a: |\n" + b" \n" * (MAX_BYTES // 2 - 4),
        b"- !!python/object/apply:os.system [true]\n",
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_a_large_or_odd_file_is_done_with_in_seconds(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(raw)
    begin = time.perf_counter()
    loaded(tmp_path, raw)
    elapsed = time.perf_counter() - begin
    print(f"{len(raw)} bytes {raw[:16]!r}…: {elapsed * 1000:.0f} ms")
    assert elapsed < 5


@pytest.mark.parametrize("text", ['a: "\\0"', 'a: "\\u0007"', 'a: "\\x7f"'])
def test_control_characters_do_not_get_in_by_an_escape(text: str) -> None:
    assert messages(text) == ["this text holds a control character that can't be shown: take it out"]


def test_half_a_surrogate_pair_does_not_get_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert messages('a: "\\ud800"') == [
        "there is an unknown \\… in this text: write \\\\ for a backslash, or use ' instead of \""
    ]
    monkeypatch.setattr(nodes, "_LOADER", yaml.SafeLoader)
    assert messages('a: "\\ud800"') == ["this text holds a control character that can't be shown: take it out"]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_without_the_c_library_the_same_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_c = read_yaml(path.read_bytes(), path.name)
    monkeypatch.setattr(nodes, "_LOADER", yaml.SafeLoader)
    assert read_yaml(path.read_bytes(), path.name) == with_c


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=400))
def test_noise_is_a_problem_and_no_accident(tmp_path: Path, raw: bytes) -> None:
    loaded(tmp_path, raw)


YAML_SIGNS = st.text(
    st.sampled_from("abeno019:-?[]{},#&*!|>'\"%@`\\ \n\t\r.~<=_é\u2028\U0001f44d\x00\x85"), max_size=120
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=YAML_SIGNS)
def test_texts_of_yaml_s_own_signs_are_problems_and_no_accident(tmp_path: Path, text: str) -> None:
    loaded(tmp_path, text.encode())


EVENT_KEYS = ("event", "sessions", "sets", "privacy", "languages", "working_groups", "nl", "en")
SET_KEYS = ("set", "questions", "id", "type", "title", "options", "optons", "text", "max", "contact")
REHEARSAL_KEYS = ("participants", "respondents", "counts", "texts")
KEYS = st.sampled_from(EVENT_KEYS) | st.sampled_from(SET_KEYS) | st.sampled_from(REHEARSAL_KEYS)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text(max_size=8) | KEYS
    | st.sampled_from(["choice", "choices", "text", "info", "chioce", "offer", "plenary", "none", "live"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=VALUES, questions=VALUES, rehearsal=VALUES)
def test_any_shape_of_values_is_a_problem_and_no_accident(
    tmp_path: Path, event: object, questions: object, rehearsal: object
) -> None:
    (tmp_path / "questions.yaml").write_text(yaml.safe_dump(questions), encoding="utf-8")
    (tmp_path / "rehearsal.yaml").write_text(yaml.safe_dump(rehearsal), encoding="utf-8")
    loaded(tmp_path, yaml.safe_dump(event).encode())


def test_a_thousand_mutations_of_the_real_files_are_events_or_problems(tmp_path: Path) -> None:
    seed = os.environ.get("POLLING_TEST_SEED", "2026")
    chance = random.Random(seed)
    folders = [Path(shutil.copytree(QUESTIONSETS / name, tmp_path / name)) for name in ("retro", "roem-ii")]
    done = fine = slowest = 0.0
    while done < MUTATIONS:
        folder = chance.choice(folders)
        names = chance.choice(([path.name for path in folder.iterdir()], ["event.yaml"], ["rehearsal.yaml"]))
        for name in names:
            (folder / name).write_bytes(mutated((folder / name).read_bytes(), chance))
        begin = time.perf_counter()
        result = checked(folder, names)
        slowest = max(slowest, time.perf_counter() - begin)
        done += len(names)
        fine += result.event is not None
        for name in names:
            shutil.copy(QUESTIONSETS / folder.name / name, folder / name)
    print(f"{done:.0f} mutated files, seed {seed}: {fine:.0f} events still fine, the slowest {slowest * 1000:.0f} ms")
    assert slowest < 5


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """A file with up to three things done to it: signs or lines taken out, doubled, moved or put in."""
    for _ in range(chance.randint(1, 3)):
        begin = chance.randrange(len(raw) + 1)
        end = min(len(raw), begin + chance.choice((1, 1, 2, 5, 40)))
        lines = raw.splitlines(keepends=True) or [b""]
        at = chance.randrange(len(lines))
        match chance.randrange(7):
            case 0:
                raw = raw[:begin] + raw[end:]
            case 1:
                raw = raw[:begin] + raw[begin:end] * 2 + raw[end:]
            case 2:
                raw = raw[:begin] + bytes([chance.randrange(256)]) + raw[end:]
            case 3:
                raw = raw[:begin] + chance.choice(SIGNS) + raw[begin:]
            case 4:
                raw = b"".join(lines[:at] + lines[at + 1 :])
            case 5:
                raw = b"".join([*lines[:at], lines[at], *lines[at:]])
            case _:
                raw = b"".join(lines[:at] + [b"  " + line for line in lines[at : at + 3]] + lines[at + 3 :])
    return raw
