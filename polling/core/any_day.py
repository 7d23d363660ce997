"""An event on any day: a demo and a rehearsal are held whenever someone likes, also once its dates are past."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from polling.core.event import Event


def still_to_come(event: Event, today: date) -> Event:
    """The event with all its dates moved by as many days as makes the first of them tomorrow; as it is, where that one
    is not past yet."""
    rules = event.privacy
    dates = [day for day in (event.day, rules.contacts_until, rules.late_signature_until) if day is not None]
    if not dates or min(dates) >= today:
        return event
    later = today + timedelta(days=1) - min(dates)
    content: dict[str, Any] = json.loads(event.model_dump_json())
    content["day"] = _moved(event.day, later)
    content["privacy"]["contacts_until"] = _moved(rules.contacts_until, later)
    content["privacy"]["late_signature_until"] = _moved(rules.late_signature_until, later)
    return Event.model_validate_json(json.dumps(content))


def _moved(day: date | None, later: timedelta) -> str | None:
    return None if day is None else (day + later).isoformat()
