"""A moderator by the public protocol: comes in by a link, then plays commands over the session's socket."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from polling.core.errors import Code
from polling.core.poll import Verb
from polling.robots.line import Message, Patience, TurnedAway
from polling.robots.visit import visit
from polling.robots.watching import Watching


class CommandRefused(Exception):
    """The server refused a command; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message or code)
        self.code = code


async def enter(link: str) -> dict[str, str]:
    """Exchanges a staff link (its fragment is the key) for a pass: the cookies to hold. Raises `TurnedAway`."""
    parts = urlsplit(link)
    match parts.path.strip("/").split("/"):
        case ["o", event]:
            role, session = "organiser", ""
        case ["m" | "s" as letter, event, session]:
            role = "moderator" if letter == "m" else "presenter"
        case _:
            raise TurnedAway(f"{parts.scheme}://{parts.netloc}{parts.path} is no link of an organiser or a moderator")
    form = {"role": role, "event": event, "session": session, "key": parts.fragment}
    reply = await visit(f"{parts.scheme}://{parts.netloc}/pass", form=form)
    if not reply.cookies:
        raise TurnedAway(f"the link to {parts.path} is not accepted ({reply.status}): its key is not this server's")
    return dict(reply.cookies)


async def asked_codes(base: str, event: str, cookies: Mapping[str, str]) -> Mapping[str, str]:
    """The join code of each session, "" for the event's own, as an organiser's page tells them."""
    reply = await visit(f"{base}/o/{event}/regions", cookies=cookies, accept="application/json")
    if reply.status != 200:
        raise TurnedAway(f"{base}/o/{event}/regions answers {reply.status}")
    codes: Mapping[str, str] = json.loads(reply.body)[0]["codes"]
    return codes


class Moderator(Watching):
    """Plays one session."""

    def __init__(
        self, base: str, event: str, session: str, cookies: Mapping[str, str], patience: Patience | None = None
    ) -> None:
        self.session = session
        self._revision: int | None = None
        super().__init__(f"{base.rstrip('/')}/m/{event}/{session}/socket", cookies, patience)

    def _on_region(self, name: str, message: Message) -> None:
        value = message["value"]
        if isinstance(value, dict) and isinstance(value.get("revision"), int):
            self._revision = max(value["revision"], self._revision or 0)
        super()._on_region(name, message)

    async def seen(self, revision: int, region: str = "now") -> Any:
        """The region's value as it stands after the command that made `revision`."""
        return await self.until(region, lambda value: value["revision"] >= revision)

    async def command(self, verb: Verb, poll: str | None = None, *, idea: str = "", again: int = 5) -> int:
        """Carries a command out, however often the socket is lost, and returns the session's new revision.

        A stale one is sent anew on the state that the refusal tells. Raises `CommandRefused`.
        """
        if self._revision is None:
            await self.until("now", lambda value: True)
        message: dict[str, Any] = {"type": "command", "id": secrets.token_hex(8), "verb": verb.value, "idea": idea}
        message |= {"based_on": self._revision or 0} | ({"poll": poll} if poll else {})
        answer = await self.line.ask(message)
        if answer["type"] == "done":
            self._revision = max(answer["revision"], self._revision or 0)
            return int(answer["revision"])
        if answer["code"] in (Code.STALE, Code.BUSY) and again:
            self._revision = max(answer.get("revision") or 0, self._revision or 0)
            return await self.command(verb, poll, idea=idea, again=again - 1)
        raise CommandRefused(answer["code"], answer.get("message", ""))
