"""Retention in its time: the server erases contacts by itself once their day is past."""

from __future__ import annotations

import time
from datetime import date, datetime
from pathlib import Path

import pytest
from signing_stage import KEYS, USE_CASES, Stage, proof, send, serving, site_behind, stored
from starlette.testclient import TestClient

from polling.app import create_app
from polling.core.certificate import Certificate
from polling.core.poll import Verb
from polling.live.retention import Retention
from polling.settings import load_settings
from polling.store.retention import certificates
from polling.store.settle import Settler
from polling.web.site import Site

CANARY = {"name": "Ann", "email": "canary@example.org"}


def sign_one(client: TestClient) -> Site:
    site = site_behind(client)
    stage = Stage(site.database)
    stage.command(Verb.OPEN, USE_CASES)
    assert send(client, proof(USE_CASES, "own", stage.vote(1, USE_CASES, "own")) | CANARY).status_code == 200
    return site


def purge_due(client: TestClient, today: date) -> list[Certificate]:
    """In the server's own loop."""
    site = site_behind(client)
    noon = datetime(today.year, today.month, today.day, 12).astimezone()
    retention = Retention(site.database, site.writer, site.settler, clock=lambda: noon)
    assert client.portal is not None
    return client.portal.call(retention.purge_due)


@pytest.mark.promise("P09")
@pytest.mark.promise("P08")
def test_the_day_after_their_last_one_contacts_are_gone_from_the_bytes(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        site = sign_one(client)
        assert purge_due(client, date(2027, 3, 1)) == []
        assert purge_due(client, date(2027, 3, 2)) == [Certificate("gathering", date(2027, 3, 2), contacts=1, ideas=0)]
        assert purge_due(client, date(2027, 3, 2)) == []
        assert stored(site) == []
        _wait_for(site.settler)
        assert b"canary@example.org" not in Stage(site.database).stored_bytes()


def _wait_for(settler: Settler) -> None:
    until = time.monotonic() + 10
    while settler.owed:
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.promise("P09")
def test_a_server_that_starts_after_the_day_erases_what_another_left_behind(tmp_path: Path) -> None:
    with serving(tmp_path, contacts_until="2026-01-01", late_signature_until="2026-01-01") as client:
        site = site_behind(client)
        stage = Stage(site.database, site.hall.events["gathering"])
        stage.command(Verb.OPEN, USE_CASES)
        stage.vote(1, USE_CASES, "own")
        assert stage.sign(stage.signing(USE_CASES, "own", "canary@example.org")) == [None]
    (tmp_path / "questionsets" / "gathering" / "event.yaml").unlink()  # also of an event that is served no more
    settings = load_settings(
        {
            "DATABASE_URL": f"sqlite:///{tmp_path}/polling.db",
            "POLLING_QUESTIONSETS": str(tmp_path / "questionsets"),
            "POLLING_SECRET": KEYS.secret.decode(),
        }
    )
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        site = site_behind(client)
        until = time.monotonic() + 10
        while stored(site):
            assert time.monotonic() < until
            time.sleep(0.05)
        with site.database.read() as connection:
            (certificate,) = certificates(connection, "gathering")
        assert certificate.contacts == 1
        _wait_for(site.settler)
        assert b"canary@example.org" not in Stage(site.database).stored_bytes()
