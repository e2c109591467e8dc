"""The switches of the stand-in: what it permits, how fast it forgets, and the faults it plays."""

import asyncio
from dataclasses import dataclass, field

from playground.form import Faults, Form
from playground.world.model import Json
from playground.world.permissions import Permission

_MIB = 1024 * 1024
MAX_FAULTS = 1_000
MAX_WAIT_S = 600.0
DAY_S = 86_400


@dataclass(slots=True)
class Fault:
    """A fault that the next ``times`` requests of a route meet.

    ``do`` is ``status N``, ``error N CODE`` (a refusal by Discord's own code), ``rate_limit
    SECONDS``, ``global_limit SECONDS`` or ``ban`` (the 429 of the proxy before Discord), all
    without effect; ``lost_answer`` (takes effect, then the connection is cut) or ``hang`` (takes
    effect, never answers).
    """

    route: str
    times: int
    do: str

    @property
    def kind(self) -> str:
        """The first word of ``do``."""
        return self.do.split(" ")[0]

    @property
    def amount(self) -> float:
        """The number after the first word of ``do``."""
        return float(self.do.split(" ")[1])

    @property
    def code(self) -> int:
        """Discord's code in an ``error N CODE``; 0 in others."""
        return int(self.do.split(" ")[2]) if self.kind == "error" else 0


@dataclass(slots=True)
class Knobs:
    """All switches, with what they are at first."""

    bot_permissions: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    attachment_limit_bytes: int = 10 * _MIB
    person_limit_bytes: int = 100 * _MIB
    attachment_url_lifetime_s: int = DAY_S
    faults: list[Fault] = field(default_factory=list[Fault])
    rate_limits: bool = True
    answer_within_s: float = 3.0
    token_lifetime_s: int = 900
    old_edit_after_s: int = 3_600
    closed_dms: list[str] = field(default_factory=list[str])  # people who take none of the bot
    hangs: asyncio.Event = field(default_factory=asyncio.Event)
    routes: frozenset[str] = frozenset()  # what is served, e.g. "GET /gateway": no knob itself

    def play(self, fault: Fault) -> None:
        """Add a fault to those to come.

        Raises:
            KeyError: There is no such route, and so nothing would ever meet the fault.
        """
        if fault.route not in self.routes:
            raise KeyError(fault.route)
        self.faults.append(fault)

    def take_fault(self, route: str) -> Fault | None:
        """Use up one turn of the first fault set for a route."""
        for fault in self.faults:
            if fault.route == route:
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def release_hangs(self) -> None:
        """Answer every hanging request now; later hangs hang anew."""
        self.hangs.set()
        self.hangs = asyncio.Event()

    def shown(self) -> Json:
        """Give all switches as the people API shows them."""
        return {
            "bot_permissions": self.bot_permissions,
            "attachment_limit_bytes": self.attachment_limit_bytes,
            "person_limit_bytes": self.person_limit_bytes,
            "attachment_url_lifetime_s": self.attachment_url_lifetime_s,
            "faults": [
                {"route": fault.route, "times": fault.times, "do": fault.do}
                for fault in self.faults
            ],
            "rate_limits": self.rate_limits,
            "answer_within_s": self.answer_within_s,
            "token_lifetime_s": self.token_lifetime_s,
            "old_edit_after_s": self.old_edit_after_s,
            "closed_dms": self.closed_dms,
        }


def read_faults(form: Form, routes: frozenset[str]) -> list[Fault]:
    """Read the knob ``faults``; a route that is not served would never meet its fault."""
    found: list[Fault] = []
    for entry in form.forms("faults", most=MAX_FAULTS):
        route = entry.text("route", most=200, required=True)
        times = entry.whole("times", least=1, most=1_000_000)
        do = entry.text("do", most=40, required=True)
        if do is not None and not _is_deed(do):
            entry.fail(
                "do",
                "BASE_TYPE_CHOICES",
                "There is no such trouble; docs/playground.md lists them.",
            )
        elif route is not None and route not in routes:
            entry.fail("route", "BASE_TYPE_CHOICES", "There is no such route.")
        elif route is not None and do is not None:
            found.append(Fault(route, times or 1, do))
    return found


def read_bot_permissions(form: Form) -> dict[str, list[str]]:
    """Read the knob ``bot_permissions``: names of permissions by channel id."""
    denied = form.form("bot_permissions")
    found: dict[str, list[str]] = {}
    for channel_id in denied.value if denied else ():
        assert denied is not None  # noqa: S101  # the loop has entries only where there is a form
        names = denied.texts(channel_id, most=100, longest=60)
        unknown = [name for name in names if name not in Permission.__members__]
        for name in unknown:
            denied.fail(channel_id, "BASE_TYPE_CHOICES", f"{name} is no permission.")
        if not unknown:
            found[channel_id] = names
    return found


def _is_deed(do: str) -> bool:
    match do.split(" "):
        case ["lost_answer"] | ["hang"] | ["ban"]:
            return True
        case ["status", code]:
            return code in {str(status) for status in range(400, 600)}
        case ["error", status, code]:
            return status in {str(each) for each in range(400, 500)} and code.isdecimal()
        case ["rate_limit" | "global_limit", wait]:
            try:
                return 0 < float(wait) <= MAX_WAIT_S
            except ValueError:
                return False
        case _:
            return False


def faults_of(value: Json) -> tuple[Form, Faults]:
    """Open a body of knobs for reading."""
    faults = Faults()
    return Form(value, faults), faults
