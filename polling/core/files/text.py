"""Bytes → text that YAML can be read from, and the parser's own complaints in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from polling.core.files.problems import Problem

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32

_NOT_PRINTABLE = re.compile("[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass
class Unreadable(Exception):
    """The bytes are no text that can be read, and where that shows."""

    line: int
    column: int
    message: str


def text_of(raw: bytes) -> str:
    """The text of a file; raises `Unreadable`."""
    if len(raw) > MAX_BYTES:
        raise Unreadable(1, 1, f"the file is larger than {MAX_BYTES // 1024} kB, the most that is read")
    if raw.startswith(_UTF16) or (len(raw) > 3 and 0 in raw[:2] and raw.count(0) * 3 > len(raw)):
        raise Unreadable(1, 1, "the file is saved as UTF-16; save it as UTF-8 (an editor's 'Save with encoding')")
    if 0 in raw:
        before = raw[: raw.index(0)].decode(errors="replace")
        raise Unreadable(*_end(before), "there is a NUL byte here: the file is damaged, or no text at all")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        raise Unreadable(
            *_end(before), "this character is not UTF-8; save the file as UTF-8 (an editor's 'Save with encoding')"
        ) from None
    text = text.removeprefix("\ufeff")
    if unprintable := _NOT_PRINTABLE.search(text):
        where = _end(text[: unprintable.start()])
        raise Unreadable(*where, f"there is a control character here (U+{ord(unprintable[0]):04X}): take it out")
    if not text.strip():
        raise Unreadable(1, 1, "the file is empty")
    return text


def _end(before: str) -> tuple[int, int]:
    """Line and column just after `before`."""
    line = before.count("\n") + 1
    return line, len(before) - (before.rfind("\n") + 1) + 1


def syntax_problem(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """What stops the parser, and what to do about it."""
    problem = str(getattr(error, "problem", None) or error)
    context = str(getattr(error, "context", None) or "")
    mark = getattr(error, "problem_mark", None)
    opening = getattr(error, "context_mark", None)
    lines = text.splitlines() or [""]
    line, column = (mark.line, mark.column) if mark else (0, 0)
    line = min(line, len(lines) - 1)
    tab = _tab(lines, line)
    if tab is not None:
        return Problem(file, tab[0] + 1, tab[1] + 1, "there is a tab here; indent with spaces")
    never_closed = ("quoted scalar" in context or "flow" in context) and (mark is None or mark.line >= len(lines) - 1)
    if opening and (never_closed or "could not find expected ':'" in problem):
        line, column = min(opening.line, len(lines) - 1), opening.column
    return Problem(file, line + 1, min(column, len(lines[line])) + 1, _explained(problem, context, lines[line], column))


def _tab(lines: list[str], line: int) -> tuple[int, int] | None:
    """The tab that the parser stumbled over: at the start of this line, or of the one before."""
    for number in (line, line - 1):
        indent = re.match(r"[ \t-]*", lines[number]) if number >= 0 else None
        if indent and "\t" in indent[0]:
            return number, indent[0].index("\t")
    return None


def _explained(problem: str, context: str, line: str, column: int) -> str:
    sign = line[column : column + 1]
    before = line[:column].rstrip()
    if "nesting depth" in problem:  # the parser's own limit, met while it looks ahead
        return f"this is nested more than {MAX_DEPTH} levels deep"
    if "mapping values are not allowed" in problem:
        return "this ':' is not expected here: put the text between quotes, or check the indentation"
    if before.endswith(("'", '"')) and "block mapping" in context:
        return "the quote closes too early: around a text with a ' in it, use \""
    if "cannot start any token" in problem:
        return f"a text can't start with {sign!r}: put it between quotes" if sign else "put this text between quotes"
    if "quoted scalar" in context and "end" in problem:
        return "a quote opens here and is never closed"
    if "quoted scalar" in context:
        return "there is an unknown \\… in this text: write \\\\ for a backslash, or use ' instead of \""
    if "could not find expected ':'" in problem:
        return "expected 'key: value' here; is the ':' missing, or the space after it?"
    if "flow sequence" in context:
        return "expected ',' or ']': is this list closed, and are its texts with a comma between quotes?"
    if "flow mapping" in context or "flow node" in context:
        return "expected ',' or '}': is it closed, and are its texts with a comma between quotes?"
    if "block mapping" in context:
        return "expected a key here: the indentation of this line is not that of the lines before"
    if "block collection" in context or "block sequence" in context:
        return "expected '- ' here, as on the lines before: check the indentation"
    return f"this can't be read as YAML ({problem})"
