"""Turning the stand-in's knobs."""

from playground.gateway.frames import dump
from playground.gateway.hub import Hub
from playground.knobs import Knobs, read_bot_permissions, read_faults
from playground.people.errors import unknown
from playground.people.request import PeopleRequest, check_people
from playground.world.events import ChannelChanged
from playground.world.model import Json
from playground.world.world import World

_GIB = 1024**3
_YEAR_S = 366 * 86_400
_RECONNECT, _INVALID_SESSION = 7, 9
_NUMBERS = {
    "attachment_limit_bytes": _GIB,
    "attachment_url_lifetime_s": _YEAR_S,
    "token_lifetime_s": _YEAR_S,
    "old_edit_after_s": _YEAR_S,
}
_DEEDS = ("drop", "reconnect", "invalidate")


class Switching:
    """Handler of /playground/knobs."""

    def __init__(self, world: World, hub: Hub) -> None:
        self._world = world
        self._hub = hub

    async def knobs(self, request: PeopleRequest) -> Json:
        """Change what the body names, all or nothing, and give all knobs."""
        form = request.form()
        knobs: Knobs = self._world.knobs
        known = set(knobs.shown()) | {"gateway", "release_hangs"}
        for name in set(form.value) - known:
            form.fail(name, "UNKNOWN", "There is no such knob.")
        denied, faults = read_bot_permissions(form), read_faults(form)
        numbers = {name: form.whole(name, most=most) for name, most in _NUMBERS.items()}
        limits = form.flag("rate_limits", default=knobs.rate_limits)
        answer_ms = _milliseconds(form.value.get("answer_within_s"))
        if "answer_within_s" in form.value and answer_ms is None:
            form.fail("answer_within_s", "NUMBER_TYPE_COERCE", "Seconds, 0 to 60.")
        release = form.flag("release_hangs")
        gateway = form.text("gateway", most=20)
        if gateway is not None and gateway not in _DEEDS:
            form.fail("gateway", "BASE_TYPE_CHOICES", f"One of {', '.join(_DEEDS)}.")
        check_people(form)
        if any(channel not in self._world.channels for channel in denied):
            raise unknown("channel")

        for name, number in numbers.items():
            if number is not None:
                setattr(knobs, name, number)
        knobs.rate_limits = limits
        if answer_ms is not None:
            knobs.answer_within_s = answer_ms / 1000
        if form.has("faults"):
            knobs.faults = faults
        if form.has("bot_permissions"):
            self._deny(denied)
        if release:
            knobs.release_hangs()
        if gateway is not None:
            self._disturb(gateway)
        return knobs.shown()

    def _deny(self, denied: dict[str, list[str]]) -> None:
        self._world.knobs.bot_permissions = denied
        for channel in self._world.deny_bot(denied):
            self._world.publish(ChannelChanged(channel))

    def _disturb(self, deed: str) -> None:
        match deed:
            case "drop":
                self._hub.drop(4000)
            case "reconnect":
                self._hub.push(dump({"op": _RECONNECT, "d": None}))
            case _:
                self._hub.push(dump({"op": _INVALID_SESSION, "d": False}))
                self._hub.forget_all()


def _milliseconds(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 60:  # noqa: PLR2004  # a minute
        return None
    return int(value * 1000)
