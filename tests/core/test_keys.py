"""Every key is for one purpose, made anew from the server's secret, and says nothing to whoever lacks it."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.core.keys import CODE_ALPHABET, CODE_LENGTH, Keys, claim_hash, join_codes, normal_code

KEYS, OTHER = Keys(b"s" * 32), Keys(b"t" * 32)
NONCE, NEXT_NONCE = b"n" * 16, b"o" * 16

chances = st.binary(min_size=16, max_size=16)
names = st.text("abc-", max_size=6)
roles = st.sampled_from(["participant", "moderator", "presenter", "organiser"])


# participants


@given(chance=chances)
def test_a_phone_s_cookie_is_known_again_by_the_server_that_made_it_and_by_no_other(chance: bytes) -> None:
    cookie = KEYS.new_participant(chance)
    assert KEYS.participant(cookie) == chance
    assert OTHER.participant(cookie) is None


@given(cookie=st.text(max_size=60) | st.binary(max_size=48).map(lambda raw: raw.hex()))
def test_a_foreign_cookie_is_refused(cookie: str) -> None:
    assert KEYS.participant(cookie) is None


@given(chance=chances, place=st.integers(0, 42), sign=st.sampled_from("Aa0-_=é "))
def test_a_cookie_that_was_changed_is_refused_or_is_the_same_phone(chance: bytes, place: int, sign: str) -> None:
    cookie = KEYS.new_participant(chance)
    changed = cookie[:place] + sign + cookie[place + 1 :]
    assert KEYS.participant(changed) in ((None, chance) if place == 42 else (chance,) if changed == cookie else (None,))


def test_a_cookie_fits_a_header() -> None:
    cookie = KEYS.new_participant(b"c" * 16)
    assert len(cookie) == 43
    assert cookie.replace("-", "").replace("_", "").isalnum()


def test_a_participant_has_another_name_in_each_poll() -> None:
    names = {
        KEYS.voter_key(NONCE, b"p" * 16),
        KEYS.voter_key(NEXT_NONCE, b"p" * 16),
        KEYS.voter_key(NONCE, b"q" * 16),
        KEYS.idea_key(NONCE, b"p" * 16),
        OTHER.voter_key(NONCE, b"p" * 16),
    }
    assert len(names) == 5
    assert {len(name) for name in names} == {16}
    assert KEYS.voter_key(NONCE, b"p" * 16) in names


# signing


def test_a_receipt_is_the_same_for_all_who_chose_an_option_and_no_other_s() -> None:
    receipt = KEYS.receipt(NONCE, "a")
    assert KEYS.is_receipt(receipt, NONCE, "a")
    assert KEYS.receipt(NONCE, "a") == receipt
    assert not KEYS.is_receipt(receipt, NONCE, "b")
    assert not KEYS.is_receipt(receipt, NEXT_NONCE, "a")
    assert not OTHER.is_receipt(receipt, NONCE, "a")


@pytest.mark.parametrize("junk", ["", "é", "x" * 22, "\x00"])
def test_junk_is_no_receipt_no_key_and_no_pass(junk: str) -> None:
    assert not KEYS.is_receipt(junk, NONCE, "a")
    assert not KEYS.is_link_key(junk, "moderator", "event", "room")
    assert KEYS.pass_of(junk, "moderator", "event", "room") is None


def test_a_claim_is_kept_as_the_hash_of_its_text() -> None:
    assert claim_hash("AAAAAAAAAAAAAAAAAAAAAA") == hashlib.sha256(b"AAAAAAAAAAAAAAAAAAAAAA").digest()


# the way in


@given(event=names, session=names, attempt=st.integers(0, 5))
def test_a_code_is_six_signs_that_cannot_be_taken_for_one_another(event: str, session: str, attempt: int) -> None:
    code = KEYS.join_code(event, session, attempt)
    assert len(code) == CODE_LENGTH == 6
    assert set(code) <= set(CODE_ALPHABET)
    assert normal_code(f" {code[:3].lower()}-{code[3:]} ") == code


def test_no_sign_of_a_code_looks_like_another() -> None:
    assert len(set(CODE_ALPHABET)) == len(CODE_ALPHABET) == 31
    assert not set(CODE_ALPHABET) & set("01OIL")
    assert all(sign.isascii() and (sign.isdigit() or sign.isupper()) for sign in CODE_ALPHABET)


def test_codes_use_all_signs_about_equally() -> None:
    signs = "".join(KEYS.join_code("event", str(number)) for number in range(5_000))
    shares = [signs.count(sign) / len(signs) * len(CODE_ALPHABET) for sign in CODE_ALPHABET]
    assert min(shares) > 0.85
    assert max(shares) < 1.15


def test_the_sessions_of_an_event_and_the_event_itself_have_codes_of_their_own() -> None:
    taken: set[str] = set()
    codes = join_codes(KEYS, "event", ["a", "b"], taken)
    assert list(codes) == ["", "a", "b"]
    assert set(codes.values()) == taken
    assert len(taken) == 3
    assert join_codes(KEYS, "event", ["a", "b"], set()) == codes  # printed again, they are the same


def test_a_code_that_is_taken_gives_way_to_the_next_attempt() -> None:
    first = KEYS.join_code("event", "a")
    codes = join_codes(KEYS, "event", ["a"], {first})
    assert codes["a"] == KEYS.join_code("event", "a", 1) != first


@given(role=roles, other_role=roles, event=names, session=names, other=names)
def test_a_link_opens_one_role_s_pages_of_one_session(
    role: str, other_role: str, event: str, session: str, other: str
) -> None:
    key = KEYS.link_key(role, event, session)
    assert len(key) == 43
    assert KEYS.is_link_key(key, role, event, session)
    assert not OTHER.is_link_key(key, role, event, session)
    assert KEYS.is_link_key(key, other_role, event, other) == ((role, session) == (other_role, other))
    assert KEYS.is_link_key(key, role, other, session) == (event == other)


def test_a_link_s_key_is_no_pass_and_a_pass_no_key() -> None:
    key, cookie = KEYS.link_key("moderator", "event", "a"), KEYS.new_pass("moderator", "event", "a")
    assert key != cookie
    assert KEYS.pass_of(cookie, "moderator", "event", "a") == (0, 1)
    assert KEYS.pass_of(key, "moderator", "event", "a") is None
    assert not KEYS.is_link_key(cookie, "moderator", "event", "a")


numbers, generations = st.integers(0, 60), st.integers(1, 500)


@pytest.mark.promise("S04")
@given(number=numbers, generation=generations, other=st.tuples(numbers, generations))
def test_each_number_and_each_generation_of_a_link_has_a_key_of_its_own(
    number: int, generation: int, other: tuple[int, int]
) -> None:
    key = KEYS.link_key("moderator", "event", "a", number, generation)
    assert len(key) == 43
    assert KEYS.is_link_key(key, "moderator", "event", "a", *other) == (other == (number, generation))


@pytest.mark.promise("S04")
@given(
    number=numbers, generation=generations, other_role=roles, place=st.integers(0, 47), sign=st.sampled_from("Aa0-_")
)
def test_a_pass_says_which_link_it_was_given_for_and_can_not_be_made_to_say_another(
    number: int, generation: int, other_role: str, place: int, sign: str
) -> None:
    cookie = KEYS.new_pass("moderator", "event", "a", number, generation)
    assert KEYS.pass_of(cookie, "moderator", "event", "a") == (number, generation)
    assert KEYS.pass_of(cookie, "moderator", "event", "b") is None
    assert OTHER.pass_of(cookie, "moderator", "event", "a") is None
    if other_role != "moderator":
        assert KEYS.pass_of(cookie, other_role, "event", "a") is None
    changed = cookie[:place] + sign + cookie[place + 1 :]
    assert KEYS.pass_of(changed, "moderator", "event", "a") == ((number, generation) if changed == cookie else None)


def test_parts_do_not_run_into_one_another() -> None:
    assert KEYS.link_key("moderator", "ab", "c") != KEYS.link_key("moderator", "a", "bc")
    assert KEYS.link_key("moderator", "a", "") != KEYS.link_key("moderator", "", "a")


def test_the_fingerprint_tells_one_secret_from_another_and_the_secret_to_nobody() -> None:
    assert KEYS.fingerprint() != OTHER.fingerprint()
    assert len(KEYS.fingerprint()) == 16
    assert "s" * 8 not in repr(KEYS)
    assert str(KEYS) == repr(KEYS) == "Keys(…)"


def test_a_label_is_the_same_for_all_who_chose_it_and_fits_nothing_else() -> None:
    label = KEYS.label("e", "who/role", "making")
    assert label == KEYS.label("e", "who/role", "making")
    assert KEYS.is_label(label, "e", "who/role", "making")
    for other in [("f", "who/role", "making"), ("e", "who/craft", "making"), ("e", "who/role", "deciding")]:
        assert not KEYS.is_label(label, *other)
    assert not KEYS.is_receipt(label, b"who/role", "making")
