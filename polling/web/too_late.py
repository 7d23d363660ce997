"""Why a moderator's command was refused, in words: whoever was too late hears who did what just before."""

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


JUST_BEFORE = _("Just before: %(who)s %(what)s. Nothing was done now; look at how it stands.")


async def why_refused(site: Site, room: Room, outcome: Outcome, language: str) -> str:
    """A refusal in words; "" where the command was carried out."""
    if outcome.code is None:
        return ""
    if outcome.code is Code.STALE:
        done = await asyncio.to_thread(_done_as, site, room, outcome.state.revision)
        if done is not None:
            return _just_before(site, room, done, language)
    return sentence(outcome.code, language, revision=outcome.revision)


def _just_before(site: Site, room: Room, done: Given, language: str) -> str:
    links = [link for place in places(room.event) for link in site.links.of(room.event.event, *place)]
    words, say_it = Wording(room.event, links, language), catalogue(language).gettext
    who = words.who(done.who) if done.who else say_it(_("someone"))
    return say_it(JUST_BEFORE) % {"who": who, "what": words.what(done)}


def _done_as(site: Site, room: Room, revision: int) -> Given | None:
    with site.database.read() as connection:
        return done_as(connection, room.event.event, room.session.id, revision)
