"""docs/protocol.md says what the code does: its tables are the code's own lists."""

from __future__ import annotations

import re
from dataclasses import fields
from enum import StrEnum
from pathlib import Path

import pytest

from polling.core import alarms, event_state, poll, punctuality
from polling.core.ballot import Fate
from polling.core.errors import Code
from polling.core.questions import base
from polling.core.regions import board, calling, lobby, moderator, notice, own_pace, phone, room, screen, times
from polling.live.frame import REGIONS, Form
from polling.robots.line import FINAL_CODES, PROTOCOL
from polling.sentences import SENTENCES
from polling.web import socket
from polling.web.errors import status_of
from polling.web.messages import MESSAGE_LIMIT, CastMessage, CommandMessage, Message, read_message

DOCUMENT = (Path(__file__).parent.parent / "docs" / "protocol.md").read_text(encoding="utf-8")
VALUES = (
    phone.PhoneView,
    calling.Call,
    lobby.RoomsView,
    lobby.LobbyView,
    lobby.RoomLine,
    own_pace.Step,
    screen.ScreenView,
    own_pace.Progress,
    screen.PeopleView,
    room.TimerView,
    moderator.HeadView,
    moderator.NowView,
    moderator.OrderView,
    moderator.ToolsView,
    moderator.ActionsView,
    board.FiguresView,
    board.StandingView,
    board.SessionLine,
    board.Announced,
    alarms.Missing,
    punctuality.Punctuality,
    notice.NoticeView,
    poll.Poll,
    poll.Timer,
    base.Summary,
    base.Row,
    room.IdeaLine,
    moderator.Button,
    moderator.Chapter,
    moderator.OrderLine,
    times.Used,
    times.Course,
)
PLAIN = {
    "int": "number",
    "float": "number",
    "str": "text",
    "bool": "true or false",
    "PollKey": "poll key",
    "Question": "question",
    "SessionPlan": "session",
    "Mapping[str, str]": "Words",
    "Stage": "stage",
    "State": "state",
    "Verb": "verb",
    "Code": "code",
    "Phase": "phase",
    "Link": "link",
    "Trouble": "trouble",
    "Audience": "audience",
    "Words": "Words",
}


def rows(name: str) -> list[list[str]]:
    """The cells of a table, without its heading."""
    part = DOCUMENT.split(f"<!-- {name} -->\n", 1)[1].split(f"<!-- end of {name} -->", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def in_words(annotation: str) -> str:
    """A field's type as the document writes it."""
    if annotation.endswith(" | None"):
        return in_words(annotation.removesuffix(" | None")) + " or null"
    if found := re.fullmatch(r"tuple\[(\w+), \.\.\.\]", annotation):
        return f"list of {in_words(found[1])}"
    return PLAIN.get(annotation, annotation)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_the_fields_of_every_value_are_described(value: type[phone.PhoneView]) -> None:
    section = DOCUMENT.split(f"### {value.__name__}\n", 1)[1].split("\n#", 1)[0].split("<!--")[0]
    described = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "| `" in line
    ]
    assert [row[:2] for row in described] == [[f"`{field.name}`", in_words(str(field.type))] for field in fields(value)]
    assert all(row[2] for row in described)


def test_every_value_has_its_table_and_no_other() -> None:
    part = DOCUMENT.split("<!-- values -->")[1].split("<!-- end of values -->")[0]
    assert re.findall(r"^### (\w+)$", part, re.MULTILINE) == [value.__name__ for value in VALUES]


def test_every_region_of_every_socket_is_listed() -> None:
    assert rows("regions") == [
        [role, f"`{region.name}`", in_words(region.view.__annotations__["return"])]
        for role, its in REGIONS.items()
        for region in its
    ]


def test_every_code_is_listed_with_its_status_and_sentence() -> None:
    assert rows("codes") == [
        [f"`{code.value}`", str(status_of(code)), re.sub(r"%\(\w+\)s", "N", SENTENCES[code])] for code in Code
    ]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("stage", room.Stage),
        ("state", poll.State),
        ("verb", poll.Verb),
        ("fate", Fate),
        ("phase", punctuality.Phase),
        ("link", board.Link),
        ("trouble", alarms.Trouble),
        ("audience", event_state.Audience),
    ],
)
def test_every_word_is_listed(word: str, kind: type[StrEnum]) -> None:
    assert dict(rows("words"))[word] == ", ".join(kind)


@pytest.mark.parametrize(("name", "message"), [("cast", CastMessage), ("command", CommandMessage)])
def test_the_fields_of_every_message_are_described(name: str, message: type[Message]) -> None:
    assert [row[0] for row in rows(name)] == [f"`{field}`" for field in message.model_fields]


def test_the_examples_of_what_a_client_sends_can_be_read() -> None:
    examples = re.findall(r"^\{\"type\": \"(?:cast|command)\".*?\}$", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert [read_message(each.replace("…64 hex digits…", "0" * 64)).type for each in examples] == ["cast", "command"]


def test_the_final_close_codes_are_listed_and_robots_know_them() -> None:
    final = [socket.NO_PASS, socket.UNKNOWN, socket.NO_PROTOCOL]
    assert [int(row[0]) for row in rows("closes")] == final
    assert set(final) <= FINAL_CODES
    assert PROTOCOL == Form.JSON
    assert f"`{Form.JSON}`" in DOCUMENT
    assert f"`{Form.HTML}`" in DOCUMENT
    assert f"at most {MESSAGE_LIMIT // 1024} kB" in DOCUMENT
