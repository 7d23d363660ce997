"""Refusals and accidents at the edge: the right status, and a sentence in the person's language, as page or JSON."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from polling.core.errors import Code, Refused
from polling.rendering import sentence
from polling.web.access import NoPass
from polling.web.site import language_of, site_of

log = logging.getLogger(__name__)

STATUS: Mapping[Code, int] = {
    Code.MALFORMED: 400,
    Code.EMPTY_ANSWER: 422,
    Code.UNKNOWN_OPTION: 422,
    Code.TOO_MANY: 422,
    Code.EXCLUSIVE: 422,
    Code.TOO_LONG: 422,
    Code.TEXT_WITHOUT_OPTION: 422,
    Code.BAD_NAME: 422,
    Code.BAD_EMAIL: 422,
    Code.BAD_ORGANISATION: 422,
    Code.BAD_PHONE: 422,
    Code.BAD_NUMBER: 422,
    Code.NOT_ALLOWED: 403,
    Code.UNKNOWN_KEY: 403,
    Code.LINK_REVOKED: 401,
    Code.LINK_ENDED: 401,
    Code.BAD_LINK_NAME: 422,
    Code.UNKNOWN_LINK: 404,
    Code.UNKNOWN_POLL: 404,
    Code.UNKNOWN_SESSION: 404,
    Code.UNKNOWN_IDEA: 404,
    Code.UNKNOWN_GROUP: 404,
    Code.UNKNOWN_CODE: 404,
    Code.BUSY: 503,
}
"""The statuses of the refusals; all others are about how things stand now: 409."""

OTHER = 500
"""The page for a status that has none of its own."""


def status_of(code: Code) -> int:
    """The HTTP status of a refusal."""
    return STATUS.get(code, 409)


def problem(connection: HTTPConnection, status: int, refused: Refused | None = None) -> Response:
    """The answer to a request that went wrong: a page, or JSON where the client asks for it."""
    language = language_of(connection)
    code = refused.code.value if refused else HTTPStatus(status).phrase.lower().replace(" ", "-")
    told = sentence(refused.code, language, **refused.values) if refused else None
    renderer = site_of(connection).renderer
    response: Response
    if wants_json(connection):
        message = told or renderer.render("errors/sentence.html", language, status=status).strip()
        response = JSONResponse({"type": "error", "status": status, "code": code, "message": message}, status)
    else:
        response = HTMLResponse(renderer.render("errors/error.html", language, status=status, told=told), status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "2"
    return response


def wants_json(connection: HTTPConnection) -> bool:
    """Whether the client is a program rather than a browser."""
    accept = connection.headers.get("accept", "")
    return "application/json" in accept and "text/html" not in accept


def on_refused(request: Request, error: Refused) -> Response:
    """Something asked for is refused."""
    return problem(request, status_of(error.code), error)


def on_http(request: Request, error: HTTPException) -> Response:
    """No such page, no such method, too large, and the like."""
    response = problem(request, error.status_code)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def on_no_pass(request: Request, error: NoPass) -> Response:
    """Staff without a pass: the page with one field for the key; after a wrong key it says so."""
    language = language_of(request, error.event)
    status = status_of(error.refused) if error.refused else 401
    refused = sentence(error.refused, language) if error.refused else None
    if wants_json(request):
        code = (error.refused or Code.NOT_ALLOWED).value
        message = refused or sentence(Code.NOT_ALLOWED, language)
        return JSONResponse({"type": "error", "status": status, "code": code, "message": message}, status)
    page = site_of(request).renderer.render(
        "enter.html", language, role=error.role, event=error.event, session=error.session, refused=refused
    )
    return HTMLResponse(page, status)


def on_accident(connection: HTTPConnection, error: Exception) -> Response:
    """A defect of ours: it is in the log, without what the person sent."""
    log.error("a request to %s failed", route_of(connection), exc_info=error)
    return problem(connection, 500)


def route_of(connection: HTTPConnection) -> str:
    """The pattern of the address, for the log: no code, no key, no query."""
    route = connection.scope.get("route")
    return str(getattr(route, "path", "an unknown address"))


handlers: Mapping[Any, Any] = {
    Refused: on_refused,
    HTTPException: on_http,
    NoPass: on_no_pass,
}
