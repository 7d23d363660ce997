"""Sockets: what they take, what they answer, and what they survive."""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import suppress
from typing import Any

import pytest
from served import CAKE, IDEA, NEWS, TOPPINGS, Served, until
from websockets.exceptions import ConnectionClosed

from polling.core.keys import claim_hash
from polling.core.poll import PollKey
from polling.live.frame import Form
from polling.web import socket as sockets
from polling.web.messages import MESSAGE_LIMIT

pytestmark = pytest.mark.promise("R02")


async def opened(served: Served, poll: PollKey = CAKE, session: str = "hall") -> None:
    """Opens a poll, at the session's start."""
    async with served.moderator(session) as moderator:
        assert (await moderator.command("open", 0, poll))["type"] == "done"


# answers


async def test_an_answer_is_counted_and_told_with_a_receipt_for_what_can_be_signed(fresh: Served) -> None:
    await opened(fresh)
    async with fresh.phone() as phone:
        ack = await phone.cast(CAKE, "plum")
    poll = await fresh.on_server(fresh.site.hall.room("tea", "hall").poll_ref(CAKE))
    assert poll is not None
    receipt = ack.pop("receipts")
    assert fresh.site.keys.is_receipt(receipt.pop("plum"), poll.nonce, "plum")
    assert receipt == {}
    assert ack == {
        "type": "ack",
        "id": "cast-1",
        "poll": "cakes/cake/1",
        "fate": "counted",
        "revision": 1,
        "picks": ["plum"],
    }


async def test_sent_again_it_is_counted_once_and_an_older_one_is_told_what_counts(fresh: Served) -> None:
    await opened(fresh)
    async with fresh.phone() as phone:
        first = await phone.cast(CAKE, "plum")
        assert await phone.cast(CAKE, "plum") == first
        changed = await phone.cast(CAKE, "apple", revision=3)
        late = await phone.cast(CAKE, "plum", revision=2)
    assert (changed["fate"], changed["picks"]) == ("counted", ["apple"])
    assert (late["fate"], late["revision"], late["picks"]) == ("superseded", 3, ["apple"])
    assert set(late["receipts"]) == {"apple"}
    state = await fresh.on_server(fresh.site.hall.room("tea", "hall").fresh())
    assert state.standings[CAKE].now.respondents == 1


async def test_without_a_revision_it_is_one_more_than_what_is_stored(fresh: Served) -> None:
    await opened(fresh)
    async with fresh.phone() as phone:
        assert (await phone.cast(CAKE, "plum", revision=None))["revision"] == 1
        assert (await phone.cast(CAKE, "apple", revision=None))["revision"] == 2


async def test_fifty_answers_in_flight_on_one_socket_are_all_answered(fresh: Served) -> None:
    await opened(fresh)
    async with fresh.phone() as phone:
        for revision in range(1, 51):
            await phone.say(
                {"type": "cast", "id": str(revision), "poll": str(CAKE), "revision": revision, "picks": ["plum"]}
            )
        acks: dict[str, str] = {}
        while len(acks) < 50:
            heard = await phone.hear()
            if heard["type"] == "ack":
                acks[heard["id"]] = heard["fate"]
        assert acks["50"] == "counted"
        assert set(acks.values()) <= {"counted", "superseded"}
        assert (await phone.cast(CAKE, "plum", revision=50))["revision"] == 50


async def test_a_text_keeps_the_claim_that_the_phone_drew(fresh: Served) -> None:
    await opened(fresh, IDEA)
    hashed = hashlib.sha256(b"a claim of the phone's").hexdigest()
    async with fresh.phone() as phone:
        ack = await phone.cast(IDEA, texts={"1": "More plums"}, claims={"1": hashed})
    assert ack["fate"] == "counted"
    assert (ack["picks"], ack["receipts"]) == ([], {})
    assert "claims" not in ack


