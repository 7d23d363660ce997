"""What goes wrong at the edge: its own status and sentence, in the person's language, as page or as JSON."""

from __future__ import annotations

import pytest
from served import Served

from polling.core.errors import Code, Refused
from polling.web.errors import status_of

JSON = {"Accept": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

WRONG = [
    ("GET", "/nowhere", 404, "not-found"),
    ("GET", "/m/tea/attic", 404, "not-found"),
    ("GET", "/o/coffee", 404, "not-found"),
    ("PUT", "/join", 405, "method-not-allowed"),
]


@pytest.mark.parametrize(("method", "path", "status", "code"), WRONG)
async def test_what_is_not_there_is_told_as_page_and_as_json(
    served: Served, method: str, path: str, status: int, code: str
) -> None:
    page = await served.ask(path, method=method)
    assert (page.status, page.headers.get_content_type()) == (status, "text/html")
    assert "<h1>" in page.text
    said = await served.ask(path, method=method, headers=JSON)
    assert (said.status, said.json()["code"], said.json()["status"]) == (status, code, status)
    assert said.json()["message"]


async def test_it_is_told_in_the_persons_language(served: Served) -> None:
    said = {language: await served.ask(f"/nowhere?lang={language}", headers=JSON) for language in ("en", "nl")}
    assert said["en"].json()["message"] == "There is nothing at this address."
    assert said["nl"].status == 404
    page = await served.ask("/nowhere", headers={"Accept-Language": "nl"})
    assert '<html lang="nl"' in page.text


async def test_a_method_that_is_not_allowed_names_those_that_are(served: Served) -> None:
    assert (await served.ask("/join", method="PUT")).headers["Allow"] == "POST"


async def test_a_busy_database_is_told_with_a_time_to_come_back(fresh: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(*_: object) -> None:
        raise Refused(Code.BUSY)

    monkeypatch.setattr(fresh.site.writer, "do", busy)
    headers = {"Cookie": fresh.pass_cookie("moderator")} | FORM
    reply = await fresh.ask("/m/tea/hall/command", method="POST", body=b"verb=open&based_on=0", headers=headers | JSON)
    assert (reply.status, reply.json()["code"]) == (503, "busy")
    assert reply.headers["Retry-After"]
    async with fresh.moderator() as moderator:
        assert (await moderator.command("open", 0))["code"] == "busy"


def test_each_refusal_has_a_status() -> None:
    assert {status_of(code) for code in Code} <= {400, 401, 403, 404, 409, 422, 503}
