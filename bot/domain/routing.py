"""Which accounts may take a job, in which order, and which of them takes it now.

A route is fixed when a job is enqueued, and anew when the accounts change. Jobs of one route are
alike to the queue: where one finds a place, so does the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.domain.account import is_own

if TYPE_CHECKING:
    from collections.abc import Mapping

NOWHERE = ""
"""The route of a job that no account can take."""
WAITS_FOR_SHOT = "after"
"""The route of a shot that is queued once the shot before it is there: no account takes it."""
_DEARER_MARK = "!"


@dataclass(frozen=True, slots=True)
class Leg:
    """One account of a route.

    Attributes:
        account: Its name.
        is_dearer: Whether it may cost more than the first one, whose price the member was told.
            It takes over only while all the others are broken.
    """

    account: str
    is_dearer: bool


@dataclass(frozen=True, slots=True)
class Route:
    """A model, and the accounts that may render it for a job, in the order in which they are asked.

    Attributes:
        model: Its id, the same at all of them.
        legs: The accounts; none for `NOWHERE`.
    """

    model: str
    legs: tuple[Leg, ...]

    @property
    def told_by(self) -> str | None:
        """The account whose price the member was told; None for `NOWHERE`."""
        return self.legs[0].account if self.legs else None

    @property
    def own_part(self) -> Route:
        """With the server's own accounts alone."""
        return Route(self.model, tuple(leg for leg in self.legs if is_own(leg.account)))

    def __str__(self) -> str:
        """As it is stored: ``cogvideox-3 main,backup!``."""
        if not self.legs:
            return NOWHERE
        names = (f"{leg.account}{_DEARER_MARK if leg.is_dearer else ''}" for leg in self.legs)
        return f"{self.model} {','.join(names)}"


@lru_cache(maxsize=1024)
def route_from(text: str) -> Route:
    """The route that `Route.__str__` wrote."""
    model, _, names = text.partition(" ")
    return Route(
        model,
        tuple(
            Leg(name.removesuffix(_DEARER_MARK), name.endswith(_DEARER_MARK))
            for name in names.split(",")
            if name
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Whether one account takes jobs of one model at present.

    Attributes:
        limit: How many may be in flight at once.
        is_closed: Nothing is to be asked for a while.
        is_broken: It has refused for so long, or so plainly, that others take over.
        is_trying: It has refused, and is asked with one job at a time until it accepts one.
        repeating: Jobs that it has not answered, and that wait to ask again: none of them tries it
            at present.
    """

    limit: int
    is_closed: bool = False
    is_broken: bool = False
    is_trying: bool = False
    repeating: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What one account has of one model.

    Attributes:
        in_flight: Jobs that take one of its places.
        submitting: Those of them that it has not accepted yet.
    """

    in_flight: int
    submitting: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a job goes.

    Attributes:
        account: The account's name.
        passed_over: The account that would have taken it, were it not broken; None without one.
    """

    account: str
    passed_over: str | None


Rooms = dict[tuple[str, str], Room]
"""By account and model."""

NOTHING_TAKEN = Taken(0, 0)


def assigned(
    route: Route, rooms: Rooms, taken: Mapping[tuple[str, str], Taken]
) -> Assignment | None:
    """The account that takes the next job of a route now; None where it has to wait.

    An account that is merely full, or busy, is stood in for by those that cost no more.

    Args:
        route: The route.
        rooms: An account that is not in there takes nothing.
        taken: By account and model; nothing where it is not in there.
    """
    cheap_ones_are_broken = all(
        _is_broken(rooms, leg, route.model) for leg in route.legs if not leg.is_dearer
    )
    for leg in route.legs:
        if leg.is_dearer and not cheap_ones_are_broken:
            continue
        if _has_place(rooms, taken, leg.account, route.model):
            first = route.legs[0]
            stands_in = leg is not first and _is_broken(rooms, first, route.model)
            return Assignment(leg.account, first.account if stands_in else None)
    return None


def likely_rooms(route: Route, rooms: Rooms) -> dict[str, Room]:
    """The accounts that will render a route's jobs unless something changes, by name."""
    legs = [leg for leg in route.legs if not _is_broken(rooms, leg, route.model)]
    cheap = [leg for leg in legs if not leg.is_dearer]
    return {leg.account: rooms[leg.account, route.model] for leg in cheap or legs}


def is_stopped(route: Route, rooms: Rooms) -> bool:
    """Whether no account of the route takes anything until somebody mends one of them."""
    return all(_is_broken(rooms, leg, route.model) for leg in route.legs)


def _is_broken(rooms: Rooms, leg: Leg, model: str) -> bool:
    room = rooms.get((leg.account, model))
    return room is None or room.is_broken


def _has_place(
    rooms: Rooms, taken: Mapping[tuple[str, str], Taken], account: str, model: str
) -> bool:
    room = rooms.get((account, model))
    if room is None or room.is_closed:
        return False
    submitting = sum(of.submitting for (name, _), of in taken.items() if name == account)
    if room.is_trying and submitting > room.repeating:
        return False  # whatever its model, one job shows how the account is
    return taken.get((account, model), NOTHING_TAKEN).in_flight < room.limit
