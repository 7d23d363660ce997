"""A robot's socket against a server that misbehaves: it comes back, sends again, and takes a final no."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from polling.robots.line import PROTOCOL, Line, Patience, TurnedAway

QUICK = Patience(first=0.01, longest=0.05, answer=0.3)
CAST = {"type": "cast", "id": "a", "poll": "s/q/1", "revision": 1, "picks": ["x"]}


@asynccontextmanager
async def line_to(handler: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[Line]:
    """A line to a server that does what `handler` does."""
    async with serve(handler, "127.0.0.1", 0, subprotocols=[PROTOCOL]) as server:  # type: ignore[list-item]
        port = next(iter(server.sockets)).getsockname()[1]
        line = Line(f"http://127.0.0.1:{port}/socket", {"who": "me"}, lambda name, message: None, QUICK)
        keeping = asyncio.create_task(line.keep())
        yield line
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def test_what_was_not_answered_is_sent_again_after_a_loss() -> None:
    heard: list[str] = []

    async def falls_over_twice(socket: ServerConnection) -> None:
        async for text in socket:
            heard.append(str(text))
            if len(heard) < 3:
                socket.transport.abort()
                return
            await socket.send(json.dumps({"type": "ack", "id": json.loads(text)["id"], "fate": "counted"}))

    async with line_to(falls_over_twice) as line:
        answer = await asyncio.wait_for(line.ask(CAST), 5)
        assert answer["fate"] == "counted"
        assert [json.loads(text) for text in heard] == [CAST] * 3, "the same message, and not once more"
        assert line.losses == 2


async def test_a_socket_that_answers_nothing_is_given_up_for_a_new_one() -> None:
    sockets = 0

    async def deaf_at_first(socket: ServerConnection) -> None:
        nonlocal sockets
        sockets += 1
        deaf = sockets == 1
        async for text in socket:
            if not deaf:
                await socket.send(json.dumps({"type": "ack", "id": json.loads(text)["id"]}))

    async with line_to(deaf_at_first) as line:
        await asyncio.wait_for(line.ask(CAST), 5)
        assert sockets == 2


@pytest.mark.parametrize("code", [4401, 4404, 4406])
async def test_a_final_no_ends_it(code: int) -> None:
    async def refuses(socket: ServerConnection) -> None:
        await socket.close(code)

    async with line_to(refuses) as line:
        with pytest.raises(TurnedAway, match=str(code)):
            await asyncio.wait_for(line.ask(CAST), 5)
        with pytest.raises(TurnedAway):
            await line.ask(CAST)


async def test_a_message_that_the_server_can_t_read_is_told_and_not_repeated() -> None:
    async def strict(socket: ServerConnection) -> None:
        async for _ in socket:
            await socket.send(
                json.dumps({"type": "error", "code": "malformed", "message": "no", "detail": "picks: no"})
            )

    async with line_to(strict) as line:
        with pytest.raises(TurnedAway, match="picks: no"):
            await asyncio.wait_for(line.ask(CAST), 5)


async def test_it_says_where_it_comes_from_and_who_it_is() -> None:
    seen = asyncio.get_running_loop().create_future()

    async def looks(socket: ServerConnection) -> None:
        assert socket.request is not None
        seen.set_result(socket.request.headers)
        await socket.wait_closed()

    async with line_to(looks) as line:
        headers = await asyncio.wait_for(seen, 5)
        assert headers["Origin"] == line.url.replace("ws://", "http://").removesuffix("/socket")
        assert headers["Cookie"] == "who=me"
        assert headers["Sec-WebSocket-Protocol"] == PROTOCOL
