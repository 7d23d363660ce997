"""The tables of links: what became of each, and when it was used. No key is in them: keys are derived."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import Field, SQLModel, col

from polling.core.errors import Code, Refused
from polling.core.links import Link, LinkChange, LinkVerb, changed
from polling.store.command_rows import CommandRow

COMMAND_LINE = "the command line"
"""Who replaces links there, in the list of commands."""


class LinkRow(SQLModel, table=True):
    """What became of a link. The role's own (number 0) has a row only once something was done with it."""

    __tablename__ = "link"

    event: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    session: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    name: str
    generation: int
    revoked: bool


class LinkUseRow(SQLModel, table=True):
    """That someone came in by a link. The one table of people coming in: staff, never participants."""

    __tablename__ = "link_use"

    id: int | None = Field(default=None, primary_key=True)
    event: str
    role: str
    session: str
    number: int
    at: float  # seconds since 1970


@dataclass(frozen=True)
class LinkOrder:
    """A change of a link, and who asks for it. The same `id` gets the same answer."""

    id: str
    asked: LinkChange
    who: str = ""
    at: float = field(default_factory=time.time)


@dataclass(frozen=True)
class LinkUse:
    """Someone came in by `link`."""

    link: Link
    at: float


class Uses(NamedTuple):
    """How often a link was used, and when last, in seconds since 1970."""

    times: int
    last: float


def kept_links(connection: Connection, event_id: str | None = None) -> list[Link]:
    """The links that something was done with, those of one event or of all. Retired ones have no name."""
    columns = [col(getattr(LinkRow, name)) for name in _COLUMNS]
    statement = select(*columns).order_by(*columns[:4])
    if event_id is not None:
        statement = statement.where(col(LinkRow.event) == event_id)
    return [Link(*row) for row in connection.execute(statement)]


def adopt_links(connection: Connection, links: Sequence[Link]) -> None:
    """Takes over what became of links elsewhere: for a practice, which is come into by the real ones."""
    for link in links:
        _keep(connection, link)


def change_links(connection: Connection, items: Sequence[LinkOrder]) -> list[Link | Exception]:
    """The writer's handler for changes of links: each link as it is after it, or why that was refused."""
    return [_answer(connection, item) for item in items]


def record_uses(connection: Connection, items: Sequence[LinkUse]) -> list[None]:
    """The writer's handler for those who come in."""
    for item in items:
        connection.execute(insert(LinkUseRow).values(**_place(item.link), at=item.at))
    return [None] * len(items)


def uses(connection: Connection, event_id: str) -> Mapping[tuple[str, str, int], Uses]:
    """Role, session and number of each link of an event that was used → how often, and when last."""
    place = [col(getattr(LinkUseRow, name)) for name in ("role", "session", "number")]
    counted = select(*place, func.count(), func.max(col(LinkUseRow.at)))
    rows = connection.execute(counted.where(col(LinkUseRow.event) == event_id).group_by(*place))
    return {(row[0], row[1], row[2]): Uses(row[3], row[4]) for row in rows}


def retire_links(connection: Connection, event_id: str) -> None:
    """Forgets who the links of an event were for and who came in. What was revoked or replaced stays so, since its
    key would open again what it must not."""
    connection.execute(delete(LinkUseRow).where(col(LinkUseRow.event) == event_id))
    here = col(LinkRow.event) == event_id
    connection.execute(update(LinkRow).where(here).values(name=""))
    connection.execute(update(LinkRow).where(here, col(LinkRow.number) > 0).values(revoked=True))


_COLUMNS = ("event", "role", "session", "number", "name", "generation", "revoked")


def _answer(connection: Connection, item: LinkOrder) -> Link | Exception:
    asked = item.asked
    before = _answered(connection, item)
    if before is not None:
        return before
    links = [link for link in kept_links(connection, asked.event) if link.place[1:3] == (asked.role, asked.session)]
    outcome: Link | Refused
    try:
        outcome = changed(links, asked)
    except Refused as refused:
        outcome = refused
    else:
        _keep(connection, outcome)
    _tell(connection, item, outcome)
    return outcome


def _keep(connection: Connection, link: Link) -> None:
    state = {"name": link.name, "generation": link.generation, "revoked": link.revoked}
    statement = upsert(LinkRow).values(_place(link) | state)
    connection.execute(statement.on_conflict_do_update(["event", "role", "session", "number"], set_=state))


def _place(link: Link) -> dict[str, Any]:
    return {"event": link.event, "role": link.role, "session": link.session, "number": link.number}


# in the list of commands: its `poll` says which link, as role/number/name; the session is that of the link


def _answered(connection: Connection, item: LinkOrder) -> Link | Exception | None:
    """What the same command was answered with; None: it is new."""
    asked = item.asked
    here = (col(CommandRow.event) == asked.event, col(CommandRow.session) == asked.session)
    columns = (col(CommandRow.poll), col(CommandRow.outcome))
    told = connection.execute(select(*columns).where(*here, col(CommandRow.id) == item.id)).first()
    if told is None:
        return None
    code = json.loads(told.outcome).get("code")
    if code is not None:
        return Refused(Code(code))
    role, number, _ = (told.poll or "//").split("/", 2)
    places = {link.place: link for link in kept_links(connection, asked.event)}
    return places.get((asked.event, role, asked.session, int(number))) or Refused(Code.UNKNOWN_LINK)


def _tell(connection: Connection, item: LinkOrder, outcome: Link | Refused) -> None:
    asked = item.asked
    if isinstance(outcome, Link):
        number, name, code = outcome.number, outcome.name, {}
    else:
        number, name, code = asked.number or 0, "", {"code": outcome.code.value}
    said = {"revision": 0} | code
    about = f"{asked.role}/{number}/{name}"
    names = {"event": asked.event, "session": asked.session, "id": item.id, "verb": LinkVerb(asked.verb).value}
    connection.execute(
        insert(CommandRow).values(**names, poll=about, who=item.who, at=item.at, outcome=json.dumps(said))
    )
