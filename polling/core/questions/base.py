"""What every question type has, and the four things it gives: parse, cells, summarise, example.

A type is one module here and two templates (templates/questions/<type>/form.html and chart.html). Adding one:
write the module, add its line to the list in `__init__`, write the templates. Nothing else knows a type by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from polling.core.results.withholding import Published
from polling.core.tally import Cells
from polling.core.words import Words

ID_LENGTH = 60
Id = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=ID_LENGTH,
        description="A stable key: small letters, digits and hyphens. All that is stored hangs on it.",
    ),
]

MOST_GROUPS = 2
"""As many working groups as an answer can go to: whoever signs it reads the name and purpose of each."""


def _as_list(given: object) -> object:
    return (given,) if isinstance(given, str) else () if given is None else given


Groups = Annotated[
    tuple[Id, ...],
    Field(max_length=MOST_GROUPS, strict=False),
    BeforeValidator(
        _as_list, json_schema_input_type=Id | Annotated[tuple[Id, ...], Field(max_length=MOST_GROUPS)] | None
    ),
]
"""Working groups, in YAML as one id or a list of two."""

Fault = tuple[tuple[str | int, ...], str]
"""Where below the question (keys and places in lists), and what is wrong there."""


class Frozen(BaseModel):
    """A value from YAML: strict, complete, unchangeable."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


@dataclass(frozen=True)
class Answer:
    """A participant's answer, checked by its type. `texts`: cell → what was written, never part of the ballot."""

    picks: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One cell of a chart. `count` and `percent` are None where the result is withheld or not there yet."""

    cell: str
    name: Words
    count: int | None
    percent: int | None  # of respondents, rounded half up


@dataclass(frozen=True)
class Summary:
    """What a chart shows. All numbers in it have passed the gate (`Published`)."""

    respondents: int
    rows: tuple[Row, ...] = ()
    withheld: bool = False
    held: bool = False

    @property
    def axis(self) -> int:
        """How many answers the full width of a bar stands for."""
        return axis_for(max((row.count or 0 for row in self.rows), default=0))


AXES = (10, 15, 20, 30, 40, 52, 65, 80, 100, 130, 160, 200, 260, 320, 400, 520, 650, 800, 1000)


def axis_for(largest: int) -> int:
    """The axis holds still and grows in steps, so that bars do not rescale with each answer."""
    for axis in AXES:
        if largest <= axis:
            return axis
    return -(-largest // 1000) * 1000


def percent_of(count: int, respondents: int) -> int:
    """Whole per cent of respondents, rounded half up as reports print it; 0 of nobody is 0."""
    return (200 * count + respondents) // (2 * respondents) if respondents else 0


class Clock(Frozen):
    """How long a question is open: shown on phones and screens, with a gentle warning near the end."""

    seconds: int = Field(ge=5, le=3600, description="From the opening on.")
    closes: bool = Field(False, description="true: the question closes by itself when the time is up.")


class Question(Frozen):
    """What all types share in their YAML."""

    answerable: ClassVar[bool] = True
    """Whether phones answer it; False for a page between questions."""
    one_tap: ClassVar[bool] = False
    """Whether a tap on the phone is the whole answer, so that it is sent at once."""
    text_length: ClassVar[int] = 0
    """The most characters that a text of the participant may have."""

    id: Id
    type: str
    title: Words = Field(description="The question itself, as phones and the big screen show it.")
    hint: Words | None = Field(None, description="One line under the title.")
    short: Words | None = Field(None, description="A few words for the running order; else the title.")
    results: Literal["live", "after-close"] = Field(
        "live",
        description="live: bars move while the poll is open. after-close: shown once closed and revealed.",
    )
    contact: Literal["none", "offer"] = Field(
        "none", description="offer: after the answer, a participant may put a name to it."
    )
    working_group: Groups = Field(
        (), description="The working group (or two) that signed answers and ideas go to; else the set's."
    )

    minutes: float | None = Field(
        None, gt=0, le=240, strict=False, description="Planned time, talk included: for the running order."
    )
    timer: Clock | None = Field(None, description="Starts when the question is opened.")
    script: Words | None = Field(None, description="Notes and prompts that only the moderator sees.")
    only_if: dict[Id, Annotated[tuple[str, ...], Field(min_length=1, strict=False)]] = Field(
        {},
        max_length=5,
        description="Where participants set the pace: an earlier question of this set and the options of it after "
        "which this one is asked. The phone decides; the server is not told.",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if found := list(self.faults()):
            raise PydanticCustomError("faults", "the question does not fit together", {"faults": found})
        return self

    def faults(self) -> Iterator[Fault]:
        """What does not fit together in the question's YAML, beyond what its fields say."""
        yield from ()

    @property
    def makes_labels(self) -> bool:
        """Whether its options are segments: labels that votes on other questions may carry."""
        return False

    @property
    def divided_by(self) -> str | None:
        """The segment question by which its result is divided: an id of the same set, or 'set/question'."""
        return None

    def parse(self, picks: Sequence[str], texts: Mapping[str, str]) -> Answer:
        """An answer from what a form or message holds; raises `Refused` with a code of `errors.Code`."""
        raise NotImplementedError

    def cells(self, answer: Answer) -> Cells:
        """What the answer adds to the tally."""
        raise NotImplementedError

    def summarise(self, published: Published) -> Summary:
        """What the chart shows of a published result."""
        raise NotImplementedError

    def example(self) -> tuple[tuple[str, ...], dict[str, str]]:
        """Picks and texts of an answer that fits, for robots, documentation and tests."""
        raise NotImplementedError

    def deal(self, respondents: int, counts: Mapping[str, int]) -> list[tuple[str, ...]]:
        """The picks of so many ballots that add up to `counts`, for robots; raises ValueError with a sentence where
        no ballots do."""
        if counts:
            raise ValueError("a question of this type has no options to count")
        return [()] * respondents

    def text_fields(self) -> tuple[str, ...]:
        """The cells that can hold a text of the participant."""
        return ()

    def groups(self, cell: str) -> tuple[str, ...]:
        """The working groups that this cell is routed to here; none: those of the set."""
        return self.working_group

    def signable(self, cell: str) -> bool:
        """Whether a participant may put a name to this cell (an option, or a text)."""
        return self.contact == "offer"

    def cell_name(self, cell: str) -> Words:
        """A cell in words, for screens, lists and exports."""
        return {"*": cell}

    def all_cells(self) -> tuple[str, ...]:
        """Every cell in its order, so that an export has a line for the empty ones too."""
        return ()
