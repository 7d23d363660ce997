"""The guard: who may ask, how much, and what a browser may do with the answer."""

from __future__ import annotations

import logging
from http.client import HTTPConnection
from typing import Any

import pytest
from served import Reply, Served
from websockets.exceptions import InvalidStatus

from polling.web.guard import BODY_LIMIT, content_policy

FOREIGN = ("https://evil.example", "http://127.0.0.1:1", "null", "")
SOCKETS = ("/p/{code}/socket", "/m/tea/hall/socket", "/s/tea/hall/socket", "/o/tea/socket")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def path_of(served: Served, path: str) -> str:
    return path.format(code=served.code())


@pytest.mark.promise("S05")
@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("origin", [*FOREIGN, None])
async def test_a_socket_from_elsewhere_is_refused_before_it_is_accepted(
    served: Served, path: str, origin: str | None
) -> None:
    cookies = "; ".join(served.pass_cookie(role) for role in ("moderator", "presenter", "organiser"))
    headers = {"Origin": origin} if origin == "" else {}
    with pytest.raises(InvalidStatus) as refused:
        async with served.socket(path_of(served, path), cookie=cookies, origin=origin or None, headers=headers):
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.promise("S05")
@pytest.mark.parametrize("path", SOCKETS)
async def test_a_socket_of_a_page_of_ours_is_accepted(served: Served, path: str) -> None:
    cookies = "; ".join(served.pass_cookie(role) for role in ("moderator", "presenter", "organiser"))
    async with served.socket(path_of(served, path), cookie=cookies) as talk:
        assert (await talk.hear())["type"] == "region"


@pytest.mark.promise("S05")
@pytest.mark.parametrize(
    "headers",
    [{"Origin": origin} for origin in FOREIGN] + [{"Sec-Fetch-Site": site} for site in ("cross-site", "same-site")],
)
@pytest.mark.parametrize("path", ["/join", "/pass", "/sign", "/p/{code}/vote", "/m/tea/hall/command"])
async def test_a_form_from_elsewhere_does_nothing(served: Served, path: str, headers: dict[str, str]) -> None:
    reply = await served.ask(path_of(served, path), method="POST", body=b"code=x", headers=FORM | headers)
    assert reply.status == 403


async def test_a_form_of_ours_or_of_no_page_is_taken(served: Served) -> None:
    body = f"code={served.code()}".encode()
    for headers in ({"Origin": served.url}, {"Sec-Fetch-Site": "same-origin"}, {}):
        reply = await served.ask("/join", method="POST", body=body, headers=FORM | headers)
        assert (reply.status, reply.headers["Location"]) == (303, f"/p/{served.code()}")


@pytest.mark.promise("S11")
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::2]", "10.1.2.3"])
async def test_a_name_that_is_not_ours_is_not_answered(served: Served, host: str) -> None:
    reply = await served.ask("/", headers={"Host": host})
    assert reply.status == 400
    with pytest.raises(InvalidStatus) as refused:
        async with served.phone(name=host):
            pass
    assert refused.value.response.status_code == 403


async def test_a_host_that_is_no_host_is_not_answered(served: Served) -> None:
    for host in ("[", "", "a b", "127.0.0.1@evil.example"):
        assert (await served.ask("/", headers={"Host": host})).status == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]:81"])
async def test_the_loopback_addresses_are_ours_whatever_the_public_one_is(
    served: Served, public: Served, host: str
) -> None:
    assert (await served.ask("/", headers={"Host": host})).status == 200
    assert (await public.ask("/", headers={"Host": host})).status == 200


async def test_a_platform_may_ask_for_health_by_any_name(public: Served) -> None:
    for path in ("/healthz", "/readyz"):
        assert (await public.ask(path, headers={"Host": "10.1.2.3:8000"})).status == 200


