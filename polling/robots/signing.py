"""What a phone does with a name, over HTTP like any browser: signs one answer, and withdraws. Without a cookie."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from polling.robots.line import jitter
from polling.robots.visit import visit

FIRST = ("Anna", "Bram", "Chris", "Dina", "Eva", "Farid", "Greta", "Hugo", "Ilse", "Jonas", "Kim")
LAST = ("Akkerman", "Bakker", "Corsten", "Dijkstra", "Evers", "Faber", "Gerrits", "Haan", "Idema", "Jansen")
_KEY = re.compile(r'data-private-key="([\w-]{22})"')


class NotSigned(Exception):
    """The server did not take a name, or did not let go of it; the message says what it answered."""


@dataclass(frozen=True)
class Person:
    """Someone who does not exist, at an address that no mail reaches."""

    name: str
    email: str
    organisation: str = "Example Works"
    phone: str = "+31 10 000 00 00"


def person(robot: int) -> Person:
    """The person that a robot signs as: no two robots of an event are the same."""
    first, last = FIRST[robot % len(FIRST)], LAST[robot % len(LAST)]
    name = f"{first} {last}" + (f" {robot // 110 + 1}" if robot >= 110 else "")
    return Person(name, f"{name.lower().replace(' ', '.')}@example.org")


@dataclass(frozen=True)
class Signature:
    """An answer to be signed, with what proves that this phone gave it."""

    event: str
    session: str
    poll: str
    cell: str
    receipt: str = ""
    claim: str = ""


async def sign(base: str, signature: Signature, who: Person, language: str) -> str:
    """Puts a name to one answer; returns the key of the private link. Raises `NotSigned`."""
    body = await _sent(f"{base}/sign", vars(signature) | vars(who) | {"language": language})
    found = _KEY.search(body)
    if found is None:
        raise NotSigned(f"{signature.session}/{signature.poll}/{signature.cell}: the answer holds no private link")
    return found[1]


async def withdraw(base: str, key: str) -> None:
    """Has a name deleted. Raises `NotSigned`."""
    await _sent(f"{base}/me/withdraw", {"key": key})


async def _sent(url: str, form: dict[str, str]) -> str:
    """Sends a form, again after a moment where the server is busy."""
    for attempt in range(5):
        reply = await visit(url, form=form)
        if reply.status != 503:
            break
        await asyncio.sleep(jitter(2**attempt))
    if reply.status != 200:
        raise NotSigned(f"{url} answers {reply.status}")
    return reply.body
