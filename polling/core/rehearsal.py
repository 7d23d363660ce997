"""A rehearsal: what robots answer, as counts per session, set, question and option; checked against the event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field

from polling.core.errors import Refused
from polling.core.event import Event
from polling.core.files.nodes import Node, ScalarNode, below, entry
from polling.core.files.problems import Problem, clipped, meant
from polling.core.files.validating import find, validate
from polling.core.questions.base import Answer, Frozen, Question

Number = Annotated[int, Field(ge=0, le=100_000)]
RehearsedText = Annotated[str, Field(min_length=1)]


class Signers(Frozen):
    """How many put a name to what they chose or wrote."""

    now: Number = Field(0, description="At once, while the poll is open.")
    later: Number = Field(0, description="After all is over, from the same phone.")
    withdrawn: Number = Field(0, description="How many of all these take their name back in the end.")

    @property
    def all(self) -> int:
        """Whether at once or later."""
        return self.now + self.later


class Counts(Frozen):
    """What a room answers to one question."""

    respondents: Number = Field(description="How many answer: one ballot each.")
    counts: dict[str, Number] = Field(default={}, description="Option → how many choose it; others: nobody.")
    texts: dict[str, Annotated[tuple[RehearsedText, ...], Field(strict=False)]] = Field(
        default={}, description="Option with 'other', or the number of a text field → what is written there."
    )
    signers: dict[str, Signers] = Field(
        default={}, description="Option or text field that can be signed → how many put a name to it."
    )


class Rehearsal(Frozen):
    """What rehearsal.yaml holds. Sessions, sets and questions that it doesn't name are not answered."""

    participants: int = Field(ge=1, le=100_000, description="How many phones take part.")
    sessions: dict[str, dict[str, dict[str, Counts]]] = Field(
        description="Session → question set → question → its counts."
    )

    def counts(self, session: str, question_set: str, question: str) -> Counts | None:
        """What the session answers to this question; None if it is not rehearsed."""
        return self.sessions.get(session, {}).get(question_set, {}).get(question)


def ballots(question: Question, counts: Counts) -> tuple[Answer, ...]:
    """An answer for each respondent, so that all together come to `counts`; raises ValueError with a sentence where
    no answers do. Where an open question has fewer texts than respondents, the others write the type's example."""
    dealt = question.deal(counts.respondents, counts.counts)
    written: list[dict[str, str]] = [{} for _ in dealt]
    turn = 0
    for cell, texts in counts.texts.items():
        writers = [number for number, picks in enumerate(dealt) if cell in picks or not picks]
        if len(texts) > len(writers):
            raise ValueError(f"there are {len(texts)} texts for {cell!r}, but only {len(writers)} to write them")
        for text in texts:
            written[writers[turn % len(writers)]][cell] = text
            turn += 1
    _, example = question.example()
    both = zip(dealt, written, strict=True)
    return tuple(Answer(picks, texts if texts or picks else example) for picks, texts in both)


def writers(question: Question, answers: Iterable[Answer], cell: str) -> list[int]:
    """Which of the answers, counted from 0, can be signed in `cell`: those with a text in it, or where it takes
    none those that chose it."""
    takes_text = cell in question.text_fields()
    return [
        number
        for number, answer in enumerate(answers)
        if (cell in answer.texts if takes_text else cell in answer.picks)
    ]


def rehearsal_problems(file: str, top: Node, event: Event) -> Iterator[Problem]:
    """Where a rehearsal does not fit the event. Works on nodes, so that it also sees files with other mistakes."""
    participants = entry(top, "participants")
    most = (
        participants.scalar if isinstance(participants, ScalarNode) and isinstance(participants.scalar, int) else None
    )
    plans = {session.id: session for session in event.sessions}
    for session, sets in below(entry(top, "sessions")):
        if session.text not in plans:
            yield _unknown(file, session, "there is no session", plans)
            continue
        for question_set, questions in below(sets):
            if question_set.text not in plans[session.text].sets:
                yield _unknown(file, question_set, f"session {session.text!r} has no set", plans[session.text].sets)
                continue
            asked = {question.id: question for question in event.question_set(question_set.text).questions}
            for question, place in below(questions):
                if question.text not in asked:
                    yield _unknown(file, question, f"set {question_set.text!r} has no question", asked)
                    continue
                counts, told = validate(Counts, place, file, {})
                if counts is not None and not told:
                    yield from _misfits(file, place, asked[question.text], counts, most)


def _misfits(file: str, place: Node, question: Question, counts: Counts, participants: int | None) -> Iterator[Problem]:
    if not question.answerable:
        yield _at(file, place, f"{question.id!r} is a page between questions: nobody answers it")
        return
    found = [
        *_unknown_cells(file, entry(place, "counts"), question.all_cells(), "option"),
        *_unknown_cells(file, entry(place, "texts"), question.text_fields(), "text field"),
        *_unknown_cells(file, entry(place, "signers"), _signable(question), "answer that can be signed:"),
    ]
    if participants is not None and counts.respondents > participants:
        message = f"there are {counts.respondents} respondents, but only {participants} participants"
        found.append(_at(file, find(place, ["respondents"]), message))
    for cell, count in counts.counts.items():
        if count > counts.respondents:
            message = f"{count} choose {cell!r}, but only {counts.respondents} answer this question"
            found.append(_at(file, find(place, ["counts", cell]), message))
    yield from found or _impossible(file, place, question, counts)


def _impossible(file: str, place: Node, question: Question, counts: Counts) -> Iterator[Problem]:
    """What no ballots can bring about."""
    try:
        question.deal(counts.respondents, counts.counts)
    except ValueError as error:
        yield _at(file, find(place, ["counts"]), str(error))
        return
    try:
        ballots(question, counts)
    except ValueError as error:
        yield _at(file, find(place, ["texts"]), str(error))
        return
    for cell, signers in counts.signers.items():
        able = len(writers(question, ballots(question, counts), cell))
        if signers.all > able:
            message = f"{signers.all} sign {cell!r}, but only {able} can"
            yield _at(file, find(place, ["signers", cell]), message)
        if signers.withdrawn > signers.all:
            message = f"{signers.withdrawn} withdraw, but only {signers.all} sign {cell!r}"
            yield _at(file, find(place, ["signers", cell, "withdrawn"]), message)
    picks, _ = question.example()
    for cell, texts in counts.texts.items():
        for number, text in enumerate(texts):
            try:
                question.parse((cell,) if picks else (), {cell: text})
            except Refused as refused:
                most = refused.values.get("most")
                message = f"this text has {len(text)} characters: {most} is the most" if most else "this text is empty"
                yield _at(file, find(place, ["texts", cell, number]), message)


def _signable(question: Question) -> list[str]:
    cells = dict.fromkeys((*question.all_cells(), *question.text_fields()))
    return [cell for cell in cells if question.signable(cell)]


def _unknown_cells(file: str, place: Node | None, known: Iterable[str], what: str) -> Iterator[Problem]:
    for cell, _ in below(place):
        if cell.text not in known:
            yield _unknown(file, cell, f"this question has no {what}", known)


def _unknown(file: str, key: ScalarNode, what: str, known: Iterable[str]) -> Problem:
    return _at(file, key, f"{what} {clipped(key.text)}{meant(key.text, known)}")


def _at(file: str, node: Node, message: str) -> Problem:
    return Problem(file, node.line, node.column, message)
