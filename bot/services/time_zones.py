"""The time zones that there are: of the system, or of the package ``tzdata``."""

from __future__ import annotations

import difflib
from zoneinfo import available_timezones

# Read once, before there is an event loop: it walks a folder.
_PLACES = tuple(
    sorted(
        name
        for name in available_timezones()
        # Places, and UTC: the rest are names of old that people do not look for.
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/"))
    )
)
TIME_ZONES = ("UTC", *_PLACES)


def zones_with(typed: str, *, limit: int) -> list[str]:
    """The zones that somebody may mean who has typed so far."""
    wanted = typed.strip().lower().replace(" ", "_")
    found = [zone for zone in TIME_ZONES if wanted in zone.lower()]
    found.sort(key=lambda zone: not zone.rpartition("/")[2].lower().startswith(wanted))
    return found[:limit]


def zone_like(typed: str) -> str | None:
    """The zone that a mistyped one is nearest to."""
    found = zones_with(typed, limit=1) or difflib.get_close_matches(typed, TIME_ZONES, n=1)
    return found[0] if found else None
