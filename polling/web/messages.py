"""What a page or a robot may say over its socket (docs/protocol.md), checked before anything is done with it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from polling.core.poll import Verb

MESSAGE_LIMIT = 16 * 1024
"""Bytes of one message; a longer one closes the socket with 1009."""

MessageId = Annotated[str, Field(min_length=1, max_length=64)]
Short = Annotated[str, Field(max_length=200)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Message(BaseModel):
    """Strict: a misspelt field is an error, not an answer without it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class LabelMessage(Message):
    """A segment that the phone is in, and the receipt for it."""

    option: Short
    receipt: Short


class CastMessage(Message):
    """A participant's answer. `revision`: from 1 in each poll, one more for each change; None: one more than stored."""

    type: Literal["cast"]
    id: MessageId
    poll: Short
    revision: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    picks: Annotated[list[Short], Field(max_length=50, default_factory=list)]
    texts: Annotated[dict[Short, str], Field(max_length=20, default_factory=dict)]
    claims: Annotated[dict[Short, Hash], Field(max_length=20, default_factory=dict)]
    label: LabelMessage | None = None


class CommandMessage(Message):
    """A moderator's command. `based_on`: the session's revision that the moderator saw."""

    type: Literal["command"]
    id: MessageId
    verb: Annotated[Verb, Field(strict=False)]
    poll: Short | None = None
    based_on: Annotated[int, Field(ge=0)]
    idea: Short = ""
    group: Short = ""
    twin: Short = ""
    seconds: Annotated[int, Field(ge=-3600, le=3600)] = 0
    closes: bool = False


Sent = Annotated[CastMessage | CommandMessage, Field(discriminator="type")]

_SENT: TypeAdapter[CastMessage | CommandMessage] = TypeAdapter(Sent)


class Unreadable(Exception):
    """A message that is none of these. `where` and `why` are for the one who wrote the client."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}" if where else why)


def read_message(text: str) -> CastMessage | CommandMessage:
    """The message in `text`; raises `Unreadable`."""
    try:
        return _SENT.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("cast", "command"))
        raise Unreadable(where[:200], first["msg"][:200]) from None
