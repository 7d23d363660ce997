"""A folder of YAML → an event, or every problem with its file, line and column, in one pass."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polling.core.event import Event, EventFile, QuestionSet
from polling.core.files.break_out_checks import break_out_problems
from polling.core.files.cross_checks import event_problems, languages_of, set_problems, unused_sets
from polling.core.files.nodes import Hole, Node, read_yaml
from polling.core.files.plan_checks import plan_warnings
from polling.core.files.problems import LoadingFailed, Problem, nearest
from polling.core.files.segment_checks import segment_problems
from polling.core.files.skip_checks import skip_problems, skip_warnings
from polling.core.files.text import MAX_BYTES
from polling.core.files.validating import validate
from polling.core.rehearsal import Rehearsal, rehearsal_problems

EVENT_FILE = "event.yaml"
REHEARSAL_FILE = "rehearsal.yaml"

__all__ = ["EVENT_FILE", "REHEARSAL_FILE", "Loaded", "LoadingFailed", "Problem", "load_event", "load_rehearsal", "read"]


@dataclass(frozen=True)
class Loaded:
    """All that a folder holds. `event` is None where there are problems; `rehearsal` also where there is no file."""

    event: Event | None
    rehearsal: Rehearsal | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def load_event(folder: Path) -> Event:
    """The event in a folder; raises `LoadingFailed` with all problems of all its files but rehearsal.yaml."""
    found = _Folder(folder)
    event = found.event()
    if event is None or found.problems:
        raise LoadingFailed(found.problems)
    return event


def load_rehearsal(folder: Path, event: Event) -> Rehearsal:
    """The event's rehearsal, checked against the event; raises `LoadingFailed`, also where there is no such file."""
    found = _Folder(folder)
    path = folder / REHEARSAL_FILE
    if not os.path.isfile(path):
        raise LoadingFailed([Problem(str(path), 1, 1, "there is no rehearsal.yaml: what should be played?")])
    rehearsal = found.rehearsal(event)
    if rehearsal is None or found.problems:
        raise LoadingFailed(found.problems)
    return rehearsal


def read(folder: Path) -> Loaded:
    """Everything in a folder, with its rehearsal, and all problems and warnings: for `polling check`."""
    found = _Folder(folder)
    event = found.event()
    rehearsal = found.rehearsal(event) if os.path.isfile(folder / REHEARSAL_FILE) else None
    problems = LoadingFailed(found.problems).problems
    return Loaded(None if problems else event, rehearsal, problems, tuple(sorted(found.warnings)))


class _Folder:
    """An event's folder while it is read; gathers what is wrong with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._misnamed: str | None = None  # what is probably event.yaml

    def event(self) -> Event | None:
        if not self._is_there():
            return None
        top = self._node(EVENT_FILE)
        sets = {str(path): node for path in self._set_paths() if (node := self._node(path.name)) is not None}
        context = {"languages": languages_of(top)} if top else {}
        event = self._validated(EventFile, EVENT_FILE, top, context) if top else None
        question_sets = [self._validated(QuestionSet, Path(file).name, node, context) for file, node in sets.items()]
        for file, node in sets.items():
            self.problems += set_problems(file, node, top)
        self.problems += segment_problems(top, sets)
        self.problems += skip_problems(sets)
        if top is None:
            return None
        # a set file that can't be read is told already: it is there all the same
        known = {str(path): sets.get(str(path), Hole(1, 1)) for path in self._set_paths()}
        self.problems += event_problems(str(self.folder / EVENT_FILE), self.folder.resolve().name, top, known)
        self.problems += break_out_problems(str(self.folder / EVENT_FILE), top, sets)
        if event is not None:
            self.warnings += unused_sets(top, known)
            self.warnings += skip_warnings(sets)
        if event is None or self.problems or None in question_sets:
            return None
        used = {name for session in event.sessions for name in session.sets}
        chosen = tuple(found for found in question_sets if found is not None and found.set in used)
        whole = Event(**dict(event), sets=chosen)
        self.warnings += plan_warnings(str(self.folder / EVENT_FILE), top, whole)
        return whole

    def rehearsal(self, event: Event | None) -> Rehearsal | None:
        top = self._node(REHEARSAL_FILE)
        rehearsal = self._validated(Rehearsal, REHEARSAL_FILE, top, {}) if top else None
        if top is not None and event is not None:
            self.problems += rehearsal_problems(str(self.folder / REHEARSAL_FILE), top, event)
        return rehearsal

    def _is_there(self) -> bool:
        if os.path.isdir(self.folder):
            if not os.path.isfile(self.folder / EVENT_FILE):
                near = self._misnamed = nearest(EVENT_FILE, [path.name for path in _inside(self.folder)])
                hint = f"; is it {near!r}?" if near else ""
                self._say(EVENT_FILE, f"there is no event.yaml in this folder{hint}")
            return True
        what = "this is a file: name its folder" if os.path.isfile(self.folder) else "there is no such folder"
        near = nearest(self.folder.name, [path.name for path in _inside(self.folder.parent) if os.path.isdir(path)])
        self.problems.append(Problem(str(self.folder), 1, 1, what + (f"; did you mean {near!r}?" if near else "")))
        return False

    def _set_paths(self) -> list[Path]:
        not_sets = (EVENT_FILE, REHEARSAL_FILE, self._misnamed)
        paths = [path for path in _inside(self.folder) if os.path.isfile(path)]
        for path in paths:
            if path.suffix.lower() == ".yml" or (path.suffix.lower() == ".yaml" and path.suffix != ".yaml"):
                self._say(path.name, f"this file is not read: call it {path.stem + '.yaml'!r}")
        return [path for path in paths if path.suffix == ".yaml" and path.name not in not_sets]

    def _node(self, name: str) -> Node | None:
        path = self.folder / name
        if name == EVENT_FILE and not os.path.isfile(path):
            return None  # told already
        try:
            with path.open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
        except OSError as error:
            self._say(name, f"this file can't be read: {error.strerror or error}")
            return None
        reading = read_yaml(raw, str(path))
        self.problems += reading.problems
        return reading.node

    def _validated(self, model: Any, name: str, node: Node, context: dict[str, Any]) -> Any:
        value, problems = validate(model, node, str(self.folder / name), context)
        self.problems += problems
        return value

    def _say(self, name: str, message: str) -> None:
        problem = Problem(str(self.folder / name), 1, 1, message)
        if problem not in self.problems:
            self.problems.append(problem)


def _inside(folder: Path) -> list[Path]:
    """What stands in a folder, in order; nothing where it can't be looked into."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
