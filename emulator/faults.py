"""Faults on order: what to do wrong, where, and how many times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from emulator.gateways import GATEWAYS

if TYPE_CHECKING:
    from emulator.gateways import Gateway

# Each point of the API and what can go wrong there. Faults of the first table strike instead of the
# request's effect, those of the second spoil the answer once it has taken effect.
_BEFORE = {
    "create": {"error", "error302", "flat", "string_error", "html", "code500", "hang_before"},
    "poll": {"error", "error302", "flat", "string_error", "html", "code500", "hang_before"},
    "file": {"error", "html", "hang_before"},
}
_SPOILT = {"nothing", "hang_after", "lost_answer", "empty", "slow"}
_AFTER = {
    "create": {*_SPOILT, "malformed", "fail", "number_id"},
    "poll": {*_SPOILT, "malformed", "fail", "unknown_status", "no_link", "number_id"},
    "file": {*_SPOILT, "truncate", "not_mp4", "endless"},
}
KINDS = {on: frozenset(_BEFORE[on] | _AFTER[on]) for on in _BEFORE}
"""What can go wrong where."""
_ARGUMENTS = {
    "error": (1, 3),
    "error302": (1, 2),
    "flat": (1, 3),
    "string_error": (0, 1),
    "html": (0, 1),
    "slow": (0, 1),
    "unknown_status": (0, 1),
    "truncate": (0, 1),
}
_STATUS_AT = {"error": 0, "error302": 1, "flat": 0, "string_error": 0, "html": 0}
_CODE_AT = {"error302": 0, "flat": 1}  # where a code must be a number; `error` takes any word
_CODE = re.compile(r"-?[0-9]{1,9}")
_BYTES = re.compile(r"[0-9]{1,12}")
_LIST_LIMIT = 10_000
_TIMES_LIMIT = 1_000_000
_SLOW_LIMIT_S = 600
_RESET_LIMIT_S = 366 * 86_400


class FaultError(ValueError):
    """A fault that cannot be ordered; the message says why."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One order.

    Attributes:
        on: ``create``, ``poll`` or ``file``.
        kind: First word of ``do``.
        arguments: Its other words.
        times: How often it still strikes.
        gateway: Where, by the gateway's name; None for anywhere.
    """

    on: str
    kind: str
    arguments: tuple[str, ...]
    times: int
    gateway: str | None

    def to_dict(self) -> dict[str, Any]:
        """As it was ordered, with the remaining times."""
        do = " ".join((self.kind, *self.arguments))
        where = {} if self.gateway is None else {"gateway": self.gateway}
        return {"on": self.on, "times": self.times, "do": do, **where}


class FaultPlan:
    """Faults in order; each point takes the first that is left for it."""

    def __init__(self, orders: object = ()) -> None:
        """Read orders ``{"on": ..., "do": ..., "times": 1, "gateway": ...}``.

        Raises:
            FaultError: Something in them means nothing.
        """
        if not isinstance(orders, list | tuple) or len(cast("list[Any]", orders)) > _LIST_LIMIT:
            raise FaultError(f"faults: a list of at most {_LIST_LIMIT}")
        self._faults = [_read(order) for order in cast("list[Any]", orders)]

    def take_before(self, point: str, gateway: Gateway) -> Fault | None:
        """Use up the next fault of this point, if it strikes instead of the request's effect."""
        return self._take(point, gateway, _BEFORE[point])

    def take_after(self, point: str, gateway: Gateway) -> Fault | None:
        """Use up the next fault of this point, if it spoils the answer."""
        return self._take(point, gateway, _AFTER[point])

    def to_list(self) -> list[dict[str, Any]]:
        """What is left, JSON-ready."""
        return [fault.to_dict() for fault in self._faults]

    def _take(self, point: str, gateway: Gateway, kinds: set[str]) -> Fault | None:
        here = (None, gateway.name)
        fault = next((one for one in self._faults if one.on == point and one.gateway in here), None)
        if fault is None or fault.kind not in kinds:
            return None
        fault.times -= 1
        if fault.times == 0:
            self._faults.remove(fault)
        return fault


def _read(order: object) -> Fault:
    if not isinstance(order, dict):
        raise FaultError("faults: each is an object")
    values = cast("dict[str, Any]", order)
    if extra := values.keys() - {"on", "do", "times", "gateway"}:
        raise FaultError(f"faults: unknown field {min(map(str, extra))[:40]}")
    on, do, times = values.get("on"), values.get("do"), values.get("times", 1)
    if not isinstance(on, str) or on not in _BEFORE:
        raise FaultError(f"faults: on is one of {', '.join(_BEFORE)}")
    if type(times) is not int or not 1 <= times <= _TIMES_LIMIT:
        raise FaultError(f"faults: times is 1 to {_TIMES_LIMIT}")
    gateway = values.get("gateway")
    if gateway is not None and gateway not in list(GATEWAYS):
        raise FaultError(f"faults: gateway is one of {', '.join(GATEWAYS)}")
    kind, *arguments = do.split() if isinstance(do, str) and do.strip() else [""]
    if kind not in KINDS[on]:
        raise FaultError(f"faults: do on {on} begins with one of {', '.join(sorted(KINDS[on]))}")
    _check_arguments(kind, arguments)
    return Fault(on=on, kind=kind, arguments=tuple(arguments), times=times, gateway=gateway)


def _check_arguments(kind: str, arguments: list[str]) -> None:
    fewest, most = _ARGUMENTS.get(kind, (0, 0))
    if not fewest <= len(arguments) <= most:
        raise FaultError(f"faults: {kind} takes {fewest} to {most} words after it")
    status, code = _word(arguments, _STATUS_AT.get(kind)), _word(arguments, _CODE_AT.get(kind))
    if status is not None and not _is_status(status):
        raise FaultError(f"faults: {kind} needs an HTTP status from 400 to 599")
    if code is not None and not _CODE.fullmatch(code):
        raise FaultError(f"faults: {kind} needs a number as its code")
    pause = _word(arguments, 0 if kind == "slow" else None)
    length = _word(arguments, 0 if kind == "truncate" else None)
    wait = _word(arguments, 2)  # only orders of errors have a third word
    if pause is not None and not _is_time(pause, _SLOW_LIMIT_S):
        raise FaultError(f"faults: slow takes seconds, 0 to {_SLOW_LIMIT_S}")
    if length is not None and not _BYTES.fullmatch(length):
        raise FaultError("faults: truncate takes a number of bytes")
    if wait is not None and not _is_time(wait, _RESET_LIMIT_S):
        raise FaultError(f"faults: the reset is 0 to {_RESET_LIMIT_S} seconds away")


def _word(arguments: list[str], place: int | None) -> str | None:
    return arguments[place] if place is not None and place < len(arguments) else None


def _is_status(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isdigit() and text[0] in "45"  # noqa: PLR2004  # three digits


def _is_time(text: str, limit_s: float) -> bool:
    try:
        return 0 <= float(text) <= limit_s
    except ValueError:
        return False
