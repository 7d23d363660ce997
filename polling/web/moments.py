"""When something happened, by the server's clock, in words."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_datetime

from polling.web.site import Site


def moment(site: Site, at: float) -> datetime:
    """A moment in seconds since 1970, where the event is held."""
    return datetime.fromtimestamp(at, site.clock().tzinfo)


def moment_in_words(site: Site, at: float, language: str, *, seconds: bool = False) -> str:
    """24 Nov, 14:32; 24 nov, 14:32."""
    return format_datetime(moment(site, at), "d MMM, HH:mm:ss" if seconds else "d MMM, HH:mm", locale=language)
