"""Sheets for the doors, one A4 each: the event's own and each room's. For staff: each moderator's links."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from polling.core.event import SPOT, Event
from polling.core.words import say
from polling.printing.doors import Door
from polling.printing.paper import LATIN, SECOND, Paper, Style
from polling.rendering import catalogue

LEFT, INNER = 18.0, 174.0
FOOT = 239.0
"""Where the foot's line is, in millimetres from the top."""
CODE_SIZE = 92.0


def sheets_pdf(event: Event, doors: Sequence[Door], language: str, *, staff: bool = False) -> bytes:
    """A sheet for each door. `staff`: the rooms' alone, with what lets a moderator and a big screen in."""
    shown = [door for door in doors if door.session or not staff]
    text = "".join(
        [
            LATIN,
            say(event.title, language),
            *(part(event, door, language) for door in shown for part in (_name, _place, _topics)),
            *(door.join_url + door.moderator + door.presenter for door in shown),
        ]
    )
    paper = Paper(say(event.title, language), language, text)
    for door in shown:
        sheet = _Sheet(paper, event, door, language)
        sheet.staff() if staff else sheet.public()
    return paper.finish()


def _name(event: Event, door: Door, language: str) -> str:
    """The name in large letters."""
    return say(door.session.title if door.session else event.title, language)


def _place(event: Event, door: Door, language: str) -> str:
    return say(door.session.place, language) if door.session and door.session.place else ""


def _topics(event: Event, door: Door, language: str) -> str:
    _ = catalogue(language).gettext
    if door.session is None:
        return _("All rooms")
    return ", ".join(
        say(event.question_set(each).title, language) for each in door.session.sets if not each.startswith(SPOT)
    )


class _Sheet:
    """One sheet while it is drawn."""

    def __init__(self, paper: Paper, event: Event, door: Door, language: str) -> None:
        self.paper, self.event, self.door, self.language = paper, event, door, language
        self.say = catalogue(language).gettext
        paper.page()
        self.top = self._head()

    def _head(self) -> float:
        """Event and brand, then the room's name, place and topics; returns where they end."""
        paper = self.paper
        paper.words(say(self.event.title, self.language), LEFT, 17, 145, Style(12, ink=SECOND), most=1)
        paper.brand(LEFT + INNER, 15.5, 7, self.event.accent)
        paper.rule(LEFT, 28.5, INNER)
        name = _name(self.event, self.door, self.language)
        sizes = [(Style(52, "B", leading=1.06), 1), (Style(40, "B", leading=1.08), 1), (Style(32, "B", leading=1.1), 2)]
        chosen, most = paper.fitting(name, INNER, [*sizes, (Style(24, "B", leading=1.15), 3)])
        end = paper.words(name, LEFT, 40, INNER, chosen, most=most) + 3
        if place := _place(self.event, self.door, self.language):
            end = paper.words(place, LEFT, end, INNER, Style(20), most=2)
        topics = _topics(self.event, self.door, self.language)
        chosen, most = paper.fitting(topics, INNER, [(Style(20, ink=SECOND), 3), (Style(14, ink=SECOND), 4)])
        return paper.words(topics, LEFT, end, INNER, chosen, most=most)

    def public(self) -> None:
        """What hangs at the door."""
        _, paper, door = self.say, self.paper, self.door
        top = max(self.top + 6, (self.top + FOOT - CODE_SIZE) / 2)
        size = min(CODE_SIZE, FOOT - 6 - top)
        paper.code(door.join_url, LEFT, top, size)
        x, width = LEFT + size + 11, INNER - size - 11
        y = top + size / 2 - 30
        quiet = Style(14, ink=SECOND, leading=1.35)
        y = paper.words(_("Point your camera at the QR code, or go to"), x, y, width, quiet)
        host = urlsplit(door.join_url).netloc
        sizes = [(Style(20, "B"), 1), (Style(14, "B"), 1), (Style(11, "B"), 2)]
        chosen, most = paper.fitting(host, width, sizes)
        y = paper.words(host, x, y, width, chosen, most=most) + 3
        y = paper.words(f"{door.code[:3]} {door.code[3:]}", x, y, width, Style(40, "B", leading=1.2)) + 3
        paper.words(self._told(), x, y, width, quiet)
        self._foot()

    def _told(self) -> str:
        """What the code leads to."""
        _ = self.say
        if self.door.session:
            return _("This is the code of this room. You are in at once.")
        match self.event.break_outs.assign:
            case "choose":
                return _("This is the code of the whole event. Choose your room on your phone.")
            case "codes":
                return _("This is the code of the whole event. Your card has the code of your break-out.")
            case "draw" | "rules":
                return _("This is the code of the whole event. Your phone tells you your room.")

    def _foot(self) -> None:
        _, paper = self.say, self.paper
        paper.rule(LEFT, FOOT, INNER)
        privacy = (
            _(
                "Here your answers are kept together under a number. If you sign even one, everyone with the data can "
                "read all your answers under your name."
            )
            if self.event.privacy.keeps_together
            else _("You are anonymous, unless you put your name to one answer.")
        )
        columns = (
            (_("Join in"), _("Scan, or type the code. No account, no app.")),
            (_("Answer"), _("Tap once. The stroke fills with ink when it is counted.")),
            (_("Name or not"), privacy),
        )
        width = (INNER - 16) / 3
        for number, (heading, words) in enumerate(columns):
            x = LEFT + number * (width + 8)
            y = paper.words(heading, x, FOOT + 6, width, Style(11.5, "B", leading=1.4))
            small = Style(11.5, leading=1.4) if len(words) < 90 else Style(8.5, leading=1.3)
            paper.words(words, x, y, width, small, most=6)
        for x, words, line in ((LEFT, _("Wifi in this room"), 40), (LEFT + 93, _("password"), 26)):
            paper.words(words, x, 275, line, Style(11.5, ink=SECOND), most=1)
            paper.rule(x + line, 280, 81 - line, 0.3, SECOND)

    def staff(self) -> None:
        """What lets a moderator in, and a big screen: to be kept private."""
        _, paper, door = self.say, self.paper, self.door
        ways = (
            (_("Moderator"), door.moderator, _("Starts and closes the questions, shows the results.")),
            (_("Big screen"), door.presenter, _("For the laptop at the projector. Full screen: the f key.")),
        )
        top, width = max(self.top + 8, 96), (INNER - 14) / 2
        for number, (heading, link, words) in enumerate(ways):
            x = LEFT + number * (width + 14)
            if link:
                paper.code(link, x, top, 70)
            y = paper.words(heading, x, top + 76, width, Style(20, "B"))
            y = paper.words(words, x, y, width, Style(14, ink=SECOND, leading=1.35)) + 4
            paper.words(link or _("This link was revoked."), x, y, width, Style(9, ink=SECOND, leading=1.35))
        paper.rule(LEFT, FOOT, INNER)
        y = paper.words(_("Keep this sheet private."), LEFT, FOOT + 6, INNER, Style(20, "B"))
        paper.words(_("Whoever scans it can run this session."), LEFT, y, INNER, Style(14, ink=SECOND))
