"""/me: everything held under a private link, and the way to take it back. Never a login; reads no ballot."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from polling.core.errors import Code
from polling.core.keys import key_hash
from polling.rendering import LANGUAGES
from polling.store.contacts import SignedAnswer, find, withdraw
from polling.web.site import Site, language_of, site_of


async def ask_key(request: Request) -> Response:
    """GET /me: one field for the key; the script fills it from the link's fragment."""
    return _page(site_of(request), "me/key.html", language_of(request), key="", code=None)


async def show(request: Request) -> Response:
    """POST /me: what is held under the key."""
    site = site_of(request)
    key, language = await _key(request)
    held = await asyncio.to_thread(_find, site, key)
    if held is None:
        return _page(site, "me/key.html", language, 404, key=key[:100], code=Code.UNKNOWN_KEY)
    return _page(
        site, "me/held.html", language, key=key, held=held, event=site.hall.events.get(held.event), **_names(site, held)
    )


async def take_back(request: Request) -> Response:
    """POST /me/withdraw: deletes what is held; a second time there is nothing, and the page says that."""
    site = site_of(request)
    key, language = await _key(request)
    was_held = await site.writer.do(withdraw, key_hash(key))
    settled = await site.writer.settle()
    if not settled:
        site.settler.ask()
    return _page(site, "me/withdrawn.html", language, key=key[:100], was_held=was_held, settled=settled)


async def to_me(request: Request) -> Response:
    """GET /me/withdraw, as after a reload."""
    return RedirectResponse("/me", 303)


def _find(site: Site, key: str) -> SignedAnswer | None:
    with site.database.read() as connection:
        return find(connection, key_hash(key))


def _names(site: Site, held: SignedAnswer) -> dict[str, object]:
    """Session and working groups in the event's words; none where the event is served no more."""
    names: dict[str, object] = {"place": None, "groups": []}
    with suppress(KeyError):
        event = site.hall.events[held.event]
        names["place"] = event.session(held.session).title
        names["groups"] = [event.working_group(each) for each in held.working_groups]
    return names


async def _key(request: Request) -> tuple[str, str]:
    """The key, also where the whole link was pasted; and the language of the answer."""
    async with request.form(max_files=0, max_fields=4) as form:
        typed, asked = form.get("key"), form.get("language")
    language = asked if isinstance(asked, str) and asked in LANGUAGES else language_of(request)
    return (typed.rpartition("#")[2].strip() if isinstance(typed, str) else ""), language


def _page(site: Site, template: str, language: str, status: int = 200, /, **values: object) -> HTMLResponse:
    html = site.renderer.render(template, language, **values)
    return HTMLResponse(html, status, {"cache-control": "no-store"})


routes = [
    Route("/me", ask_key, methods=["GET"]),
    Route("/me", show, methods=["POST"]),
    Route("/me/withdraw", take_back, methods=["POST"]),
    Route("/me/withdraw", to_me, methods=["GET"]),
]
