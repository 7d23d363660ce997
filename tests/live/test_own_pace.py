"""P02: while a set is open at the participants' own pace, the file forgets the order of answers again and again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from order_reader import by_wal
from served import CAKE, IDEA, TOPPINGS, Served, until

from polling.live.own_pace import PaceSettler
from polling.store.polls import poll_ref


async def opened(served: Served, own_pace: bool) -> None:
    """The set is open: as a whole, or its first question alone."""
    async with served.moderator() as moderator:
        if own_pace:
            await moderator.command("pace", 0, CAKE)
        await moderator.command("open", int(own_pace), CAKE)
        await until(lambda: served.site.hall.room("tea", "hall").state.state.revision == 1 + own_pace)


async def answered(served: Served, phones: range) -> None:
    """Each phone answers one question after the other."""
    for number in phones:
        async with served.phone(number) as phone:
            await phone.cast(CAKE, "plum")
            await phone.cast(TOPPINGS, "nuts")
            await phone.cast(IDEA, texts={"1": "more"})


def ordered(served: Served) -> int:
    """Of how many ballots the WAL tells when they came."""
    path = Path(served.site.settings.database_url.removeprefix("sqlite:///"))
    with served.site.database.read() as connection:
        keys = [bytes(key) for key in connection.exec_driver_sql("SELECT voter_key FROM ballot").scalars()]
        assert poll_ref(connection, "tea", "hall", CAKE) is not None
    assert keys
    return len(by_wal(path, keys))


@pytest.mark.promise("P02")
async def test_the_file_is_settled_while_a_set_is_open_and_again_after_more_answers(served: Served) -> None:
    await opened(served, own_pace=True)
    site = served.site
    for phones in (range(1, 8), range(8, 12)):
        await answered(served, phones)
        assert ordered(served) > 0
        assert await served.on_server(PaceSettler(site.hall, site.settler).look())
        await until(lambda: not site.settler.owed)
        assert ordered(served) == 0


@pytest.mark.promise("P02")
async def test_a_server_looks_by_itself(served: Served) -> None:
    await opened(served, own_pace=True)
    await answered(served, range(1, 4))
    site = served.site
    running = asyncio.run_coroutine_threadsafe(PaceSettler(site.hall, site.settler).run(0.05), site.writer._loop)  # type: ignore[arg-type]
    try:
        await until(lambda: ordered(served) == 0)
    finally:
        running.cancel()


async def test_where_a_moderator_sets_the_pace_nothing_is_settled_before_the_close(served: Served) -> None:
    await opened(served, own_pace=False)
    site = served.site
    assert not await served.on_server(PaceSettler(site.hall, site.settler).look())
