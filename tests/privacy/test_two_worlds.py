"""P01: a name under one answer gives away that answer and nothing else. Attacks, and a control that each can succeed.

POLLING_TEST_WORLDS=400 plays so many worlds of each size, and one pair in each, instead of few with several.
"""

from __future__ import annotations

import math
import os
import random
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from attackers import READERS, ROUTES, Attack, Loot, score, seen_to_change
from worlds import World, fresh_databases, make

from polling.core.poll import PollKey
from polling.store.database import Database
from polling.store.migrations import migrate

LONG = int(os.environ.get("POLLING_TEST_WORLDS", "0"))
TRIALS = LONG or 40
CONTROLS = max(10, TRIALS // 10)
"""Trials of the control: its attackers succeed nearly always."""
AFTERWARDS = ("during", "closed", "sealed")
Scores = dict[tuple[str, str, str, str], list[float]]
"""(snapshot, reader, route, what is told apart) → right or wrong, trial by trial."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with its tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    made = Database(f"sqlite:///{path}")
    migrate(made)
    with made.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.close()
    return path


def attack(world: World, snapshots: Mapping[str, Loot], scores: Scores) -> None:
    """Every attacker at every snapshot, on each pair."""
    arrivals = [person.name for person in world.arrivals]
    for name, loot in snapshots.items():
        for reader, read in READERS.items():
            attacker = Attack(loot, read(loot), arrivals)
            for (route, target), find in ROUTES.items():
                for pair in world.pairs:
                    swapped = pair.ballots_swapped if target == "ballots" else pair.thoughts_swapped
                    scores[name, reader, route, target].append(score(find(attacker, pair), swapped))
        revisions = revisions_of(world, loot)
        for pair in world.pairs:
            found = seen_to_change(loot, pair, revisions) if revisions else 0
            scores[name, "revisions", "seen to change", "ballots"].append(score(found, pair.ballots_swapped))


def revisions_of(world: World, loot: Loot) -> dict[tuple[str, PollKey], int]:
    """How often each changed an answer, as their neighbours saw it; none once there is nothing to lay it beside."""
    return {
        (person, poll): int(str(loot.ballots[poll][key]["revision"]))
        for (person, poll), key in world.voter_keys().items()
        if key in loot.ballots[poll]
    }


def play(
    template: Path, folder: Path, patch: pytest.MonkeyPatch, size: int, own_pace: bool, seed: str = ""
) -> tuple[Scores, int]:
    chance, scores = (
        random.Random(f"{size} {own_pace}{seed}"),
        defaultdict[tuple[str, str, str, str], list[float]](list),
    )
    pairs = 1 if LONG else min(10, size // 3)
    databases = fresh_databases(template, folder)
    for number in range(math.ceil(TRIALS / pairs)):
        world = make(next(databases), chance, patch, size, pairs, own_pace)
        polls = {}
        world.hold()
        polls = {poll: ref.id for poll, ref in world.refs.items()}
        stolen = {}
        if number * pairs < CONTROLS:
            stolen["unsettled"] = world.steal(folder / "unsettled")
        world.settle()
        stolen["during"] = world.steal(folder / "during")
        world.close()
        world.settle()
        stolen["closed"] = world.steal(folder / "closed")
        if number * pairs < CONTROLS:
            stolen["careless"] = world.careless(folder / "careless")
        world.seal()
        world.settle()
        stolen["sealed"] = world.steal(folder / "sealed")
        loots = {name: Loot(snapshot, polls) for name, snapshot in stolen.items()}
        attack(world, loots, scores)
        for loot in loots.values():
            loot.close()
    databases.close()
    return scores, len(scores["sealed", "rows", "arrival", "ballots"])


@pytest.mark.promise("P01")
@pytest.mark.parametrize("own_pace", [True, False], ids=["own pace", "moderated"])
@pytest.mark.parametrize("size", [7, 14, 60, 130])
def test_no_attacker_can_tell_whose_nameless_answers_are_whose(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, own_pace: bool
) -> None:
    scores, trials = play(template, tmp_path, monkeypatch, size, own_pace)
    limit = 0.5 + 3 * math.sqrt(0.25 / trials)
    print(f"\n{size} people, {'own pace' if own_pace else 'moderated'}, {trials} pairs; chance + 3 sigma: {limit:.3f}")
    best: dict[tuple[str, str], float] = {}
    over: list[tuple[str, str, str, str]] = []
    for (snapshot, reader, route, target), found in scores.items():
        if route == "seen to change":
            print(f"  {snapshot:9} {reader}, seen to change: {fmean(found):.3f}")
            continue
        best[snapshot, reader] = max(best.get((snapshot, reader), 0), fmean(found))
        if snapshot in AFTERWARDS and fmean(found) > limit:
            over.append((snapshot, reader, route, target))
    for snapshot in dict.fromkeys(name for name, _ in best):
        told = ", ".join(f"{reader} {best[snapshot, reader]:.2f}" for reader in READERS)
        print(f"  {snapshot:9} best route by reader: {told}")
    if over:
        # Of so many attackers one in some hundred is over by chance alone. One who knows something is so again.
        others, _ = play(template, tmp_path, monkeypatch, size, own_pace, seed=" again")
        for each in over:
            told = f"{fmean(scores[each]):.3f}; in as many other worlds {fmean(others[each]):.3f}"
            print(f"  OVER: {', '.join(each)}: {told}")
            assert fmean(others[each]) <= limit
    for reader in READERS:
        assert max(best["unsettled", reader], best["careless", reader]) >= 0.75, f"{reader} can't succeed"
    assert max(best["unsettled", reader] for reader in READERS) >= 0.9
    assert fmean(scores["sealed", "revisions", "seen to change", "ballots"]) == 0.5


_BY_CHANCE_OR_CLOCK = {
    "poll": {"nonce", "seal_nonce", "digest", "opened", "closed"},
    "idea": {"id", "claim_hash"},
    "contact": {"id", "idea_id", "key_hash"},
    "command": {"id", "at"},
}


def left(world: World, folder: Path) -> dict[str, list[Any]]:
    """All that is left once everything is sealed: table by table, without what chance and the clock made; and files."""
    snapshot = world.steal(folder)
    loot = Loot(snapshot, {})
    found: dict[str, list[Any]] = {name: [content] for name, content in world.exports().items()}
    for row in loot.rows("sqlite_master"):
        if row["type"] == "table":
            table, skip = str(row["name"]), _BY_CHANCE_OR_CLOCK.get(str(row["name"]), set())
            kept = [tuple(str(value) for name, value in row.items() if name not in skip) for row in loot.rows(table)]
            found[table] = sorted(kept)
    loot.close()
    return found | {"the list": sorted(snapshot.lines)}


@pytest.mark.promise("P01")
@pytest.mark.parametrize("own_pace", [True, False], ids=["own pace", "moderated"])
def test_after_the_seal_both_worlds_have_left_the_same(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_pace: bool
) -> None:
    remains = []
    databases = fresh_databases(template, tmp_path)
    for swapped in (False, True):
        world = make(next(databases), random.Random(7), monkeypatch, 14, 3, own_pace, swapped)
        world.hold()
        world.close()
        before = left(world, tmp_path / "before")
        world.seal()
        remains.append((before, left(world, tmp_path / "after")))
    databases.close()
    (before, after), (swapped_before, swapped_after) = remains
    assert before["ballot"] != swapped_before["ballot"]
    assert after["ballot"] == []
    assert sum(map(len, after.values())) > 60
    assert after == swapped_after
