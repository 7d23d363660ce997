"""ROEM-II with signers: the 9 + 14 + 10 ideas come out as follow-up lists, a part signed at once, a part the next day
by claim, some withdrawn. This is what the organisers of the real event had to ask 292 people again for."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from server_process import free_port

from polling.cli.handing_out import codes_of, organiser_link
from polling.cli.serve import Running, running
from polling.core.files.loading import load_event, load_rehearsal
from polling.core.poll import State
from polling.robots.lists import compare
from polling.robots.moderator import enter
from polling.robots.plan import plan
from polling.robots.playing import Director
from polling.robots.swarm import FAST, Swarm
from polling.robots.visit import visit
from polling.settings import load_settings, server_keys
from polling.store.polls import poll_states
from polling.web.site import Site

SOURCE = Path(__file__).parent.parent / "questionsets" / "roem-ii"
GROUPS = {"digital-connecting": "use-cases", "talent": "talent-actions", "network": "network-actions"}
REHEARSED: dict[str, Any] = yaml.safe_load((SOURCE / "rehearsal.yaml").read_text(encoding="utf-8"))["sessions"][
    "plenary"
]["plenary"]

TOMORROW, LAST_DAY = (date.today() + timedelta(days=days) for days in (1, 90))
"""ROEM-II as if it were now: its own dates are days of 2026 and 2027."""

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Played:
    """The lists, by group, at three moments; and what the names were put to."""

    at_once: dict[str, Rows]
    next_day: dict[str, Rows]
    in_the_end: dict[str, Rows]
    compared: bool
    bytes: bytes


def only_the_plenary(folder: Path) -> Path:
    """ROEM-II without its break-outs, as if it were now; its polls are sealed as soon as they close."""
    shutil.copytree(SOURCE, folder / "roem-ii")
    event = yaml.safe_load((folder / "roem-ii" / "event.yaml").read_text(encoding="utf-8"))
    event["sessions"] = event["sessions"][:1]
    event["day"] = str(TOMORROW)
    last_day = {"contacts_until": str(LAST_DAY), "late_signature_until": str(LAST_DAY)}
    event["privacy"] |= {"seal_after_minutes": 0, **last_day}
    rehearsal = {"participants": 130, "sessions": {"plenary": {"plenary": REHEARSED}}}
    for path in (folder / "roem-ii").iterdir():
        if path.stem not in ("event", "plenary", "rehearsal"):
            path.unlink()
    for name, content in (("event", event), ("rehearsal", rehearsal)):
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        (folder / "roem-ii" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    place = tmp_path_factory.mktemp("signers")
    ours = {name: value for name, value in os.environ.items() if not name.startswith("POLLING_")}
    settings = load_settings(
        ours
        | {
            "DATABASE_URL": f"sqlite:///{place / 'polling.db'}",
            "POLLING_QUESTIONSETS": str(only_the_plenary(place / "questionsets")),
            "PORT": str(free_port()),
        }
    )
    with running(settings) as server:
        lists = asyncio.run(play(server, settings.questionsets / "roem-ii"))
    return replace(lists, bytes=(place / "polling.db").read_bytes())


async def play(server: Running, folder: Path) -> Played:
    site: Site = server.app.state.site
    event = load_event(folder)
    dealt = plan(event, load_rehearsal(folder, event))
    keys = server_keys(site.settings)
    cookies = await enter(organiser_link(event.event, keys, server.url))
    swarm = Swarm(server.url, dealt, codes_of(event, keys), FAST)
    try:
        await Director(server.url, event, swarm, cookies).play()
        at_once = await lists(server.url, cookies)
        await until_sealed(site)
        tomorrow = site.clock() + timedelta(days=1)
        server.app.state.site = replace(site, clock=lambda: tomorrow)
        await swarm.names.sign_later()
        next_day = await lists(server.url, cookies)
        await swarm.names.take_back()
        in_the_end = await lists(server.url, cookies)
        found = await compare(server.url, event, dealt, cookies, from_new=True)
        return Played(at_once, next_day, in_the_end, not any(each.missing or each.extra for each in found), b"")
    finally:
        await swarm.close()


async def until_sealed(site: Site) -> None:
    async with asyncio.timeout(30):
        while True:
            with site.database.read() as connection:
                states = poll_states(connection, "roem-ii")
            if set(states) == {State.SEALED}:
                return
            await asyncio.sleep(0.1)


async def lists(url: str, cookies: dict[str, str]) -> dict[str, Rows]:
    found = {}
    for group in GROUPS:
        reply = await visit(f"{url}/w/roem-ii/{group}/list.csv", cookies=cookies)
        assert reply.status == 200
        found[group] = list(csv.DictReader(io.StringIO(reply.body, newline="")))
    return found


def sent(group: str) -> tuple[list[str], dict[str, int]]:
    """The ideas of a group's question, and how many sign."""
    counts = REHEARSED[GROUPS[group]]
    ((_, texts),) = counts["texts"].items()
    ((_, signers),) = counts["signers"].items()
    return texts, signers


def named(rows: Rows) -> set[tuple[str, str]]:
    return {(row["answer"], row["email"]) for row in rows if row["signed"] == "yes"}


def test_there_are_9_and_14_and_10_ideas() -> None:
    assert [len(sent(group)[0]) for group in GROUPS] == [9, 14, 10]
    assert all(sent(group)[1][how] > 0 for group in GROUPS for how in ("now", "later", "withdrawn"))


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("moment", ["at_once", "next_day", "in_the_end"])
def test_every_idea_is_in_its_list_and_no_idea_twice(played: Played, moment: str, group: str) -> None:
    rows: Rows = getattr(played, moment)[group]
    assert Counter(row["answer"] for row in rows) == Counter(sent(group)[0])
    assert all(row["also"] == "" and row["people"] == "1" for row in rows)


@pytest.mark.parametrize("group", GROUPS)
def test_a_part_is_signed_at_once_a_part_the_next_day_after_the_seal_and_some_withdraw(
    played: Played, group: str
) -> None:
    _, signers = sent(group)
    first, then, last = (named(moment[group]) for moment in (played.at_once, played.next_day, played.in_the_end))
    assert (len(first), len(then)) == (signers["now"], signers["now"] + signers["later"])
    assert first < then
    assert last < then
    assert len(then - last) == signers["withdrawn"]
    assert len({email for _, email in then}) == len(then), "each by someone else"


@pytest.mark.parametrize("group", GROUPS)
def test_a_name_stands_with_its_consent_and_an_idea_without_one_with_nothing(played: Played, group: str) -> None:
    few = len(sent(group)[0]) < 10
    for row in played.in_the_end[group]:
        if row["signed"] == "yes":
            assert row["email"].endswith("@example.org")
            assert (row["until"], row["language"]) == (str(LAST_DAY), "nl")
            assert row["consent"]
            assert row["session"]
        else:
            assert not any(row[key] for key in ("name", "email", "organisation", "phone", "until", "consent"))
            assert bool(row["session"]) is not few


@pytest.mark.promise("P08")
def test_who_withdrew_is_in_no_byte_of_the_database(played: Played) -> None:
    for group in GROUPS:
        gone = named(played.next_day[group]) - named(played.in_the_end[group])
        elsewhere = {email for rows in played.in_the_end.values() for _, email in named(rows)}
        for _, email in gone:
            assert email in elsewhere or email.encode() not in played.bytes


def test_the_rehearsal_itself_finds_each_list_just_right(played: Played) -> None:
    assert played.compared
