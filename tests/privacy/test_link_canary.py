"""S04: the keys and passes of staff go through a real server, to be named, revoked and replaced; nothing that it leaves
behind holds one."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest
from server_process import ServerProcess, write_event
from test_canary import AIR, EVENT, files_of, hits, run


class Browser:
    """One browser of staff."""

    def __init__(self, server: ServerProcess) -> None:
        self.http = httpx2.AsyncClient(base_url=server.url, timeout=20, headers={"Origin": server.url})

    async def come_in(self, role: str, key: str) -> httpx2.Response:
        session = "" if role == "organiser" else "shaft"
        return await self.http.post("/pass", data={"role": role, "event": "mine", "session": session, "key": key})

    async def change(self, verb: str, of: str, number: int = 0, **more: str) -> httpx2.Response:
        fields: dict[str, Any] = {"verb": verb, "of": of, "number": str(number)} | more
        return await self.http.post("/o/mine/links", data=fields)

    @property
    def passes(self) -> dict[str, str]:
        return {f"the pass {name}": value for name, value in self.http.cookies.items()}


@pytest.mark.promise("S04")
@pytest.mark.promise("S12")
async def test_no_key_of_a_link_and_no_pass_is_left_behind_whatever_is_done_with_it(tmp_path: Path) -> None:
    write_event(tmp_path / "questionsets", EVENT, AIR)
    server = ServerProcess(tmp_path, event="mine", session="shaft")
    canaries: dict[str, str] = {}
    try:
        await server.start()
        organiser, moderator, stranger = Browser(server), Browser(server), Browser(server)
        for role in ("organiser", "moderator", "presenter"):
            session = "" if role == "organiser" else "shaft"
            canaries |= {f"the {role}'s key {n}": server.keys.link_key(role, "mine", session, 0, n) for n in (1, 2)}
        for page in ("/m/mine/shaft", "/s/mine/shaft", "/o/mine"):  # previews, which take nothing away
            for _ in range(10):
                assert (await stranger.http.get(page)).status_code == 401
                assert (await stranger.http.head(page)).status_code == 401
        assert (await organiser.come_in("organiser", canaries["the organiser's key 1"])).status_code == 303
        assert (await moderator.come_in("moderator", canaries["the moderator's key 1"])).status_code == 303

        shown = await moderator.http.post("/m/mine/shaft/hand-over", data={"name": "Anna"})
        anna = re.search(r'data-copy="[^"]+#([\w-]{43})"', unescape(shown.text))
        assert anna
        canaries["the key of Anna"] = anna[1]
        second = Browser(server)
        assert (await second.come_in("moderator", anna[1])).status_code == 303
        assert (await second.http.get("/m/mine/shaft")).status_code == 200
        for browser in (organiser, moderator, second):
            canaries |= {f"{name} {id(browser)}": value for name, value in browser.passes.items()}
        for page in ("/o/mine/links", "/o/mine/audit", "/o/mine/audit.csv", "/s/mine/shaft", "/m/mine/shaft"):
            assert (await organiser.http.get(page)).status_code == 200
        screen = (await organiser.http.get("/s/mine/shaft")).text
        assert hits(canaries, screen.encode()) == set()
        assert hits(canaries, (await organiser.http.get("/o/mine/audit.csv")).content) == set()

        assert (await organiser.change("revoke_link", "moderator/shaft", 1)).status_code == 303
        assert (await organiser.change("replace_link", "moderator/shaft")).status_code == 303
        for browser in (moderator, second):
            assert (await browser.http.get("/m/mine/shaft")).status_code == 401
        for key in (canaries["the moderator's key 1"], anna[1], "x" * 43):
            assert (await moderator.come_in("moderator", key)).status_code in (401, 403)
        assert (await moderator.come_in("moderator", canaries["the moderator's key 2"])).status_code == 303
        await moderator.http.get(f"/m/mine/shaft/nothing/{anna[1]}?key={anna[1]}")
        assert hits(canaries, files_of(server)) == set()
        assert canaries["the moderator's key 2"] in run(server, "links", "mine").decode()
        for browser in (organiser, moderator, second, stranger):
            await browser.http.aclose()
    finally:
        await server.terminate()
    log = (tmp_path / "server.log").read_bytes()
    assert b"serving mine" in log
    assert hits(canaries, log) == set()
    assert hits(canaries, files_of(server)) == set()
