"""What the documentation says is what the code does."""

from __future__ import annotations

from pathlib import Path

from polling.core.errors import Code
from polling.core.poll import LIFE
from polling.settings import VARIABLES, Settings

ROOT = Path(__file__).parent.parent


def between(text: str, begin: str, end: str) -> list[str]:
    return text.split(begin, 1)[1].split(end, 1)[0].splitlines()


def test_the_readme_lists_every_setting_with_its_default() -> None:
    rows = []
    for field, info in Settings.model_fields.items():
        default = "" if info.default is None else f"`{info.default}`"
        rows.append(f"| `{VARIABLES[field]}` | {default} | {info.description} |")
    readme = (ROOT / "README.md").read_text()
    assert between(readme, "polling/settings.py -->\n", "<!-- end")[2:] == rows


def test_the_architecture_draws_a_poll_s_life_as_the_table_has_it() -> None:
    drawn = between((ROOT / "docs" / "architecture.md").read_text(), "<!-- life -->\n", "<!-- end of life -->")
    rows = []
    for state in dict.fromkeys(state for state, _ in LIFE):
        for (begin, verb), after in LIFE.items():
            if begin is state:
                told = f"refused: {after.value}" if isinstance(after, Code) else after.value
                rows.append(f"| {state.value} | {verb.value} | {told} |")
    assert drawn[2:] == rows


def test_every_promise_marked_on_a_test_is_a_promise() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        for line in path.read_text().splitlines():
            if line.startswith("@pytest.mark.promise("):
                promise = line.split('"')[1]
                assert promise[0] in "RSP", f"{path}: {promise}"
                assert promise[1:].isdigit(), f"{path}: {promise}"
