"""For whoever writes an event: check its files, print the schema for editors, begin a new one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from polling.core.event import Event
from polling.core.files.loading import EVENT_FILE, REHEARSAL_FILE, Problem, read
from polling.core.files.schema import schema_text
from polling.core.rehearsal import Rehearsal
from polling.core.results.expected import ExpectedSegments, expected_segments
from polling.core.words import say
from polling.rendering import beside_or_above
from polling.settings import load_settings

TEMPLATE = "retro"
SCHEMA_FILE = "schema.json"
NO_LABEL = "(without)"
"""Those who are in no segment."""
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

out = Console(highlight=False, markup=False, soft_wrap=True)


def check(
    event: Annotated[str, typer.Argument(help="A folder, or an event's id under POLLING_QUESTIONSETS.")],
    participants: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="How many you expect; else as in rehearsal.yaml.")
    ] = None,
) -> None:
    """Check an event's files: every problem with its file, line and column. Says how many to expect in each segment."""
    loaded = read(event_folder(event))
    for problem in loaded.problems:
        out.print(_line(problem, "red"))
    for warning in loaded.warnings:
        out.print(_line(warning, "yellow", "warning: "))
    if loaded.event is None:
        files = len({problem.file for problem in loaded.problems})
        out.print(Text(f"{_count(len(loaded.problems), 'problem')} in {_count(files, 'file')}", "bold"))
        raise typer.Exit(1)
    _overview(loaded.event, loaded.rehearsal)
    _segments(loaded.event, loaded.rehearsal, participants)


def schema() -> None:
    """Print the JSON Schema of the event files, for editors."""
    typer.echo(schema_text(), nl=False)


def new(name: Annotated[str, typer.Argument(help="The new event's id: small letters, digits and hyphens.")]) -> None:
    """Begin a new event: copies a three-question retrospective to change."""
    if not ID.fullmatch(name) or len(name) > 60:
        _fail(f"{name!r} can't be an event's id: small letters, digits and hyphens, such as 'spring-retro'")
    folder = _questionsets() / name
    try:
        _copy_template(folder, name)
    except FileExistsError:
        _fail(f"{folder} is there already: nothing was changed")
    except OSError as error:
        _fail(f"{folder} can't be made: {error.strerror or error}")
    out.print(f"Made {folder}. Change its files, then: polling check {name}")


def event_folder(event: str) -> Path:
    """The folder that EVENT on a command line means: an id under POLLING_QUESTIONSETS, else a path."""
    if not ID.fullmatch(event):
        return Path(event)
    under = _questionsets() / event
    return Path(event) if os.path.isdir(event) and not os.path.isdir(under) else under


def _questionsets() -> Path:
    return load_settings(os.environ).questionsets


def _copy_template(folder: Path, name: str) -> None:
    template = beside_or_above("questionsets") / TEMPLATE
    folder.mkdir(parents=True)  # FileExistsError: it is there already
    for source in sorted(template.glob("*.yaml")):
        text = source.read_text(encoding="utf-8")
        text = text.replace(f"polling rehearse {TEMPLATE}", f"polling rehearse {name}")
        if source.name == EVENT_FILE:
            text = re.sub(r"^event: .*$", f"event: {name}", text, flags=re.MULTILINE)
        (folder / source.name).write_text(text, encoding="utf-8")
    if not (folder.parent / SCHEMA_FILE).exists():
        (folder.parent / SCHEMA_FILE).write_text(schema_text(), encoding="utf-8")


def _line(problem: Problem, colour: str, kind: str = "") -> Text:
    place = f"{problem.file}:{problem.line}:{problem.column}: "
    return Text.assemble((place, "bold"), (kind, colour), (problem.message, "" if kind else colour))


def _overview(event: Event, rehearsal: Rehearsal | None) -> None:
    language = "en"  # as the command line; `say` takes another where the event has none
    out.print(Text.assemble((event.event, "bold"), ": ", say(event.title, language)))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("session", "kind", "title", "sets", "questions"):
        table.add_column(heading, justify="right" if heading == "questions" else "left")
    for session in event.sessions:
        questions = sum(place.question.answerable for place in event.running_order(session.id))
        sets = ", ".join(session.sets)
        table.add_row(session.id, session.kind, say(session.title, language), sets, str(questions))
    out.print(table, soft_wrap=False)
    questions = sum(question.answerable for question_set in event.sets for question in question_set.questions)
    facts = [
        _count(len(event.sessions), "session"),
        _count(len(event.sets), "question set"),
        _count(questions, "question"),
        "in " + ", ".join(event.languages),
    ]
    if rehearsal is not None:
        facts.append(f"{REHEARSAL_FILE} with {_count(rehearsal.participants, 'participant')}")
    out.print(Text.assemble(("No problems: ", "green"), "; ".join(facts)))


def _segments(event: Event, rehearsal: Rehearsal | None, participants: int | None) -> None:
    """How many to expect in each segment, and which of them would be too few to be shown by themselves."""
    people = participants or (rehearsal.participants if rehearsal else 0)
    divided = list(expected_segments(event, rehearsal, people))
    if not divided:
        return
    if not people:
        out.print("Results by segment: say how many people you expect with --participants, or in rehearsal.yaml.")
        return
    out.print(f"Results by segment, as far as can be expected of {_count(people, 'participant')}:")
    for each in divided:
        sizes = ", ".join(f"{label or NO_LABEL} {size}" for label, size in each.sizes.items())
        out.print(f"  {each.session}/{each.set}/{each.question} by {each.segment}: {sizes}")
        if each.left_out:
            out.print(Text.assemble("  ", ("warning: ", "yellow"), _why_left_out(each)))


def _why_left_out(expected: ExpectedSegments) -> str:
    small = ", ".join(label or NO_LABEL for label in expected.too_small)
    others = expected.left_out - set(expected.too_small)
    if expected.left_out >= {label for label, size in expected.sizes.items() if label and size}:
        return f"fewer than {expected.least} in {small}: nothing would be shown by segment"
    hides = (
        f"; {', '.join(sorted(others))} would hide it too, since nothing may follow by subtraction" if others else ""
    )
    return f"fewer than {expected.least} in {small}, which would not be shown by itself{hides}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _fail(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)
