"""What the tests of moderator, presenter and organiser share: a browser with a pass, and a page's parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from httpx2 import Response
from signing_stage import KEYS
from starlette.testclient import TestClient

EVENT = "gathering"


def come_in(client: TestClient, role: str, session: str = "") -> Response:
    """Exchanges a link's key for a pass."""
    key = KEYS.link_key(role, EVENT, session)
    return client.post("/pass", data={"role": role, "event": EVENT, "session": session, "key": key})


def order(client: TestClient, verb: str, based_on: int, session: str = "plenary", **more: str) -> Response:
    """A moderator's form, as a browser without a script sends it."""
    fields = {"verb": verb, "based_on": str(based_on)} | more
    return client.post(f"/m/{EVENT}/{session}/command", data=fields, follow_redirects=False)


def said(page: str) -> str:
    """What a page or a part of it says, without its markup."""
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def based_on(page: str) -> int:
    """The session's revision that a moderator's page was made from."""
    found = re.search(r'name="based_on" value="(\d+)"', page)
    assert found
    return int(found[1])


@dataclass(frozen=True)
class Shown:
    """One of the four buttons."""

    verb: str
    main: bool
    rests: bool
    words: str


def buttons(page: str) -> list[Shown]:
    """The moderator's buttons, in their places."""
    found = re.findall(r'<button id="button-\d" class="([^"]*)" name="verb" value="(\w+)"([^>]*)>(.*?)</button>', page)
    return [Shown(verb, "main" in css, "aria-disabled" in more, said(words)) for css, verb, more, words in found]
