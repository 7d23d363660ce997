"""text: an open answer. Its ballot holds nothing but that someone answered; what is written is an idea."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from polling.core.errors import Code, Refused
from polling.core.questions.base import Answer, Question, Summary
from polling.core.results.withholding import Published
from polling.core.tally import Cells
from polling.core.words import Words

TEXT_LENGTH = 500
"""The most characters in an open answer."""


class Text(Question):
    """Up to `max` ideas in one's own words; fields are numbered from "1"."""

    text_length: ClassVar[int] = TEXT_LENGTH

    type: Literal["text"]
    max: int = Field(1, ge=1, le=5, description="How many ideas one participant may hand in.")

    def parse(self, picks: Sequence[str], texts: Mapping[str, str]) -> Answer:
        if picks:
            raise Refused(Code.UNKNOWN_OPTION, option=picks[0])
        written = {}
        for cell, text in texts.items():
            if cell not in self.text_fields():
                raise Refused(Code.UNKNOWN_OPTION, option=cell)
            clean = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
            if len(clean) > TEXT_LENGTH:
                raise Refused(Code.TOO_LONG, most=TEXT_LENGTH, length=len(clean))
            if clean:
                written[cell] = clean
        if not written:
            raise Refused(Code.EMPTY_ANSWER)
        return Answer((), written)

    def cells(self, answer: Answer) -> Cells:
        return {}

    def summarise(self, published: Published) -> Summary:
        return Summary(published.respondents, (), withheld=published.withheld)

    def example(self) -> tuple[tuple[str, ...], dict[str, str]]:
        return (), {"1": "Invite alumni to the next meeting"}

    def text_fields(self) -> tuple[str, ...]:
        return tuple(str(number + 1) for number in range(self.max))

    def cell_name(self, cell: str) -> Words:
        return self.title
