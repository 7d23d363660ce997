"""One HTTP request, as a browser makes it: with Origin, with the cookies it holds, following no redirect."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlencode, urlsplit

TIMEOUT = 20.0


class Unreachable(Exception):
    """The server could not be asked at all; the message says why."""


@dataclass(frozen=True)
class Reply:
    """What the server answered. `cookies`: those it set, by name; `location`: where it leads instead, "" nowhere."""

    status: int
    body: str
    cookies: Mapping[str, str]
    location: str = ""


async def visit(
    url: str,
    *,
    cookies: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    accept: str = "text/html",
) -> Reply:
    """GET, or POST where there is a form. Raises `Unreachable`."""
    return await asyncio.to_thread(_visit, url, cookies or {}, form, accept)


def _visit(url: str, held: Mapping[str, str], form: Mapping[str, str] | None, accept: str) -> Reply:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    headers = {"Origin": origin_of(url), "Connection": "close", "Accept": accept}
    if held:
        headers["Cookie"] = cookie_header(held)
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        body = None if form is None else urlencode(form)
        connection.request("GET" if form is None else "POST", path or "/", body, headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        cookies = _set_cookies(response.headers.get_all("Set-Cookie") or [])
        return Reply(response.status, text, cookies, response.headers.get("Location", ""))
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{origin_of(url)} does not answer: {error or type(error).__name__}") from None
    finally:
        connection.close()


def origin_of(url: str) -> str:
    """The scheme, host and port of a URL: what a browser sends as Origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def socket_url(url: str) -> str:
    """The same address for a websocket."""
    return "ws" + url.removeprefix("http")


def cookie_header(cookies: Mapping[str, str]) -> str:
    """Cookies as a request sends them."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _set_cookies(headers: list[str]) -> dict[str, str]:
    cookies: dict[str, str] = {}
    for header in headers:
        try:
            cookies.update((name, morsel.value) for name, morsel in SimpleCookie(header).items())
        except CookieError:
            continue
    return cookies
