"""One phone by the public protocol: joins by code, answers, sends again until acknowledged, and keeps its history."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from polling.core.ballot import Fate
from polling.core.errors import Code
from polling.robots.line import Line, Message, Patience, TurnedAway, jitter
from polling.robots.signing import Person, Signature, sign
from polling.robots.visit import Reply, Unreachable, visit

TRIES = 5
"""How often a phone asks for its first page: for some seconds in all."""
MOST_STEPS = 6
"""So often one page leads to another."""


@dataclass(frozen=True)
class Sent:
    """An answer as the phone sent it, once or many times."""

    poll: str
    revision: int
    picks: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What the server acknowledged of it. `revision` and `picks` are those of the ballot that counts."""

    sent: Sent
    fate: Fate
    revision: int
    picks: tuple[str, ...]
    code: str | None


class Phone:
    """A robot's phone. Holds one cookie, a socket per room that it is in, and what it was told."""

    def __init__(self, base: str, patience: Patience | None = None) -> None:
        self.base = base.rstrip("/")
        self.patience = patience
        self.cookies: dict[str, str] = {}
        self.sent: list[Sent] = []
        self.told: list[Told] = []
        self.claims: dict[tuple[str, str], str] = {}  # (poll, cell) → the claim that this phone keeps
        self.receipts: dict[tuple[str, str], str] = {}  # (poll, cell) → receipt
        self.labels: dict[str, Message] = {}  # segment question (set/question) → the label that its answer gave
        self._lines: dict[str, tuple[Line, asyncio.Task[None]]] = {}
        self._revisions: dict[str, int] = {}
        self._on_their_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def find(self, code: str) -> str:
        """Opens a code's page, and goes wherever that leads: the code of the page where it ends. Raises `TurnedAway`,
        or `Unreachable`."""
        return await self._to(f"/p/{code}")

    async def choose(self, code: str, session: str) -> str | None:
        """Chooses a room from the list at the event's code, and opens its page: the room's code. None: it is full."""
        reply = await self._page(f"{self.base}/p/{code}/room", {"room": session})
        self.cookies.update(reply.cookies)
        if reply.status == 409:
            return None
        if reply.status != 303:
            raise TurnedAway(f"{self.base}/p/{code}/room answers {reply.status} to {session}")
        return await self._to(reply.location)

    async def _to(self, place: str) -> str:
        for _ in range(MOST_STEPS):
            reply = await self._page(self.base + place)
            self.cookies.update(reply.cookies)
            if reply.status == 200:
                return urlsplit(place).path.split("/")[2]
            if reply.status != 303:
                raise TurnedAway(f"{self.base}{place} answers {reply.status}: is the code right?")
            place = reply.location
        raise TurnedAway(f"{self.base}{place} leads on without end")

    @property
    def places(self) -> set[str]:
        """The codes of the pages that it has open now, by the addresses of the sockets that are up."""
        return {urlsplit(line.url).path.split("/")[2] for line, _ in self._lines.values() if line.connected}

    def inside(self, code: str) -> bool:
        """Whether it shows a room's page, connected or not."""
        return code in self._lines

    async def idle(self) -> None:
        """Waits until no answer is on its way: before that a phone goes nowhere."""
        await self._idle.wait()

    async def join(self, code: str, on_region: Callable[[str, Message], None] = lambda name, message: None) -> None:
        """Opens the room's page for the cookie, then its socket. Raises `TurnedAway`, or `Unreachable`."""
        page = f"{self.base}/p/{code}"
        if not self.cookies:
            reply = await self._page(page)
            if reply.status != 200 or not reply.cookies:
                raise TurnedAway(f"{page} answers {reply.status} and gives no cookie: is the code right?")
            self.cookies.update(reply.cookies)
        line = Line(f"{page}/socket", self.cookies, on_region, self.patience)
        self._lines[code] = (line, asyncio.create_task(line.keep()))

    async def _page(self, page: str, form: Mapping[str, str] | None = None) -> Reply:
        """The page, with patience for a server that is busy or just starting."""
        for attempt in range(TRIES):
            try:
                reply = await visit(page, cookies=self.cookies, form=form)
            except Unreachable:
                if attempt == TRIES - 1:
                    raise
            else:
                if reply.status < 500:
                    return reply
            await asyncio.sleep(jitter(2**attempt / 4))
        return reply

    def line(self, code: str) -> Line:
        """The socket of a room that it joined."""
        return self._lines[code][0]

    async def cast(
        self,
        code: str,
        poll: str,
        picks: Sequence[str],
        texts: Mapping[str, str] | None = None,
        revision: int | None = None,
        by: str | None = None,
    ) -> Told:
        """Casts an answer, or changes it, and returns only when the server said what became of it. `by`: the segment
        question (set/question) whose label it carries."""
        if revision is None:
            revision = self._revisions.get(poll, 0) + 1
        self._revisions[poll] = max(revision, self._revisions.get(poll, 0))
        sent = Sent(poll, revision, tuple(picks), dict(texts or {}))
        self.sent.append(sent)
        message = {
            "type": "cast",
            "id": secrets.token_hex(8),
            "poll": poll,
            "revision": revision,
            "picks": list(picks),
            "texts": sent.texts,
            "claims": {cell: self._claim(poll, cell) for cell in sent.texts},
        }
        if by in self.labels:
            message["label"] = {name: self.labels[by][name] for name in ("option", "receipt")}
        self._on_their_way += 1
        self._idle.clear()
        try:
            while True:
                answer = await self.line(code).ask(message)
                if answer.get("code") != Code.BUSY:
                    return self._remember(sent, answer)
                await asyncio.sleep(jitter(1.0))
        finally:
            self._on_their_way -= 1
            if not self._on_their_way:
                self._idle.set()

    def _claim(self, poll: str, cell: str) -> str:
        """The hash of the claim; the claim itself stays here."""
        fresh = base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()
        return hashlib.sha256(self.claims.setdefault((poll, cell), fresh).encode()).hexdigest()

    async def sign(self, event: str, session: str, poll: str, cell: str, who: Person, language: str) -> str:
        """Puts a name to an answer that it gave, with the claim or receipt that it kept; returns the private link's
        key. Raises `NotSigned`."""
        kept = {"claim": self.claims.get((poll, cell), ""), "receipt": self.receipts.get((poll, cell), "")}
        proof = {"claim": kept["claim"]} if kept["claim"] else {"receipt": kept["receipt"]}
        return await sign(self.base, Signature(event, session, poll, cell, **proof), who, language)

    def _remember(self, sent: Sent, answer: Message) -> Told:
        told = Told(
            sent,
            Fate(answer["fate"]),
            answer.get("revision") or 0,
            tuple(answer.get("picks") or ()),
            answer.get("code"),
        )
        self.told.append(told)
        for cell, receipt in (answer.get("receipts") or {}).items():
            self.receipts[sent.poll, cell] = receipt
        if label := answer.get("label"):
            self.labels[label["segment"]] = label
        return told

    async def leave(self, code: str | None = None) -> None:
        """Closes one room's socket, or all. Where it isn't inside, nothing."""
        for each in [code] if code is not None else list(self._lines):
            if (inside := self._lines.pop(each, None)) is not None:
                inside[1].cancel()
                await asyncio.gather(inside[1], return_exceptions=True)
