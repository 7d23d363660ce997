"""For everyone: axe finds nothing on the pages where names are given, held and followed up, in light and in dark."""

from __future__ import annotations

import pytest
from axe import findings
from browser_stage import Stage
from signing_walk import walk


@pytest.mark.parametrize(
    ("scheme", "locale", "desk"),
    [
        ("light", "en-GB", {"width": 1440, "height": 900}),
        ("dark", "nl-NL", {"width": 390, "height": 844}),
    ],
)
async def test_axe_finds_nothing_where_names_are_given_held_and_followed_up(
    stage: Stage, scheme: str, locale: str, desk: dict[str, int]
) -> None:
    found, seen = {}, []
    async for name, page in walk(stage, desk=desk, color_scheme=scheme, locale=locale):
        seen.append(name)
        if told := await findings(page):
            found[name] = told
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[name] = [*told, "it scrolls sideways"]
    assert found == {}
    assert len(seen) == len(set(seen)) == 21
