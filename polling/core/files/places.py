"""Where in an event's files something stands that is no mistake, but is left out."""

from __future__ import annotations

from pathlib import Path

from polling.core.files.nodes import Node, entry, items, read_yaml, scalars
from polling.core.files.text import MAX_BYTES


def place_of(folder: Path, name: str) -> str:
    """'file:line' of what is named as `Refusal.place` does ('set/question', 'set: key', 'session: set', a session, a
    setting); the file alone where nothing of it stands there any more."""
    thing, _, key = name.partition(": ")
    set_id, _, question = thing.partition("/")
    file = f"{set_id}.yaml"
    if question or (folder / file).is_file():
        top = _read(folder / file)
        node = next((each for each in items(top, "questions") if _is(each, question)), None) if question else top
        node = (entry(node, key) if node and key else None) or node
    else:
        file = "event.yaml"
        top = _read(folder / file)
        node = _in_event(top, thing)
    return f"{folder.name}/{file}" + (f":{node.line}" if node is not None and node is not top else "")


def _in_event(top: Node | None, thing: str) -> Node | None:
    for listed in ("sessions", "working_groups"):
        for each in items(top, listed):
            if _is(each, thing):
                return each
    node = top
    for key in thing.split("."):
        node = entry(node, key) if node is not None else None
    return node


def _is(node: Node, name: str) -> bool:
    return any(each.text == name for each in scalars(entry(node, "id")))


def _read(path: Path) -> Node | None:
    try:
        with path.open("rb") as stream:
            return read_yaml(stream.read(MAX_BYTES + 1), path.name).node
    except OSError:
        return None
