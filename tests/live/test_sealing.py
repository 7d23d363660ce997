"""Sealing in its time: after a poll's close, as long as the event says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from served import CAKE, TOPPINGS, Served, until

from polling.core.poll import State
from polling.live.sealing import Sealer
from polling.store.ballot_box import BallotRow


def sealer(served: Served, minutes: int) -> Sealer:
    site = served.site
    later = timedelta(minutes=minutes)
    return Sealer(site.database, site.writer, site.settler, site.hall, clock=lambda: site.clock() + later)


def ballots(served: Served) -> int:
    with served.site.database.read() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {BallotRow.__tablename__}").scalar_one())


async def seal_due(served: Served, minutes: int) -> int:
    """In the server's own loop, so many minutes later."""
    return await served.on_server(sealer(served, minutes).seal_due())


async def played(served: Served) -> None:
    """Two questions answered: one closed, one open."""
    async with served.moderator() as moderator, served.phone() as phone:
        await moderator.command("open", 0, CAKE)
        await phone.cast(CAKE, "plum")
        await moderator.command("close", 1)
        await moderator.command("open", 2, TOPPINGS)
        await phone.cast(TOPPINGS, "nuts")


@pytest.mark.promise("P03")
async def test_a_closed_poll_is_sealed_when_its_time_has_come_and_an_open_one_is_not(served: Served) -> None:
    await played(served)
    assert await seal_due(served, 59) == 0
    assert ballots(served) == 2
    async with served.moderator() as moderator:
        assert await seal_due(served, 61) == 1
        frame = await moderator.until("order")
        while frame["value"]["chapters"][0]["lines"][0]["state"] != State.SEALED:
            frame = await moderator.region("order")
    assert ballots(served) == 1
    await until(lambda: not served.site.settler.owed)
    assert await seal_due(served, 61) == 0


async def test_a_poll_whose_tally_is_not_its_ballots_keeps_them_and_is_told_once(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    await played(served)
    with served.site.database.write() as connection:
        connection.exec_driver_sql("UPDATE tally SET count = 7")
    it = sealer(served, 61)
    for _ in range(3):
        assert await served.on_server(it.seal_due()) == 0
    assert ballots(served) == 2
    assert len([line for line in caplog.messages if "polling recount" in line]) == 1


async def test_the_server_seals_by_itself(served: Served) -> None:
    await played(served)
    with served.site.database.write() as connection:
        connection.exec_driver_sql("UPDATE poll SET closed = closed - 3700 WHERE closed IS NOT NULL")
    await until(lambda: ballots(served) == 1)
