"""The emulator's switches: limits, time, faults, and what the vendor's documents leave open."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, cast

from emulator.faults import FaultError, FaultPlan
from emulator.gateways import GATEWAYS, TIERS
from emulator.requests import Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emulator.clock import Clock

_YEARS_S = 10 * 365 * 86_400.0
_AHEAD_LIMIT_S = 100 * 365 * 86_400.0
_IN_FLIGHT_LIMIT = 1_000_000


class KnobError(ValueError):
    """A knob that does not exist or a value it does not take; nothing was changed."""


class Knobs:
    """Set from code with :meth:`update`, over HTTP with ``POST /emulator/knobs``.

    Attributes:
        in_flight_limit: Unfinished tasks per key and model; None leaves each its gateway's figure.
        tier: Of the BigModel account, ``V0`` to ``V3``: decides how many are in flight there.
        render_delay_s: A task stays PROCESSING at least this long after acceptance.
        link_lifetime_s: How long a result's links answer.
        renew_links: Whether each poll gives a fresh link, or always the first one.
        file_ranges: ``answer`` requests for a part of a result file, or ``ignore`` that they ask
            for one.
        result_file: A file of this machine that is served for every result; None for the render's.
        duplicate_request_id: ``1231`` refuses a repeated one, ``accept`` starts a second task.
        forgetful_models: For these a repeated ``request_id`` starts a second task in any case.
        prompt_too_long_code: ``1261`` or ``1214``.
        first_last_quality: ``accept`` or ``reject`` two images with ``quality: "quality"``.
        vidu_on_zai: ``accept``, or ``1211`` as if Z.AI had withdrawn these models.
        watermark_removal_signed: Whether the BigModel account may have clips without its mark.
        faults: What to do wrong next.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.in_flight_limit: int | None = None
        self.tier = "V0"
        self.render_delay_s = 0.0
        self.link_lifetime_s = 86_400.0  # the vendor's guides: a day
        self.renew_links = False
        self.file_ranges: Literal["answer", "ignore"] = "answer"
        self.result_file: str | None = None
        self.duplicate_request_id: Literal["1231", "accept"] = "1231"
        self.forgetful_models: list[str] = []
        self.prompt_too_long_code: Literal["1261", "1214"] = "1261"
        self.first_last_quality: Literal["accept", "reject"] = "accept"
        self.vidu_on_zai: Literal["accept", "1211"] = "accept"
        self.watermark_removal_signed = False
        self.faults = FaultPlan()

    @property
    def rules(self) -> Rules:
        """The part that the request validator needs."""
        return Rules(
            prompt_too_long_code=self.prompt_too_long_code,
            first_last_quality=self.first_last_quality,
            vidu_on_zai=self.vidu_on_zai,
            watermark_removal_signed=self.watermark_removal_signed,
        )

    def recognises_repeats(self, model: str) -> bool:
        """Whether a ``request_id`` of this model that comes again is refused."""
        return self.duplicate_request_id == "1231" and model not in self.forgetful_models

    def update(self, changes: Mapping[str, Any]) -> None:
        """Set some knobs, all or none. ``advance_s`` moves the clock forward by that much.

        Raises:
            KnobError: The message names the knob.
        """
        checked = {name: _check(name, value) for name, value in changes.items()}
        advance_s = checked.pop("advance_s", 0.0)
        if self._clock.ahead_s + advance_s > _AHEAD_LIMIT_S:
            raise KnobError(f"advance_s: at most {_AHEAD_LIMIT_S:.0f} seconds in total")
        for name, value in checked.items():
            setattr(self, name, value)
        self._clock.advance(advance_s)

    def to_dict(self) -> dict[str, Any]:
        """All knobs, JSON-ready; ``advance_s`` is the total so far."""
        return {
            "in_flight_limit": self.in_flight_limit,
            "tier": self.tier,
            "render_delay_s": self.render_delay_s,
            "advance_s": self._clock.ahead_s,
            "link_lifetime_s": self.link_lifetime_s,
            "renew_links": self.renew_links,
            "file_ranges": self.file_ranges,
            "result_file": self.result_file,
            "duplicate_request_id": self.duplicate_request_id,
            "forgetful_models": list(self.forgetful_models),
            "prompt_too_long_code": self.prompt_too_long_code,
            "first_last_quality": self.first_last_quality,
            "vidu_on_zai": self.vidu_on_zai,
            "watermark_removal_signed": self.watermark_removal_signed,
            "faults": self.faults.to_list(),
        }


_CHOICES = {
    "file_ranges": ("answer", "ignore"),
    "duplicate_request_id": ("1231", "accept"),
    "prompt_too_long_code": ("1261", "1214"),
    "first_last_quality": ("accept", "reject"),
    "vidu_on_zai": ("accept", "1211"),
    "tier": tuple(TIERS),
}


def _check(name: str, value: object) -> Any:  # noqa: ANN401  # each knob has its own type
    match name:
        case "render_delay_s" | "advance_s" | "link_lifetime_s":
            return _check_seconds(name, value)
        case "renew_links" | "watermark_removal_signed":
            if not isinstance(value, bool):
                raise KnobError(f"{name}: true or false")
            return value
        case "in_flight_limit" | "result_file" | "forgetful_models":
            return _CHECKS[name](value)
        case "faults":
            try:
                return FaultPlan(value)
            except FaultError as error:
                raise KnobError(str(error)) from None
        case _:
            return _check_choice(name, value)


def _check_limit(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 1 <= value <= _IN_FLIGHT_LIMIT:
        raise KnobError(f"in_flight_limit: 1 to {_IN_FLIGHT_LIMIT}, or null")
    return value


def _check_file(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise KnobError("result_file: the path of a file on this machine, or null")
    return value


def _check_models(value: object) -> list[str]:
    known = {offer.model.name for gateway in GATEWAYS.values() for offer in gateway.offers}
    listed = cast("list[object]", value) if isinstance(value, list) else [None]
    if not all(isinstance(name, str) and name in known for name in listed):
        raise KnobError(f"forgetful_models: a list of {', '.join(sorted(known))}")
    return [str(name) for name in listed]


_CHECKS: dict[str, Callable[[object], Any]] = {
    "in_flight_limit": _check_limit,
    "result_file": _check_file,
    "forgetful_models": _check_models,
}


def _check_seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise KnobError(f"{name}: seconds")
    if not math.isfinite(value) or not 0 <= value <= _YEARS_S:
        raise KnobError(f"{name}: 0 to {_YEARS_S:.0f} seconds")
    return float(value)


def _check_choice(name: str, value: object) -> str:
    if name not in _CHOICES:
        raise KnobError(f"{name[:40]}: no such knob")
    if value not in _CHOICES[name]:
        raise KnobError(f"{name}: one of {', '.join(_CHOICES[name])}")
    return str(value)
