"""A rehearsal played whole: robots open and close every poll, in the plenary first, then in all break-outs at once; the
phones find their rooms as people's do, and are called back in the end."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from polling.core.event import Event, Place
from polling.core.event_state import BREAK_OUTS, EventVerb
from polling.core.poll import State, Verb
from polling.core.questions.base import Answer
from polling.core.tally import tally_of
from polling.robots.following import Following, Way
from polling.robots.line import Patience
from polling.robots.moderator import Moderator
from polling.robots.organiser import Organiser
from polling.robots.plan import Put
from polling.robots.swarm import Swarm, together


@dataclass
class Result:
    """What came out of a session, beside what its rehearsal says."""

    session: str
    planned: int = 0
    counted: int = 0
    differences: list[str] = field(default_factory=list)


class Director:
    """Holds the organiser's pass and leads the robots through the event. `only_robots`: nobody else is there, so that
    the server must see exactly as many phones in each room. `ways`: how the phones followed."""

    def __init__(
        self,
        base: str,
        event: Event,
        swarm: Swarm,
        cookies: Mapping[str, str],
        patience: Patience | None = None,
        *,
        only_robots: bool = False,
    ) -> None:
        self.event = event
        self.swarm = swarm
        self.ways: list[Way] = []
        self.organiser: Organiser | None = None
        self._moderators: list[Moderator] = []  # those who stay until all is over
        self._base = base
        self._cookies = cookies
        self._patience = patience
        self._only_robots = only_robots

    async def play(self) -> list[Result]:
        """Plays every session once; asks anew what was asked before. One result for each session, in their order."""
        if Following.is_possible(self.event, self.swarm.codes):
            return await self._there_and_back()
        results: list[Result] = []
        for session in [session.id for session in self.event.sessions if session.kind == "plenary"]:
            results.append(await self._visited(session))
        rooms = [session.id for session in self.event.sessions if session.kind == "break-out"]
        return results + await together(*(self._visited(session) for session in rooms))

    async def _there_and_back(self) -> list[Result]:
        """All come by the event's code, into the plenary; they are sent to the break-outs, and back."""
        home = self.event.home
        try:
            await self.gather()
            results = [await self.session(home)]
            await self.send(BREAK_OUTS)
            results += await together(*(self.session(session.id) for session in self.event.break_out_sessions))
            await self.send(home)
            return results
        finally:
            await self.leave()

    async def gather(self) -> None:
        """Everyone comes by the event's code, into the plenary."""
        swarm, home = self.swarm, self.event.home
        swarm.following = Following(self.event, swarm.plan, swarm, swarm.codes, swarm.pace.think / 2)
        self.organiser = Organiser(self._base, self.event.event, self._cookies, self._patience)
        figures = await self.organiser.until("figures", lambda value: True)
        if figures["at"] != home or figures["ended"]:
            await self.organiser.command(EventVerb.SEND, to=home)
        await swarm.arrive(swarm.plan.rooms[home])

    async def send(self, to: str) -> Way:
        """Sends everyone there, and holds where they are then against what their phones and the server say."""
        follow, sent = self.swarm.following, time.monotonic()
        assert self.organiser is not None, "gather() comes first"
        assert follow is not None
        await self.organiser.command(EventVerb.SEND, to=to)
        if to == BREAK_OUTS:
            await self.swarm.arrive(follow.late())
        everyone = list(follow.expected(to))
        prompt = self.swarm.prompt(everyone, to)
        way = await follow.until_there(to, lambda: self.swarm.prompt(prompt, to), sent)
        robots = self.swarm.prompt(prompt, to)
        astray = follow.astray(to, robots)
        self.swarm.lost = set(astray)
        way.wrong += astray.values()
        heads, alone = follow.heads(to, robots), self._only_robots and len(robots) == len(everyone)
        seen = await self.organiser.connected(heads, alone=alone)
        for session, number in heads.items():
            if seen.get(session, 0) < number or (alone and seen.get(session, 0) > number):
                way.wrong.append(f"the server sees {seen.get(session, 0)} phones in {session} instead of {number}")
        self.ways.append(way)
        return way

    async def leave(self) -> None:
        """All phones and the organiser go."""
        if self.swarm.following is not None:
            await self.swarm.following.close()
        if self.organiser is not None:
            await self.organiser.leave()
        await asyncio.gather(*(moderator.leave() for moderator in self._moderators))
        await asyncio.gather(*(phone.leave() for phone in self.swarm.phones))

    async def begun(self) -> list[str]:
        """The sessions in which something was asked already."""
        return [session.id for session in self.event.sessions if await self._asked(session.id)]

    async def _asked(self, session: str) -> bool:
        moderator = self._moderator(session)
        try:
            view = await moderator.until("order", lambda value: True)
            return any(line["state"] != State.PENDING for line in _lines(view))
        finally:
            await moderator.leave()

    def _moderator(self, session: str) -> Moderator:
        return Moderator(self._base, self.event.event, session, self._cookies, self._patience)

    async def _visited(self, session: str) -> Result:
        """A session that its robots go straight into, and leave."""
        await self.swarm.enter(session)
        result = await self.session(session)
        await self.swarm.leave(session)
        return result

    async def session(self, session: str, places: Sequence[Place] | None = None) -> Result:
        """Opens and closes every question of a session whose robots are there already, or only these."""
        result, moderator = Result(session), self._moderator(session)
        try:
            order = self.event.running_order(session) if places is None else places
            for whole, asked in groupby(order, lambda place: place.set):
                if whole.pace == "participant":
                    self.swarm.progress.doing[session] = whole.set
                    await self._set(moderator, list(asked), result)
                    continue
                for place in asked:
                    self.swarm.progress.doing[session] = place.question.id
                    await self._poll(moderator, place, result)
            self.swarm.progress.doing[session] = "done"
        finally:
            if self.organiser is None:
                await moderator.leave()
            else:
                self._moderators.append(moderator)
        return result

    async def _poll(self, moderator: Moderator, place: Place, result: Result) -> None:
        poll = await self._fresh(moderator, place)
        await moderator.command(Verb.OPEN, poll)
        if place.question.answerable:
            await self.swarm.until_answered(moderator.session, poll)
        else:
            await asyncio.sleep(self.swarm.pace.look)
        revision = await moderator.command(Verb.CLOSE, poll)
        view = await moderator.seen(revision)
        if place.question.answerable:
            await self._show(moderator, place, poll, view, result)

    async def _set(self, moderator: Moderator, places: Sequence[Place], result: Result) -> None:
        """A set at the participants' own pace: opened and closed as a whole, and then its results one by one."""
        revision = await moderator.command(Verb.OPEN, await self._fresh(moderator, places[0]))
        order = await moderator.seen(revision, "order")
        polls = [(place, str(_line(order, place)["poll"])) for place in places]
        asked = [(place, poll) for place, poll in polls if place.question.answerable]
        for _, poll in asked:
            await self.swarm.until_answered(moderator.session, poll)
        await moderator.command(Verb.CLOSE, polls[0][1])
        for place, poll in asked:
            revision = await moderator.command(Verb.NEXT, poll)
            await self._show(moderator, place, poll, await moderator.seen(revision), result)

    async def _show(
        self, moderator: Moderator, place: Place, poll: str, view: Mapping[str, Any], result: Result
    ) -> None:
        """Holds a closed question's result against what the robots know, and shows it."""
        await self.swarm.until_told(moderator.session, poll)
        self._compare(view, place, result, self.swarm.answers(moderator.session, poll))
        if not view["poll"]["revealed"]:
            await moderator.command(Verb.REVEAL, poll)
        await asyncio.sleep(self.swarm.pace.look)

    async def _fresh(self, moderator: Moderator, place: Place) -> str:
        """The poll to open: the question's own, or a new round of it where it was asked before."""
        await moderator.until("order", lambda value: True)
        line = _line(moderator.view["order"], place)
        if line["state"] == State.PENDING:
            return str(line["poll"])
        if line["state"] == State.OPEN:
            await moderator.command(Verb.CLOSE, line["poll"])
        revision = await moderator.command(Verb.ASK_AGAIN, line["poll"])
        order = await moderator.seen(revision, "order")
        return str(_line(order, place)["poll"])

    def _compare(self, view: Mapping[str, Any], place: Place, result: Result, answers: Mapping[int, Answer]) -> None:
        put, question = Put(result.session, place.set.set, place.question.id), place.question
        parsed = [question.parse(answer.picks, answer.texts) for answer in answers.values()]
        expected = tally_of(question.cells(answer) for answer in parsed)
        result.planned += len(self.swarm.plan.answers.get(put, {}))
        result.counted += view["answered"]
        if view["answered"] != expected.respondents:
            result.differences.append(f"{put}: {view['answered']} respondents instead of {expected.respondents}")
        rows = {row["cell"]: row["count"] for row in view["chart"]["rows"]} if view["chart"] else {}
        for cell, count in rows.items():
            if count is not None and count != expected.cells.get(cell, 0):
                result.differences.append(f"{put}/{cell}: {count} instead of {expected.cells.get(cell, 0)}")
        came = Counter((idea["cell"], idea["text"]) for idea in view["ideas"])
        if came != Counter((cell, text) for answer in parsed for cell, text in answer.texts.items()):
            result.differences.append(f"{put}: other texts than were sent")


def _lines(view: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [line for chapter in view["chapters"] for line in chapter["lines"]]


def _line(view: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    """The question's line in the running order."""
    key = place.poll_key()
    return next(line for line in _lines(view) if line["poll"].split("/")[:2] == [key.set, key.question])
