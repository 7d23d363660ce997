"""Contacts: what is taken for a name and an address, and what is kept of when."""

from __future__ import annotations

from datetime import datetime

import pytest

from polling.core.contact import contact, half_day
from polling.core.errors import Code, Refused


def test_half_a_day_is_all_that_is_kept_of_the_time() -> None:
    assert half_day(datetime(2026, 11, 24, 11, 59, 59)) == "2026-11-24 am"
    assert half_day(datetime(2026, 11, 24, 12)) == "2026-11-24 pm"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  Ann   de\tWit ", "Ann de Wit"),
        ("Jose\u0301", "Jos\u00e9"),
        ("Ann\r\nBcc: all", "Ann Bcc: all"),
        ("\u202egnA", "gnA"),
        ("李小龙", "李小龙"),
    ],
)
def test_a_name_is_tidied_and_otherwise_left_as_it_is(typed: str, name: str) -> None:
    assert contact(typed, "ann@example.org").name == name


@pytest.mark.parametrize("typed", ["", "   ", "\u202e", "42", "—", "x" * 101])
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        contact(typed, "ann@example.org")
    assert refused.value.code is Code.BAD_NAME


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ann",
        "ann@",
        "ann@example",
        "a@b@c.nl",
        "ann@example.org, bob@example.org",
        "Ann <ann@example.org>",
        "ann@exa mple.org",
        "ann@example.org\nBcc: b@example.org",
        "ann@" + "x" * 300 + ".nl",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        contact("Ann", typed)
    assert refused.value.code is Code.BAD_EMAIL


def test_an_address_is_normalised_so_that_one_person_is_one_address() -> None:
    assert contact("Ann", " Ann@EXAMPLE.org ").email == "Ann@example.org"
