"""A TCP proxy that delays what passes, and cuts connections in the middle of it."""

from __future__ import annotations

import asyncio
import contextlib
import random


class ChaosProxy:
    """Between phones and the server. `cut`: the chance that a chunk ends its connection instead of passing;
    `delay`: the most seconds that a chunk is held."""

    def __init__(self, port: int, *, cut: float = 0.0, delay: float = 0.0, seed: int = 1) -> None:
        self.cut, self.delay = cut, delay
        self.cuts = 0
        self._port = port
        self._chance = random.Random(seed)
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Starts it; the address to use instead of the server's."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._pass(reader, back, writer), self._pass(there, writer, back))

    async def _pass(
        self, reader: asyncio.StreamReader, onward: asyncio.StreamWriter, other: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65536):
                await asyncio.sleep(self._chance.uniform(0, self.delay))
                if self._chance.random() < self.cut:
                    self.cuts += 1
                    other.transport.abort()
                    break
                onward.write(chunk)
                await onward.drain()
        onward.transport.abort()

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await asyncio.sleep(0)
