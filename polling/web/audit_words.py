"""Commands in words: what each verb did, and who gave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from polling.core.errors import Code, Refused
from polling.core.event import Event
from polling.core.event_state import BREAK_OUTS, EventVerb
from polling.core.links import Link, LinkVerb, of_what, who
from polling.core.poll import PollKey, Verb
from polling.core.words import say
from polling.live.timing import WHO as TIMER
from polling.rendering import catalogue, sentence
from polling.store.command_rows import Given
from polling.store.ending import WHO as END
from polling.store.links import COMMAND_LINE
from polling.store.revisions import ADD, REWORD, TAKE_IN
from polling.web.staff import AT_THE_SCREEN


def _(message: str) -> str:
    """Marks a sentence for the catalogue; it is looked up where it is said."""
    return message


DONE: Mapping[str, str] = {
    Verb.OPEN: _("opened the question"),
    Verb.CLOSE: _("closed the question"),
    Verb.REOPEN: _("reopened the question"),
    Verb.REVEAL: _("showed the result"),
    Verb.HIDE: _("hid the result"),
    Verb.NEXT: _("went to the question"),
    Verb.ASK_AGAIN: _("asked the question again"),
    Verb.SHOW_IDEA: _("put a text on the screen"),
    Verb.HIDE_IDEA: _("took a text off the screen"),
    Verb.BLOCK_IDEA: _("kept a text off the screen"),
    Verb.ALLOW_IDEA: _("allowed a text on the screen"),
    Verb.TAG_IDEA: _("marked a text for a working group"),
    Verb.UNTAG_IDEA: _("took a text off a working group's list"),
    Verb.MERGE_IDEA: _("put two texts together"),
    Verb.SPLIT_IDEA: _("took two texts apart"),
    Verb.LIGHT_IDEA: _("highlighted a text"),
    Verb.DIM_IDEA: _("ended a highlight"),
    Verb.START_TIMER: _("started the timer"),
    Verb.EXTEND_TIMER: _("changed the timer"),
    Verb.STOP_TIMER: _("stopped the timer"),
    Verb.PACE: _("switched who sets the pace"),
    Verb.CALL: _("called the organiser"),
    Verb.CALL_OFF: _("took the call back"),
    EventVerb.SEND: _("sent everyone to %(to)s"),
    EventVerb.SEND_ROOM: _("sent the people of %(session)s to %(to)s"),
    EventVerb.MOVE_ROOM: _("moved %(session)s into %(to)s"),
    EventVerb.MESSAGE: _("sent or took back a message"),
    EventVerb.ATTENDANCE: _("noted who came"),
    EventVerb.END: _("ended the event"),
    LinkVerb.ADD: _("made a link: %(link)s"),
    LinkVerb.NAME: _("named a link: %(link)s"),
    LinkVerb.REVOKE: _("revoked a link: %(link)s"),
    LinkVerb.REPLACE: _("replaced a link: %(link)s"),
    TAKE_IN: _("took the edited files in"),
    ADD: _("added the question"),
    REWORD: _("put a question in other words"),
}
"""What a command did. Those about the event and about links say themselves what they were about."""

PEOPLE = {
    "organiser": _("organiser"),
    "moderator": _("moderator of %(session)s"),
    "presenter": _("screen of %(session)s"),
    "working-group": _("working group %(session)s"),
}
OTHERS = {
    TIMER: _("the timer"),
    END: _("the end of the event"),
    COMMAND_LINE: _("the command line"),
    "": _("not known"),
}


class Wording:
    """The words of one event's commands, in one language."""

    def __init__(self, event: Event, links: Sequence[Link], language: str) -> None:
        self.language = language
        self._event = event
        self._gettext = catalogue(language).gettext
        self._who = {who(event, link): self._person(link) for link in links}
        self._who |= {who(event, own): self._person(own) for own in (_own(link) for link in links)}

    def who(self, kept: str) -> str:
        """Whom a command is from. A name of before stays as it was."""
        if kept in OTHERS:
            return self._gettext(OTHERS[kept])
        if kept.endswith(AT_THE_SCREEN):
            return self._gettext(_("%(who)s, at the big screen")) % {"who": self.who(kept.removesuffix(AT_THE_SCREEN))}
        return self._who.get(kept, kept)

    def what(self, given: Given) -> str:
        """What was done, or asked for."""
        said = DONE.get(given.verb)
        if said is None:
            return given.verb.replace("_", " ")
        return self._gettext(said) % self._about(given)

    def question(self, given: Given) -> str:
        """The question that it was about, "" for what is about none."""
        if given.verb not in {*Verb, ADD, REWORD}:
            return ""
        try:
            key = PollKey.from_text(given.about)
            title = say(self._event.question(key).title, self.language)
        except (Refused, KeyError):
            return given.about
        return (
            title
            if key.round == 1
            else self._gettext(_("%(title)s, round %(round)s"))
            % {
                "title": title,
                "round": key.round,
            }
        )

    def session(self, session: str) -> str:
        """A session's title; "" for the event as a whole."""
        if session == BREAK_OUTS:
            return self._gettext(_("the break-outs"))
        with suppress(KeyError):
            return say(self._event.session(session).title, self.language)
        with suppress(KeyError):  # a link's may be a working group's
            return say(self._event.working_group(session).title, self.language)
        return session

    def refused(self, given: Given) -> str:
        """Why it was not done; "" if it was."""
        if given.code is None:
            return ""
        try:
            return sentence(Code(given.code), self.language)
        except ValueError:
            return given.code

    def _about(self, given: Given) -> Mapping[str, str]:
        if given.verb in set(LinkVerb):
            role, _number, name = (given.about + "//").split("/", 2)
            return {"link": self._person(Link(self._event.event, role, given.session, name=name.removesuffix("//")))}
        first, arrow, second = given.about.partition(" → ")
        to = second if arrow else first
        return {"session": self.session(first), "to": self.session(to)}

    def _person(self, link: Link) -> str:
        try:
            what = of_what(self._event, link.role, link.session)
        except KeyError:
            title = link.session
        else:
            title = say(what.title if what else self._event.title, self.language)
            title = self._gettext(PEOPLE["organiser"]) if link.role == "organiser" else title
        if link.name:
            return f"{link.name} ({title})"
        return self._gettext(PEOPLE.get(link.role, link.role)) % {"session": title}


def _own(link: Link) -> Link:
    """The role's own link, as it was before it had a name."""
    return Link(link.event, link.role, link.session)
