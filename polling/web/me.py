"""/me: everything held under private links, and the ways to correct it, take it with you and take it back.

Never a login: a key is all that is asked, and it travels in a form, never in an address. Reads no ballot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from polling.core.contact import NAME_LENGTH, PHONE_LENGTH, contact, half_day
from polling.core.errors import Code, Refused
from polling.core.event import ContactFields, Event
from polling.core.keys import key_hash
from polling.core.words import say
from polling.rendering import LANGUAGES, sentence
from polling.store.contacts import Correction, SignedAnswer, Withdrawal, correct, find, withdraw
from polling.web.signable import Proof, look_up
from polling.web.site import Site, language_of, site_of

MOST_KEYS = 100
"""As many private links as one page shows; a phone that signs in every poll of a day has fewer."""
KEY_LENGTH = 100


@dataclass(frozen=True)
class Held:
    """What is held under one key, in the event's words where it is still served."""

    key: str
    signed: SignedAnswer
    event: Event | None

    @property
    def place(self) -> Mapping[str, str] | None:
        """The session's title."""
        with suppress(KeyError):
            return self.event.session(self.signed.session).title if self.event else None
        return None

    @property
    def groups(self) -> list[Any]:
        """The working groups that it is shared with."""
        with suppress(KeyError):
            return [self.event.working_group(each) for each in self.signed.working_groups] if self.event else []
        return []

    @property
    def asks(self) -> ContactFields:
        """What the event asks; of one that is gone, whatever was given stays and can be taken out."""
        return self.event.privacy.contact if self.event else ContactFields(organisation="optional", phone="optional")

    def as_json(self, language: str) -> dict[str, object]:
        """All of it as data, to take along."""
        signed = self.signed
        return {
            "event": signed.event,
            "event_title": say(self.event.title, language) if self.event else None,
            "session": signed.session,
            "set": signed.poll.set,
            "question": signed.poll.question,
            "round": signed.poll.round,
            "cell": signed.cell,
            "answer": signed.answer,
            "name": signed.contact.name,
            "email": signed.contact.email,
            "organisation": signed.contact.organisation,
            "phone": signed.contact.phone,
            "working_groups": list(signed.working_groups),
            "signed": signed.half_day,
            "status": signed.status,
            "consent": {
                "text": signed.consent.text,
                "version": signed.consent.version,
                "language": signed.consent.language,
                "until": signed.consent.until.isoformat() if signed.consent.until else None,
            },
        }


@dataclass(frozen=True)
class Asked:
    """What a form of these pages holds: the keys of private links, and what is asked of them."""

    fields: Mapping[str, str]
    keys: tuple[str, ...]
    language: str


async def ask_key(request: Request) -> Response:
    """GET /me: one field for the key; the script fills it from the link's fragment, and shows what this phone keeps."""
    return _ask(site_of(request), language_of(request))


async def show(request: Request) -> Response:
    """POST /me: what is held under the keys; or the one answer that a saved key can still sign."""
    site, asked = site_of(request), await _asked(request)
    proof = Proof.from_saved_key(asked.keys[0]) if asked.keys else None
    if proof is not None:
        return await _saved(site, proof, asked.language)
    return await _show(site, asked)


async def save_key(request: Request) -> Response:
    """POST /me/key: the key to one answer, to be kept elsewhere than on this phone: a private link and its QR code."""
    site, asked = site_of(request), await _asked(request)
    names = ("event", "session", "poll", "cell", "receipt", "claim")
    proof = Proof(**{name: asked.fields.get(name, "") for name in names})
    return await _saved(site, proof, asked.language)


async def change(request: Request) -> Response:
    """POST /me/correct: other details under one key."""
    site, asked = site_of(request), await _asked(request)
    key = asked.fields.get("correct", "")
    found = await asyncio.to_thread(_find, site, [key])
    if not found:
        return _ask(site, asked.language, Code.UNKNOWN_KEY, key)
    given = {name: asked.fields.get(name, "") for name in ("name", "email", "organisation", "phone")}
    try:
        details = contact(**given, asks=found[0].asks)
        await site.writer.do(correct, Correction(key_hash(key), details))
    except Refused as refused:
        return await _show(site, asked, wrong=key, given=given, refused=refused)
    await _settle(site)
    return await _show(site, asked, corrected=key)


async def take_along(request: Request) -> Response:
    """POST /me/data: all of it as JSON, for one key or many."""
    site, asked = site_of(request), await _asked(request)
    held = await asyncio.to_thread(_find, site, asked.keys)
    if not held:
        return _ask(site, asked.language, Code.UNKNOWN_KEY, next(iter(asked.keys), ""))
    headers = {"cache-control": "no-store", "content-disposition": 'attachment; filename="what-we-keep-of-me.json"'}
    return JSONResponse({"signed_answers": [each.as_json(asked.language) for each in held]}, headers=headers)


