"""A database of its own for a rehearsal, beside the real one, which is not touched; wiped at the end, and the wiping
is checked."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from polling.cli.common import Failed, existing_secret, out
from polling.settings import Settings, server_keys

PARTS = ("", "-wal", "-shm", "-journal", ".lock", ".secret")
"""What a database's file can have beside it."""
CLAIM = ".claim"
"""Held as long as a rehearsal lasts, so that no other one wipes its database."""


def beside(real: Path) -> Path:
    """The rehearsal's database: polling.rehearsal.db beside polling.db."""
    return real.with_name(f"{real.stem}.rehearsal{real.suffix}")


@contextmanager
def database_of_its_own(chosen: Settings, *, keep: bool = False, same_links: bool = False) -> Iterator[Settings]:
    """Settings with an empty database beside the real one. `keep`: it stays, to be looked at. `same_links`: links and
    codes are those of the real event, whose secret is made if there is none yet. Raises `Failed` where another
    rehearsal is under way, or where something is left of this one."""
    own = beside(chosen.database_path)
    with _claimed(own):
        if left := there_is(own):
            wipe(own)
            out.print(f"{left[0]} was left by an earlier rehearsal: wiped.", markup=False)
        secret = _secret(chosen, same_links)
        try:
            yield chosen.model_copy(
                update={"database_url": f"sqlite:///{own}"} | ({"secret": secret} if secret else {})
            )
        finally:
            if keep:
                _keep(own, chosen, secret)
            else:
                wipe(own)
                out.print(f"{own} is wiped: nothing is left of it. {chosen.database_path} was not used.", markup=False)


def there_is(own: Path) -> list[Path]:
    """The files of a database that are there."""
    return [path for part in PARTS if (path := own.with_name(own.name + part)).exists()]


def wipe(own: Path) -> None:
    """Deletes a rehearsal's database with all that stands beside it, and looks whether it is gone."""
    for path in there_is(own):
        try:
            path.unlink()
        except OSError as error:
            raise Failed(f"{path} can't be wiped: {error.strerror or error}; delete it yourself") from None
    if left := there_is(own):
        raise Failed(f"{', '.join(map(str, left))} came back while it was wiped: is a server running on it?")


def _keep(own: Path, chosen: Settings, secret: SecretStr | None) -> None:
    if secret is not None and chosen.secret is None:  # so that a server can be started on it
        path = own.with_name(own.name + ".secret")
        path.touch(mode=0o600)
        path.write_text(secret.get_secret_value())
    out.print(f"{own} is kept until the next rehearsal: look at it with DATABASE_URL=sqlite:///{own}", markup=False)


def _secret(chosen: Settings, same_links: bool) -> SecretStr | None:
    """The real event's secret; None: one is made for this rehearsal alone."""
    if not same_links and not existing_secret(chosen):
        return None
    return SecretStr(server_keys(chosen).secret.decode())


@contextmanager
def _claimed(own: Path) -> Iterator[None]:
    claim = own.with_name(own.name + CLAIM)
    try:
        file = claim.open("w")
    except OSError as error:
        raise Failed(f"a rehearsal needs a database of its own in {own.parent}: {error.strerror or error}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failed(f"a rehearsal is under way on {own}: end it first") from None
        try:
            yield
        finally:
            claim.unlink(missing_ok=True)
