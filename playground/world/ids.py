"""Snowflakes: ids that carry their creation time, as Discord's do."""

from playground.clock import Clock

DISCORD_EPOCH_MS = 1_420_070_400_000
_TIME_SHIFT = 22
MAX_SNOWFLAKE = 2**63 - 1


class Snowflakes:
    """Gives ids that only grow, also when the clock goes back or thousands fall in one ms."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """Give a new id; its upper bits are the present millisecond."""
        at_ms = int(self._clock.now_s() * 1000)
        self._last = max(self._last + 1, (at_ms - DISCORD_EPOCH_MS) << _TIME_SHIFT)
        return str(self._last)


def made_at_ms(snowflake: str) -> int:
    """When an id was given, in milliseconds since 1970."""
    return (int(snowflake) >> _TIME_SHIFT) + DISCORD_EPOCH_MS


def is_snowflake(value: object) -> bool:
    """Whether a value from outside is an id: a string of ASCII digits below 2**63."""
    return (
        isinstance(value, str)
        and value.isascii()
        and value.isdigit()
        and len(value) <= len(str(MAX_SNOWFLAKE))
        and int(value) <= MAX_SNOWFLAKE
    )
