"""What axe finds on a page: https://github.com/dequelabs/axe-core, as the axe-playwright-python package brings it."""

from __future__ import annotations

from importlib.resources import files

from playwright.async_api import Page

AXE = files("axe_playwright_python") / "axe.min.js"


async def findings(page: Page) -> list[str]:
    """Every rule that is broken here, with the elements that break it; whatever its impact."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)")
    return [
        f"{each['id']} ({each['impact']}): {' | '.join(' '.join(map(str, node['target'])) for node in each['nodes'])}"
        for each in found
    ]
