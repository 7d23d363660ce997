"""Pseudonymous events: their ballots stay, under one voter key in all polls, and can be read side by side."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from random import SystemRandom

from sqlalchemy import Connection, insert, select
from sqlmodel import col

from polling.core.event import Event
from polling.core.results.outcomes import Outcome
from polling.core.results.respondents import Respondents, side_by_side
from polling.core.tally import Cells
from polling.store.ballot_box import BallotRow, Held, forget_ballots
from polling.store.polls import boxes, poll_refs
from polling.store.tallies import standing


def respondents(connection: Connection, event: Event, outcomes: Sequence[Outcome]) -> Respondents | None:
    """Who answered what in these polls, in an order drawn at random each time; None of an anonymous event."""
    if not event.privacy.keeps_together:
        return None
    refs = {session.id: poll_refs(connection, event.event, session.id) for session in event.sessions}
    ballots = []
    for each in outcomes:
        out = _out(connection, refs[each.session.id][each.key].id)
        ballots.append((each, {voter: cells for voter, (_, cells) in out.items()}))
    found = side_by_side(ballots)
    return replace(found, rows=tuple(SystemRandom().sample(found.rows, len(found.rows))))


def keep_ballots(connection: Connection, poll_id: int, labels: Collection[str]) -> None:
    """At the seal: the ballots stay as they are in the result that is out, so that a recount gives it; those that are
    in no result are deleted, and so are labels that don't stand apart."""
    rows = [
        {
            "poll_id": poll_id,
            "voter_key": voter,
            "revision": held.revision,
            "cells": json.dumps(cells, sort_keys=True, separators=(",", ":")),
            "label": held.label if held.label in labels else None,
        }
        for voter, (held, cells) in sorted(_out(connection, poll_id).items())
    ]
    forget_ballots(connection, [poll_id])
    if rows:
        connection.execute(insert(BallotRow), rows)


def _out(connection: Connection, poll_id: int) -> dict[bytes, tuple[Held, Cells]]:
    """Voter key → the ballot, and its cells as they are in the result that is out."""
    columns = [col(getattr(BallotRow, name)) for name in ("voter_key", "revision", "cells", "label", "out")]
    edition = boxes(connection, [poll_id])[poll_id].edition if standing(connection, poll_id).held else None
    found, this = {}, col(BallotRow.poll_id) == poll_id
    for voter, revision, cells, label, out in connection.execute(select(*columns).where(this)):
        held = Held(revision, json.loads(cells), label or "", tuple(json.loads(out)) if out else None)
        told = held.cells if edition is None else held.out_in(edition)
        if told is not None:
            found[voter] = (held, told)
    return found
