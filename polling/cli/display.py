"""What a played event looks like on a terminal: a line per session while it runs, and the sums at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

import segno
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from polling.cli.common import out, plural
from polling.core.event_state import BREAK_OUTS
from polling.robots.following import Way
from polling.robots.lists import Compared
from polling.robots.people import Happened
from polling.robots.playing import Result
from polling.robots.swarm import Swarm

T = TypeVar("T")
REFRESH = 0.1


async def shown(swarm: Swarm, work: Awaitable[T]) -> T:
    """Awaits `work`, showing meanwhile how far the swarm is."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TextColumn("{task.fields[now]}", style="dim"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        tasks = _tasks(progress, swarm)
        watching = asyncio.create_task(_watch(progress, tasks, swarm))
        try:
            return await work
        finally:
            watching.cancel()


def _tasks(progress: Progress, swarm: Swarm) -> dict[str, TaskID]:
    planned: dict[str, int] = {}
    for put, dealt in swarm.plan.answers.items():
        planned[put.session] = planned.get(put.session, 0) + len(dealt)
    return {session: progress.add_task(session, total=total, now="") for session, total in planned.items()}


async def _watch(progress: Progress, tasks: dict[str, TaskID], swarm: Swarm) -> None:
    while True:
        for session, task in tasks.items():
            told = swarm.progress
            progress.update(task, completed=told.by_session.get(session, 0), now=told.doing.get(session, ""))
        await asyncio.sleep(REFRESH)


def print_results(results: Sequence[Result]) -> None:
    """The sums of each session, and each difference."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("session")
    for heading in ("planned", "counted", "differences"):
        table.add_column(heading, justify="right")
    for result in results:
        table.add_row(result.session, str(result.planned), str(result.counted), str(len(result.differences)))
    out.print(table)
    for result in results:
        for difference in result.differences:
            out.print(difference, markup=False)


def print_ways(ways: Sequence[Way]) -> None:
    """How the phones followed the organiser, and each that is in a wrong room."""
    for way in ways:
        to = "to the break-outs" if way.to == BREAK_OUTS else f"to {way.to}"
        where = "in the room that they chose" if way.to == BREAK_OUTS else "there"
        full = f", {way.full:,} by the code of a room that was full" if way.full else ""
        told = (
            f"sent {to}: {plural(way.sent, 'phone')}, {way.arrived:,} {where}{full}, the last after {way.seconds:.1f} s"
        )
        out.print(f"{told}; {len(way.wrong) or 'none'} in a wrong room", markup=False)
        for wrong in way.wrong:
            out.print(wrong, markup=False)


def print_happened(happened: Happened) -> None:
    """What robots with people's manners did."""
    told = (
        (happened.late, "came late"),
        (happened.lost, "connections lost"),
        (happened.left, "left for good"),
        (happened.changed, "answers changed"),
        (happened.missed, "answers too late"),
    )
    out.print(", ".join(f"{number:,} {what}" for number, what in told) + ".", markup=False)


def print_lists(lists: Sequence[Compared]) -> None:
    """How many answers each working group's list holds, and each that is not as the rehearsal says."""
    for each in lists:
        out.print(f"follow-up list {each.group}: {each.lines} answers, {each.named} with a name", markup=False)
        for what, answers in (("missing", each.missing), ("not of the rehearsal", each.extra)):
            for answer, name in answers:
                out.print(f"{each.group}: {what}: {answer} ({name or 'without a name'})", markup=False)


def print_qr(url: str) -> None:
    """A QR code of half blocks, that a phone reads from the terminal."""
    rows = [list(row) for row in segno.make(url, error="l", micro=False).matrix_iter(border=2)]
    rows += [[0] * len(rows[0])] if len(rows) % 2 else []
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        line = "".join(" ▄▀█"[2 * (not up) + (not low)] for up, low in zip(upper, lower, strict=True))
        out.print(line, style="white on black", markup=False)
