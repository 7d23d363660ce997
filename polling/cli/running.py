"""Robots that play an event: the demo and the rehearsal."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

import typer

from polling.cli.common import EVENT_HELP, Failed, confirm, existing_secret, folder_of, out, plural, settings
from polling.cli.display import print_lists, print_qr, print_results, shown
from polling.cli.handing_out import Link, codes_of, links_of, organiser_link, print_links
from polling.cli.keeping import forget_all
from polling.cli.serve import Running, running
from polling.core.event import Event
from polling.core.files.loading import load_event, load_rehearsal
from polling.rendering import beside_or_above
from polling.robots.lists import Compared, compare
from polling.robots.moderator import asked_codes, enter
from polling.robots.names import Names
from polling.robots.plan import Plan, plan
from polling.robots.playing import Director, Result
from polling.robots.swarm import FAST, Pace, Swarm
from polling.settings import Settings, server_keys
from polling.store.database import Database
from polling.store.migrations import migrate
from polling.store.polls import has_answers
from polling.web.logs import set_up

DEMO_EVENT = "roem-ii"
DEMO_PACE = Pace(think=8, look=4)


def demo() -> None:
    """Play ROEM-II with robots on a scratch database, to be watched in a browser and joined by phone."""
    with tempfile.TemporaryDirectory(prefix="polling-demo-") as scratch:
        chosen = settings().model_copy(
            update={"questionsets": beside_or_above("questionsets"), "database_url": f"sqlite:///{scratch}/demo.db"}
        )
        chosen = chosen.model_copy(update={"port": free_port(chosen.host, chosen.port)})
        folder = chosen.questionsets / DEMO_EVENT
        event = load_event(folder)
        game = Game(event, plan(event, load_rehearsal(folder, event)), DEMO_PACE)
        with contextlib.suppress(KeyboardInterrupt), serving(chosen) as server:
            _print_ways_in(links_of(event, server_keys(chosen), chosen.base_url), event)
            access = Access.by_secret(event, chosen, server.url)
            asyncio.run(_play_for_ever(game, access))
    out.print("The demo has ended; nothing of it is kept.")


@contextlib.contextmanager
def serving(chosen: Settings) -> Iterator[Running]:
    """A server in this process, which says only what went wrong, so that it doesn't write through the display."""
    set_up()
    logging.getLogger("polling").setLevel(logging.WARNING)
    with running(chosen) as server:
        yield server


async def _play_for_ever(game: Game, access: Access) -> None:
    cookies = await enter(access.link)
    while True:
        swarm = Swarm(access.server, game.plan, access.codes, game.pace)
        try:
            await shown(swarm, _whole(Director(access.server, game.event, swarm, cookies)))
        finally:
            await swarm.close()


def _print_ways_in(links: list[Link], event: Event) -> None:
    """One way in for each role, to the session that is played first."""
    first = event.sessions[0].id
    print_qr(next(link.url for link in links if link.role == "participant" and link.session == first))
    print_links([link for link in links if link.session == first or link.role == "organiser"])
    out.print("Robots are voting. Join them by the QR code; Ctrl-C ends it all.", style="bold")