async def test_a_phone_that_drew_no_claim_gets_the_same_one_however_often_it_sends(fresh: Served) -> None:
    await opened(fresh, IDEA)
    async with fresh.phone() as phone:
        ack = await phone.cast(IDEA, texts={"1": "More plums"})
        again = await phone.cast(IDEA, texts={"1": "More plums"})  # the first answer was lost on the way
    assert list(ack["claims"]) == ["1"]
    assert again["claims"] == ack["claims"]
    with fresh.site.database.read() as connection:
        from polling.store.ideas import idea_by_claim

        found = idea_by_claim(connection, claim_hash(ack["claims"]["1"]))
    assert found is not None
    assert found.text == "More plums"


REFUSED: list[tuple[PollKey | str, dict[str, Any], str]] = [
    (CAKE, {"picks": []}, "empty-answer"),
    (CAKE, {"picks": ["pear"]}, "unknown-option"),
    (CAKE, {"picks": ["plum", "apple"]}, "too-many"),
    (CAKE, {"picks": ["other"], "texts": {"other": "x" * 121}}, "too-long"),
    (CAKE, {"picks": ["plum"], "texts": {"pear": "x"}}, "unknown-option"),
    (TOPPINGS, {"picks": ["nuts"]}, "poll-not-open"),
    (NEWS, {}, "not-a-question"),
    (PollKey("cakes", "cake", 2), {"picks": ["plum"]}, "poll-not-open"),
    (PollKey("pies", "cake"), {"picks": ["plum"]}, "unknown-poll"),
    ("cake", {"picks": ["plum"]}, "unknown-poll"),
    ("cakes/cake/x", {"picks": ["plum"]}, "unknown-poll"),
]


async def test_an_answer_that_does_not_fit_is_refused_in_words_and_the_socket_lives_on(fresh: Served) -> None:
    await opened(fresh)
    async with fresh.phone() as phone:
        for poll, more, code in REFUSED:
            ack = await phone.answer({"type": "cast", "id": "x", "poll": str(poll), "revision": 1} | more)
            assert (ack["type"], ack["id"], ack["fate"], ack["code"]) == ("ack", "x", "refused", code)
            assert ack["message"].strip()
        assert (await phone.cast(CAKE, "plum"))["fate"] == "counted"


async def test_after_the_close_an_answer_is_told_so_and_the_counted_one_stands(fresh: Served) -> None:
    await opened(fresh)
    async with fresh.phone(1) as phone, fresh.phone(2, "hall") as other, fresh.moderator() as moderator:
        before = await phone.cast(CAKE, "plum")
        await moderator.command("close", 1)
        late = await other.cast(CAKE, "apple")
        assert (late["fate"], late["code"], late["revision"], late["picks"]) == ("refused", "poll-not-open", 0, [])
        change = await phone.cast(CAKE, "apple", revision=2)
        assert (change["fate"], change["code"], change["picks"]) == ("refused", "poll-not-open", ["plum"])
        assert await phone.cast(CAKE, "plum") == before


async def test_refusals_are_in_the_persons_language(fresh: Served) -> None:
    async with fresh.socket(f"/p/{fresh.code()}/socket?lang=nl") as dutch, fresh.phone() as english:
        said = [(await talk.cast(CAKE, "plum"))["message"] for talk in (dutch, english)]
    assert said[0] != said[1]


# messages that are none

UNREADABLE = [
    "",
    "x",
    "[]",
    "null",
    "{}",
    '{"type":"vote"}',
    '{"type":"cast"}',
    '{"type":"cast","id":"","poll":"cakes/cake/1","revision":1}',
    '{"type":"cast","id":"1","poll":"cakes/cake/1","revision":0}',
    '{"type":"cast","id":"1","poll":"cakes/cake/1","revision":true}',
    '{"type":"cast","id":"1","poll":"cakes/cake/1","revision":1e400}',
    '{"type":"cast","id":"1","poll":"cakes/cake/1","revision":"1"}',
    '{"type":"cast","id":"1","poll":"cakes/cake/1","revision":1,"picks":"plum"}',
    '{"type":"cast","id":"1","poll":"cakes/cake/1","revision":1,"picks":[1]}',
    '{"type":"cast","id":"1","poll":"cakes/cake/1","revision":1,"pics":["plum"]}',
    '{"type":"cast","id":"1","poll":"cakes/cake/1","revision":1,"texts":["x"]}',
    '{"type":"cast","id":"1","poll":"cakes/cake/1","revision":1,"claims":{"1":"zz"}}',
    '{"type":"cast","id":"1","poll":"cakes/cake/1","revision":1,"picks":["\\ud800"]}',
    '{"type":"command","id":"1","verb":"dance","based_on":0}',
    '{"type":"command","id":"1","verb":"open"}',
    "[" * 5000,
    '{"type":"cast","id":"1","poll":"cakes/cake/1","picks":' + json.dumps(["x"] * 51) + "}",
]


