"""choice: one of several options, with an 'other' where the YAML offers one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from polling.core.questions.base import Fault
from polling.core.questions.options import OptionsQuestion


class Choice(OptionsQuestion):
    """One of several."""

    one_tap: ClassVar[bool] = True

    type: Literal["choice"]
    segment: bool = Field(
        False, description="Its options are segments: the results of other questions can be divided 'by' them."
    )

    @property
    def makes_labels(self) -> bool:
        return self.segment

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        for number, option in enumerate(self.options):
            if option.exclusive:
                yield (
                    ("options", number, "exclusive"),
                    "'exclusive' is for type 'choices' only",
                )