def rehearse(
    event: Annotated[str, typer.Argument(metavar="EVENT", help=EVENT_HELP)],
    server: Annotated[str | None, typer.Option(metavar="URL", help="A running server; else one is started.")] = None,
    play: Annotated[bool, typer.Option("--play", help="Robots also open and close the polls.")] = False,
    fast: Annotated[bool, typer.Option("--fast", help="No pauses.")] = False,
    participants: Annotated[
        int | None,
        typer.Option(min=1, max=20_000, metavar="N", help="So many robots: an even sample of the file's. Else all."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Go on without asking, also where there are answers.")] = False,
    link: Annotated[
        str | None, typer.Option(metavar="URL", help="The organiser's link: the right to play on that server.")
    ] = None,
) -> None:
    """Play an event's rehearsal.yaml with robots, exactly; exit 1 where something else comes out.

    Without --play the robots answer whatever people open. Without --server a server is started on DATABASE_URL; an
    event that has answers there is reset first, after a typed confirmation or with --yes.
    """
    folder = folder_of(event)
    found = load_event(folder)
    dealt = plan(found, load_rehearsal(folder, found), participants)
    game = Game(found, dealt, FAST if fast else Pace())
    chosen = settings()
    if server is not None:
        access = Access.by_link(server.rstrip("/"), link) if link else Access.beside(found, chosen, server)
        outcome = asyncio.run(_rehearse(game, access, play, yes))
    else:
        chosen = chosen.model_copy(update={"questionsets": folder.parent, "port": free_port(chosen.host, chosen.port)})
        _make_room(found, chosen, yes)
        with serving(chosen) as started:
            if not play:
                print_links(links_of(found, server_keys(chosen), chosen.base_url))
            access = Access.by_secret(found, chosen, started.url)
            outcome = asyncio.run(_rehearse(game, access, play, yes=True))
    _tell(outcome, game)


@dataclass(frozen=True)
class Game:
    """What is played, and how fast."""

    event: Event
    plan: Plan
    pace: Pace


@dataclass(frozen=True)
class Access:
    """A server, and the robots' way in. `codes` empty: they are asked for with the organiser's link."""

    server: str
    codes: Mapping[str, str]
    link: str

    @classmethod
    def by_secret(cls, event: Event, chosen: Settings, server: str) -> Access:
        """With the server's secret everything follows."""
        keys = server_keys(chosen)
        return cls(server, codes_of(event, keys), organiser_link(event.event, keys, server))

    @classmethod
    def beside(cls, event: Event, chosen: Settings, server: str) -> Access:
        """On the machine of a server that runs already."""
        if not existing_secret(chosen):
            raise Failed(
                f"the secret of {server} is not known here: "
                "give the organiser's --link, or that server's DATABASE_URL or POLLING_SECRET"
            )
        return cls.by_secret(event, chosen, server.rstrip("/"))

    @classmethod
    def by_link(cls, server: str, link: str) -> Access:
        """With the organiser's link alone; the codes are asked for with it."""
        if not link.partition("#")[2]:
            raise Failed("--link is the organiser's whole link, with what stands after its #")
        return cls(server, {}, link)


@dataclass(frozen=True)
class Outcome:
    """What came of a rehearsal: by session, the names that were put to answers, and the lists that hold them."""

    results: list[Result]
    names: Names
    lists: list[Compared] = field(default_factory=list)


async def _rehearse(game: Game, access: Access, play: bool, yes: bool) -> Outcome:
    """Plays, or answers what people open; in both cases until every planned answer was acknowledged."""
    cookies = await enter(access.link) if play or not access.codes else {}
    codes = access.codes or await asked_codes(access.server, game.event.event, cookies)
    if unknown := [session for session in game.plan.rooms if session not in codes]:
        raise Failed(
            f"{access.server} has no session {unknown[0]} of {game.event.event}: is its event another version?"
        )
    swarm = Swarm(access.server, game.plan, codes, game.pace)
    director = Director(access.server, game.event, swarm, cookies)
    try:
        if not play:
            return Outcome(await shown(swarm, _watch_people(swarm)), swarm.names)
        begun = await director.begun()
        if begun and not yes:
            question = f"{game.event.event} on {access.server} is under way ({', '.join(begun)}): all is asked again."
            confirm(question, game.event.event, yes)
        results = await shown(swarm, _whole(director))
        lists = await compare(access.server, game.event, game.plan, cookies, from_new=not begun)
        return Outcome(results, swarm.names, lists)
    finally:
        await swarm.close()


async def _whole(director: Director) -> list[Result]:
    """The event, and what robots do afterwards."""
    results = await director.play()
    await director.swarm.names.after_event()
    return results


async def _watch_people(swarm: Swarm) -> list[Result]:
    """All robots in their rooms, answering what people open."""
    sessions = {put.session for put in swarm.plan.answers}
    for session in sorted(sessions):
        await swarm.enter(session)
    await swarm.until_done()
    await swarm.names.after_event()
    counted = swarm.progress.by_session
    planned = dict.fromkeys(sorted(sessions), 0)
    for put, dealt in swarm.plan.answers.items():
        planned[put.session] += len(dealt)
    return [Result(session, number, counted.get(session, 0)) for session, number in planned.items()]


def _make_room(event: Event, chosen: Settings, yes: bool) -> None:
    """Resets an event that has answers already, so that the rehearsal's own figures come out."""
    database = Database(chosen.database_url)
    try:
        with database.lock():
            migrate(database)
            with database.read() as connection:
                answered = has_answers(connection, event.event)
            if answered:
                confirm(f"{event.event} has answers in {database.path}: they will be deleted.", event.event, yes)
                forget_all(database, event.event)
    finally:
        database.close()


def _tell(outcome: Outcome, game: Game) -> None:
    """The last line of a rehearsal; raises `Failed` where something else came out."""
    results, names = outcome.results, outcome.names
    print_results(results)
    print_lists(outcome.lists)
    if names.signed:
        out.print(f"{plural(names.signed, 'answer')} signed, {names.withdrawn} withdrawn.", markup=False)
    planned = sum(result.planned for result in results)
    counted = sum(result.counted for result in results)
    differences = sum(len(result.differences) for result in results)
    differences += sum(each.missing.total() + each.extra.total() for each in outcome.lists)
    rooms = plural(len(results), "session")
    sums = f"{game.event.event}: {plural(planned, 'answer')} planned, {counted:,} counted in {rooms}"
    if differences or counted != planned:
        raise Failed(f"{sums}; {plural(differences, 'difference')} with the rehearsal")
    out.print(f"{sums}, no difference with the rehearsal.", markup=False)


def free_port(host: str, wanted: int) -> int:
    """The port that is set, or the next free one after it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(wanted, min(wanted + 100, 65536)):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((host, port))
                return port
    raise Failed(f"no port is free from {wanted} on: set PORT to another")
