"""What one phone answered, for its own page; in no frame."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from polling.core.errors import Refused
from polling.core.poll import PollKey
from polling.core.regions.phone import PhoneView
from polling.core.regions.room import Stage
from polling.live.room import Room
from polling.rendering import sentence
from polling.store import ballot_box, ideas
from polling.store.polls import PollRef
from polling.web.site import Site


@dataclass(frozen=True)
class Mine:
    """What one phone answered to a poll that its page shows. `state`: "counted", or nothing while it is not."""

    poll: str
    revision: int = 0
    picks: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    state: str = ""

    def stored(self) -> dict[str, Any]:
        """What the page tells its script."""
        return {"poll": self.poll, "revision": self.revision, "picks": self.picks, "texts": self.texts}


@dataclass(frozen=True)
class Trouble:
    """Why an answer by form was not counted, and the answer, so that nothing is lost."""

    refused: Refused
    given: Mine


async def mine_of(site: Site, room: Room, view: PhoneView, secret: bytes) -> list[Mine]:
    """This phone's ballots in the polls that the page shows. Of one that is open also that there is none."""
    polls = _polls(view)
    refs = [ref for poll in polls if (ref := await room.poll_ref(poll)) is not None]
    found = await asyncio.to_thread(_stored, site, refs, secret)
    if not _asks(view):
        return list(found.values())
    return [found.get(poll) or Mine(str(poll)) for poll in polls]


def _polls(view: PhoneView) -> list[PollKey]:
    if view.stage is Stage.OWN_PACE:
        return [step.poll for step in view.steps if step.question.answerable]
    return [] if view.poll is None else [view.poll]


def _asks(view: PhoneView) -> bool:
    return view.stage in (Stage.QUESTION, Stage.OWN_PACE)


def _stored(site: Site, polls: Iterable[PollRef], secret: bytes) -> dict[PollKey, Mine]:
    found = {}
    with site.database.read() as connection:
        for poll in polls:
            held = ballot_box.my_ballot(connection, poll.id, site.keys.voter_key(poll.voter_nonce, secret))
            if held is not None:
                written = ideas.written_by(connection, poll.id, site.keys.idea_key(poll.nonce, secret))
                texts = {text.cell: text.text for text in written}
                found[poll.key] = Mine(str(poll.key), held.revision, tuple(held.cells), texts, "counted")
    return found


def personal(view: PhoneView, mine: Iterable[Mine], trouble: Trouble | None, language: str) -> dict[str, Any]:
    """What is this phone's own on the page: its answers by poll, what is wrong with one (`wrong`: its poll), and the
    line at the foot."""
    shown = {each.poll: each for each in mine if each.state}
    standing = _standing(view, shown.get(str(view.poll)))
    told: dict[str, Any] = {"answers": shown, "wrong": "", "error": "", "because": "", "standing": standing}
    if trouble is None:
        return told
    error = sentence(trouble.refused.code, language, **trouble.refused.values)
    given = trouble.given
    if _asks(view) and given.poll in map(str, _polls(view)):
        return told | {"answers": shown | {given.poll: given}, "wrong": given.poll, "error": error, "standing": ""}
    texts = " ".join(f"“{text}”" for text in given.texts.values() if text)
    return told | {"standing": "refused", "because": f"{error} {texts}".strip()}


def _standing(view: PhoneView, mine: Mine | None) -> str:
    """Which line stands at the foot (templates/participant/status.html); none where the send button does."""
    if view.stage is Stage.OWN_PACE:
        return ""
    if view.stage is Stage.QUESTION:
        if mine:
            return "counted"
        return "ask" if view.question and view.question.one_tap else ""
    return "final" if mine else "wait"
