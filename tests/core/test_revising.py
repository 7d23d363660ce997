"""An edit of an event's files while the event runs: what was asked stays as it was asked (R14)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from revised import FILES, Files, edited, event_of, options, the_question, the_set, without

from polling.core.event import Event
from polling.core.poll import PollKey
from polling.core.revising import Begun, Refusal, Revision, Why, revise
from polling.core.revision_changes import What

IN_FORCE = event_of(FILES)
CAKE = PollKey("cakes", "cake")


def begun(*names: str, round: int = 1, sessions: tuple[str, ...] = ("hall",)) -> dict[tuple[str, str], Begun]:
    return {(set_id, name): Begun(round, frozenset(sessions)) for set_id, _, name in (n.partition("/") for n in names)}


def after(edit: Callable[[Files], object], *names: str, in_force: Event = IN_FORCE, **more: Any) -> Revision:
    return revise(in_force, edited(edit), begun(*names, **more))


def told(revision: Revision) -> list[tuple[What, str]]:
    return [(change.what, change.place) for change in revision.changes]


def rename(files: Files, title: str = "Cake, which?") -> None:
    the_question(files, "cakes/cake")["title"] = title


def pears(files: Files) -> None:
    the_question(files, "cakes/cake")["options"] = options("pear", "plum")


@pytest.mark.promise("R14")
def test_a_question_that_was_opened_keeps_its_words_and_the_new_ones_are_its_next_round() -> None:
    revision = after(rename, "cakes/cake")
    event = revision.event
    assert event.question(CAKE) == IN_FORCE.question(CAKE)
    assert event.question(CAKE._replace(round=2)).title == {"*": "Cake, which?"}
    assert [place.first_round for place in event.running_order("hall")] == [1, 2, 1, 1]
    assert [place.first_round for place in event.running_order("annex")] == [2, 1, 1, 1]
    assert told(revision) == [(What.NEW_ROUND, "cakes/cake")]
    assert revision.changes[0].round == 2
    assert revision.refused == ()


def test_a_question_that_was_not_opened_gets_its_new_words() -> None:
    revision = after(rename, "cakes/why")
    assert revision.event.question(CAKE).title == {"*": "Cake, which?"}
    assert told(revision) == [(What.REWORDED, "cakes/cake")]
    assert revision.changes[0].fields == ("title",)


def test_a_renamed_option_of_an_open_question_is_another_round() -> None:
    revision = after(pears, "cakes/cake")
    assert revision.event.question(CAKE).all_cells() == ("apple", "plum", "nut")
    assert revision.event.question(CAKE._replace(round=2)).all_cells() == ("pear", "plum")


def test_a_question_that_was_opened_and_is_taken_out_keeps_its_results_and_is_asked_no_more() -> None:
    revision = after(lambda files: without(files, "cakes/cake"), "cakes/cake", round=2)
    event = revision.event
    assert event.question(CAKE._replace(round=2)) == IN_FORCE.question(CAKE)
    assert [group.id for group in event.groups_for(CAKE)] == ["one"]
    assert [place.question.id for place in event.running_order("hall")] == ["role", "when", "why"]
    assert told(revision) == [(What.ENDED, "cakes/cake")]
    with pytest.raises(KeyError):
        event.question(CAKE._replace(round=3))
    again = revise(event, IN_FORCE, begun("cakes/cake", round=2))
    assert again.event == IN_FORCE
    assert told(again) == [(What.BACK, "cakes/cake")]


def test_words_that_are_taken_back_before_they_were_asked_are_no_round() -> None:
    renamed = after(rename, "cakes/cake").event
    back = revise(renamed, IN_FORCE, begun("cakes/cake"))
    assert back.event == IN_FORCE
    assert told(back) == [(What.BACK, "cakes/cake")]
    once_more = revise(renamed, edited(lambda files: rename(files, "Which?")), begun("cakes/cake"))
    assert once_more.event.first_round("cakes", "cake") == 2
    assert told(once_more) == [(What.REWORDED, "cakes/cake")]


def test_each_wording_that_was_asked_is_kept_for_its_rounds() -> None:
    event = after(rename, "cakes/cake").event
    event = revise(event, edited(lambda files: rename(files, "Which?")), begun("cakes/cake", round=3)).event
    titles = [event.question(CAKE._replace(round=round)).title["*"] for round in (1, 2, 3, 4)]
    assert titles == ["Which cake?", "Cake, which?", "Cake, which?", "Which?"]
    assert [event.asked_since(CAKE._replace(round=round)) for round in (1, 2, 3, 4)] == [1, 2, 2, 4]


def test_what_only_the_moderator_sees_makes_no_round() -> None:
    revision = after(lambda files: the_question(files, "cakes/cake").update(script="Smile.", minutes=4), "cakes/cake")
    assert revision.event.first_round("cakes", "cake") == 1
    assert revision.event.question(CAKE).script == {"*": "Smile."}
    assert told(revision) == [(What.PLANNED, "cakes/cake")]


def test_other_readers_of_answers_make_another_round_and_more_readers_are_refused() -> None:
    fewer = after(lambda files: the_set(files, "cakes").pop("working_group"), "cakes/cake")
    assert (What.NEW_ROUND, "cakes/cake") in told(fewer)
    assert [group.id for group in fewer.event.groups_for(CAKE)] == ["one"]
    assert fewer.event.groups_for(CAKE._replace(round=2)) == ()
    more = after(lambda files: the_set(files, "cakes").update(working_group=["one", "two"]), "cakes/cake")
    assert more.event == IN_FORCE
    assert more.refused == (Refusal(Why.WEAKENS, "cakes: working_group"),)


def test_a_session_or_set_that_was_begun_stays() -> None:
    def shorter(files: Files) -> None:
        files["sessions"] = [files["sessions"][0] | {"sets": ["who"]}]

    revision = after(shorter, "cakes/cake", sessions=("annex", "hall"))
    assert revision.event.session("annex") == IN_FORCE.session("annex")
    assert revision.event.session("hall").sets == ("who", "cakes")
    assert revision.refused == (Refusal(Why.SESSION_BEGUN, "annex"), Refusal(Why.SET_BEGUN, "hall: cakes"))
    free = after(shorter)
    assert [session.id for session in free.event.sessions] == ["hall"]
    assert [each.set for each in free.event.sets] == ["who", "cakes", "tea"][:1]
    assert free.refused == ()


def test_a_session_that_people_are_sent_to_stays() -> None:
    files = edited(lambda files: files["sessions"].pop())
    revision = revise(IN_FORCE, files, {}, in_use={"annex"})
    assert revision.event.session("annex")
    assert revision.refused == (Refusal(Why.SESSION_BEGUN, "annex"),)


def test_new_sessions_sets_and_questions_come_in() -> None:
    def more(files: Files) -> None:
        files["sets"].append(
            {"set": "more", "title": "More", "questions": [{"id": "x", "type": "text", "title": "X?"}]}
        )
        files["sessions"].append({"id": "attic", "kind": "break-out", "title": "Attic", "sets": ["more"]})
        files["sessions"][0]["sets"] = ["cakes", "who", "more"]

    revision = after(more, "cakes/cake")
    assert [place.question.id for place in revision.event.running_order("attic")] == ["x"]
    assert [place.set.set for place in revision.event.running_order("hall")] == ["cakes"] * 3 + ["who", "more"]
    assert (What.ADDED, "attic") in told(revision)
    assert (What.ADDED, "more/x") in told(revision)
    assert revision.refused == ()


def test_a_segment_question_that_divides_what_was_asked_stays_as_it_is() -> None:
    def sector(files: Files) -> None:
        the_question(files, "who/role")["options"] = options("c", "d")

    assert after(sector).event.present("who", "role").all_cells() == ("c", "d")
    for name in ("who/role", "cakes/when"):
        revision = after(sector, name)
        assert revision.event == IN_FORCE
        assert revision.refused == (Refusal(Why.SEGMENT_BEGUN, "who/role"),)


def test_a_segment_question_whose_set_is_gone_stays_for_what_it_divides() -> None:
    def gone(files: Files) -> None:
        files["sessions"][0]["sets"] = ["cakes"]
        files["sets"] = files["sets"][1:]
        the_question(files, "cakes/when").pop("by")

    event = after(gone, "cakes/when").event
    assert event.segment(str(event.segment_of(PollKey("cakes", "when")))).all_cells() == ("a", "b")
    assert "who" not in event.session("hall").sets


def test_a_working_group_that_answers_go_to_stays() -> None:
    def gone(files: Files) -> None:
        files["working_groups"] = files["working_groups"][:1]
        the_question(files, "cakes/why")["working_group"] = "one"

    revision = after(gone, "cakes/why")
    assert Refusal(Why.WEAKENS, "cakes/why") in revision.refused
    assert Refusal(Why.GROUP_USED, "two") in revision.refused
    assert [group.id for group in revision.event.groups_for(PollKey("cakes", "why"))] == ["two"]


@pytest.mark.promise("P17")
def test_what_protects_people_stays_once_anything_was_opened_and_all_else_comes_in() -> None:
    def weaker(files: Files) -> None:
        files["privacy"] = {"smallest_group": 2, "seal_after_minutes": 60, "controller": "Someone"}
        files["title"] = "Another title"

    revision = after(weaker, "cakes/cake")
    assert revision.event.privacy == IN_FORCE.privacy
    assert revision.event.title == {"*": "Another title"}
    assert {each.place for each in revision.refused} == {
        "privacy.smallest_group",
        "privacy.seal_after_minutes",
        "privacy.controller",
    }
    assert after(weaker).event == edited(weaker)


def test_an_event_turns_neither_pseudonymous_nor_anonymous_once_it_was_begun() -> None:
    def together(files: Files) -> None:
        files["privacy"]["mode"] = "pseudonymous"

    assert after(together, "cakes/cake").event.privacy.mode == "anonymous"
    back = revise(edited(together), IN_FORCE, begun("cakes/cake"))
    assert back.event.privacy.mode == "pseudonymous"
    assert back.refused == (Refusal(Why.WEAKENS, "privacy.mode"),)


def test_the_same_files_change_nothing() -> None:
    assert revise(IN_FORCE, IN_FORCE, begun("cakes/cake")) == Revision(IN_FORCE, (), ())
