"""What moderators do with ideas: show, block, tag for a working group, merge with a twin. Words are never changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update
from sqlmodel import col

from polling.core.errors import Code, Refused
from polling.core.poll import Command, Verb
from polling.store.ideas import IdeaRow


@dataclass(frozen=True)
class Found:
    """What moderating needs to know of an idea."""

    id: bytes
    poll_id: int
    blocked: bool
    tags: str
    merged_into: bytes | None

    @property
    def first(self) -> bytes:
        """The one of its twins that the others stand under: itself, if it has none."""
        return self.merged_into or self.id


def moderate(connection: Connection, poll_ids: Sequence[int], asked: Command, groups: Collection[str]) -> None:
    """Carries out a command about an idea of one of these polls. Raises `Refused`."""
    idea = _idea(connection, poll_ids, asked.idea)
    match asked.verb:
        case Verb.SHOW_IDEA | Verb.LIGHT_IDEA:  # what comes on the screen is what is talked about: on every screen
            if idea.blocked or _idea(connection, poll_ids, idea.first.hex()).blocked:
                raise Refused(Code.IDEA_BLOCKED)
            connection.execute(update(IdeaRow).where(col(IdeaRow.poll_id) == idea.poll_id).values(lit=False))
            _set(connection, idea.first, shown=True, lit=True)
        case Verb.HIDE_IDEA:
            _set(connection, idea.first, shown=False, lit=False)
        case Verb.DIM_IDEA:
            _set(connection, idea.first, lit=False)
        case Verb.BLOCK_IDEA:
            _set(connection, idea.id, blocked=True, shown=False, lit=False)
        case Verb.ALLOW_IDEA:
            _set(connection, idea.id, blocked=False)
        case Verb.TAG_IDEA | Verb.UNTAG_IDEA:
            _set(connection, idea.id, tags=_tags(idea, asked, groups))
        case Verb.MERGE_IDEA:
            _merge(connection, idea, _idea(connection, [idea.poll_id], asked.twin))
        case Verb.SPLIT_IDEA:
            _set(connection, idea.id, merged_into=None)


def _idea(connection: Connection, poll_ids: Sequence[int], name: str) -> Found:
    try:
        id = bytes.fromhex(name)
    except ValueError:
        raise Refused(Code.UNKNOWN_IDEA) from None
    columns = (col(IdeaRow.id), col(IdeaRow.poll_id), col(IdeaRow.blocked), col(IdeaRow.tags), col(IdeaRow.merged_into))
    wanted = (columns[0] == id, columns[1].in_(poll_ids))
    row = connection.execute(select(*columns).where(*wanted)).first()
    if row is None:
        raise Refused(Code.UNKNOWN_IDEA)
    return Found(*row)


def _tags(idea: Found, asked: Command, groups: Collection[str]) -> str:
    if asked.group not in groups:
        raise Refused(Code.UNKNOWN_GROUP)
    tags = [tag for tag in idea.tags.split() if tag != asked.group]
    return " ".join(sorted([*tags, asked.group]) if asked.verb is Verb.TAG_IDEA else tags)


def _merge(connection: Connection, idea: Found, twin: Found) -> None:
    """`idea`, and what was merged into it, stand under `twin` from now on: one step deep, so that no ring is made."""
    if twin.id == idea.id:
        raise Refused(Code.UNKNOWN_IDEA)
    if twin.first == idea.id:
        return  # they are together already
    moved = (col(IdeaRow.id) == idea.id) | (col(IdeaRow.merged_into) == idea.id)
    where = (col(IdeaRow.poll_id) == idea.poll_id, moved)
    connection.execute(update(IdeaRow).where(*where).values(merged_into=twin.first, shown=False, lit=False))


def _set(connection: Connection, id: bytes, **values: object) -> None:
    connection.execute(update(IdeaRow).where(col(IdeaRow.id) == id).values(values))
