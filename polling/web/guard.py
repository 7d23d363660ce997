"""The guard before every page and socket: who may ask (Host, Origin), how much (limits), and what a browser may do
with the answer (headers)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from polling.settings import Settings
from polling.web.errors import on_accident, problem
from polling.web.site import LANGUAGE_COOKIE, chosen_language, is_https, public_origin

BODY_LIMIT = 64 * 1024
"""Bytes of a form or another body; the longest answer is far below."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
UNHOSTED = frozenset({"/healthz", "/readyz"})
"""Platforms ask these by whatever address they know."""
YEAR = 365 * 86400


class Guard:
    """ASGI middleware around everything. It wraps a socket's messages in nothing: frames go out as they are."""

    def __init__(
        self, app: ASGIApp, settings: Settings, scripts: Sequence[str] = (), fonts: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._public = public_origin(settings)
        self._policy = content_policy(scripts, fonts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if self._is_ours(scope, headers) and self._is_own_origin(headers):
            await self._app(scope, receive, send)
        else:  # closed before it is accepted: a clean 403
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._protect(request, message)
            await send(message)

        try:
            refused = self._refusal(scope, request.headers)
            if refused:
                await problem(request, refused)(scope, receive, guarded)
            else:
                await self._app(scope, _limited(receive), guarded)
        except ClientDisconnect:
            return
        except Exception as error:
            if started:
                raise
            await on_accident(request, error)(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> int | None:
        if not self._is_ours(scope, headers):
            return 400
        if scope["method"] not in ("GET", "HEAD") and not self._is_own_request(headers):
            return 403
        length = headers.get("content-length", "0")
        return 413 if not length.isdecimal() or int(length) > BODY_LIMIT else None

    def _is_ours(self, scope: Scope, headers: Headers) -> bool:
        """Whether the Host is one by which this server is known. So no name that an attacker points here
        becomes an origin of ours."""
        host = headers.get("host", "")
        if scope["path"] in UNHOSTED or (self._public and host == urlsplit(self._public).netloc):
            return True
        name = _hostname(host)
        return name in LOOPBACK or (not self._public and name == _address(scope))

    def _is_own_origin(self, headers: Headers) -> bool:
        """Whether the Origin is the public address, or else the very address that was asked, over plain http."""
        origin, host = headers.get("origin", ""), headers.get("host", "")
        if self._public and (origin == self._public or host == urlsplit(self._public).netloc):
            return origin == self._public
        return origin == f"http://{host}"

    def _is_own_request(self, headers: Headers) -> bool:
        """Whether a form or a fetch comes from a page of ours, or from no page at all."""
        if "origin" in headers:
            return self._is_own_origin(headers)
        return headers.get("sec-fetch-site", "none") in ("same-origin", "none")

    def _protect(self, request: Request, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        https = is_https(request)
        headers["Content-Security-Policy"] = self._policy.format(
            socket=f"{'wss' if https else 'ws'}://{request.headers.get('host', '')}" if _is_plain(request) else ""
        )
        headers["Referrer-Policy"] = "same-origin"
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers.setdefault("Cache-Control", "no-store")
        if https:
            headers["Strict-Transport-Security"] = f"max-age={YEAR}"
        if (language := chosen_language(request)) is not None:
            secure = "; Secure" if https else ""
            headers.append(
                "Set-Cookie", f"{LANGUAGE_COOKIE}={language}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax{secure}"
            )


def content_policy(scripts: Sequence[str], fonts: Sequence[str]) -> str:
    """What a page of ours may load and do; `{socket}` is its own address as a socket's, which older browsers don't
    take 'self' for."""
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(("'self'", *scripts)),
        "style-src": "'self'",
        "style-src-attr": "'unsafe-inline'",  # a bar's size
        "img-src": "'self' data:",
        "font-src": " ".join(("'self'", *fonts)),
        "connect-src": "'self' {socket}",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _limited(receive: Receive) -> Receive:
    """The same body, up to the limit: also where its length was not told."""
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY_LIMIT:
            raise HTTPException(413)
        return message

    return limited


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _address(scope: Scope) -> str | None:
    """The address of this machine that the connection came in on. As a Host it is safe: it is no name."""
    server = scope.get("server")
    try:
        return str(ipaddress.ip_address(server[0])) if server else None
    except ValueError:
        return None


def _is_plain(connection: HTTPConnection) -> bool:
    """Whether the Host can stand in a header."""
    host = connection.headers.get("host", "")
    return host.isascii() and not set(host) & set(" ;,{}'\"")
