"""P12, P17: what people answered under stays in force. Every path on which an event could be weakened is refused."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from cli_desk import make_desk
from served import CAKE, EVENT, serving

from polling.cli.serve import ServeFailed
from polling.core.event import Event, Privacy
from polling.core.one_way import _WEAKER, weakened
from polling.settings import load_settings
from polling.store.database import Database, DatabaseError
from polling.store.events import event_in_force, keep_event
from polling.store.polls import polls_to_seal

RULES: dict[str, Any] = {
    "mode": "anonymous",
    "smallest_group": 5,
    "seal_after_minutes": 5,
    "day": "2026-11-24",
    "contacts_until": "2027-03-01",
    "late_signature_until": "2026-12-01",
    "controller": "Harbour",
    "contact": {"organisation": "optional", "phone": "none"},
}


TEA: dict[str, Any] = EVENT | {"privacy": {**cast(dict[str, Any], EVENT["privacy"]), "smallest_group": 5}}


def make(*, question: dict[str, Any] | None = None, **privacy: Any) -> Event:
    rules = {name: value for name, value in (RULES | privacy).items() if value is not None}
    day = rules.pop("day", None)
    options = [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}]
    sector = {"id": "sector", "type": "choice", "title": "Sector", "segment": True, "options": options}
    mood = {"id": "mood", "type": "choice", "title": "Mood", "options": options, "working_group": "one"}
    return Event.model_validate(
        {
            "event": "gathering",
            "title": "The gathering",
            "day": day,
            "privacy": rules,
            "working_groups": [{"id": "one", "title": "One"}, {"id": "two", "title": "Two"}],
            "sessions": [{"id": "plenary", "kind": "plenary", "title": "Plenary", "sets": ["who"]}],
            "sets": [{"set": "who", "title": "Who", "questions": [sector, mood | (question or {})]}],
        }
    )


@pytest.mark.promise("P17")
@pytest.mark.parametrize(
    ("setting", "weaker", "stronger"),
    [
        ("privacy.mode", {"mode": "pseudonymous"}, {}),
        ("privacy.smallest_group", {"smallest_group": 4}, {"smallest_group": 6}),
        ("privacy.seal_after_minutes", {"seal_after_minutes": 6}, {"seal_after_minutes": 0}),
        ("privacy.contacts_until", {"contacts_until": "2027-03-02"}, {"contacts_until": "2027-02-28"}),
        ("privacy.contacts_until", {"contacts_until": None}, {"contacts_until": "2026-12-24"}),
        (
            "privacy.late_signature_until",
            {"late_signature_until": "2026-12-02"},
            {"late_signature_until": "2026-11-30"},
        ),
        ("privacy.late_signature_until", {"late_signature_until": None}, {"late_signature_until": "2026-11-30"}),
        ("day", {"day": "2026-11-25"}, {"day": "2026-11-23"}),
        ("day", {"day": None}, {}),
        ("privacy.controller", {"controller": "Airport"}, {}),
        ("privacy.contact.phone", {"contact": {"organisation": "optional", "phone": "optional"}}, {}),
        ("privacy.contact.organisation", {"contact": {"organisation": "required"}}, {"contact": {}}),
        ("who/mood: by", {"question": {"by": "sector"}}, {}),
        (
            "who/mood: working_group",
            {"question": {"working_group": ["one", "two"]}},
            {"question": {"working_group": []}},
        ),
    ],
)
def test_what_would_weaken_anonymity_is_named(setting: str, weaker: dict[str, Any], stronger: dict[str, Any]) -> None:
    assert weakened(make(), make(**weaker)) == (setting,)
    assert weakened(make(), make(**stronger)) == ()


def test_bars_that_would_move_sooner_are_named() -> None:
    late, live = make(question={"results": "after-close"}), make()
    assert weakened(late, live) == ("who/mood: results",)
    assert weakened(live, late) == ()


def test_every_rule_of_privacy_is_guarded() -> None:
    guarded = {name.partition(".")[0] for name in _WEAKER}
    assert guarded == set(Privacy.model_fields)


# the paths


@pytest.fixture
def answered(tmp_path: Path) -> Callable[..., Any]:
    """An event that someone answered, served and stopped; then a way to serve it again under other rules."""

    async def play() -> None:
        with serving(tmp_path, TEA) as served:
            async with served.moderator() as moderator, served.phone() as phone:
                await moderator.command("open", 0, CAKE)
                assert (await phone.cast(CAKE, "apple"))["fate"] == "counted"

    return play


def edit(place: Path, **privacy: Any) -> None:
    path = place / "questionsets" / "tea" / "event.yaml"
    content = yaml.safe_load(path.read_text())
    content["privacy"] |= privacy
    path.write_text(yaml.safe_dump(content))


def tamper(place: Path, *statements: str) -> None:
    database = Database(f"sqlite:///{place}/tea.db")
    with database.write() as connection:
        for statement in statements:
            assert connection.exec_driver_sql(statement).rowcount == 1
    database.close()


@pytest.mark.promise("P12")
async def test_an_edited_file_changes_nothing_and_is_told(
    answered: Callable[..., Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await answered()
    edit(tmp_path, smallest_group=1, seal_after_minutes=90)
    with caplog.at_level(logging.WARNING), serving(tmp_path) as served:
        assert served.site.hall.events["tea"].privacy.smallest_group == 5
        assert served.site.hall.events["tea"].privacy.seal_after_minutes == 60
        page = await served.ask("/o/tea/changes", headers={"Cookie": served.pass_cookie("organiser")})
        statement = await served.ask("/privacy/tea")
        results = await served.ask("/o/tea/export/results.csv", headers={"Cookie": served.pass_cookie("organiser")})
    told = "privacy.smallest_group, privacy.seal_after_minutes"
    assert f"tea: the edit would weaken anonymity: {told}" in caplog.text
    assert all(name in page.text for name in told.split(", "))
    assert "People answered under a promise that this would weaken: it stays as it is." in page.text
    assert "Take in" not in page.text
    assert "fewer than 5 people" in statement.text
    assert "apple" not in results.text or ",1," not in results.text


@pytest.mark.promise("P12")
async def test_a_harmless_edit_is_left_out_without_an_alarm(
    answered: Callable[..., Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await answered()
    edit(tmp_path, smallest_group=8)
    with caplog.at_level(logging.WARNING), serving(tmp_path) as served:
        assert served.site.hall.events["tea"].privacy.smallest_group == 5
    assert "the edit is left out" in caplog.text
    assert "weaken" not in caplog.text


@pytest.mark.promise("P17")
@pytest.mark.parametrize("edited", [False, True], ids=["files as they were", "files edited too"])
async def test_a_stored_event_that_was_changed_from_outside_is_not_served(
    answered: Callable[..., Any], tmp_path: Path, edited: bool
) -> None:
    await answered()
    tamper(tmp_path, """UPDATE event SET content = replace(content, '"smallest_group":5', '"smallest_group":1')""")
    if edited:
        edit(tmp_path, smallest_group=1)
    wrong = r"tea as stored is not the event that people answered.*polling reset tea"
    with pytest.raises(ServeFailed, match=wrong), serving(tmp_path):
        pass


@pytest.mark.promise("P17")
def test_commands_refuse_it_too_and_the_remedy_works(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    assert desk.rehearse().status == 0
    desk.tamper("""UPDATE event SET content = replace(content, '"smallest_group":2', '"smallest_group":1')""")
    for command in (["seal", "burst"], ["export", "burst", "--output", str(tmp_path / "out")], ["recount", "burst"]):
        said = desk.run(*command)
        assert said.status == 1
        assert "not the event that people answered" in said.last
    assert desk.run("reset", "burst", "--yes").status == 0
    assert "has no event burst" in desk.run("recount", "burst").last


@pytest.mark.promise("P17")
async def test_the_ballots_are_sealed_by_the_rules_they_were_cast_under(
    answered: Callable[..., Any], tmp_path: Path
) -> None:
    await answered()
    edit(tmp_path, seal_after_minutes=1440)
    database = Database(f"sqlite:///{tmp_path}/tea.db")
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE poll SET state = 'closed', closed = 1000")
    with database.read() as connection:
        event = event_in_force(connection, "tea")
        assert event is not None
        assert len(polls_to_seal(connection, 1000 + 60 * 60, event)) == 1
    database.close()


def test_before_the_first_answer_a_changed_row_is_written_anew(database: Database) -> None:
    event = make()
    for _ in range(2):
        with database.write() as connection:
            assert keep_event(connection, event, "one").event == event
            connection.exec_driver_sql("UPDATE event SET content = replace(content, ':5', ':1')")
    with database.read() as connection, pytest.raises(DatabaseError):
        event_in_force(connection, "gathering")


def test_no_setting_of_the_server_weakens_an_event() -> None:
    """Whoever adds one finds this list, and the test above that it must not pass by."""
    fields = set(type(load_settings({})).model_fields)
    assert fields == {"questionsets", "database_url", "port", "host", "public_url", "secret", "assets"}
