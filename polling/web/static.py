"""Style sheets, modules and pictures: kept by browsers for good, since their addresses change with them."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from polling.rendering import STATIC, static_digest
from polling.web.site import site_of

TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
PACKED = frozenset({".css", ".js", ".svg", ".txt", ".webmanifest"})
FOR_GOOD = "public, max-age=31536000, immutable"
FOR_AN_HOUR = "public, max-age=3600"


@dataclass(frozen=True)
class File:
    """A file as it is sent."""

    content: bytes
    packed: bytes | None
    type: str


@cache
def files_in(folder: Path) -> Mapping[str, File]:
    """Every file that may be had from a folder, read once: no address leads anywhere else."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.suffix in TYPES)
    return {path.relative_to(folder).as_posix(): _read(path) for path in paths}


def _read(path: Path) -> File:
    content = path.read_bytes()
    packed = gzip.compress(content, mtime=0) if path.suffix in PACKED else None
    return File(content, packed, TYPES[path.suffix])


async def static(request: Request) -> Response:
    """A file of ours, at the address that its pages name."""
    current = request.path_params["digest"] == static_digest()
    return _sent(request, files_in(STATIC), "static", FOR_GOOD if current else "no-cache")


async def asset(request: Request) -> Response:
    """A file of the self-hosted copy of htmx."""
    folder = site_of(request).settings.assets
    return _sent(request, files_in(folder) if folder else {}, "asset", FOR_AN_HOUR)


def _sent(request: Request, files: Mapping[str, File], kind: str, keep: str) -> Response:
    file = files.get(request.path_params["name"])
    if file is None:
        raise HTTPException(404, f"no such {kind}")
    headers = {"Cache-Control": keep, "Vary": "Accept-Encoding"}
    content = file.content
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = file.packed, "gzip"
    return Response(content, media_type=file.type, headers=headers)


routes = [Route("/static/{digest}/{name:path}", static), Route("/assets/{name:path}", asset)]
