"""Values to HTML: the Jinja environments, one per language, and the catalogue behind them."""

from __future__ import annotations

import gettext
import hashlib
import io
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import segno
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from polling.core.errors import Code
from polling.core.words import say
from polling.sentences import SENTENCES

LANGUAGES = ("en", "nl")
PACKAGE = Path(__file__).parent

HTMX_VERSION = "4.0.1"
HTMX_CDN = f"https://cdn.jsdelivr.net/npm/htmx.org@{HTMX_VERSION}/dist/htmx.min.js"
HTMX_HASH = "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn"
FONT_CDN = (
    "https://cdn.jsdelivr.net/npm/@fontsource-variable/schibsted-grotesk@5/files/"
    "schibsted-grotesk-latin-wght-normal.woff2"
)


def beside_or_above(name: str) -> Path:
    """A folder that stands in the package when installed from a wheel, and at the top of a clone."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


TEMPLATES = beside_or_above("templates")
STATIC = beside_or_above("static")


class Renderer:
    """Renders pages and regions. `assets`: a folder with our own copy of htmx, served at /assets/. `rehearsal`: every
    page says that it is one."""

    def __init__(self, assets: Path | None = None, *, rehearsal: bool = False) -> None:
        self._rehearsal = rehearsal
        self.htmx_url = "/assets/htmx.min.js" if assets else HTMX_CDN
        self.font_url = "" if assets else FONT_CDN
        self._environments = {language: self._environment(language) for language in LANGUAGES}

    def _environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,  # for every name: nobody's words are markup
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        )
        environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]  # by the i18n extension
        environment.globals.update(
            language=language,
            languages=LANGUAGES,
            rehearsal=self._rehearsal,
            say=lambda words: say(words, language),
            sentence=lambda code, **values: sentence(Code(code), language, **values),
            static=static_url,
            htmx_url=self.htmx_url,
            htmx_hash=HTMX_HASH,
            font_url=self.font_url,
            qr_svg=qr_svg,
        )
        environment.filters["day"] = lambda day: day_in_words(day, language)
        return environment

    def render(self, template: str, language: str, /, **values: Any) -> str:
        """A page, or a region alone (a template whose name begins with an underscore)."""
        environment = self._environments.get(language) or self._environments[LANGUAGES[0]]
        return environment.get_template(template).render(values)


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The sentences of a language. English is the code's own; compiled here, since the repository keeps none."""
    path = PACKAGE / "locale" / language / "LC_MESSAGES" / "polling.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def sentence(code: Code, language: str, **values: str | int) -> str:
    """A refusal in words: what happened, what is kept and what to do."""
    told: Mapping[str, str | int] = {"most": "?", "length": "?", "option": "?", "poll": "?", "revision": "?"} | values
    return catalogue(language).gettext(SENTENCES[code]) % told


def day_in_words(day: date, language: str) -> str:
    """1 March 2027; 1 maart 2027."""
    return format_date(day, "d MMMM y", locale=language)


@cache
def static_digest() -> str:
    """One hash over all of static/: modules import each other by relative addresses, so they change theirs together."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def static_url(name: str) -> str:
    """The address of a file under static/, which browsers may keep for good."""
    return f"/static/{static_digest()}/{name}"


@cache
def qr_svg(url: str) -> Markup:
    """A QR code as one SVG path, without style or script."""
    code = segno.make(url, error="m", micro=False)
    rows = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark]
    side = len(code.matrix)
    return Markup(
        '<svg viewBox="0 0 {side} {side}" shape-rendering="crispEdges" aria-hidden="true"><path d="{path}"/></svg>'
    ).format(side=side, path="".join(rows))
