"""Turning the stand-in's knobs."""

from dataclasses import dataclass

from playground.form import Form
from playground.gateway.frames import dump
from playground.gateway.hub import Hub
from playground.knobs import Fault, read_bot_permissions, read_faults
from playground.people.errors import unknown
from playground.people.request import PeopleRequest, check_people
from playground.world.events import ChannelChanged
from playground.world.model import Json
from playground.world.world import World

_GIB = 1024**3
_YEAR_S = 366 * 86_400
_MINUTE_S = 60
_RECONNECT, _INVALID_SESSION = 7, 9
_WHOLE = {
    "attachment_limit_bytes": _GIB,
    "person_limit_bytes": _GIB,
    "attachment_url_lifetime_s": _YEAR_S,
    "token_lifetime_s": _YEAR_S,
    "old_edit_after_s": _YEAR_S,
}
_DEEDS = ("drop", "reconnect", "invalidate")


@dataclass(frozen=True, slots=True)
class Turned:
    """What one call changes; None leaves a knob alone."""

    values: dict[str, float | bool]
    faults: list[Fault] | None
    denied: dict[str, list[str]] | None
    closed_dms: list[str] | None
    release_hangs: bool
    gateway: str | None


class Switching:
    """Handler of /playground/knobs."""

    def __init__(self, world: World, hub: Hub) -> None:
        self._world = world
        self._hub = hub

    async def knobs(self, request: PeopleRequest) -> Json:
        """Change what the body names, all or nothing, and give all knobs."""
        form = request.form()
        known = set(self._world.knobs.shown()) | {"gateway", "release_hangs"}
        for name in set(form.value) - known:
            form.fail(name, "UNKNOWN", "There is no such knob.")
        turned = _read(form, self._world.knobs.routes)
        check_people(form)
        if any(channel not in self._world.channels for channel in turned.denied or ()):
            raise unknown("channel")
        self._turn(turned)
        return self._world.knobs.shown()

    def _turn(self, turned: Turned) -> None:
        knobs = self._world.knobs
        for name, value in turned.values.items():
            setattr(knobs, name, value)
        if turned.faults is not None:
            knobs.faults = turned.faults
        if turned.denied is not None:
            knobs.bot_permissions = turned.denied
            for channel in self._world.deny_bot(turned.denied):
                self._world.publish(ChannelChanged(channel))
        if turned.closed_dms is not None:
            knobs.closed_dms = turned.closed_dms
        if turned.release_hangs:
            knobs.release_hangs()
        if turned.gateway is not None:
            self._disturb(turned.gateway)

    def _disturb(self, deed: str) -> None:
        """Break every gateway connection in one of the ways that Discord does."""
        if deed == "drop":
            self._hub.drop(4000)
        elif deed == "reconnect":
            self._hub.push(dump({"op": _RECONNECT, "d": None}))
        else:
            self._hub.push(dump({"op": _INVALID_SESSION, "d": False}))
            self._hub.forget_all()


def _read(form: Form, routes: frozenset[str]) -> Turned:
    values: dict[str, float | bool | None] = {
        name: form.whole(name, most=most) for name, most in _WHOLE.items()
    }
    values["answer_within_s"] = form.number("answer_within_s", least=0, most=_MINUTE_S)
    values["rate_limits"] = form.flag("rate_limits") if form.has("rate_limits") else None
    gateway = form.text("gateway", most=20)
    if gateway is not None and gateway not in _DEEDS:
        form.fail("gateway", "BASE_TYPE_CHOICES", f"One of {', '.join(_DEEDS)}.")
    return Turned(
        values={name: value for name, value in values.items() if value is not None},
        faults=read_faults(form, routes) if form.has("faults") else None,
        denied=read_bot_permissions(form) if form.has("bot_permissions") else None,
        closed_dms=form.texts("closed_dms", most=100, longest=20)
        if form.has("closed_dms")
        else None,
        release_hangs=form.flag("release_hangs"),
        gateway=gateway,
    )
