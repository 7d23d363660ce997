"""choices: several of several, at most `max`. Percentages are of respondents, so they add up to more than 100."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from polling.core.questions.base import Fault
from polling.core.questions.options import OptionsQuestion


class Choices(OptionsQuestion):
    """Several of several; an exclusive option stands alone."""

    type: Literal["choices"]
    max: int | None = Field(None, ge=2, description="The most options one answer may hold; else all of them.")

    @property
    def most(self) -> int:
        return self.max if self.max is not None else len(self.options)

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if self.max is not None and self.max > len(self.options):
            yield ("max",), f"'max' is {self.max}, but there are only {len(self.options)} options"
        if all(option.exclusive for option in self.options):
            yield ("options",), "every option is exclusive: make this a question of type 'choice'"