@pytest.mark.promise("S11")
async def test_behind_tls_cookies_and_headers_say_so_and_a_client_can_not(public: Served, served: Served) -> None:
    page = f"/p/{public.code()}"
    secure = await public.ask(page, headers={"Host": "poll.example"})
    assert secure.headers["Set-Cookie"].startswith("__Secure-polling-participant=")
    assert "; Secure" in secure.headers["Set-Cookie"]
    assert "max-age=" in secure.headers["Strict-Transport-Security"]
    assert "wss://poll.example" in secure.headers["Content-Security-Policy"]
    spoofed = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "poll.example", "Forwarded": "proto=https"}
    for plain in (await public.ask(page), await served.ask(f"/p/{served.code()}", headers=spoofed)):
        assert plain.headers["Set-Cookie"].startswith("polling-participant=")
        assert "Secure" not in plain.headers["Set-Cookie"]
        assert plain.headers["Strict-Transport-Security"] is None


async def test_behind_tls_the_public_origin_is_our_own(public: Served) -> None:
    body = f"code={public.code()}".encode()
    headers = FORM | {"Origin": "https://poll.example", "Host": "poll.example"}
    assert (await public.ask("/join", method="POST", body=body, headers=headers)).status == 303
    for origin in ("http://poll.example:81", "http://poll.example", "https://poll.example:81"):
        foreign = headers | {"Origin": origin}
        assert (await public.ask("/join", method="POST", body=body, headers=foreign)).status == 403
    rewritten = FORM | {"Origin": "https://poll.example"}  # a proxy that hands on its own Host
    assert (await public.ask("/join", method="POST", body=body, headers=rewritten)).status == 303
    async with public.phone(origin="https://poll.example", name="poll.example", cookie=None) as talk:
        assert (await talk.hear())["region"] == "phone"


# headers


async def everything(served: Served) -> dict[str, Reply]:
    """An answer of each kind."""
    ask, cookie = served.ask, {"Cookie": served.pass_cookie("organiser")}
    return {
        "page": await ask("/"),
        "phone": await ask(f"/p/{served.code()}"),
        "redirect": await ask(f"/j/{served.code()}"),
        "no pass": await ask("/m/tea/hall"),
        "moderator": await ask("/m/tea/hall", headers=cookie),
        "presenter": await ask("/s/tea/hall", headers=cookie),
        "organiser": await ask("/o/tea", headers=cookie),
        "export": await ask("/o/tea/export/results.csv", headers=cookie),
        "regions": await ask(f"/p/{served.code()}/regions", headers={"Accept": "application/json"}),
        "health": await ask("/healthz"),
        "unknown address": await ask("/nowhere"),
        "unknown code": await ask("/p/XXXXXX"),
        "wrong method": await ask("/join", method="DELETE"),
        "wrong host": await ask("/", headers={"Host": "evil.example"}),
        "forged": await ask("/join", method="POST", headers={"Origin": "null"}),
        "too large": await ask("/join", method="POST", body=b"x" * (BODY_LIMIT + 1), headers=FORM),
        "no static file": await ask("/static/x/y.css"),
    }


EXPECTED = {
    "redirect": 303,
    "no pass": 401,
    "unknown address": 404,
    "unknown code": 404,
    "wrong method": 405,
    "wrong host": 400,
    "forged": 403,
    "too large": 413,
    "no static file": 404,
}


