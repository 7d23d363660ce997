"""What is wrong with an event's files: each problem with its place, in words for people who don't program."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend, and where. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class LoadingFailed(Exception):
    """The files can't be used as they are; `problems` holds all that was found, in order of place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    candidates = {_plain(name): name for name in known}
    close = difflib.get_close_matches(_plain(word[:80]), candidates, n=1, cutoff=0.6)
    return candidates[close[0]] if close else None


def meant(word: str, known: Iterable[str]) -> str:
    """'; did you mean …?' for the end of a sentence, or the known words if none is near."""
    names = list(known)
    near = nearest(word, names)
    if near is not None:
        return f"; did you mean {near!r}?"
    return f"; expected {listed(names)}" if names else ""


def listed(names: Sequence[str], most: int = 24) -> str:
    """Names as a sentence lists them: 'a', 'b' or 'c'."""
    shown = [repr(name) for name in names[:most]]
    if len(names) > most:
        return ", ".join(shown) + ", …"
    return " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def clipped(text: str, most: int = 40) -> str:
    """A text as a message quotes it: on one line, and not too long."""
    line = " ".join(text.split())
    return repr(line if len(line) <= most else line[: most - 1] + "…")


def _plain(word: str) -> str:
    return word.casefold().replace("_", "-").replace(" ", "-")
