"""The log: what the operator needs, and no person. No access log, no address, no query, nothing that anyone typed."""

from __future__ import annotations

import logging
import logging.config
import time
import traceback
from types import TracebackType

OFTEN = 10
"""So many times a minute the same line is written; more of it would let one client fill the disk."""
MINUTE = 60.0

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Formatter(logging.Formatter):
    """Tells where a defect struck, and of which kind; not its message, which may quote what a person sent."""

    def formatException(self, ei: ExcInfo) -> str:
        """The frames, then the kind of each error on the way."""
        lines = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(ei[2])]
        kinds, error = [], ei[1]
        while error is not None:
            kinds.append(f"{type(error).__module__}.{type(error).__qualname__}")
            error = error.__cause__ or error.__context__
        return "\n".join([*lines, "  " + " from ".join(kinds)])


class Quiet(logging.Filter):
    """Keeps repetitions and clients' rubbish short."""

    def __init__(self) -> None:
        super().__init__()
        self._since = 0.0
        self._seen: dict[tuple[str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        if record.name == "uvicorn.error" and not self._take_uvicorn(record):
            return False
        now = time.monotonic()
        if now - self._since > MINUTE:
            self._since, self._seen = now, {}
        line = (record.name, str(record.msg))
        self._seen[line] = self._seen.get(line, 0) + 1
        return self._seen[line] <= OFTEN

    def _take_uvicorn(self, record: logging.LogRecord) -> bool:
        text = str(record.msg)
        if text.startswith("Invalid UTF-8"):  # a client's doing: no traceback
            record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
        return not text.startswith(("Traceback", "Application startup failed"))  # serve says in words why it failed


def set_up() -> None:
    """The log of `polling serve`, on the standard error."""
    quiet = {"level": "WARNING"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"own": {"()": Formatter, "format": "%(asctime)s %(levelname)s %(message)s"}},
            "filters": {"quiet": {"()": Quiet}},
            "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "own", "filters": ["quiet"]}},
            "root": {"level": "INFO", "handlers": ["err"]},
            "loggers": dict.fromkeys(("uvicorn.error", "uvicorn.access", "websockets", "asyncio", "alembic"), quiet),
        }
    )
