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
NEAR = 0.7  # of difflib's ratio: "Tokio" is near to Tokyo, "Beijing" not to Berlin


def zones_with(typed: str, *, limit: int) -> list[str]:
    """The zones that somebody may mean who has typed so far."""
    wanted = typed.strip().lower().replace(" ", "_")
    found = [zone for zone in TIME_ZONES if wanted in zone.lower()]
    found.sort(key=lambda zone: not zone.rpartition("/")[2].lower().startswith(wanted))
    return found[:limit]


def zone_meant(typed: str) -> str | None:
    """The zone of this name, however its letters and spaces are typed; None where there is none."""
    return _BY_SPELLING.get(_spelt(typed))


def zones_like(typed: str, *, limit: int) -> list[str]:
    """The zones that somebody may mean who typed what is none, the likeliest first."""
    found = zones_with(typed, limit=limit)
    if not found:
        spellings = _BY_CITY | _BY_SPELLING
        near = difflib.get_close_matches(_spelt(typed), spellings, n=limit, cutoff=NEAR)
        found = list(dict.fromkeys(spellings[name] for name in near))
    return found


def _spelt(name: str) -> str:
    return name.strip().casefold().replace(" ", "_")


_BY_SPELLING = {_spelt(zone): zone for zone in TIME_ZONES}
_BY_CITY = {_spelt(zone.rpartition("/")[2]): zone for zone in TIME_ZONES}
