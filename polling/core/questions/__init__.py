"""The question types, one line each, in the order people meet them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from polling.core.questions.base import Question
from polling.core.questions.choice import Choice
from polling.core.questions.choices import Choices
from polling.core.questions.info import Info
from polling.core.questions.text import Text

TYPES: tuple[type[Question], ...] = (
    Choice,
    Choices,
    Text,
    Info,
)

AnyQuestion = Annotated[Choice | Choices | Text | Info, Field(discriminator="type")]
