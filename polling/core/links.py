"""The links of those who run an event: derived from the server's secret, told apart by number and generation."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from polling.core.errors import Code, Refused
from polling.core.event import Event, SessionPlan, WorkingGroup
from polling.core.words import say

ROLES = ("organiser", "moderator", "presenter", "working-group")
ENDING_ROLES = frozenset({"moderator", "presenter"})
"""Whose links end with the event; an organiser's and a working group's are needed afterwards."""
DAYS_AFTER = 1
"""So many days after the event's (last) day those links still open something: an evening may go on after midnight."""
LONGEST_NAME = 60
MOST_LINKS = 50
"""Named links that one role has in one session."""

_TURNS_TEXT_AROUND = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])


class LinkVerb(StrEnum):
    """What is done with links."""

    ADD = "add_link"  # one more, with a name
    NAME = "name_link"
    REVOKE = "revoke_link"  # it stops
    REPLACE = "replace_link"  # it stops, and another comes in its place


@dataclass(frozen=True)
class Link:
    """One way in for staff. `number` 0 is the role's own, which is always there; others have a name. `session`: what
    the role is for: a session, a working group, or "" for the organiser. It is in force as long as its generation is
    the newest and it was not revoked. A named one without a name is retired: its number is not given again."""

    event: str
    role: str
    session: str
    number: int = 0
    name: str = ""
    generation: int = 1
    revoked: bool = False

    @property
    def place(self) -> tuple[str, str, str, int]:
        """What it is, whatever became of it."""
        return self.event, self.role, self.session, self.number


@dataclass(frozen=True)
class LinkChange:
    """Something asked for of a link. `number` None: of a new one."""

    event: str
    role: str
    session: str
    verb: LinkVerb
    number: int | None = None
    name: str = ""


def changed(links: Sequence[Link], asked: LinkChange) -> Link:
    """The link after `asked`; `links`: all that the role has for this session. Raises `Refused`."""
    found = {link.number: link for link in links}
    found.setdefault(0, Link(asked.event, asked.role, asked.session))
    if asked.verb is LinkVerb.ADD:
        if sum(bool(link.name and link.number) for link in links) >= MOST_LINKS:
            raise Refused(Code.TOO_MANY_LINKS, most=MOST_LINKS)
        return Link(asked.event, asked.role, asked.session, max(found) + 1, tidy_name(asked.name))
    link = found.get(-1 if asked.number is None else asked.number)
    if link is None:
        raise Refused(Code.UNKNOWN_LINK)
    match asked.verb:
        case LinkVerb.NAME:
            nameless = not asked.name.strip() and link.number == 0  # the role's own can go without
            return replace(link, name="" if nameless else tidy_name(asked.name))
        case LinkVerb.REVOKE:
            return replace(link, revoked=True)
        case _:
            return replace(link, generation=link.generation + 1, revoked=False)


def tidy_name(typed: str) -> str:
    """A name as typed, on one line and without signs that hide or turn it; raises `Refused`."""
    shown = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in typed.translate(_TURNS_TEXT_AROUND))
    name = unicodedata.normalize("NFC", " ".join(shown.split()))
    if not 0 < len(name) <= LONGEST_NAME or not any(sign.isalnum() for sign in name):
        raise Refused(Code.BAD_LINK_NAME, most=LONGEST_NAME)
    return name


def has_ended(role: str, event: Event, today: date) -> bool:
    """Whether the role's links have ended with the event. One that names no day never ends by itself."""
    return role in ENDING_ROLES and event.day is not None and today > event.day + timedelta(days=DAYS_AFTER)


def of_what(event: Event, role: str, session: str) -> SessionPlan | WorkingGroup | None:
    """The session or working group that a role's link is for; None: the whole event. KeyError if there is no such."""
    if role == "organiser":
        if session:
            raise KeyError(session)
        return None
    if role == "presenter" and not session:  # the screen in the hall
        return None
    return event.working_group(session) if role == "working-group" else event.session(session)


def places(event: Event) -> list[tuple[str, str]]:
    """Every role's own link, as role and session, in the order of the event."""
    rooms = [(role, session.id) for session in event.sessions for role in ("moderator", "presenter")]
    groups = [("working-group", group.id) for group in event.working_groups]
    return [("organiser", ""), ("presenter", ""), *rooms, *groups]


def who(event: Event, link: Link, language: str = "en") -> str:
    """Whom a command is from, in the list of commands: 'moderator of Harbour', 'Anna (Harbour)', 'organiser'."""
    try:
        what = of_what(event, link.role, link.session)
    except KeyError:  # the session was taken out of the event since
        title = link.session
    else:
        title = say(what.title if what else event.title, language) if link.role != "organiser" else "organiser"
    if link.name:
        return f"{link.name} ({title})"
    return title if link.role == "organiser" else f"{_OF[link.role]} {title}"


_OF = {"moderator": "moderator of", "presenter": "screen of", "working-group": "working group"}
