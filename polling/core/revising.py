"""An edit of an event's files while the event runs: what of it can be taken in, what can't, and what it would change.

Whoever answered a question answered it as it was. So a question that was opened keeps its words in the rounds that
there were: an edit of it is asked as the next round (docs/decisions/0014-editions.md). What would take a begun session
away, or protect people less than they were promised, is refused; all else of the same edit is taken in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from polling.core.event import Edition, Event, QuestionSet, SessionPlan, WorkingGroup, spot_set_id
from polling.core.one_way import weakened
from polling.core.questions.base import Question
from polling.core.revision_changes import Asked, Begun, Change, as_asked, changes_between

__all__ = ["Asked", "Begun", "Change", "Refusal", "Revision", "Why", "revise"]


class Why(StrEnum):
    """Why a part of an edit is left out."""

    SESSION_BEGUN = "session-begun"  # a question was opened in a session that is gone, or phones are sent there
    SET_BEGUN = "set-begun"  # a question was opened in a session that no longer has its set
    SEGMENT_BEGUN = "segment-begun"  # results are divided by its options
    GROUP_USED = "group-used"  # answers go to a working group that is gone
    WEAKENS = "weakens"  # people were promised more


@dataclass(frozen=True, order=True)
class Refusal:
    """A part of an edit that is left out. `place`: 'set/question', a set, a session, or a setting as YAML names it."""

    why: Why
    place: str


@dataclass(frozen=True)
class Revision:
    """What becomes of an event when its files are taken in."""

    event: Event
    changes: tuple[Change, ...]
    refused: tuple[Refusal, ...]


@dataclass
class _Kept:
    """What stays as it is in force, whatever the files say."""

    settings: set[str] = field(default_factory=set)
    groups_of_sets: set[str] = field(default_factory=set)
    questions: set[Asked] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)


def revise(in_force: Event, files: Event, begun: Mapping[Asked, Begun], in_use: Collection[str] = ()) -> Revision:
    """What becomes of `in_force` by `files`. `begun`: the questions of which a poll was opened. `in_use`: sessions that
    something else hangs on."""
    kept = _Kept(questions=_labelling(in_force, begun))
    while True:  # each turn keeps something more
        event = _Merging(in_force, files, begun, in_use, kept).event()
        before = _size(kept)
        _keep_what_is_missing(in_force, event, kept)
        if begun:
            _keep_what_protects(in_force, files, event, kept)
        if _size(kept) == before:
            break
    if begun and weakened(in_force, event):  # then nothing of it
        event = in_force
    return Revision(
        event, changes_between(in_force, event, begun), tuple(sorted(_refused(in_force, files, event, kept)))
    )


def _size(kept: _Kept) -> int:
    return sum(map(len, vars(kept).values()))


def _labelling(event: Event, begun: Mapping[Asked, Begun]) -> set[Asked]:
    """The segment questions whose options are labels already, or divide what was asked: they stay as they are."""
    asked = [(set_id, question) for set_id, question, _ in event.every_question()]
    held = {
        (set_id, question.id) for set_id, question in asked if question.makes_labels and (set_id, question.id) in begun
    }
    earlier = [(each.set, each.question) for each in event.earlier]
    dividing = [*((set_id, question) for set_id, question in asked if (set_id, question.id) in begun), *earlier]
    return held | {found for set_id, question in dividing if (found := _segment_of(set_id, question)) is not None}


def _segment_of(set_id: str, question: Question) -> Asked | None:
    by = question.divided_by
    if by is None:
        return None
    of_set, _, name = by.rpartition("/")
    return of_set or set_id, name


def _keep_what_is_missing(in_force: Event, event: Event, kept: _Kept) -> None:
    """What stays may hang on what the files no longer have: that stays too."""
    present = {(each.set, question.id) for each in event.sets for question in each.questions}
    groups = {group.id for group in event.working_groups}
    for set_id, question, of_set in event.every_question():
        segment = _segment_of(set_id, question)
        if segment is not None and segment not in present:
            kept.questions.add(segment)
        cells = {*question.all_cells(), *question.text_fields(), ""}
        kept.groups |= {group for cell in cells for group in question.groups(cell) or of_set} - groups
    kept.sets |= {set_id for set_id, _ in kept.questions}


def _keep_what_protects(in_force: Event, files: Event, event: Event, kept: _Kept) -> None:
    if (
        event.privacy.mode != in_force.privacy.mode
    ):  # voter keys hang on it, so that either way someone could vote twice
        kept.settings.add("privacy.mode")
    for name in weakened(in_force, event):
        place, _, what = name.partition(": ")
        if not what:
            kept.settings.add(name)
            continue
        set_id, _, question_id = place.partition("/")
        ours, theirs = (_set_in(each, set_id) for each in (in_force, files))
        differs = ours and theirs and ours.working_group != theirs.working_group
        if what == "working_group" and differs and set_id not in kept.groups_of_sets:
            kept.groups_of_sets.add(set_id)
        else:
            kept.questions.add((set_id, question_id))


def _set_in(event: Event, set_id: str) -> QuestionSet | None:
    return next((each for each in event.sets if each.set == set_id), None)


class _Merging:
    """The event in force with what its files say, but for what is kept."""

    def __init__(
        self, in_force: Event, files: Event, begun: Mapping[Asked, Begun], in_use: Collection[str], kept: _Kept
    ) -> None:
        self.in_force = in_force
        self.files = files
        self.begun = begun
        self.in_use = in_use
        self.kept = kept
        self.earlier = list(in_force.earlier)

    def event(self) -> Event:
        sessions = tuple(self._sessions())
        wanted = {set_id for session in sessions for set_id in session.sets} | self.kept.sets
        known = {each.set: each for each in (*self.in_force.sets, *self.files.sets)}
        in_order = dict.fromkeys(each.set for each in (*self.files.sets, *self.in_force.sets))
        sets = tuple(self._set(known[set_id]) for set_id in in_order if set_id in wanted)
        ids = {session.id for session in sessions}
        reworded = tuple(each for each in self.in_force.reworded if each.session in ids)
        parts = {"sessions": sessions, "sets": sets, "earlier": tuple(self.earlier), "reworded": reworded}
        return self.files.but(**parts, **self._settings())

    def _settings(self) -> dict[str, object]:
        """Privacy, the day and the working groups."""
        ours, privacy = self.in_force.privacy, self.files.privacy
        for name in self.kept.settings - {"day"}:
            key, _, of_contact = name.removeprefix("privacy.").partition(".")
            if of_contact:
                asks = privacy.contact.model_copy(update={of_contact: getattr(ours.contact, of_contact)})
                privacy = privacy.model_copy(update={"contact": asks})
            else:
                privacy = privacy.model_copy(update={key: getattr(ours, key)})
        return {
            "privacy": privacy,
            "day": self.in_force.day if "day" in self.kept.settings else self.files.day,
            "working_groups": tuple(self._groups()),
        }

    def _groups(self) -> Iterator[WorkingGroup]:
        yield from self.files.working_groups
        known = {group.id for group in self.files.working_groups}
        yield from (each for each in self.in_force.working_groups if each.id in self.kept.groups - known)

    def _sessions(self) -> Iterator[SessionPlan]:
        ours = {session.id: session for session in self.in_force.sessions}
        stay = list(self.files.sessions)
        for number, session in enumerate(self.in_force.sessions):
            if session.id not in {each.id for each in stay} and (
                self._begun_in(session.id) or session.id in self.in_use
            ):
                stay.insert(number, session)
        for session in stay:
            yield self._session(session, ours[session.id]) if session.id in ours else session

    def _session(self, session: SessionPlan, ours: SessionPlan) -> SessionPlan:
        sets, begun = list(session.sets), self._begun_in(session.id)
        for number, set_id in enumerate(ours.sets):
            if set_id not in sets and (set_id in begun or set_id == spot_set_id(session.id)):
                sets.insert(number, set_id)
        if (spot := spot_set_id(session.id)) in sets:  # what was added on the spot comes last
            sets.remove(spot)
            sets.append(spot)
        return session.model_copy(update={"sets": tuple(sets)})

    def _begun_in(self, session_id: str) -> set[str]:
        return {set_id for (set_id, _), each in self.begun.items() if session_id in each.sessions}

    def _set(self, theirs: QuestionSet) -> QuestionSet:
        """A set with its questions; one that the files don't have as it is."""
        ours = _set_in(self.in_force, theirs.set)
        if ours is None or _set_in(self.files, theirs.set) is None:
            return theirs
        groups = ours.working_group if ours.set in self.kept.groups_of_sets else theirs.working_group
        stay = list(theirs.questions)
        ids = {question.id for question in stay}
        for number, question in enumerate(ours.questions):
            if question.id not in ids:
                if (ours.set, question.id) in self.kept.questions:
                    stay.insert(number, question)
                else:
                    self._ends(ours, question)
        before = {question.id: question for question in ours.questions}
        questions = tuple(self._question(ours, before.get(question.id), question, groups) for question in stay)
        return theirs.model_copy(update={"working_group": groups, "questions": questions})

    def _question(self, ours: QuestionSet, old: Question | None, new: Question, groups: tuple[str, ...]) -> Question:
        """A question as it is asked from now on; as it was asked it becomes an edition."""
        if old is not None and (ours.set, old.id) in self.kept.questions and as_asked(new) != as_asked(old):
            new = old
        wording = (as_asked(new), groups if _relies(new) else ())
        if old is not None and wording != (as_asked(old), ours.working_group if _relies(old) else ()):
            self._ends(ours, old)
        last = self._last(ours.set, new.id)
        if last is not None and not self._was_asked(ours.set, new.id, last.until_round):
            again = (as_asked(last.question), last.working_group if _relies(last.question) else ())
            if again == wording:
                self.earlier.remove(last)
        return new

    def _ends(self, ours: QuestionSet, old: Question) -> None:
        """Where a question was asked in its present words, they are kept for the rounds that there were."""
        last = self._last(ours.set, old.id)
        if self._was_asked(ours.set, old.id, last.until_round if last else 0):
            round = self.begun[ours.set, old.id].round
            self.earlier.append(
                Edition.model_validate(
                    {"set": ours.set, "question": old, "until_round": round, "working_group": ours.working_group}
                )
            )

    def _last(self, set_id: str, question_id: str) -> Edition | None:
        editions = (each for each in self.earlier if (each.set, each.question.id) == (set_id, question_id))
        return max(editions, key=lambda each: each.until_round, default=None)

    def _was_asked(self, set_id: str, question_id: str, after: int) -> bool:
        """Whether there was a round after this one."""
        begun = self.begun.get((set_id, question_id))
        return begun is not None and begun.round > after


