"""The refusals: a small closed set of stable codes. Sentences and statuses are chosen at the edge."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Why something was refused. Part of the protocol (docs/protocol.md): never rename one."""

    MALFORMED = "malformed"  # the message or form is not of the described shape
    EMPTY_ANSWER = "empty-answer"
    UNKNOWN_OPTION = "unknown-option"
    TOO_MANY = "too-many"
    EXCLUSIVE = "exclusive"  # an exclusive option together with others
    TOO_LONG = "too-long"
    TEXT_WITHOUT_OPTION = "text-without-option"
    NOT_A_QUESTION = "not-a-question"  # an info page takes no answers
    UNKNOWN_POLL = "unknown-poll"
    POLL_NOT_OPEN = "poll-not-open"
    POLL_PENDING = "poll-pending"
    POLL_OPEN = "poll-open"
    POLL_CLOSED = "poll-closed"
    POLL_SEALED = "poll-sealed"
    ANOTHER_OPEN = "another-open"  # one open poll per room
    RESULT_AFTER_CLOSE = "result-after-close"
    ALREADY_REVEALED = "already-revealed"
    ALREADY_HIDDEN = "already-hidden"
    NO_NEXT = "no-next"
    NO_POLL = "no-poll"  # nothing chosen yet
    STALE = "stale"  # based on an older revision of the session
    UNKNOWN_SESSION = "unknown-session"
    MOVES_IN_CIRCLE = "moves-in-circle"  # a session can't move into itself
    ROOM_FULL = "room-full"
    NO_TIMER = "no-timer"
    NOTE_CHANGED = "note-changed"  # someone else wrote in it meanwhile
    BAD_NUMBER = "bad-number"  # a count that was typed in
    QUESTION_BEGUN = "question-begun"  # it can't be reworded any more
    UNKNOWN_IDEA = "unknown-idea"
    IDEA_BLOCKED = "idea-blocked"  # a moderator decided that it never comes on the screen
    UNKNOWN_GROUP = "unknown-group"
    UNKNOWN_CODE = "unknown-code"
    NOT_ALLOWED = "not-allowed"
    NOT_SIGNABLE = "not-signable"
    ALREADY_SIGNED = "already-signed"
    SIGNING_OVER = "signing-over"  # the day until which answers could be signed has passed
    BAD_NAME = "bad-name"
    BAD_EMAIL = "bad-email"
    BAD_ORGANISATION = "bad-organisation"
    BAD_PHONE = "bad-phone"
    UNKNOWN_KEY = "unknown-key"
    LINK_REVOKED = "link-revoked"  # or replaced by another
    LINK_ENDED = "link-ended"  # with the event
    UNKNOWN_LINK = "unknown-link"
    BAD_LINK_NAME = "bad-link-name"
    TOO_MANY_LINKS = "too-many-links"
    BUSY = "busy"  # the database could not take it now; nothing was counted, try again


class Refused(Exception):
    """Something asked for is refused; `values` fill the sentence that the edge makes of `code`."""

    def __init__(self, code: Code, **values: str | int) -> None:
        super().__init__(code.value)
        self.code = code
        self.values = values
