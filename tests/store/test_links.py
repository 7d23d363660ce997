"""What became of links, as it is stored: numbered, revoked and replaced for good; and who came in."""

from __future__ import annotations

import sqlite3

import pytest

from polling.core.errors import Code, Refused
from polling.core.links import Link, LinkChange, LinkVerb
from polling.store.command_rows import commands_given
from polling.store.database import Database
from polling.store.links import LinkOrder, LinkUse, change_links, kept_links, record_uses, uses
from polling.store.reset import reset
from polling.store.writer import Writer

pytestmark = pytest.mark.promise("S04")


def change(database: Database, id: str, verb: LinkVerb, number: int | None = None, name: str = "") -> Link:
    asked = LinkChange("fair", "moderator", "hall", verb, number, name)
    (link,) = Writer(database).run(change_links, [LinkOrder(id, asked, "organiser", 100.0)])
    assert isinstance(link, Link)
    return link


def kept(database: Database) -> list[Link]:
    with database.read() as connection:
        return kept_links(connection, "fair")


def test_a_link_is_kept_once_something_was_done_with_it(database: Database) -> None:
    assert kept(database) == []
    anna = change(database, "1", LinkVerb.ADD, name="Anna")
    assert anna == Link("fair", "moderator", "hall", 1, "Anna")
    change(database, "2", LinkVerb.REPLACE, 1)
    own = change(database, "3", LinkVerb.REVOKE, 0)
    assert kept(database) == [own, Link("fair", "moderator", "hall", 1, "Anna", 2)]
    with database.read() as connection:
        assert kept_links(connection, "another") == []


def test_the_same_order_twice_does_its_work_once_and_gives_the_same_link(database: Database) -> None:
    first = change(database, "1", LinkVerb.ADD, name="Anna")
    assert change(database, "1", LinkVerb.ADD, name="Anna") == first
    assert change(database, "2", LinkVerb.ADD, name="Anna").number == 2
    assert len(kept(database)) == 2


def test_a_refusal_is_told_to_the_one_who_asked_and_stays_one(database: Database) -> None:
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            change(database, "1", LinkVerb.REVOKE, 7)
        assert refused.value.code is Code.UNKNOWN_LINK
    with database.read() as connection:
        (told,) = commands_given(connection, "fair")
    assert (told.verb, told.who, told.code) == ("revoke_link", "organiser", "unknown-link")


def test_who_came_in_is_counted_by_link(database: Database) -> None:
    own, anna = Link("fair", "moderator", "hall"), Link("fair", "moderator", "hall", 1, "Anna", 4)
    Writer(database).run(record_uses, [LinkUse(own, 5.0), LinkUse(anna, 7.0), LinkUse(anna, 6.0)])
    with database.read() as connection:
        assert uses(connection, "fair") == {("moderator", "hall", 0): (1, 5.0), ("moderator", "hall", 1): (2, 7.0)}
        assert uses(connection, "another") == {}


def test_an_event_that_is_forgotten_leaves_no_name_and_no_revoked_link_opens_again(database: Database) -> None:
    change(database, "1", LinkVerb.ADD, name="Anna")
    change(database, "2", LinkVerb.REPLACE, 0)
    Writer(database).run(record_uses, [LinkUse(Link("fair", "moderator", "hall", 1, "Anna"), 5.0)])
    with database.write() as connection:
        reset(connection, "fair")
    assert kept(database) == [
        Link("fair", "moderator", "hall", generation=2),
        Link("fair", "moderator", "hall", 1, "", revoked=True),
    ]
    assert change(database, "3", LinkVerb.ADD, name="Ben").number == 2
    with database.read() as connection:
        assert uses(connection, "fair") == {}


def test_no_key_is_stored(database: Database) -> None:
    raw = sqlite3.connect(database.path)
    columns = {name for (name,) in raw.execute("SELECT name FROM pragma_table_info('link')")}
    raw.close()
    assert columns == {"event", "role", "session", "number", "name", "generation", "revoked"}
