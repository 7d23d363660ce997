"""Cards for break-outs that are assigned by code: ten on an A4, of the size of business cards, with lines to cut by."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from polling.core.event import Event
from polling.core.words import say
from polling.printing.doors import Door
from polling.printing.paper import HEIGHT, LATIN, SECOND, WIDTH, Paper, Style
from polling.rendering import catalogue

ACROSS, DOWN = 2, 5
CARD_WIDTH, CARD_HEIGHT = 85.0, 54.0
LEFT = (WIDTH - ACROSS * CARD_WIDTH) / 2
TOP = (HEIGHT - DOWN * CARD_HEIGHT) / 2
EDGE = 6.0
CODE_SIZE = 34.0
RULE = "#b9c2c8"


def cards_pdf(event: Event, doors: Sequence[Door], language: str) -> bytes:
    """A card for each door. They are in this order once the pages, cut as one stack, lie pile on pile: the pile of the
    upper left corner on top, then the one to its right."""
    text = [LATIN, say(event.title, language)]
    for door in {door.code: door for door in doors}.values():
        text += [*_named(door, language), door.join_url]
    paper = Paper(say(event.title, language), language, "".join(text))
    pages = -(-len(doors) // (ACROSS * DOWN))
    for page in range(pages):
        paper.page()
        _cutting_lines(paper)
        for place, door in enumerate(doors[page::pages]):
            row, column = divmod(place, ACROSS)
            _card(paper, event, door, language, LEFT + column * CARD_WIDTH, TOP + row * CARD_HEIGHT)
    return paper.finish()


def _named(door: Door, language: str) -> tuple[str, str]:
    """The room and its place."""
    assert door.session is not None
    return say(door.session.title, language), say(door.session.place, language) if door.session.place else ""


def _cutting_lines(paper: Paper) -> None:
    for row in range(DOWN + 1):
        paper.rule(LEFT, TOP + row * CARD_HEIGHT, ACROSS * CARD_WIDTH, 0.1, RULE)
    for column in range(ACROSS + 1):
        paper.upright(LEFT + column * CARD_WIDTH, TOP, DOWN * CARD_HEIGHT, 0.1, RULE)


def _card(paper: Paper, event: Event, door: Door, language: str, x: float, y: float) -> None:
    _ = catalogue(language).gettext
    inner = CARD_WIDTH - 2 * EDGE
    quiet = Style(7.5, ink=SECOND, leading=1.25)
    paper.words(say(event.title, language), x + EDGE, y + 4, inner, quiet, most=1)
    paper.code(door.join_url, x + EDGE, y + CARD_HEIGHT - EDGE - CODE_SIZE, CODE_SIZE)
    right, width = x + EDGE + CODE_SIZE + 4, inner - CODE_SIZE - 4
    title, place = _named(door, language)
    end = paper.words(_("Your break-out"), right, y + 10, width, quiet, most=1)
    sizes = [(Style(15, "B", leading=1.1), 1), (Style(12, "B", leading=1.12), 2), (Style(10, "B", leading=1.15), 3)]
    chosen, most = paper.fitting(title, width, sizes)
    end = paper.words(title, right, end, width, chosen, most=most)
    if place:
        paper.words(place, right, end, width, Style(9, leading=1.2), most=2)
    host = urlsplit(door.join_url).netloc
    chosen, most = paper.fitting(host, width, [(Style(9, ink=SECOND), 1), (Style(6.5, ink=SECOND), 1)])
    paper.words(host, right, y + CARD_HEIGHT - 18, width, chosen, most=most)
    paper.words(f"{door.code[:3]} {door.code[3:]}", right, y + CARD_HEIGHT - 13.5, width, Style(17, "B", leading=1.1))
