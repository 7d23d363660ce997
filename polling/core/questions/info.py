"""info: no question; a title and a text between questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from polling.core.errors import Code, Refused
from polling.core.questions.base import Answer, Question, Summary
from polling.core.results.withholding import Published
from polling.core.tally import Cells
from polling.core.words import Words


class Info(Question):
    """A page that phones and the big screen show while it is open."""

    answerable: ClassVar[bool] = False

    type: Literal["info"]
    text: Words | None = None

    def parse(self, picks: Sequence[str], texts: Mapping[str, str]) -> Answer:
        raise Refused(Code.NOT_A_QUESTION)

    def cells(self, answer: Answer) -> Cells:
        return {}

    def summarise(self, published: Published) -> Summary:
        return Summary(0)

    def example(self) -> tuple[tuple[str, ...], dict[str, str]]:
        return (), {}

    def signable(self, cell: str) -> bool:
        return False
