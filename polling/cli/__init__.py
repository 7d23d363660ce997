"""The command line: `polling COMMAND`. Here only the list of commands, and what a failure looks like."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from polling import __version__
from polling.cli import authoring, handing_out, keeping, practising, printing, rehearsing, running, serve
from polling.cli.common import Failed
from polling.core.errors import Refused
from polling.core.files.problems import LoadingFailed
from polling.robots.line import TurnedAway
from polling.robots.moderator import CommandRefused
from polling.robots.plan import ImpossibleRehearsal
from polling.robots.visit import Unreachable
from polling.settings import SettingsError
from polling.store.database import DatabaseError

FORESEEABLE = (
    Failed,
    SettingsError,
    DatabaseError,
    Refused,
    TurnedAway,
    CommandRefused,
    ImpossibleRehearsal,
    Unreachable,
)
"""What is told in one line; anything else is a fault in the program, and is shown whole."""

app = typer.Typer(
    name="polling",
    help="Live event polling: question sets in YAML, votes from phones, bars on the big screen.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # so that a failure's last line is why, not a frame around it
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"polling {__version__}")
        raise typer.Exit


@app.callback()
def polling(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which it is.")
    ] = False,
) -> None:
    """Live event polling: question sets in YAML, votes from phones, bars on the big screen."""


for command in (
    serve.serve,
    running.demo,
    authoring.check,
    authoring.schema,
    authoring.new,
    keeping.migrate,
    handing_out.assets,
    handing_out.links,
    printing.sheets,
    printing.cards,
    rehearsing.rehearse,
    practising.practise,
    keeping.recount,
    keeping.seal,
    keeping.purge,
    keeping.reset,
    keeping.export,
):
    app.command()(command)


def main() -> None:
    """The `polling` command. Where it fails, the last line on stderr says why."""
    try:
        app()
    except LoadingFailed as failure:
        for problem in failure.problems:
            print(problem, file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except FORESEEABLE as failure:
        print(f"polling: {failure}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
