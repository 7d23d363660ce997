"""choices: several of several, at most `max`. Percentages are of respondents, so they add up to more than 100."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from polling.core.questions.options import OptionsQuestion


class Choices(OptionsQuestion):
    """Several of several; an exclusive option stands alone."""

    type: Literal["choices"]
    max: int | None = Field(None, ge=2, description="The most options one answer may hold; else all of them.")

    @property
    def most(self) -> int:
        return self.max if self.max is not None else len(self.options)
