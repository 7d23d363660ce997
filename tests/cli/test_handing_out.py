"""What is handed out: links and codes, and our own copy of htmx."""

from __future__ import annotations

import io
import json
import re
import shutil
import tarfile
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cli_desk import Desk, make_desk

from polling.core.links import LinkChange, LinkVerb
from polling.store.links import LinkOrder, change_links
from polling.store.writer import Writer


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path)


def links(desk: Desk, *arguments: str, **environment: str) -> list[dict[str, str]]:
    said = desk.run("links", "burst", "--json", *arguments, **environment)
    assert said.status == 0, said.err
    found: list[dict[str, str]] = json.loads(said.out)
    return found


def test_links_are_one_for_each_role_and_session_as_json(desk: Desk) -> None:
    found = links(desk)
    assert Counter((link["role"], link["session"]) for link in found) == Counter(
        [(role, session) for role in ("participant", "presenter", "moderator") for session in ("hall", "attic")]
        + [("participant", ""), ("presenter", ""), ("organiser", "")]  # a screen in the hall
    )
    assert {tuple(link) for link in found} == {("role", "session", "url", "code", "number", "name")}
    for link in found:
        if link["role"] == "participant":
            assert link["url"] == f"https://poll.example/j/{link['code']}"
            assert len(link["code"]) == 6
        else:
            assert link["code"] == ""
            assert len(link["url"].partition("#")[2]) == 43
    assert len({link["url"] for link in found}) == len(found)


def test_each_working_group_has_a_link_of_its_own(desk: Desk) -> None:
    path = desk.place / "questionsets" / "burst" / "event.yaml"
    path.write_text(path.read_text() + "working_groups: [{id: choir, title: Choir}, {id: yard, title: Yard}]\n")
    found = [link for link in links(desk) if link["role"] == "working-group"]
    assert [link["session"] for link in found] == ["choir", "yard"]
    assert [link["url"].partition("#")[0] for link in found] == [
        "https://poll.example/w/burst/choir",
        "https://poll.example/w/burst/yard",
    ]


def migrated(desk: Desk) -> Desk:
    assert desk.run("migrate").status == 0
    return desk


@pytest.mark.promise("S04")
def test_a_link_is_replaced_by_another_which_is_printed_from_then_on(desk: Desk) -> None:
    before = links(migrated(desk))
    said = desk.run("links", "burst", "--replace", "moderator/attic")
    assert said.status == 0, said.err
    after = links(desk)
    new = [link["url"] for link in after if link not in before]
    assert len(new) == 1
    assert new[0].startswith("https://poll.example/m/burst/attic#")
    assert said.last.endswith(new[0])
    (own,) = links(desk, "--replace", "organiser")
    assert own in links(desk)
    assert own not in before


@pytest.mark.promise("S04")
def test_links_with_a_name_are_printed_and_those_that_were_revoked_are_told_so(desk: Desk) -> None:
    database = migrated(desk).database()
    for number, verb in enumerate((LinkVerb.ADD, LinkVerb.ADD, LinkVerb.REVOKE)):
        asked = LinkChange("burst", "moderator", "hall", verb, 2 if verb is LinkVerb.REVOKE else None, f"Anna {number}")
        Writer(database).run(change_links, [LinkOrder(str(number), asked)])
    database.close()
    named = [(int(link["number"]), link["name"], bool(link["url"])) for link in links(desk) if link["number"]]
    assert named == [(1, "Anna 0", True), (2, "Anna 1", False)]
    lines = desk.run("links", "burst").out
    assert re.search(r"^moderator 1 Anna 0 +hall +https://poll.example/m/burst/hall#[\w-]{43}$", lines, re.MULTILINE)
    assert re.search(r"^moderator 2 Anna 1 +hall +\(revoked\)$", lines, re.MULTILINE)
    (again,) = links(desk, "--replace", "moderator/hall/2")
    assert again["url"]


@pytest.mark.parametrize("wanted", ["queen", "moderator", "moderator/cellar", "moderator/hall/7", "moderator/hall/1/2"])
def test_what_can_not_be_replaced_is_told_with_what_can(desk: Desk, wanted: str) -> None:
    said = migrated(desk).run("links", "burst", "--replace", wanted)
    assert said.status == 1
    assert f"there is no link {wanted}" in said.last


def test_links_can_be_printed_again_and_follow_from_the_secret(desk: Desk) -> None:
    assert links(desk) == links(desk)
    other = links(desk, POLLING_SECRET="another secret of more than 32 characters")
    assert not {link["url"] for link in links(desk)} & {link["url"] for link in other}


def test_links_for_people_stand_whole_on_a_line_each(desk: Desk) -> None:
    lines = desk.run("links", "burst", COLUMNS="40").out.splitlines()
    assert [line.split()[-1] for line in lines[1:]] == [link["url"] for link in links(desk)]


def test_links_of_an_event_with_faults_or_of_none_say_where(desk: Desk) -> None:
    said = desk.run("links", "brust")
    assert said.status == 1
    assert said.last.endswith("there is no such folder; did you mean 'burst'?")


def packed(content: bytes) -> bytes:
    """An npm package whose htmx is `content`."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/dist/htmx.min.js")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def test_assets_refuse_an_htmx_that_is_not_the_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = desk.place / "tools"
    tools.mkdir()
    (tools / "htmx.tgz").write_bytes(packed(b"alert('mine')"))
    npm = tools / "npm"
    npm.write_text(f'#!/bin/sh\n/bin/cp "{tools}/htmx.tgz" "$4"\n')
    npm.chmod(0o755)

    def unreachable(*_: Any, **__: Any) -> None:
        raise OSError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", unreachable)
    said = desk.run("assets", str(desk.place / "assets"), PATH=str(tools))
    assert said.status == 1
    assert "put its dist/htmx.min.js into" in said.last
    assert not (desk.place / "assets").exists()


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_assets_are_had_by_npm_with_the_right_hash(desk: Desk) -> None:
    said = desk.run("assets", str(desk.place / "assets"))
    assert said.status == 0, said.err
    assert (desk.place / "assets" / "htmx.min.js").read_bytes().startswith(b"var htmx=")
    assert said.last.endswith(f"POLLING_ASSETS={desk.place / 'assets'}")
