"""How an event's edited files stand beside the event in force: for the organiser's pages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from polling.core.event import Event
from polling.core.files.loading import Problem
from polling.core.files.places import place_of
from polling.core.revising import Refusal, Revision
from polling.core.revision_changes import Change
from polling.store.revisions import preview
from polling.web.site import Site


@dataclass(frozen=True)
class Standing:
    """How an event's files stand beside the event in force. `expected`: what taking them in would make of it, by its
    hash. `is_news`: nobody has taken these files in yet. `places`: where in the files what is refused stands."""

    problems: Sequence[Problem] = ()
    changes: Sequence[Change] = ()
    refused: Sequence[Refusal] = ()
    expected: str = ""
    is_news: bool = False
    places: Mapping[str, str] = field(default_factory=dict)


async def standing(site: Site, event: Event, *, look: bool = False) -> Standing:
    """How the files stand. `look`: as they are at this moment, not as at the last look."""
    found = await site.edits.look(event.event) if look else site.edits.of(event.event)
    if found is None:
        return Standing()
    if found.event is None:
        return Standing(problems=found.problems, is_news=True)
    return await asyncio.to_thread(_standing, site, found.event)


def _standing(site: Site, files: Event) -> Standing:
    with site.database.read() as connection:
        revision: Revision = preview(connection, files)
    expected, is_news = revision.event.content_hash, site.edits.is_news(files.event)
    folder = site.settings.questionsets / files.event
    places = {each.place: place_of(folder, each.place) for each in revision.refused}
    return Standing((), revision.changes, revision.refused, expected, is_news, places)
