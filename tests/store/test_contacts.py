"""Contacts: one row per signed answer, no more than were counted, and gone from the bytes when withdrawn."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signing_stage import IDEAS, MOOD, USE_CASES, Stage
from sqlalchemy import text

from polling.core.contact import Contact
from polling.core.keys import key_hash, new_key
from polling.core.poll import PollKey, Verb
from polling.store.contacts import SignedAnswer, Withdrawal, find, withdraw
from polling.store.database import Database
from polling.store.migrations import migrate
from polling.store.withdrawals import count_withdrawals

KEY = new_key(b"k" * 16)


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def held(stage: Stage, key: str = KEY) -> SignedAnswer | None:
    with stage.database.read() as connection:
        return find(connection, key_hash(key))


def count(stage: Stage) -> int:
    with stage.database.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM contact")).scalar_one())


def test_a_signed_option_is_found_by_its_private_link(stage: Stage) -> None:
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "own", "cranes")
    assert stage.sign(stage.signing(USE_CASES, "own", key=KEY)) == [None]
    found = held(stage)
    assert found is not None
    assert (found.cell, found.contact, found.working_groups) == ("own", Contact("Ann", "ann@example.org"), ("links",))
    assert found.half_day == "2026-11-24 pm"
    assert held(stage, new_key(b"x" * 16)) is None


def test_a_signed_idea_is_copied_with_its_words(stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS)
    kept = stage.vote(1, IDEAS, texts={"1": "Invite alumni", "2": "Open the yard"})
    assert stage.sign(stage.signing(IDEAS, "", claim=kept.claims["2"], key=KEY)) == [None]
    found = held(stage)
    assert found is not None
    assert (found.cell, found.answer) == ("2", "Open the yard")


def test_the_same_signing_sent_twice_is_one_row(stage: Stage) -> None:
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "own")
    signing = stage.signing(USE_CASES, "own", key=KEY)
    assert stage.sign(signing, signing) == [None, None]
    assert stage.sign(signing) == [None]
    assert count(stage) == 1


def test_the_same_link_with_another_address_is_refused_not_taken_for_signed(stage: Stage) -> None:
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "own")
    stage.vote(2, USE_CASES, "own")
    assert stage.sign(stage.signing(USE_CASES, "own", key=KEY)) == [None]
    assert stage.sign(stage.signing(USE_CASES, "own", "bob@example.org", key=KEY)) == ["already-signed"]


def test_an_idea_is_signed_once(stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS)
    claim = stage.vote(1, IDEAS, texts={"1": "Invite alumni"}).claims["1"]
    first, second = (stage.signing(IDEAS, "", email, claim=claim) for email in ("a@example.org", "b@example.org"))
    assert stage.sign(first, second) == [None, "already-signed"]
    assert count(stage) == 1


def test_an_option_bears_no_more_names_than_it_was_counted(stage: Stage) -> None:
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "own")
    stage.vote(2, USE_CASES, "own")
    stage.vote(3, USE_CASES, "cranes")
    signings = [stage.signing(USE_CASES, "own", f"{name}@example.org") for name in "abc"]
    assert stage.sign(*signings) == [None, None, "already-signed"]
    assert count(stage) == 2


def test_names_by_claim_and_by_receipt_together_are_no_more_than_the_option_was_counted(stage: Stage) -> None:
    stage.command(Verb.OPEN, USE_CASES)
    claim = stage.vote(1, USE_CASES, "other", texts={"other": "Ropes"}).claims["other"]
    signings = [stage.signing(USE_CASES, "other", claim=claim), stage.signing(USE_CASES, "other", "b@example.org")]
    assert stage.sign(*signings) == [None, "already-signed"]


def test_one_address_signs_an_option_once(stage: Stage) -> None:
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "own")
    stage.vote(2, USE_CASES, "own")
    signings = [stage.signing(USE_CASES, "own", email) for email in ("Ann@example.org", "ann@example.org")]
    assert stage.sign(*signings) == [None, "already-signed"]


def test_the_same_option_in_another_room_or_round_is_another_answer(stage: Stage) -> None:
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "own")
    stage.command(Verb.OPEN, USE_CASES, "harbour")
    stage.vote(1, USE_CASES, "own", session="harbour")
    stage.command(Verb.CLOSE, USE_CASES)
    stage.command(Verb.ASK_AGAIN, USE_CASES)
    again = PollKey(*USE_CASES[:2], 2)
    stage.command(Verb.OPEN, again)
    stage.vote(1, again, "own")
    signings = [
        stage.signing(USE_CASES, "own"),
        stage.signing(USE_CASES, "own", session="harbour"),
        stage.signing(again, "own"),
    ]
    assert stage.sign(*signings) == [None, None, None]


def test_what_was_not_counted_can_not_be_signed(stage: Stage) -> None:
    assert stage.sign(stage.signing(USE_CASES, "own")) == ["not-signable"], "the poll is pending"
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "cranes")
    assert stage.sign(stage.signing(USE_CASES, "own")) == ["not-signable"], "nobody chose it"
    assert stage.sign(stage.signing(USE_CASES, "", claim="no such claim")) == ["not-signable"]
    stage.command(Verb.CLOSE, USE_CASES)
    stage.command(Verb.OPEN, IDEAS)
    claim = stage.vote(1, IDEAS, texts={"1": "Invite alumni"}).claims["1"]
    assert stage.sign(stage.signing(USE_CASES, "", claim=claim)) == ["not-signable"], "the claim is of another poll"
    assert count(stage) == 0


def test_after_the_seal_receipts_and_claims_still_sign(stage: Stage) -> None:
    for poll, picks, texts in ((USE_CASES, ("own",), {}), (IDEAS, (), {"1": "Invite alumni"})):
        stage.command(Verb.OPEN, poll)
        kept = stage.vote(1, poll, *picks, texts=texts)
        stage.command(Verb.CLOSE, poll)
        stage.seal(poll)
        cell, claim = next(iter([*kept.claims.items(), ("own", "")]))
        assert stage.sign(stage.signing(poll, cell, claim=claim)) == [None]
    assert count(stage) == 2


def test_one_bad_signing_in_a_batch_harms_no_other(stage: Stage) -> None:
    stage.command(Verb.OPEN, USE_CASES)
    stage.vote(1, USE_CASES, "own")
    assert stage.sign(stage.signing(MOOD, "good"), stage.signing(USE_CASES, "own")) == ["not-signable", None]


def test_withdrawn_once_is_gone_and_twice_says_that_nothing_was_there(stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS)
    claim = stage.vote(1, IDEAS, texts={"1": "Invite alumni"}).claims["1"]
    stage.sign(stage.signing(IDEAS, "1", claim=claim, key=KEY))
    assert stage.writer.run(withdraw, [Withdrawal(key_hash(KEY), "2026-11-25 am")] * 2) == [True, False]
    assert held(stage) is None
    assert stage.sign(stage.signing(IDEAS, "1", "again@example.org", claim=claim)) == [None], "the idea stayed"


@pytest.mark.promise("P08")
def test_after_a_withdrawal_name_and_address_are_in_no_byte_of_the_files(stage: Stage) -> None:
    stage.command(Verb.OPEN, USE_CASES)
    people = [f"canary-{number:02}@example.org" for number in range(40)]
    for number, email in enumerate(people):
        stage.vote(number, USE_CASES, "own")
        signing = stage.signing(USE_CASES, "own", email, key=new_key(bytes([number] * 16)), name=f"Kanarie {number:02}")
        assert stage.sign(signing) == [None]
    assert all(stage.stored_bytes().count(email.encode()) for email in people), "the reader finds what is there"
    withdrawn = range(0, 40, 2)
    keys = [new_key(bytes([number] * 16)) for number in withdrawn]
    stage.writer.run(withdraw, [Withdrawal(key_hash(key), "2026-11-25 am") for key in keys])
    assert people[0].encode() in stage.stored_bytes(), "deleted is not yet gone"
    stage.settle()
    left = stage.stored_bytes()
    found = {number for number in range(40) if people[number].encode() in left or b"Kanarie %02d" % number in left}
    assert found == set(range(1, 40, 2))


@pytest.mark.promise("P02")
def test_the_file_keeps_contacts_by_random_keys_and_not_in_the_order_of_signing(stage: Stage) -> None:
    with stage.database.read() as connection:
        made = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'contact'")).scalar_one()
    assert "WITHOUT ROWID" in made
    stage.command(Verb.OPEN, IDEAS)
    emails = [f"person-{number:02}@example.org" for number in range(30)]
    for number, email in enumerate(emails):
        claim = stage.vote(number, IDEAS, texts={"1": f"idea {number}"}).claims["1"]
        stage.sign(stage.signing(IDEAS, "1", email, claim=claim))
    assert pairs_in_order(stage, emails) == 1, "the reader finds the order while the file is not settled"
    stage.settle()
    share = pairs_in_order(stage, emails)
    print(f"pairs of signings found in their order: unsettled 1.00, settled {share:.2f}")
    assert abs(share - 0.5) < 4.5 * CHANCE_OF_30
    assert b"2026-11-24 pm" in stage.stored_bytes(), "half a day is all of the time that is kept"


CHANCE_OF_30 = math.sqrt(2 * (2 * 30 + 5) / (9 * 30 * 29)) / 2
"""The standard deviation of the share of 435 pairs that stand in order by chance."""


def pairs_in_order(stage: Stage, emails: list[str]) -> float:
    """What a reader of the bytes sees of who signed before whom: by where each address stands first."""
    stored = stage.stored_bytes()
    places = [stored.index(email.encode()) for email in emails]
    pairs = list(itertools.combinations(places, 2))
    return sum(first < second for first, second in pairs) / len(pairs)


ANSWERS = st.fixed_dictionaries(
    {
        "picks": st.sets(st.sampled_from(["cranes", "own", "other"]), min_size=1),
        "other": st.sampled_from(["", "canary-ropes"]),
        "ideas": st.lists(st.sampled_from(["canary-alumni", "canary-yard", "canary-boat"]), unique=True, max_size=3),
        "mood": st.sampled_from(["good", "bad"]),
        "ticked": st.integers(0, 5),
    }
)


@pytest.mark.promise("P06")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=ANSWERS)
def test_of_any_ballots_only_what_was_ticked_is_stored_with_the_name(
    tmp_path_factory: pytest.TempPathFactory, answers: dict[str, object]
) -> None:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('ticked')}/polling.db")
    migrate(database)
    stage = Stage(database)
    picks, ideas = answers["picks"], answers["ideas"]
    assert isinstance(picks, set)
    assert isinstance(ideas, list)
    signable = _vote_everywhere(stage, picks, str(answers["other"]), ideas, str(answers["mood"]))
    if not signable:
        return
    poll, cell, claim, words = signable[int(str(answers["ticked"])) % len(signable)]
    assert stage.sign(stage.signing(poll, cell, claim=claim)) == [None]
    with database.read() as connection:
        rows = connection.execute(text("SELECT * FROM contact")).mappings().all()
    database.close()
    assert len(rows) == 1
    assert (rows[0]["set"], rows[0]["question"], rows[0]["cell"], rows[0]["answer"]) == (*poll[:2], cell, words)
    told = " ".join(str(value) for value in rows[0].values())
    every = {"canary-alumni", "canary-yard", "canary-boat", "canary-ropes", "cranes", "own", "good", "bad"}
    assert {word for word in every if word in told.split()} <= {words, cell}


def _vote_everywhere(
    stage: Stage, picks: set[str], other: str, ideas: list[str], mood: str
) -> list[tuple[PollKey, str, str, str]]:
    """One phone answers three questions; what of it can be signed: poll, cell, claim, words."""
    texts = {"other": other} if other and "other" in picks else {}
    signable = []
    for poll, chosen, written in (
        (USE_CASES, sorted(picks), texts),
        (IDEAS, [], {str(number + 1): idea for number, idea in enumerate(ideas)}),
        (MOOD, [mood], {}),
    ):
        if not chosen and not written:
            continue
        stage.command(Verb.OPEN, poll)
        kept = stage.vote(1, poll, *chosen, texts=written)
        stage.command(Verb.CLOSE, poll)
        signable += [(poll, cell, kept.claims[cell], words) for cell, words in written.items()]
        signable += [
            (poll, cell, "", cell)
            for cell in chosen
            if cell not in written and stage.event.question(poll).signable(cell)
        ]
    return signable


@pytest.mark.promise("P07")
def test_of_a_withdrawn_consent_its_hash_and_half_days_are_left_and_nobody_s_name(stage: Stage) -> None:
    stage.command(Verb.OPEN, IDEAS)
    claim = stage.vote(1, IDEAS, texts={"1": "Invite alumni"}).claims["1"]
    stage.sign(stage.signing(IDEAS, "1", claim=claim, key=KEY))
    signed = held(stage)
    assert signed is not None
    stage.writer.run(withdraw, [Withdrawal(key_hash(KEY), "2026-11-25 am")])
    with stage.database.read() as connection:
        left = connection.exec_driver_sql("SELECT consent_version, given, withdrawn FROM withdrawal").all()
        counts = [count_withdrawals(connection, signed.event, group) for group in (*signed.working_groups, "nobody")]
    assert [tuple(row) for row in left] == [(signed.consent.version, signed.half_day, "2026-11-25 am")]
    assert counts == [1, 0]
