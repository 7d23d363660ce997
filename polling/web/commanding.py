"""A moderator's command, and an organiser's, by socket or form."""

from __future__ import annotations

from polling.core.errors import Refused
from polling.core.event import Event
from polling.core.event_state import EventCommand
from polling.core.poll import Command
from polling.live.room import Room
from polling.store import event_states
from polling.store.event_states import EventOrder, EventOutcome
from polling.store.sessions import Outcome, SessionCommand
from polling.store.sessions import command as carry_out
from polling.web.site import Site


async def command(site: Site, room: Room, asked: Command, who: str = "") -> Outcome:
    """Carries out a command. Raises `Refused` only if the database can't take it now; a refusal is an outcome."""
    return await site.writer.do(carry_out, SessionCommand(room.event, room.session.id, asked, room.present, who))


async def command_event(site: Site, event: Event, asked: EventCommand, who: str = "") -> EventOutcome:
    """Carries out a command about the event as a whole; as `command`."""
    return await site.writer.do(event_states.command_event, EventOrder(event, asked, who))


def raise_refused(outcome: Outcome) -> None:
    """For forms: a refused outcome as the error that its page shows."""
    if outcome.code is not None:
        raise Refused(outcome.code, revision=outcome.revision)
