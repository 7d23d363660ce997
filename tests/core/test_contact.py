"""Contacts: what is taken for a name and an address, and what is kept of when."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from signing_stage import EVENT

from polling.core.contact import check_in_time, contact, half_day
from polling.core.errors import Code, Refused
from polling.core.event import ContactFields, Event

ALL = ContactFields(organisation="optional", phone="optional")


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


def test_what_the_event_does_not_ask_is_dropped_whoever_sends_it() -> None:
    given = contact("Ann", "ann@example.org", "Harbour Ltd", "+31 6 12345678")
    assert (given.organisation, given.phone) == ("", "")


def test_what_may_be_left_out_is_tidied_where_it_is_given() -> None:
    given = contact("Ann", "ann@example.org", "  Harbour\tLtd ", " +31 (0)6 1234 5678 ", ALL)
    assert (given.organisation, given.phone) == ("Harbour Ltd", "+31 (0)6 1234 5678")
    given = contact("Ann", "ann@example.org", " ", "", ALL)
    assert (given.organisation, given.phone) == ("", "")


@pytest.mark.parametrize(("organisation", "phone"), [("", "010 123 4567"), ("—", "010 123 4567"), ("x" * 101, "")])
def test_an_organisation_that_is_required_has_a_name(organisation: str, phone: str) -> None:
    with pytest.raises(Refused) as refused:
        contact("Ann", "ann@example.org", organisation, phone, ContactFields(organisation="required"))
    assert refused.value.code is Code.BAD_ORGANISATION


@pytest.mark.parametrize(
    "typed", ["", "12345", "call me", "=1+1", "1" * 16, "06-1234567x", "+31 6" + " " * 3 + "٣" * 8]
)
def test_a_phone_number_that_is_required_can_be_rung(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        contact("Ann", "ann@example.org", "", typed, ContactFields(phone="required"))
    assert refused.value.code is Code.BAD_PHONE


def until(**privacy: date) -> Event:
    """The event of the stage with other days."""
    return EVENT.model_copy(update={"privacy": EVENT.privacy.model_copy(update=privacy)})


def test_an_answer_can_be_signed_until_the_end_of_the_day_that_the_event_says_and_not_after_it() -> None:
    event = until(late_signature_until=date(2027, 1, 31))
    check_in_time(event, date(2027, 1, 31))
    with pytest.raises(Refused) as refused:
        check_in_time(event, date(2027, 2, 1))
    assert refused.value.code is Code.SIGNING_OVER


def test_where_the_event_says_no_such_day_it_is_that_on_which_contacts_are_erased() -> None:
    check_in_time(EVENT, date(2027, 3, 1))
    with pytest.raises(Refused):
        check_in_time(EVENT, date(2027, 3, 2))
