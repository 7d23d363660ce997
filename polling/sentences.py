"""A sentence for each refusal: what happened, what is kept, what to do. English ids of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from polling.core.errors import Code


def _(message: str) -> str:
    """Marks a sentence for the catalogue; it is looked up where it is said."""
    return message


SENTENCES: Mapping[Code, str] = {
    Code.MALFORMED: _("That message could not be read. Nothing was changed; reload the page and try again."),
    Code.EMPTY_ANSWER: _("Choose or write something first."),
    Code.UNKNOWN_OPTION: _(
        "That option is not part of this question. Reload the page to see the question as it is now."
    ),
    Code.TOO_MANY: _("Choose at most %(most)s. Take one away and send it again."),
    Code.EXCLUSIVE: _("That option can't go together with others. Keep it alone, or take it away."),
    Code.TOO_LONG: _("That is too long: %(length)s characters, at most %(most)s fit. What you typed is still here."),
    Code.TEXT_WITHOUT_OPTION: _("Choose the option that your text belongs to."),
    Code.NOT_A_QUESTION: _("There is nothing to answer here now."),
    Code.UNKNOWN_POLL: _("That question is not part of this session."),
    Code.POLL_NOT_OPEN: _("This question is closed. Your answer was not counted."),
    Code.POLL_PENDING: _("not started yet"),
    Code.POLL_OPEN: _("the question is open; close it first"),
    Code.POLL_CLOSED: _("already closed"),
    Code.POLL_SEALED: _("sealed: its answers are final"),
    Code.ANOTHER_OPEN: _("another question is open"),
    Code.RESULT_AFTER_CLOSE: _("after closing"),
    Code.ALREADY_REVEALED: _("already shown"),
    Code.ALREADY_HIDDEN: _("already hidden"),
    Code.NO_NEXT: _("this was the last question"),
    Code.NO_POLL: _("choose a question first"),
    Code.STALE: _("Something else happened in this session just before. Nothing was done; look at how it stands now."),
    Code.UNKNOWN_SESSION: _("This event has no such session."),
    Code.MOVES_IN_CIRCLE: _("A session can't move into itself. Nothing was moved."),
    Code.ROOM_FULL: _("This room is full. Choose another one."),
    Code.NO_TIMER: _("No timer is running."),
    Code.NOTE_CHANGED: _(
        "Someone else wrote in this note just now. Yours is still here: put the two together and save."
    ),
    Code.BAD_NUMBER: _("Give whole numbers, from 0 on. Nothing was saved."),
    Code.QUESTION_BEGUN: _("This question was opened already, so its words stay. Ask a new one instead."),
    Code.UNKNOWN_IDEA: _("That text is not here any more."),
    Code.IDEA_BLOCKED: _("This text is kept off the screen. Allow it first."),
    Code.UNKNOWN_GROUP: _("This event has no such working group."),
    Code.UNKNOWN_CODE: _("This code is not in use now. Look again at the screen in your room."),
    Code.NOT_ALLOWED: _("You can't do that from this page."),
    Code.NOT_SIGNABLE: _("There is no counted answer here that can be signed. Your answers are unchanged."),
    Code.ALREADY_SIGNED: _("This answer has been signed already. Withdraw it first to sign it anew."),
    Code.SIGNING_OVER: _("The day until which this answer could be signed has passed. It stays, without a name."),
    Code.BAD_NAME: _("Give the name you want to be known by, at most 100 characters."),
    Code.BAD_EMAIL: _("This is not an e-mail address that can be written to. Look for a missing @ or dot."),
    Code.BAD_ORGANISATION: _("Give your organisation, at most 100 characters."),
    Code.BAD_PHONE: _("Give a phone number in digits, with the code of your country: +31 6 12345678."),
    Code.UNKNOWN_KEY: _("This key opens nothing here. Look whether it was copied whole."),
    Code.LINK_REVOKED: _("This link was revoked or replaced. Ask the organiser for the new one."),
    Code.LINK_ENDED: _("This link ended with the event, a day after it. The organiser's link still opens everything."),
    Code.UNKNOWN_LINK: _("There is no such link. Reload the page to see those that there are."),
    Code.BAD_LINK_NAME: _("Give a name of at most 60 characters."),
    Code.TOO_MANY_LINKS: _("There are 50 links with a name here already. Rename or replace one of them."),
    Code.BUSY: _("The server could not save this just now. Nothing was counted; it will be tried again."),
}
