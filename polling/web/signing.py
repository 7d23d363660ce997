"""/sign: a name under one answer. Reads no cookie, no pass and no ballot: a receipt or a claim is all it knows."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from polling.core.contact import NAME_LENGTH, PHONE_LENGTH, Consent, contact, half_day, terms_for
from polling.core.errors import Code, Refused
from polling.core.keys import key_hash, new_key
from polling.rendering import LANGUAGES, sentence
from polling.store.contacts import Signing, sign
from polling.web.consent import consent_text, facts, promise
from polling.web.signable import Proof, Signable, look_up
from polling.web.site import Site, language_of, site_of

_KEY = re.compile(r"[A-Za-z0-9_-]{22}")
_PROOF = ("event", "session", "poll", "cell", "receipt", "claim")
_BESIDE = ("language", "switch", "key", "begun", "organisation", "phone")
_STATUS = {Code.BUSY: 503, Code.SIGNING_OVER: 409}


@dataclass(frozen=True)
class Form:
    """What a phone sends. First the answer and its proof; then, from our own page or in one tap, a name as well."""

    proof: Proof
    language: str
    switch: str  # another language for the same page
    key: str  # of the private link, so that a form sent twice is one signing
    begun: str  # "me": on that page, where it leads back to
    name: str | None
    email: str | None
    organisation: str
    phone: str

    @property
    def is_filled_in(self) -> bool:
        return self.name is not None and not self.switch


async def signing(request: Request) -> Response:
    """POST /sign: the page for a name, or the name."""
    request = _without_cookies(request)
    site, form = site_of(request), await _form(request)
    event = site.hall.events.get(form.proof.event)
    language = next((each for each in (form.switch, form.language) if each in LANGUAGES), language_of(request, event))
    try:
        signable = await asyncio.to_thread(look_up, site, form.proof)
    except Refused as refused:
        status = _STATUS.get(refused.code, 422)
        return _page(site, "sign/refused.html", language, status, code=refused.code, back=_back(site, form))
    if not form.is_filled_in:
        return _ask(site, form, signable, language)
    try:
        return await _sign(site, form, signable, language)
    except Refused as refused:
        return _ask(site, form, signable, language, refused)


async def how_to_sign(request: Request) -> Response:
    """GET /sign, as after typing the address: in words where signing begins."""
    request = _without_cookies(request)
    response = _page(site_of(request), "sign/refused.html", language_of(request), 405, code=None, back="/")
    response.headers["allow"] = "POST"
    return response


def _without_cookies(request: Request) -> Request:
    """The request as a phone sends it that omits them: what isn't there can't be read by mistake."""
    headers = [(name, value) for name, value in request.scope["headers"] if name != b"cookie"]
    return Request({**request.scope, "headers": headers}, request.receive)


async def _form(request: Request) -> Form:
    async with request.form(max_files=0, max_fields=20) as sent:
        fields = {name: value for name, value in sent.items() if isinstance(value, str)}
    proof = Proof(**{name: fields.get(name, "") for name in _PROOF})
    beside = {name: fields.get(name, "") for name in _BESIDE}
    return Form(proof, **beside, name=fields.get("name"), email=fields.get("email"))


async def _sign(site: Site, form: Form, signable: Signable, language: str) -> Response:
    terms = terms_for(signable.event, signable.poll, signable.cell)
    given = contact(form.name or "", form.email or "", form.organisation, form.phone, terms.asks)
    key = _private_key(form)
    asked = Signing(
        id=secrets.token_bytes(16),
        key_hash=key_hash(key),
        event=signable.event.event,
        session=signable.session.id,
        poll=signable.poll,
        cell=signable.cell,
        claim_hash=signable.claim_hash,
        answer=signable.answer(language),
        contact=given,
        working_groups=tuple(group.id for group in terms.groups),
        consent=Consent(consent_text(terms, language), language, terms.until),
        half_day=half_day(site.clock()),
    )
    await site.writer.do(sign, asked)
    site.settler.ask()
    link = f"{site.settings.base_url}/me#{key}"
    return _page(
        site,
        "sign/thanks.html",
        language,
        key=key,
        link=link,
        event=signable.event,
        session=signable.session,
        proof=form.proof,
        answer=asked.answer,
        contact=given,
        until=terms.until,
        back=_back(site, form),
    )


def _ask(site: Site, form: Form, signable: Signable, language: str, refused: Refused | None = None) -> Response:
    """The page for a name; with what was typed and why it was refused."""
    form = replace(form, language=language, key=_private_key(form))
    terms = terms_for(signable.event, signable.poll, signable.cell)
    return _page(
        site,
        "sign/form.html",
        language,
        200 if refused is None else _STATUS.get(refused.code, 422),
        form=form,
        event=signable.event,
        session=signable.session,
        answer=signable.answer(language),
        facts=facts(terms, language),
        asks=terms.asks,
        promise=promise(terms, language),
        code=refused.code if refused else None,
        refused=sentence(refused.code, language, **refused.values) if refused else "",
        name_length=NAME_LENGTH,
        phone_length=PHONE_LENGTH,
        back=_back(site, form),
    )


def _private_key(form: Form) -> str:
    """The key of the private link: drawn with the page for a name, and sent back with it."""
    return form.key if _KEY.fullmatch(form.key) else new_key(secrets.token_bytes(16))


def _back(site: Site, form: Form) -> str:
    """The page that the form came from: the participant's, or /me."""
    if form.begun == "me":
        return "/me"
    try:
        return f"/p/{site.hall.code(form.proof.event, form.proof.session)}"
    except KeyError:
        return "/"


def _page(site: Site, template: str, language: str, status: int = 200, /, **values: object) -> HTMLResponse:
    html = site.renderer.render(template, language, **values)
    return HTMLResponse(html, status, {"cache-control": "no-store"})


routes = [
    Route("/sign", signing, methods=["POST"]),
    Route("/sign", how_to_sign, methods=["GET"]),
]
