"""What is printed before an event: sheets for the doors and for staff, cards for the break-outs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polling.cli.common import EVENT_HELP, Failed, folder_of, out, plural, settings
from polling.cli.handing_out import kept_links_of, links_of
from polling.core.cards import MOST_CARDS, deal, how_many
from polling.core.event import Event
from polling.core.files.loading import load_event
from polling.printing.doors import Door
from polling.rendering import LANGUAGES
from polling.settings import server_keys

EventArgument = Annotated[str, typer.Argument(metavar="EVENT", help=EVENT_HELP)]
OutputOption = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="The file to write; else named after the event.")
]
LanguageOption = Annotated[
    str | None, typer.Option(metavar="en|nl", help="The language of the print; else the event's first.")
]


def sheets(
    event: EventArgument,
    output: OutputOption = None,
    staff: Annotated[
        bool, typer.Option("--staff", help="The moderators' links instead: keep these sheets private.")
    ] = False,
    language: LanguageOption = None,
) -> None:
    """Write an A4 sheet with QR and code for each door, as one PDF. With --staff one for each moderator."""
    from polling.printing.sheets import sheets_pdf  # not at start: its library takes a while to load

    found = load_event(folder_of(event))
    ways = _doors(found, staff=staff)
    number = len(ways) - staff
    content = sheets_pdf(found, ways, _language(found, language), staff=staff)
    path = _write(output or Path(f"{found.event}-{'staff' if staff else 'sheets'}.pdf"), content)
    note = " Whoever scans one can run that session: keep them private." if staff else ""
    out.print(f"{path}: {plural(number, 'sheet')}.{note}", markup=False)


def cards(
    event: EventArgument,
    output: OutputOption = None,
    number: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_CARDS, metavar="N", help="So many cards; else one for each seat, or ten a room."),
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Write cards that send people to a break-out by its code, ten on an A4, dealt evenly or by the rooms' seats."""
    from polling.printing.cards import cards_pdf  # not at start: its library takes a while to load

    found = load_event(folder_of(event))
    if not found.break_out_sessions:
        raise Failed(f"{found.event} has no break-outs to send people to")
    dealt = deal(found, number or how_many(found))
    by_room = {way.session.id: way for way in _doors(found, staff=False) if way.session}
    content = cards_pdf(found, [by_room[room.id] for room in dealt], _language(found, language))
    path = _write(output or Path(f"{found.event}-cards.pdf"), content)
    rooms = ", ".join(f"{room.id} {sum(each.id == room.id for each in dealt)}" for room in found.break_out_sessions)
    out.print(f"{path}: {plural(len(dealt), 'card')} ({rooms}).", markup=False)


def _doors(event: Event, *, staff: bool) -> list[Door]:
    chosen = settings()
    links = links_of(event, server_keys(chosen), chosen.base_url, kept_links_of(chosen, event.event))
    found = {(link.role, link.session): link for link in links if link.number == 0}

    def private(role: str, session: str) -> str:
        return found[role, session].url if staff and session else ""

    doors = []
    for session in (None, *event.sessions):
        name = session.id if session else ""
        way = found["participant", name]
        doors.append(Door(session, way.code, way.url, private("moderator", name), private("presenter", name)))
    return doors


def _language(event: Event, asked: str | None) -> str:
    if asked is not None and asked not in LANGUAGES:
        raise Failed(f"there is no language {asked}: it is one of {', '.join(LANGUAGES)}")
    return asked or event.languages[0]


def _write(path: Path, content: bytes) -> Path:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Failed(f"{path} can't be written to: {error.strerror or error}") from None
    return path
