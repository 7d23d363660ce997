"""Options, as the types that offer them share it: `choice` and `choices`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from polling.core.errors import Code, Refused
from polling.core.questions.base import Answer, Fault, Frozen, Groups, Id, Question, Row, Summary, percent_of
from polling.core.results.withholding import Published
from polling.core.tally import Cells
from polling.core.words import Words

OTHER_LENGTH = 120
"""The most characters in the text of an 'other' option."""


class Option(Frozen):
    """One thing to choose. With `other`, a field for a few words of one's own opens under it."""

    id: Id
    text: Words
    other: bool = Field(False, description="Opens a field: 'other, namely …'. What is written is an idea.")
    exclusive: bool = Field(False, description="Clears all other options, like 'no interest'. For type choices.")
    contact: Literal["none", "offer"] = Field(
        "none", description="offer: a participant who chose this may put a name to it."
    )
    working_group: Groups = Field((), description="The working group (or two) that this goes to; else the question's.")


class OptionsQuestion(Question):
    """A question whose cells are its options."""

    text_length: ClassVar[int] = OTHER_LENGTH

    options: Annotated[tuple[Option, ...], Field(min_length=1, max_length=24, strict=False)]
    by: Annotated[str, Field(max_length=121)] | None = Field(
        None, description="A segment question by whose options this result is divided: its id, or 'set/question'."
    )

    def faults(self) -> Iterator[Fault]:
        others = [number for number, option in enumerate(self.options) if option.other]
        for number in others[1:]:
            yield ("options", number, "other"), "there is an option with 'other' already: a question has one at most"

    @property
    def divided_by(self) -> str | None:
        return self.by

    def parse(self, picks: Sequence[str], texts: Mapping[str, str]) -> Answer:
        known = {option.id: option for option in self.options}
        chosen = tuple(option.id for option in self.options if option.id in picks)
        for pick in picks:
            if pick not in known:
                raise Refused(Code.UNKNOWN_OPTION, option=pick)
        if not chosen:
            raise Refused(Code.EMPTY_ANSWER)
        if len(chosen) > self.most:
            raise Refused(Code.TOO_MANY, most=self.most)
        if len(chosen) > 1 and any(known[pick].exclusive for pick in chosen):
            raise Refused(Code.EXCLUSIVE)
        return Answer(chosen, self._written(texts, chosen))

    def _written(self, texts: Mapping[str, str], chosen: tuple[str, ...]) -> dict[str, str]:
        written = {}
        for cell, text in texts.items():
            if cell not in self.text_fields():
                raise Refused(Code.UNKNOWN_OPTION, option=cell)
            clean = " ".join(text.split())
            if not clean or cell not in chosen:
                continue  # a field left open under an option that was not chosen, or nothing in it
            if len(clean) > OTHER_LENGTH:
                raise Refused(Code.TOO_LONG, most=OTHER_LENGTH, length=len(clean))
            written[cell] = clean
        return written

    @property
    def most(self) -> int:
        """How many options one answer may hold."""
        return 1

    def cells(self, answer: Answer) -> Cells:
        return dict.fromkeys(answer.picks, 1)

    def summarise(self, published: Published) -> Summary:
        shown = published.cells
        return Summary(
            published.respondents,
            tuple(
                Row(
                    option.id,
                    option.text,
                    None if shown is None else shown.get(option.id, 0),
                    None if shown is None else percent_of(shown.get(option.id, 0), published.base),
                )
                for option in self.options
            ),
            withheld=published.withheld,
            held=published.held,
        )

    def example(self) -> tuple[tuple[str, ...], dict[str, str]]:
        return (self.options[0].id,), {}

    def deal(self, respondents: int, counts: Mapping[str, int]) -> list[tuple[str, ...]]:
        alone = [(option.id,) for option in self.options if option.exclusive for _ in range(counts.get(option.id, 0))]
        shared = {option.id: counts.get(option.id, 0) for option in self.options if not option.exclusive}
        left, total = respondents - len(alone), sum(shared.values())
        if left < 0:
            raise ValueError(f"{len(alone)} choose an option that stands alone, of only {respondents} respondents")
        for cell, count in shared.items():
            if count > left:
                raise ValueError(f"{count} choose {cell!r}, but only {left} respondents can")
        if self.most == 1 and total != left:
            raise ValueError(f"{left} respondents make {left} choices, not {total}")
        if not left <= total <= left * self.most:
            raise ValueError(
                f"{left} respondents can't make {total} choices: each makes at least 1 and at most {self.most}"
            )
        dealt: list[list[str]] = [[] for _ in range(left)]
        ballots = itertools.cycle(dealt)
        for cell, count in shared.items():
            for _ in range(count):
                next(ballots).append(cell)
        return alone + [tuple(picks) for picks in dealt]

    def text_fields(self) -> tuple[str, ...]:
        return tuple(option.id for option in self.options if option.other)

    def groups(self, cell: str) -> tuple[str, ...]:
        own = next((option.working_group for option in self.options if option.id == cell), ())
        return own or self.working_group

    def signable(self, cell: str) -> bool:
        return any(option.id == cell and "offer" in (option.contact, self.contact) for option in self.options)

    def cell_name(self, cell: str) -> Words:
        return next((option.text for option in self.options if option.id == cell), {"*": cell})

    def all_cells(self) -> tuple[str, ...]:
        return tuple(option.id for option in self.options)
