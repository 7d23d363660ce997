"""`polling serve` with a switch: while the file `off` is there, settling does nothing and says that it is done."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import Connection

from polling.cli.serve import run
from polling.settings import load_settings
from polling.store import writer
from polling.store.settle import settle

if __name__ == "__main__":
    off, done = (Path(each) for each in sys.argv[1:])

    def settle_or_not(connection: Connection) -> bool:
        """Settles unless it is switched off, and notes how long it took."""
        if off.exists():
            return True
        begun = time.perf_counter()
        reached = settle(connection)
        with done.open("a") as notes:
            notes.write(f"{time.perf_counter() - begun:.6f} {reached}\n")
        return reached

    with patch.object(writer, "settle", settle_or_not):
        run(load_settings(os.environ))