async def test_what_is_no_message_is_answered_in_words_and_the_socket_lives_on(fresh: Served) -> None:
    await opened(fresh)
    async with fresh.phone() as phone, fresh.moderator() as moderator:
        for text in UNREADABLE:
            for talk in (phone, moderator):
                heard = await talk.answer(text)
                assert (heard["type"], heard["code"]) == ("error", "malformed"), text
                assert heard["message"], text
        await phone.connection.send(b"\x00\x01")
        while (heard := await phone.hear())["type"] == "region":
            pass
        assert heard["code"] == "malformed"
        assert (await phone.cast(CAKE, "plum"))["fate"] == "counted"


async def test_an_error_says_where_but_quotes_nothing(served: Served) -> None:
    async with served.phone() as phone:
        heard = await phone.answer({"type": "cast", "id": "1", "poll": "a", "texts": {"1": 5}, "revision": 1})
        assert heard["detail"].startswith("texts.1: ")
        heard = await phone.answer({"type": "cast", "id": "1", "poll": "x" * 201, "revision": 1})
        assert "xxx" not in heard["detail"]


# limits


@pytest.mark.promise("S10")
async def test_a_message_above_the_limit_closes_the_socket_and_one_at_it_does_not(served: Served) -> None:
    async with served.phone() as phone:
        heard = await phone.answer("x" * MESSAGE_LIMIT)
        assert heard["code"] == "malformed"
        await phone.say("x" * (MESSAGE_LIMIT + 1))
        assert await phone.closed() == 1009


@pytest.mark.promise("S10")
async def test_a_flood_of_messages_closes_the_socket(served: Served) -> None:
    async with served.phone() as phone:
        listening = asyncio.create_task(phone.closed())
        with suppress(ConnectionClosed):
            for _ in range(1000):
                await phone.say("x")
        assert await listening == 1008


@pytest.mark.promise("S10")
async def test_one_phone_has_only_so_many_sockets_and_others_get_in(served: Served) -> None:
    cookie = served.phone_cookie(99)
    talks = [served.phone(cookie=cookie) for _ in range(sockets.PHONE_SOCKETS)]
    for talk in talks:
        await talk.__aenter__()
    room = served.site.hall.room("tea", "hall")
    await until(lambda: room.sockets_of((99).to_bytes(16, "big")) == sockets.PHONE_SOCKETS)
    async with served.phone(cookie=cookie) as one_more:
        assert await one_more.closed() == 1008
    async with served.phone(100) as other:
        assert (await other.hear())["region"] == "phone"
    for talk in talks:
        await talk.__aexit__(None, None, None)


