"""A WebSocket client that costs next to nothing, so that a benchmark measures the server and not its load."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Callable, Mapping

TEXT, PING, PONG = 0x81, 0x89, 0x8A


class LightSocket(asyncio.Protocol):
    """Sends text and hands over what comes. Masks with zeros, which the standard allows: the payload stays as it is."""

    def __init__(self, path: str, headers: Mapping[str, str], on_text: Callable[[bytes], None]) -> None:
        self._path, self._headers, self._on_text = path, headers, on_text
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.is_open: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        lines = [f"GET {self._path} HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        lines += [f"Sec-WebSocket-Key: {key}", *(f"{name}: {value}" for name, value in self._headers.items())]
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.is_open.done():
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.splitlines()[0]:
                self.is_open.set_exception(ConnectionError(head.decode()))
                return
            self._buffer = rest
            self.is_open.set_result(None)
        while (frame := self._next()) is not None:
            if frame:
                self._on_text(frame)

    def _next(self) -> bytes | None:
        """The next text; b"" for another frame; None while one is not whole yet."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1], 2
        if length > 125:
            start = 4 if length == 126 else 10
            length = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + length:
            return None
        self._buffer = buffer[start + length :]
        payload = buffer[start : start + length]
        if buffer[0] == PING:
            self._write(PONG, payload)
        return payload if buffer[0] == TEXT else b""

    def send(self, text: bytes) -> None:
        """Sends a text of less than 64 kB."""
        self._write(TEXT, text)

    def _write(self, kind: int, payload: bytes) -> None:
        assert self._transport is not None
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        self._transport.write(bytes([kind]) + size + b"\0\0\0\0" + payload)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


async def light_socket(
    port: int, path: str, headers: Mapping[str, str], on_text: Callable[[bytes], None]
) -> LightSocket:
    """An open one."""
    loop = asyncio.get_running_loop()
    _, made = await loop.create_connection(lambda: LightSocket(path, headers, on_text), "127.0.0.1", port)
    await made.is_open
    return made
