"""A session's time against its plan: where it is in its running order, and where it should be by now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from polling.core.poll import PollKey, SessionState, State
from polling.core.running_order import DAY, Planned

NEAR = 60.0
"""Minutes. Whoever begins further from the plan than this, on another day than the event's, goes by it from the real
beginning on: a rehearsal the evening before, an event that says no day."""


class Phase(StrEnum):
    """Where a session is in its plan as a whole."""

    BEFORE = "before"
    UNDER_WAY = "under-way"
    DONE = "done"


@dataclass(frozen=True)
class Punctuality:
    """All in minutes. `at`: where the session is in its running order; `due`: where it should be; both from 0 to
    `minutes`. `behind`: whole minutes; less than 0: ahead."""

    phase: Phase
    begins: float  # after midnight
    minutes: float
    at: float
    due: float
    behind: int


def against_plan(
    plan: Planned, state: SessionState, now: float, began: float | None, *, on_its_day: bool
) -> Punctuality | None:
    """How a session stands at `now`; None: no time is planned for it, or nobody holds to the plan now. `began`: when
    its first question was opened. Both in minutes after midnight, by the event's own clock."""
    begins = _beginning(plan, now, began, on_its_day)
    if begins is None or not plan.minutes:
        return None
    phase, earliest, latest = _place(plan, state)
    elapsed = _apart(now, begins)
    at = min(max(elapsed, earliest), latest)
    late = 0.0 if phase is Phase.DONE or (phase is Phase.BEFORE and elapsed < 0) else elapsed - at
    return Punctuality(phase, begins, plan.minutes, at, min(max(elapsed, 0.0), plan.minutes), int(late))


def _beginning(plan: Planned, now: float, began: float | None, on_its_day: bool) -> float | None:
    """When the plan counts from."""
    if plan.begins is None or on_its_day:
        return plan.begins
    if began is not None:
        return plan.begins if abs(_apart(began, plan.begins)) <= NEAR else began
    return plan.begins if abs(_apart(now, plan.begins)) <= NEAR else None


def _place(plan: Planned, state: SessionState) -> tuple[Phase, float, float]:
    """Where the session is: between the beginning and the end of its question, or of all that are open together."""
    if state.current is None:
        return Phase.BEFORE, 0.0, 0.0
    is_open = {key[:2] for key, poll in state.polls.items() if poll.state is State.OPEN}
    here = is_open or {state.current[:2]}
    at, slots = 0.0, []
    for chapter in plan.chapters:
        for step in chapter.steps:
            after = at + (step.minutes or 0)
            if (chapter.set.set, step.question.id) in here:
                slots.append((at, after))
            at = after
    if not slots:  # at a question that was taken out of the order
        return Phase.UNDER_WAY, 0.0, at
    earliest, latest = slots[0][0], slots[-1][1]
    last = plan.chapters[-1]
    done = not is_open and state.current[:2] == (last.set.set, last.steps[-1].question.id)
    if done and state.poll(PollKey(*state.current)).state is not State.PENDING:
        return Phase.DONE, at, at
    return Phase.UNDER_WAY, earliest, latest


def _apart(moment: float, since: float) -> float:
    """Minutes from one moment of the clock to the other, the shorter way round midnight."""
    return (moment - since + DAY / 2) % DAY - DAY / 2