@pytest.mark.promise("S07")
async def test_every_answer_carries_the_headers_errors_too(served: Served) -> None:
    for name, reply in (await everything(served)).items():
        assert reply.status == EXPECTED.get(name, 200), name
        policy = dict(rule.split(" ", 1) for rule in reply.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'", name
        assert policy["frame-ancestors"] == "'none'", name
        assert policy["base-uri"] == "'none'", name
        assert policy["form-action"] == "'self'", name
        assert "unsafe" not in policy["script-src"], name
        assert policy["script-src"].split()[0] == "'self'", name
        assert reply.headers["Referrer-Policy"] == "same-origin", name
        assert reply.headers["X-Content-Type-Options"] == "nosniff", name
        assert reply.headers["Cache-Control"] == "no-store", name
        assert reply.headers["Server"] is None, name


def test_the_policy_names_whole_addresses_and_no_eval() -> None:
    policy = content_policy(["https://cdn.example/npm/htmx.min.js"], ["https://cdn.example/font.woff2"])
    assert "script-src 'self' https://cdn.example/npm/htmx.min.js;" in policy
    assert "font-src 'self' https://cdn.example/font.woff2;" in policy
    assert "eval" not in policy


async def test_files_at_their_own_address_are_kept_for_good_and_packed(served: Served) -> None:
    page = await served.ask("/")
    address = next(part.split('"')[1] for part in page.text.split("href=")[1:] if "/tokens" in part)
    reply = await served.ask(address)
    assert (reply.status, reply.headers.get_content_type()) == (200, "text/css")
    assert "immutable" in reply.headers["Cache-Control"]
    old = await served.ask(address.replace(address.split("/")[2], "000000000000"))
    assert (old.status, old.headers["Cache-Control"]) == (200, "no-cache")
    packed = raw(served, "GET", address, headers={"Accept-Encoding": "gzip"})
    assert packed.getheader("Content-Encoding") == "gzip"
    for outside in ("../pyproject.toml", "..%2fpyproject.toml", "%2e%2e/pyproject.toml"):
        assert raw(served, "GET", f"/static/x/{outside}").status == 404


# limits


@pytest.mark.promise("S10")
async def test_a_body_above_the_limit_is_refused_told_or_not(served: Served) -> None:
    fits = f"code={served.code()}&x=".encode()
    fits += b"x" * (BODY_LIMIT - len(fits))
    assert (await served.ask("/join", method="POST", body=fits, headers=FORM)).status == 303
    assert (await served.ask("/join", method="POST", body=fits + b"x", headers=FORM)).status == 413
    chunked = raw(served, "POST", "/join", [fits, b"x"], FORM | {"Transfer-Encoding": "chunked"})
    assert chunked.status == 413


@pytest.mark.parametrize("length", ["-1", "x", "1e9"])
def test_a_length_that_is_none_is_refused(served: Served, length: str) -> None:
    assert raw(served, "POST", "/join", headers=FORM | {"Content-Length": length}).status in (400, 413)


def raw(served: Served, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    connection = HTTPConnection(served.address, timeout=10)
    try:
        chunked = (headers or {}).get("Transfer-Encoding") == "chunked"
        connection.request(method, path, iter(body) if chunked else body, headers or {}, encode_chunked=chunked)
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()


# accidents


async def test_an_accident_is_a_page_of_its_own_and_a_line_in_the_log_without_what_was_sent(
    fresh: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    render = fresh.site.renderer.render

    def broken(template: str, language: str, /, **values: Any) -> str:
        if template == "participant/join.html":
            raise RuntimeError("a name that somebody typed")
        return str(render(template, language, **values))

    monkeypatch.setattr(fresh.site.renderer, "render", broken)
    with caplog.at_level(logging.ERROR):
        reply = await fresh.ask("/?lang=nl")
    assert reply.status == 500
    assert reply.headers["Content-Security-Policy"]
    assert "RuntimeError" not in reply.text
    assert [record.getMessage() for record in caplog.records] == ["a request to / failed"]
    monkeypatch.undo()
    assert (await fresh.ask("/")).status == 200


async def test_a_chosen_language_is_kept(served: Served) -> None:
    reply = await served.ask("/?lang=nl")
    assert reply.headers["Set-Cookie"].startswith("polling-lang=nl;")
    assert '<html lang="nl"' in reply.text
    assert '<html lang="nl"' in (await served.ask("/", headers={"Cookie": "polling-lang=nl"})).text
    assert '<html lang="nl"' in (await served.ask("/", headers={"Accept-Language": "fr, nl-BE;q=0.9, en;q=0.1"})).text
    assert '<html lang="en"' in (await served.ask("/", headers={"Accept-Language": "fr"})).text
    assert (await served.ask("/?lang=xx")).headers["Set-Cookie"] is None
