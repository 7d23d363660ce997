"""The hall: codes and rooms."""

from __future__ import annotations

from pathlib import Path

import pytest
from served import write_event

from polling.core.files.loading import load_event
from polling.core.keys import Keys
from polling.live.hall import Hall
from polling.rendering import Renderer
from polling.store.database import Database


@pytest.fixture
def hall(database: Database, tmp_path: Path) -> Hall:
    it = Hall(database, Renderer(), Keys(b"a secret of thirty-two characters"), "http://poll.example", "e1")
    it.add(load_event(write_event(tmp_path)))
    return it


async def test_each_room_and_the_event_have_a_code_of_their_own(hall: Hall) -> None:
    codes = {hall.code("tea", session) for session in ("", "hall", "annex")}
    assert len(codes) == 3
    assert hall.by_code(hall.code("tea")) == ("tea", "")
    assert hall.by_code(hall.code("tea", "annex")) == ("tea", "annex")
    assert hall.room("tea", "annex").code == hall.code("tea", "annex")
    assert hall.room("tea", "annex").join_url == f"http://poll.example/j/{hall.code('tea', 'annex')}"


async def test_a_code_is_found_however_it_is_typed(hall: Hall) -> None:
    code = hall.code("tea", "hall")
    assert hall.by_code(f" {code[:3].lower()} {code[3:].lower()} ") == ("tea", "hall")
    assert hall.by_code("000000") is None


async def test_what_is_not_there_is_a_key_error(hall: Hall) -> None:
    for ask in (lambda: hall.room("tea", "attic"), lambda: hall.overview("coffee"), lambda: hall.code("tea", "attic")):
        with pytest.raises(KeyError):
            ask()
