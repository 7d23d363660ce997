"""Health: what a platform asks, and what an operator has to know."""

from __future__ import annotations

from served import CAKE, Served, until


async def test_a_server_at_work_is_ready_and_says_when_it_stops(fresh: Served) -> None:
    assert (await fresh.ask("/healthz")).text == "ok\n"
    assert (await fresh.ask("/readyz")).json()["ready"] is True
    fresh.site.health.stopping()
    reply = await fresh.ask("/readyz")
    assert (reply.status, reply.json()["reasons"]) == (503, ["stopping"])
    assert (await fresh.ask("/healthz")).status == 200


async def test_a_settle_that_waits_for_a_reader_is_told_and_done_once_the_reader_has_gone(fresh: Served) -> None:
    await until(lambda: not fresh.site.settler.owed)
    with fresh.site.database.read() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM poll").all()
        async with fresh.moderator() as moderator:
            await moderator.command("open", 0, CAKE)
            await moderator.command("close", 1)
        await until(lambda: fresh.site.settler.owed)
        reply = await fresh.ask("/readyz")
        assert reply.status == 200
        assert reply.json()["ready"] is True
        assert any("unsettled" in warning for warning in reply.json()["warnings"])
    await until(lambda: not fresh.site.settler.owed)
    assert (await fresh.ask("/readyz")).json() == {"ready": True, "reasons": [], "warnings": []}


async def test_a_writer_that_has_stopped_is_a_reason_not_to_be_ready(fresh: Served) -> None:
    fresh.site.writer._queue.put(None)
    await until(lambda: not fresh.site.writer.alive)
    reply = await fresh.ask("/readyz")
    assert (reply.status, reply.json()["reasons"]) == (503, ["the writer has stopped"])
