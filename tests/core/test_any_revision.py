"""Whatever is edited, taken in, opened and asked again, in any order: an asked question stays as it was (R14)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from revised import FILES, Files, event_of, options

from polling.core.event import Event
from polling.core.one_way import weakened
from polling.core.poll import Poll, PollKey, SessionState, State
from polling.core.revising import Begun, revise
from polling.core.revision_changes import as_asked

SETS, QUESTIONS, OPTIONS = (
    ("who", "cakes", "tea"),
    ("role", "cake", "when", "why", "tea", "x", "y"),
    ("a", "b", "c", "d"),
)


def _edited(draw: Any, files: Files) -> None:
    """One thing that someone changes."""
    each = draw(st.sampled_from(files["sets"]))
    asked = each["questions"]
    question = draw(st.sampled_from(asked))
    match draw(
        st.sampled_from(["title", "options", "drop", "add", "order", "groups", "by", "sets", "session", "rules"])
    ):
        case "title":
            question["title"] = draw(st.sampled_from(["What?", "Why not?", "Which?"]))
        case "options" if "options" in question:
            question["options"] = options(
                *draw(st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=3, unique=True))
            )
        case "drop" if len(asked) > 1 and not question.get("segment"):
            asked.remove(question)
        case "add":
            name = draw(st.sampled_from(QUESTIONS))
            if name not in {one["id"] for one in asked}:
                kind = draw(st.sampled_from(["text", "choice"]))
                more = {"options": options("a", "b")} if kind == "choice" else {}
                asked.insert(0, {"id": name, "type": kind, "title": name} | more)
        case "order":
            asked.reverse()
        case "groups":
            draw(st.sampled_from([each, question]))["working_group"] = draw(
                st.sampled_from(["one", "two", ["one", "two"]])
            )
        case "by" if "options" in question and not question.get("segment"):
            if question.pop("by", None) is None:
                question["by"] = "who/role"
        case "sets":
            session = draw(st.sampled_from(files["sessions"]))
            session["sets"] = draw(st.lists(st.sampled_from(SETS), min_size=1, max_size=3, unique=True))
        case "session":
            if len(files["sessions"]) > 1:
                files["sessions"].pop()
            else:
                files["sessions"].append(
                    {"id": "annex", "kind": "break-out", "title": "Annex", "sets": ["cakes", "tea"]}
                )
        case "rules":
            files["privacy"] = {"smallest_group": draw(st.sampled_from([4, 5, 6]))}


def _as_loaded(files: Files) -> Event:
    """As the loader makes it: of sets that nobody runs there is nothing, and none divides."""
    run = {name for session in files["sessions"] for name in session["sets"]}
    loaded = copy.deepcopy(files)
    loaded["sets"] = [each for each in loaded["sets"] if each["set"] in run]
    for each in loaded["sets"]:
        for question in each["questions"]:
            if "who" not in run:
                question.pop("by", None)
    return event_of(loaded)


def _in_any_order(event: Event) -> Event:
    """Sessions say in which order sets are run; that of the sets themselves says nothing."""
    return event.but(sets=tuple(sorted(event.sets, key=lambda each: each.set)))


class Editing(RuleBasedStateMachine):
    """Files that are edited, and an event under way."""

    def __init__(self) -> None:
        super().__init__()
        self.files: Files = copy.deepcopy(dict(FILES))
        self.event = _as_loaded(self.files)
        self.states = {session.id: SessionState() for session in self.event.sessions}
        self.opened: dict[PollKey, tuple[object, object]] = {}

    @property
    def begun(self) -> dict[tuple[str, str], Begun]:
        found: dict[tuple[str, str], Begun] = {}
        for session, state in self.states.items():
            for key in state.polls:
                before = found.get(key[:2], Begun(0, frozenset()))
                found[key[:2]] = Begun(max(key.round, before.round), before.sessions | {session})
        return found

    def _words(self, key: PollKey) -> tuple[object, object]:
        question = self.event.question(key)
        cells = (*question.all_cells(), *question.text_fields(), "")
        return as_asked(question), [[group.id for group in self.event.groups_for(key, cell)] for cell in cells]

    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        _edited(data.draw, self.files)

    @rule()
    def take_in(self) -> None:
        before, files, begun = self.event, _as_loaded(self.files), self.begun
        revision = revise(before, files, begun)
        self.event = revision.event
        assert (revision.changes == ()) == (_in_any_order(before) == _in_any_order(self.event))
        if begun:
            assert weakened(before, self.event) == ()
        else:
            assert self.event == files
        again = revise(self.event, files, begun)
        assert again.event == self.event
        assert again.changes == ()
        assert again.refused == revision.refused
        self.states = {each.id: self.states.get(each.id, SessionState()) for each in self.event.sessions}

    @precondition(lambda self: self.event.sessions)
    @rule(data=st.data(), again=st.booleans())
    def open(self, data: st.DataObject, again: bool) -> None:
        session = data.draw(st.sampled_from([each.id for each in self.event.sessions]))
        place = data.draw(st.sampled_from(self.event.running_order(session)))
        state = self.states[session]
        key = state.latest_round(*place.poll_key())
        if key in state.polls and again:
            key = key._replace(round=key.round + 1)
        self.states[session] = SessionState(polls={**state.polls, key: Poll(key, State.OPEN)})
        self.opened.setdefault(key, self._words(key))

    @invariant()
    def what_was_opened_is_as_it_was(self) -> None:
        for key, words in self.opened.items():
            assert self._words(key) == words

    @invariant()
    def nobody_hangs_in_the_air(self) -> None:
        for set_id, question, _ in self.event.every_question():
            if question.divided_by:
                by = question.divided_by if "/" in question.divided_by else f"{set_id}/{question.divided_by}"
                assert self.event.segment(by).makes_labels
        for session in self.event.sessions:
            polls = self.states[session.id].polls
            assert len(self.event.in_order(session.id, polls)) == len(polls)
            assert {key.set for key in polls} <= set(session.sets)


TestAnyRevision = pytest.mark.promise("R14")(Editing.TestCase)
TestAnyRevision.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
