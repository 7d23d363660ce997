"""Style sheets, modules and pictures: kept by browsers for good, since their addresses change with them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath

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
_COMMENTS_AND_INDENTATION = re.compile(rb"\s*/\*.*?\*/\s*|\s*\n\s*", re.DOTALL)
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
    return _file(path.read_bytes(), path.suffix)


def _file(content: bytes, suffix: str) -> File:
    packed = gzip.compress(lean(content, suffix), mtime=0) if suffix in PACKED else None
    return File(content, packed, TYPES[suffix])


def lean(content: bytes, suffix: str) -> bytes:
    """A module or style sheet without comments and indentation, a fifth of what a phone would wait for. In our modules
    a comment has its line to itself, and no text runs over several lines."""
    if suffix == ".js":
        lines = (line.strip() for line in content.splitlines())
        return b"\n".join(line for line in lines if line and not line.startswith(b"//"))
    return _COMMENTS_AND_INDENTATION.sub(b"\n", content) if suffix == ".css" else content


@lru_cache(maxsize=32)
def joined(folder: Path, name: str) -> File | None:
    """Files of one kind as one, so that a phone asks once for `css/tokens+base+phone.css`; None if one is not there."""
    path = PurePosixPath(name)
    files = files_in(folder)
    parts = [files.get((path.parent / f"{part}{path.suffix}").as_posix()) for part in path.stem.split("+")[:8]]
    contents = [part.content for part in parts if part is not None]
    return _file(b"\n".join(contents), path.suffix) if len(contents) == len(parts) else None


async def static(request: Request) -> Response:
    """A file of ours, at the address that its pages name."""
    current = request.path_params["digest"] == static_digest()
    name = request.path_params["name"]
    file = joined(STATIC, name) if "+" in name else files_in(STATIC).get(name)
    return _sent(request, file, "static", FOR_GOOD if current else "no-cache")


async def asset(request: Request) -> Response:
    """A file of the self-hosted copy of htmx."""
    folder = site_of(request).settings.assets
    file = files_in(folder).get(request.path_params["name"]) if folder else None
    return _sent(request, file, "asset", FOR_AN_HOUR)


def _sent(request: Request, file: File | None, kind: str, keep: str) -> Response:
    if file is None:
        raise HTTPException(404, f"no such {kind}")
    headers = {"Cache-Control": keep, "Vary": "Accept-Encoding"}
    content = file.content
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = file.packed, "gzip"
    return Response(content, media_type=file.type, headers=headers)


routes = [Route("/static/{digest}/{name:path}", static), Route("/assets/{name:path}", asset)]