async def take_back(request: Request) -> Response:
    """POST /me/withdraw: deletes what is held; a second time there is nothing, and the page says that."""
    site, asked = site_of(request), await _asked(request)
    now = half_day(site.clock())
    withdrawals = [Withdrawal(key_hash(key), now) for key in asked.keys]
    were_held = await asyncio.gather(*(site.writer.do(withdraw, withdrawal) for withdrawal in withdrawals))
    settled = await _settle(site)
    return _page(
        site,
        "me/withdrawn.html",
        asked.language,
        keys=[key[:KEY_LENGTH] for key in asked.keys],
        withdrawn=sum(were_held),
        settled=settled,
    )


async def to_me(request: Request) -> Response:
    """GET of what a form leads to, as after a reload."""
    return RedirectResponse("/me", 303)


def _ask(site: Site, language: str, code: Code | None = None, key: str = "") -> Response:
    """The page that asks for a key; with why the last one was refused."""
    told = ""
    if code is Code.UNKNOWN_KEY:
        status = 404
    elif code is not None:
        status, told = 409, sentence(code, language)
    else:
        status = 200
    modes = site.hall.modes
    return _page(site, "me/key.html", language, status, key=key[:KEY_LENGTH], code=code, told=told, modes=modes)


async def _show(
    site: Site,
    asked: Asked,
    *,
    wrong: str = "",
    corrected: str = "",
    given: Mapping[str, str] | None = None,
    refused: Refused | None = None,
) -> Response:
    """All that is held under the keys. `wrong`: the key whose correction was `refused`, with what was typed."""
    held = await asyncio.to_thread(_find, site, asked.keys)
    if not held:
        return _ask(site, asked.language, Code.UNKNOWN_KEY, next(iter(asked.keys), ""))
    return _page(
        site,
        "me/held.html",
        asked.language,
        503 if refused and refused.code is Code.BUSY else 422 if refused else 200,
        held=held,
        event=held[0].event,
        wrong=wrong,
        corrected=corrected,
        given=given,
        code=refused.code if refused else None,
        refused=sentence(refused.code, asked.language, **refused.values) if refused else "",
        name_length=NAME_LENGTH,
        phone_length=PHONE_LENGTH,
    )


async def _saved(site: Site, proof: Proof, language: str) -> Response:
    """The page of a saved key: the answer, the way to sign it, and the key itself."""
    try:
        signable = await asyncio.to_thread(look_up, site, proof)
    except Refused as refused:
        return _ask(site, language, refused.code)
    return _page(
        site,
        "me/saved.html",
        language,
        proof=proof,
        link=f"{site.settings.base_url}/me#{proof.saved_key}",
        event=signable.event,
        session=signable.session,
        answer=signable.answer(language),
        until=signable.event.privacy.signing_ends,
    )


async def _settle(site: Site) -> bool:
    """Makes the file forget what was there; where that has to wait, the server keeps trying."""
    settled = await site.writer.settle()
    if not settled:
        site.settler.ask()
    return settled


def _find(site: Site, keys: list[str] | tuple[str, ...]) -> list[Held]:
    with site.database.read() as connection:
        found = [(key, find(connection, key_hash(key))) for key in keys]
    return [Held(key, signed, site.hall.events.get(signed.event)) for key, signed in found if signed is not None]


async def _asked(request: Request) -> Asked:
    async with request.form(max_files=0, max_fields=MOST_KEYS + 20) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        keys = _keys(form)
    asked = fields.get("language")
    return Asked(fields, keys, asked if asked in LANGUAGES else language_of(request))


def _keys(form: FormData) -> tuple[str, ...]:
    """The keys, also where the whole link was pasted; each once."""
    typed = [value.rpartition("#")[2].strip() for value in form.getlist("key") if isinstance(value, str)]
    return tuple(dict.fromkeys(typed))[:MOST_KEYS]


def _page(site: Site, template: str, language: str, status: int = 200, /, **values: object) -> HTMLResponse:
    html = site.renderer.render(template, language, **values)
    return HTMLResponse(html, status, {"cache-control": "no-store"})


routes = [
    Route("/me", ask_key, methods=["GET"]),
    Route("/me", show, methods=["POST"]),
    *(
        route
        for path, answer in (
            ("/me/key", save_key),
            ("/me/correct", change),
            ("/me/data", take_along),
            ("/me/withdraw", take_back),
        )
        for route in (Route(path, answer, methods=["POST"]), Route(path, to_me, methods=["GET"]))
    ),
]
