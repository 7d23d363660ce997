"""info: no question; a title and a text between questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal

from polling.core.errors import Code, Refused
from polling.core.questions.base import Answer, Fault, Question, Summary
from polling.core.results.withholding import Published
from polling.core.tally import Cells
from polling.core.words import Words


class Info(Question):
    """A page that phones and the big screen show while it is open."""

    answerable: ClassVar[bool] = False

    type: Literal["info"]
    text: Words | None = None

    def faults(self) -> Iterator[Fault]:
        if self.contact == "offer":
            yield ("contact",), "a page between questions has no answer to put a name to: take 'contact' out"

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
