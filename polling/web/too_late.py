"""Who did what just before, in words: for moderators who were too late, and for those who look on."""

from __future__ import annotations

import asyncio

from polling.core.errors import Code
from polling.core.links import places
from polling.live.room import Room
from polling.rendering import catalogue, sentence
from polling.store.command_rows import Given, done_as
from polling.store.sessions import Outcome
from polling.web.audit_words import Wording
from polling.web.site import Site


def _(message: str) -> str:
    """Marks a sentence for the catalogue."""
    return message


DONE = _("%(who)s %(what)s.")
JUST_BEFORE = _("Just before: %(who)s %(what)s. Nothing was done now; look at how it stands.")


async def why_refused(site: Site, room: Room, outcome: Outcome, language: str) -> str:
    """A refusal in words; "" where the command was carried out."""
    if outcome.code is None:
        return ""
    if outcome.code is Code.STALE:
        told = await _told(site, room, outcome.state.revision, JUST_BEFORE, language)
        if told:
            return told
    return sentence(outcome.code, language, revision=outcome.revision)


async def who_did(site: Site, room: Room, revision: int, language: str) -> str:
    """Who did what made this revision of the session; "" if nobody knows."""
    return await _told(site, room, revision, DONE, language)


async def _told(site: Site, room: Room, revision: int, message: str, language: str) -> str:
    done = await asyncio.to_thread(_done_as, site, room, revision)
    if done is None:
        return ""
    links = [link for place in places(room.event) for link in site.links.of(room.event.event, *place)]
    words, say_it = Wording(room.event, links, language), catalogue(language).gettext
    who = words.who(done.who) if done.who else say_it(_("someone"))
    told = say_it(message) % {"who": who, "what": words.what(done)}
    return told[0].upper() + told[1:]


def _done_as(site: Site, room: Room, revision: int) -> Given | None:
    with site.database.read() as connection:
        return done_as(connection, room.event.event, room.session.id, revision)
