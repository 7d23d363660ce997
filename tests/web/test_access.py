"""Who may come in: phones by their cookie, staff by a link that is exchanged for a pass."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from served import Reply, Served

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PAGES = {"moderator": "/m/tea/hall", "presenter": "/s/tea/hall", "organiser": "/o/tea"}


async def exchange(
    served: Served, role: str, key: str | None = None, session: str = "hall", event: str = "tea"
) -> Reply:
    """POSTs the key of a role's link."""
    session = "" if role == "organiser" else session
    if key is None:
        key = served.site.keys.link_key(role, event, session)
    form = {"role": role, "event": event, "session": session, "key": key}
    return await served.ask("/pass", method="POST", body=urlencode(form).encode(), headers=FORM)


@pytest.mark.promise("S04")
@pytest.mark.parametrize("role", PAGES)
async def test_a_link_is_exchanged_for_a_pass_as_often_as_it_is_used(served: Served, role: str) -> None:
    page = PAGES[role]
    for _ in range(3):  # a preview of the link takes nothing away: its key is in the fragment
        assert (await served.ask(page)).status == 401
    for _ in range(2):
        reply = await exchange(served, role)
        assert (reply.status, reply.headers["Location"]) == (303, page)
        cookie = reply.headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
        assert (await served.ask(page, headers={"Cookie": cookie.partition(";")[0]})).status == 200


@pytest.mark.promise("S04")
async def test_without_a_pass_the_page_asks_for_the_key_in_one_field(served: Served) -> None:
    reply = await served.ask("/m/tea/hall?lang=nl")
    assert reply.status == 401
    assert 'action="/pass"' in reply.text
    assert 'name="key"' in reply.text
    assert served.site.keys.link_key("moderator", "tea", "hall") not in reply.text
    said = await served.ask("/m/tea/hall", headers={"Accept": "application/json"})
    assert (said.status, said.json()["code"]) == (401, "not-allowed")


@pytest.mark.parametrize("role", PAGES)
async def test_a_wrong_key_is_told_so_and_gives_no_pass(served: Served, role: str) -> None:
    for key in ("", "x" * 43, "é", served.site.keys.link_key("moderator", "tea", "annex")):
        reply = await exchange(served, role, key)
        assert reply.status == 403
        assert reply.headers["Set-Cookie"] is None
        assert 'name="key"' in reply.text


async def test_the_whole_link_may_be_pasted(served: Served) -> None:
    key = served.site.keys.link_key("moderator", "tea", "hall")
    assert (await exchange(served, "moderator", f" {served.url}/m/tea/hall#{key}\n")).status == 303


@pytest.mark.parametrize(
    ("role", "event", "session"),
    [
        ("moderator", "coffee", "hall"),
        ("moderator", "tea", "attic"),
        ("moderator", "tea", ""),
        ("queen", "tea", "hall"),
    ],
)
async def test_a_key_for_what_is_not_there_opens_nothing(served: Served, role: str, event: str, session: str) -> None:
    reply = await exchange(served, role, session=session, event=event)
    assert (reply.status, reply.headers["Set-Cookie"]) == (403, None)


async def test_a_form_that_is_none_is_refused(served: Served) -> None:
    for body in (b"", b"role=moderator", b"key=%ff%fe&role=moderator&event=tea&session=hall"):
        assert (await served.ask("/pass", method="POST", body=body, headers=FORM)).status == 403


OPENS = {
    "moderator": {"/m/tea/hall"},
    "presenter": {"/s/tea/hall"},
    "organiser": {"/m/tea/hall", "/m/tea/annex", "/s/tea/hall", "/s/tea/annex", "/o/tea", "/o/tea/sheet"},
    "nobody": set[str](),
}


@pytest.mark.promise("S16")
@pytest.mark.parametrize("role", OPENS)
async def test_a_pass_opens_its_own_pages_and_no_other(served: Served, role: str) -> None:
    cookies = {} if role == "nobody" else {"Cookie": served.pass_cookie(role)}
    for page in OPENS["organiser"]:
        for path in (page, f"{page}/regions") if page.count("/") < 4 and "sheet" not in page else (page,):
            expected = 200 if page in OPENS[role] else 401
            assert (await served.ask(path, headers=cookies)).status == expected, path


async def test_a_pass_can_not_be_made_up_or_moved(served: Served) -> None:
    keys = served.site.keys
    name = "polling-pass-moderator-tea.hall"
    forged = [
        "",
        "x",
        keys.link_key("moderator", "tea", "hall"),
        keys.new_pass("moderator", "tea", "annex"),
        keys.new_pass("presenter", "tea", "hall"),
        keys.new_pass("organiser", "tea", ""),
        keys.new_pass("moderator", "tea", "hall")[:-1],
    ]
    for value in forged:
        assert (await served.ask("/m/tea/hall", headers={"Cookie": f"{name}={value}"})).status == 401


@pytest.mark.promise("S13")
async def test_a_phone_keeps_its_cookie_and_one_that_is_not_ours_is_replaced(served: Served) -> None:
    page = f"/p/{served.code()}"
    first = await served.ask(page)
    cookie = first.headers["Set-Cookie"].partition(";")[0]
    assert "Path=/p/" in first.headers["Set-Cookie"]
    assert (await served.ask(page, headers={"Cookie": cookie})).headers["Set-Cookie"] is None
    for planted in ("polling-participant=mine", cookie.replace("=", "=AAAA")[: len(cookie)]):
        reply = await served.ask(page, headers={"Cookie": planted})
        assert reply.headers["Set-Cookie"].startswith("polling-participant=")
        assert planted not in reply.headers["Set-Cookie"]


async def test_behind_tls_a_pass_holds_for_this_host_alone(public: Served) -> None:
    key = public.site.keys.link_key("moderator", "tea", "hall")
    form = urlencode({"role": "moderator", "event": "tea", "session": "hall", "key": key}).encode()
    host = {"Host": "poll.example", "Origin": "https://poll.example"}
    reply = await public.ask("/pass", method="POST", body=form, headers=FORM | host)
    cookie = reply.headers["Set-Cookie"]
    assert cookie.startswith("__Host-polling-pass-moderator-tea.hall=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    headers = {"Host": "poll.example", "Cookie": cookie.partition(";")[0]}
    assert (await public.ask("/m/tea/hall", headers=headers)).status == 200