def _relies(question: Question) -> bool:
    """Whether some of its answers go where its set says."""
    cells = {*question.all_cells(), *question.text_fields(), ""}
    return any(not question.groups(cell) for cell in cells)


def _refused(in_force: Event, files: Event, event: Event, kept: _Kept) -> Iterator[Refusal]:
    """What the files ask for and did not get."""
    for name in kept.settings:
        yield Refusal(Why.WEAKENS, name)
    for set_id in kept.groups_of_sets:
        yield Refusal(Why.WEAKENS, f"{set_id}: working_group")
    theirs = {session.id: session for session in files.sessions}
    for session in event.sessions:
        if session.id not in theirs:
            yield Refusal(Why.SESSION_BEGUN, session.id)
            continue
        for set_id in session.sets:
            if set_id not in theirs[session.id].sets and set_id != spot_set_id(session.id):
                yield Refusal(Why.SET_BEGUN, f"{session.id}: {set_id}")
    for set_id, question_id in kept.questions:
        ours, said = _set_in(in_force, set_id), _set_in(files, set_id)
        if ours is None or said is None:
            continue
        wanted = next((each for each in said.questions if each.id == question_id), None)
        present = event.present(set_id, question_id)
        if wanted != present:
            labels = present.makes_labels
            yield Refusal(Why.SEGMENT_BEGUN if labels else Why.WEAKENS, f"{set_id}/{question_id}")
    for group in event.working_groups:
        if group.id not in {each.id for each in files.working_groups}:
            yield Refusal(Why.GROUP_USED, group.id)
