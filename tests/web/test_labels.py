"""Labels: the answer to a segment question puts a phone in a segment, and later votes that say so count there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from served import CAKES, EVENT, Served, serving

from polling.core.poll import PollKey
from polling.core.tally import Tally
from polling.store.tallies import labelled

ROLE, FIRST, PLAIN = (PollKey("cakes", name) for name in ("role", "first", "plain"))


def options() -> list[dict[str, str]]:
    return [{"id": name, "text": name} for name in ("baking", "eating")]


QUESTIONS = [
    {"id": "role", "type": "choice", "segment": True, "title": "Role?", "options": options()},
    {"id": "first", "type": "choices", "by": "cakes/role", "title": "First?", "options": options()},
    {"id": "plain", "type": "choice", "title": "Plain?", "options": options()},
]


@pytest.fixture
def divided(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "questionsets" / "tea"
    folder.mkdir(parents=True)
    (folder / "event.yaml").write_text(yaml.safe_dump(EVENT))
    (folder / "cakes.yaml").write_text(yaml.safe_dump(CAKES | {"questions": QUESTIONS}))
    with serving(tmp_path) as served:
        yield served


async def opened(served: Served, poll: PollKey, session: str = "hall") -> None:
    state = (await served.on_server(served.site.hall.room("tea", session).fresh())).state
    async with served.moderator(session) as moderator:
        if state.current is not None:
            assert (await moderator.command("close", state.revision))["type"] == "done"
        revision = state.revision + (state.current is not None)
        assert (await moderator.command("open", revision, poll))["type"] == "done"


async def segments(served: Served, poll: PollKey, session: str = "hall") -> dict[str, Tally]:
    ref = await served.on_server(served.site.hall.room("tea", session).poll_ref(poll))
    assert ref is not None
    with served.site.database.read() as connection:
        return labelled(connection, ref.id)


async def label(served: Served, option: str, number: int = 1) -> dict[str, Any]:
    """What a phone brings after it answered the segment question."""
    async with served.phone(number) as phone:
        told = (await phone.cast(ROLE, option))["label"]
    return {name: told[name] for name in ("option", "receipt")}


async def test_the_answer_to_a_segment_question_gives_a_label_that_is_the_same_for_all_who_gave_it(
    divided: Served,
) -> None:
    await opened(divided, ROLE)
    async with divided.phone(1) as one, divided.phone(2) as two, divided.phone(3) as three:
        told = [(await phone.cast(ROLE, pick))["label"] for phone, pick in ((one, "baking"), (two, "baking"))]
        other = (await three.cast(ROLE, "eating"))["label"]
        changed = (await one.cast(ROLE, "eating", revision=2))["label"]
    receipt = divided.site.keys.label("tea", "cakes/role", "baking")
    assert told == [{"segment": "cakes/role", "option": "baking", "receipt": receipt}] * 2
    assert changed == other != told[0]


async def test_a_vote_that_brings_the_label_counts_in_its_segment_in_every_room_of_the_event(divided: Served) -> None:
    await opened(divided, ROLE)
    mine = await label(divided, "baking")
    for session in ("hall", "annex"):
        await opened(divided, FIRST, session)
        async with divided.phone(session=session) as phone:
            assert "label" not in await phone.cast(FIRST, "eating", label=mine)
        assert await segments(divided, FIRST, session) == {"baking": Tally(1, {"eating": 1})}


@pytest.mark.promise("P14")
@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {"option": "baking", "receipt": "invented"},
        {"option": "baking", "receipt": "ontdekt \u00eb"},
        {"option": "nobody", "receipt": "x"},
        {"option": "", "receipt": ""},
    ],
)
async def test_without_a_label_that_fits_a_vote_counts_in_the_whole_only(
    divided: Served, wrong: dict[str, str] | None
) -> None:
    await opened(divided, ROLE)
    theirs = await label(divided, "eating")
    await opened(divided, FIRST)
    async with divided.phone() as phone:
        sent = {"label": wrong} if wrong else {"label": {**theirs, "option": "baking"}}
        assert (await phone.cast(FIRST, "eating", **sent))["fate"] == "counted"
    assert await segments(divided, FIRST) == {}


@pytest.mark.promise("P14")
async def test_a_question_that_is_not_divided_keeps_no_label(divided: Served) -> None:
    await opened(divided, ROLE)
    mine = await label(divided, "baking")
    await opened(divided, PLAIN)
    async with divided.phone() as phone:
        assert (await phone.cast(PLAIN, "eating", label=mine))["fate"] == "counted"
    assert await segments(divided, PLAIN) == {}


async def test_a_form_without_a_script_has_no_label(divided: Served) -> None:
    await opened(divided, ROLE)
    await label(divided, "baking")
    await opened(divided, FIRST)
    page = f"/p/{divided.code()}"
    cookie = {"Cookie": divided.phone_cookie(1), "Origin": divided.url}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"poll={FIRST}&pick=eating".encode()
    assert (await divided.ask(f"{page}/vote", method="POST", body=body, headers=cookie | form)).status == 303
    assert await segments(divided, FIRST) == {}
    assert 'data-by="cakes/role"' in (await divided.ask(page, headers=cookie)).text
