"""`polling rehearse`: an event played with robots, in a database of its own or on a server that runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

import typer

from polling.cli.common import EVENT_HELP, Failed, confirm, folder_of, out, plural, settings
from polling.cli.display import print_happened, print_lists, print_results, print_ways, shown
from polling.cli.handing_out import links_of, print_links
from polling.cli.own_database import database_of_its_own
from polling.cli.running import Access, Game, free_port, serving, whole
from polling.core.files.loading import load_event, load_rehearsal
from polling.robots.following import Way
from polling.robots.lists import Compared, compare
from polling.robots.manners import Manners
from polling.robots.moderator import asked_codes, enter
from polling.robots.names import Names
from polling.robots.people import Happened, People
from polling.robots.plan import plan
from polling.robots.playing import Director, Result
from polling.robots.swarm import FAST, Pace, Swarm
from polling.settings import server_keys


def _share(what: str) -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(
        min=0, max=100, metavar="PER CENT", help=f"With --people: so many {what}."
    )
    return found


def rehearse(
    event: Annotated[str, typer.Argument(metavar="EVENT", help=EVENT_HELP)],
    server: Annotated[str | None, typer.Option(metavar="URL", help="A running server; else one is started.")] = None,
    play: Annotated[bool, typer.Option("--play", help="Robots also open and close the polls.")] = False,
    fast: Annotated[bool, typer.Option("--fast", help="No pauses.")] = False,
    participants: Annotated[
        int | None,
        typer.Option(min=1, max=20_000, metavar="N", help="So many robots: an even sample of the file's. Else all."),
    ] = None,
    people: Annotated[
        bool, typer.Option("--people", help="With --play: robots come late, dawdle, drop out, change their mind.")
    ] = False,
    late: Annotated[int, _share("come late into a session")] = 10,
    lost: Annotated[int, _share("lose their connection at a question, and come back")] = 10,
    leaving: Annotated[int, _share("leave for good at a question")] = 1,
    unsure: Annotated[int, _share("change their mind at a question")] = 10,
    speed: Annotated[float, typer.Option(min=0.1, max=1000, metavar="N", help="So many times as fast as people.")] = 1,
    seed: Annotated[int, typer.Option(metavar="N", help="Other people: the same number gives the same ones.")] = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the rehearsal's database, to look at it.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --server: go on without asking.")] = False,
    link: Annotated[
        str | None, typer.Option(metavar="URL", help="The organiser's link: the right to play on that server.")
    ] = None,
) -> None:
    """Play an event's rehearsal.yaml with robots, exactly; exit 1 where something else comes out.

    With --people not all of them answer: what was counted is held against what the robots know was acknowledged.
    Where an event has one plenary and break-outs, robots come by the event's code, and are sent to their rooms and
    back; a phone in a wrong room is a difference. Without --play the robots answer whatever people open. Without
    --server a server is started on a database of its own beside the real one, which is wiped at the end unless --keep
    is given.
    """
    folder = folder_of(event)
    found = load_event(folder)
    dealt = plan(found, load_rehearsal(folder, found), participants)
    if people and not play:
        raise Failed("--people needs --play: a moderator has to know when it is enough")
    shares = {"late": late / 100, "lost": lost / 100, "leaving": leaving / 100, "unsure": unsure / 100}
    manners = Manners(seed=seed, speed=speed, **shares) if people else None
    game = Game(found, dealt, FAST if fast else Pace(), manners)
    chosen = settings()
    if server is not None and keep:
        raise Failed("--keep is for a rehearsal in a database of its own, without --server")
    if server is not None:
        access = Access.by_link(server.rstrip("/"), link) if link else Access.beside(found, chosen, server)
        outcome = asyncio.run(_rehearse(game, access, play, yes))
    else:
        chosen = chosen.model_copy(update={"questionsets": folder.parent, "port": free_port(chosen.host, chosen.port)})
        with database_of_its_own(chosen, keep=keep) as own, serving(own, rehearsal=True) as started:
            if not play:
                print_links(links_of(found, server_keys(own), own.base_url))
            access = Access.by_secret(found, own, started.url)
            outcome = asyncio.run(_rehearse(game, access, play, yes=True, alone=True))
    _tell(outcome, game)


@dataclass(frozen=True)
class Outcome:
    """What came of a rehearsal: by session, the names that were put to answers, the lists that hold them, and how the
    phones went from room to room."""

    results: list[Result]
    names: Names
    lists: list[Compared] = field(default_factory=list)
    happened: Happened | None = None
    ways: list[Way] = field(default_factory=list)


async def _rehearse(game: Game, access: Access, play: bool, yes: bool, alone: bool = False) -> Outcome:
    """Plays, or answers what people open; in both cases until every planned answer was acknowledged. `alone`: the
    server is the rehearsal's own."""
    cookies = await enter(access.link) if play or not access.codes else {}
    codes = access.codes or await asked_codes(access.server, game.event.event, cookies)
    if unknown := [session for session in game.plan.rooms if session not in codes]:
        raise Failed(
            f"{access.server} has no session {unknown[0]} of {game.event.event}: is its event another version?"
        )
    swarm = game.swarm(access.server, codes)
    director = Director(access.server, game.event, swarm, cookies, only_robots=alone)
    try:
        if not play:
            return Outcome(await shown(swarm, _watch_people(swarm)), swarm.names)
        begun = await director.begun()
        if begun and not yes:
            question = f"{game.event.event} on {access.server} is under way ({', '.join(begun)}): all is asked again."
            confirm(question, game.event.event, yes)
        results = await shown(swarm, whole(director))
        if isinstance(swarm, People):
            return Outcome(results, swarm.names, happened=swarm.happened, ways=director.ways)
        lists = await compare(access.server, game.event, game.plan, cookies, from_new=not begun)
        return Outcome(results, swarm.names, lists, ways=director.ways)
    finally:
        await swarm.close()


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


def _tell(outcome: Outcome, game: Game) -> None:
    """The last line of a rehearsal; raises `Failed` where something else came out."""
    results, names = outcome.results, outcome.names
    print_results(results)
    print_ways(outcome.ways)
    print_lists(outcome.lists)
    if names.signed:
        out.print(f"{plural(names.signed, 'answer')} signed, {names.withdrawn} withdrawn.", markup=False)
    planned = sum(result.planned for result in results)
    counted = sum(result.counted for result in results)
    differences = sum(len(result.differences) for result in results)
    differences += sum(len(way.wrong) for way in outcome.ways)
    differences += sum(each.missing.total() + each.extra.total() for each in outcome.lists)
    rooms = plural(len(results), "session")
    sums = f"{game.event.event}: {plural(planned, 'answer')} planned, {counted:,} counted in {rooms}"
    if outcome.happened is not None and not differences:
        print_happened(outcome.happened)
        out.print(f"{sums}; no difference with what the robots know was acknowledged.", markup=False)
        return
    if differences or counted != planned:
        raise Failed(f"{sums}; {plural(differences, 'difference')} with the rehearsal")
    out.print(f"{sums}, no difference with the rehearsal.", markup=False)