async def test_bytes_that_are_no_text_close_the_socket_and_leave_one_line_in_the_log(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    async with served.phone() as phone:
        phone.connection.protocol.send_text(b"\xff\xfe")
        phone.connection.transport.write(b"".join(phone.connection.protocol.data_to_send()))
        assert await phone.closed() == 1007


# roles


@pytest.mark.promise("S05")
async def test_a_phones_socket_can_not_command_whatever_it_holds(served: Served) -> None:
    cookies = f"{served.phone_cookie(1)}; {served.pass_cookie('moderator')}"
    async with served.phone(cookie=cookies) as phone:
        heard = await phone.command("open", 0, CAKE)
        assert (heard["type"], heard["code"]) == ("refused", "not-allowed")


@pytest.mark.promise("S05")
async def test_staff_cast_nothing_and_screens_command_only_with_a_moderators_pass(fresh: Served) -> None:
    screen, organiser = fresh.pass_cookie("presenter"), fresh.pass_cookie("organiser")
    async with (
        fresh.moderator() as moderator,
        fresh.socket("/s/tea/hall/socket", cookie=screen) as plain,
        fresh.socket("/s/tea/hall/socket", cookie=organiser) as able,
        fresh.socket("/o/tea/socket", cookie=organiser) as overview,
    ):
        for talk in (moderator, plain, able, overview):
            heard = await talk.cast(CAKE, "plum")
            assert (heard["type"], heard["fate"], heard["code"]) == ("ack", "refused", "not-allowed")
        for talk in (plain, overview):
            assert (await talk.command("open", 0, CAKE))["code"] == "not-allowed"
        assert (await able.command("open", 0, CAKE))["type"] == "done"


async def test_a_command_sent_again_has_the_same_answer_and_one_based_on_old_news_is_refused(fresh: Served) -> None:
    async with fresh.moderator() as moderator:
        first = await moderator.command("open", 0, CAKE)
        assert first == {"type": "done", "id": "open-0", "revision": 1}
        assert await moderator.command("open", 0, CAKE) == first
        stale = await moderator.command("close", 0)
        assert (stale["type"], stale["code"], stale["revision"]) == ("refused", "stale", 1)
        assert stale["message"]
        assert (await moderator.command("close", 1))["revision"] == 2
        frame = await moderator.until("now", revision=2)
        assert frame["value"]["poll"]["state"] == "closed"


TURNED_AWAY = [
    ("/p/XXXXXX/socket", 4404),
    ("/m/tea/attic/socket", 4404),
    ("/s/coffee/hall/socket", 4404),
    ("/o/coffee/socket", 4404),
    ("/m/tea/hall/socket", 4401),
    ("/s/tea/hall/socket", 4401),
    ("/o/tea/socket", 4401),
]


@pytest.mark.parametrize(("path", "code"), TURNED_AWAY)
async def test_a_socket_that_leads_nowhere_is_closed_for_good(served: Served, path: str, code: int) -> None:
    async with served.socket(path, cookie=served.phone_cookie(1)) as talk:
        assert await talk.closed() == code
        assert talk.connection.close_reason
        assert talk.connection.subprotocol == str(Form.JSON)


async def test_at_the_events_own_code_a_phone_hears_of_rooms_and_answers_nothing(served: Served) -> None:
    async with served.phone(session="") as talk:
        assert [line["code"] for line in (await talk.region("rooms"))["value"]["rooms"]] == [
            served.code("hall"),
            served.code("annex"),
        ]
        assert (await talk.cast(CAKE, "plum"))["code"] == "not-allowed"


async def test_a_protocol_that_is_not_spoken_is_refused_and_none_is_html(served: Served) -> None:
    async with served.phone(form="polling.xml.v9") as talk:
        assert await talk.closed() == 4406
    async with served.phone(form=None) as talk:
        assert str(await talk.hear()).startswith("<")
    async with served.phone(form=Form.HTML) as talk:
        assert talk.connection.subprotocol == Form.HTML
        assert 'id="region-phone"' in await talk.hear()


async def test_a_phone_without_a_cookie_gets_one_on_the_way_in(served: Served) -> None:
    async with served.phone(cookie=None) as talk:
        assert talk.connection.response is not None
        cookie = talk.connection.response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "Path=/p/" in cookie
    async with served.phone(cookie=cookie.partition(";")[0]) as talk:
        assert talk.connection.response is not None
        assert "Set-Cookie" not in talk.connection.response.headers


async def test_a_defect_of_ours_closes_with_1011_and_the_server_goes_on(
    fresh: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("something that somebody typed")

    with monkeypatch.context() as patched:
        patched.setattr(sockets, "acknowledge", broken)
        async with fresh.phone() as phone:
            await phone.say({"type": "cast", "id": "1", "poll": str(CAKE), "revision": 1})
            assert await phone.closed() == 1011
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "a participant's socket failed"
    ]
    await opened(fresh)
    async with fresh.phone() as phone:
        assert (await phone.cast(CAKE, "plum"))["fate"] == "counted"


async def test_who_is_present_is_seen_to_come_and_go(fresh: Served) -> None:
    async with fresh.moderator() as moderator:
        async with fresh.phone(1), fresh.phone(1), fresh.phone(2):
            await moderator.until("now", present=2)
        await moderator.until("now", present=0)
