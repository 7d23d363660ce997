"""Robots at work on a server: what the demo, a rehearsal and a practice share; and the demo."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from polling.cli.common import Failed, existing_secret, out, settings
from polling.cli.display import print_qr, shown
from polling.cli.handing_out import Link, codes_of, kept_links_of, links_of, organiser_link, print_links
from polling.cli.serve import Running, running
from polling.core.event import Event
from polling.core.files.loading import load_event, load_rehearsal
from polling.rendering import beside_or_above
from polling.robots.manners import Manners
from polling.robots.moderator import enter
from polling.robots.people import People
from polling.robots.phone import Phone
from polling.robots.plan import Plan, plan
from polling.robots.playing import Director, Result
from polling.robots.swarm import Pace, Swarm
from polling.settings import Settings, server_keys
from polling.web.logs import set_up

DEMO_EVENT = "roem-ii"
DEMO_PACE = Pace(think=8, look=4)


def demo() -> None:
    """Play ROEM-II with robots on a scratch database, to be watched in a browser and joined by phone.

    In the plenary first, then in ten rooms at once, and back: a phone that joins by the QR code is led along.
    """
    with tempfile.TemporaryDirectory(prefix="polling-demo-") as scratch:
        chosen = settings().model_copy(
            update={"questionsets": beside_or_above("questionsets"), "database_url": f"sqlite:///{scratch}/demo.db"}
        )
        chosen = chosen.model_copy(update={"port": free_port(chosen.host, chosen.port)})
        folder = chosen.questionsets / DEMO_EVENT
        event = load_event(folder)
        game = Game(event, plan(event, load_rehearsal(folder, event)), DEMO_PACE)
        with contextlib.suppress(KeyboardInterrupt), serving(chosen) as server:
            _print_ways_in(links_of(event, server_keys(chosen), chosen.base_url), event)
            access = Access.by_secret(event, chosen, server.url)
            asyncio.run(_play_for_ever(game, access))
    out.print("The demo has ended; nothing of it is kept.")


@contextlib.contextmanager
def serving(chosen: Settings, *, rehearsal: bool = False) -> Iterator[Running]:
    """A server in this process, which says only what went wrong, so that it doesn't write through the display. It
    serves events whose dates are past as well: they are played on any day."""
    set_up()
    logging.getLogger("polling").setLevel(logging.WARNING)
    with running(chosen, rehearsal=rehearsal, any_day=True) as server:
        yield server


async def _play_for_ever(game: Game, access: Access) -> None:
    cookies = await enter(access.link)
    phones: list[Phone] | None = None
    while True:
        swarm = game.swarm(access.server, access.codes, phones)
        phones = swarm.phones  # the same hall each time: others would find the rooms full of those who left
        try:
            await shown(swarm, whole(Director(access.server, game.event, swarm, cookies)))
        finally:
            await swarm.close()


def _print_ways_in(links: list[Link], event: Event) -> None:
    """The event's own ways in, and one for each role to the session that is played first."""
    print_qr(next(link.url for link in links if link.role == "participant" and not link.session))
    print_links([link for link in links if link.session in ("", event.sessions[0].id)])
    out.print("Robots are voting. Join them by the QR code: your phone is led along, to a break-out and back.")
    out.print("The organiser's link is the control room of all of it. Ctrl-C ends it all.", style="bold")


@dataclass(frozen=True)
class Game:
    """What is played, and how fast, or with which manners of people."""

    event: Event
    plan: Plan
    pace: Pace
    manners: Manners | None = None

    def swarm(self, server: str, codes: Mapping[str, str], phones: list[Phone] | None = None) -> Swarm:
        """The robots, on a server. `phones`: those that they had before."""
        if self.manners is None:
            return Swarm(server, self.plan, codes, self.pace, phones=phones)
        return People(server, self.plan, codes, self.event, self.manners)


@dataclass(frozen=True)
class Access:
    """A server, and the robots' way in. `codes` empty: they are asked for with the organiser's link."""

    server: str
    codes: Mapping[str, str]
    link: str

    @classmethod
    def by_secret(cls, event: Event, chosen: Settings, server: str) -> Access:
        """With the server's secret everything follows."""
        keys = server_keys(chosen)
        kept = kept_links_of(chosen, event.event)
        return cls(server, codes_of(event, keys), organiser_link(event.event, keys, server, kept))

    @classmethod
    def beside(cls, event: Event, chosen: Settings, server: str) -> Access:
        """On the machine of a server that runs already."""
        if not existing_secret(chosen):
            raise Failed(
                f"the secret of {server} is not known here: "
                "give the organiser's --link, or that server's DATABASE_URL or POLLING_SECRET"
            )
        return cls.by_secret(event, chosen, server.rstrip("/"))

    @classmethod
    def by_link(cls, server: str, link: str) -> Access:
        """With the organiser's link alone; the codes are asked for with it."""
        if not link.partition("#")[2]:
            raise Failed("--link is the organiser's whole link, with what stands after its #")
        return cls(server, {}, link)


async def whole(director: Director) -> list[Result]:
    """The event, and what robots do afterwards."""
    results = await director.play()
    await director.swarm.names.after_event()
    return results


def free_port(host: str, wanted: int) -> int:
    """The port that is set, or the next free one after it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(wanted, min(wanted + 100, 65536)):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((host, port))
                return port
    raise Failed(f"no port is free from {wanted} on: set PORT to another")
