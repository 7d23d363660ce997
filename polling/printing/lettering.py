"""Type for paper. A font is cut to the characters that a document needs and set to its weight, so that a file stays
small; what neither font has is shown as a sign, so that nobody's title can break a page."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

SCREEN_FONT = ("fontpkg_schibsted_grotesk", "SchibstedGrotesk[wght].ttf")
"""That of the big screen."""
WIDE_FONT = ("fontpkg_noto_sans", "NotoSans[wdth,wght].ttf")
"""For what it lacks: all Latin, Greek, Cyrillic and more."""

UNKNOWN = "\ufffd"
"""Stands for a character that neither font has."""
SOFT_HYPHEN = "\u00ad"
_SAME = {"\u2011": "-", "\u2010": "-", "\u00a0": " ", "\u202f": " ", "\t": " ", "\n": " ", "\r": " ", "\u2028": " "}

Font = tuple[str, str]


def legible(text: str) -> str:
    """The text as these fonts can show it: composed, without invisible signs, unknown ones replaced."""
    known = _characters(SCREEN_FONT) | _characters(WIDE_FONT)
    shown = []
    for sign in unicodedata.normalize("NFC", text):
        sign = _SAME.get(sign, sign)
        kind = unicodedata.category(sign)
        if sign != SOFT_HYPHEN and (kind in ("Cc", "Cf") or (kind in ("Mn", "Me") and ord(sign) not in known)):
            continue  # it shows nothing by itself
        shown.append(sign if sign == SOFT_HYPHEN or ord(sign) in known else UNKNOWN)
    return " ".join("".join(shown).split(" ")).strip()


def needs_wide_font(text: str) -> bool:
    """Whether the screen font lacks some of these characters."""
    return not {ord(sign) for sign in text} - {ord(SOFT_HYPHEN)} <= _characters(SCREEN_FONT)


def cut(font: Font, weight: int, text: str) -> bytes:
    """A font file of one weight, with just the characters of `text`."""
    opened = TTFont(_file(font), recalcTimestamp=False)
    for table in ("GSUB", "GPOS", "GDEF", "STAT"):  # for shaping, which is not done here; they take long to cut
        if table in opened:
            del opened[table]
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(_wanted(text) & _characters(font)))
    cutter.subset(opened)
    axes = {axis.axisTag: axis.defaultValue for axis in opened["fvar"].axes} | {"wght": weight}
    made = io.BytesIO()
    instancer.instantiateVariableFont(opened, axes, inplace=True).save(made)
    return made.getvalue()


def _wanted(text: Iterable[str]) -> set[int]:
    return {ord(sign) for sign in text} | {ord(sign) for sign in " …-"}


@cache
def _characters(font: Font) -> frozenset[int]:
    return frozenset(TTFont(_file(font), recalcTimestamp=False, lazy=True).getBestCmap())


def _file(font: Font) -> io.BytesIO:
    package, name = font
    return io.BytesIO(files(package).joinpath("files", name).read_bytes())
