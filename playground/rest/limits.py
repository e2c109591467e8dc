"""Rate limits: a bucket for every route and its major parameters, and one for the whole bot."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from playground.clock import Clock

_DEFAULT = (50, 1.0)
_GLOBAL = (50, 1.0)  # documented: 50 requests a second, interactions excepted
_MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token")
_MANY = 4_096  # buckets, after which used-up ones are swept


@dataclass(slots=True)
class Bucket:
    """So many requests until a moment, then anew."""

    name: str
    limit: int
    window_s: float
    remaining: int
    resets_at_s: float

    def take(self, now_s: float) -> bool:
        """Use one request up; False if none is left."""
        if now_s >= self.resets_at_s:
            self.remaining, self.resets_at_s = self.limit, now_s + self.window_s
        if self.remaining == 0:
            return False
        self.remaining -= 1
        return True


class Limits:
    """All buckets of the bot."""

    # Discord publishes no numbers; these are of the size that people see. (requests, seconds)
    BY_ROUTE: ClassVar[dict[str, tuple[int, float]]] = {
        "POST /channels/{channel_id}/messages": (5, 5.0),
        "PATCH /channels/{channel_id}/messages/{message_id}": (5, 5.0),
        "DELETE /channels/{channel_id}/messages/{message_id}": (5, 1.0),
        "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me": (1, 0.25),
        "PATCH /channels/{channel_id}": (5, 15.0),
        "POST /webhooks/{webhook_id}/{webhook_token}": (5, 2.0),
        "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original": (5, 2.0),
        "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}": (5, 2.0),
    }

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, ...], Bucket] = {}
        self._sweep_at = _MANY
        self._global = Bucket("global", *_GLOBAL, 0, 0.0)

    @property
    def size(self) -> int:
        """How many buckets are remembered."""
        return len(self._buckets)

    def take_global(self) -> float:
        """Use one request of the whole bot's; give the seconds to wait, 0 if it may go."""
        now = self._clock.steady_s()
        return 0.0 if self._global.take(now) else self._global.resets_at_s - now

    def take(self, route: str, params: Mapping[str, str]) -> tuple[bool, Bucket]:
        """Use one request of a route's bucket; tell whether it may go."""
        key = (route, *(params.get(name, "") for name in _MAJOR))
        bucket = self._buckets.get(key)
        if bucket is None:
            limit, window_s = self.BY_ROUTE.get(route, _DEFAULT)
            name = hashlib.blake2s(route.encode(), digest_size=16).hexdigest()
            bucket = self._buckets[key] = Bucket(name, limit, window_s, 0, 0.0)
            self._sweep()
        return bucket.take(self._clock.steady_s()), bucket

    def headers(self, bucket: Bucket) -> dict[str, str]:
        """Give the headers that tell a client how it stands."""
        reset_after = max(0.0, bucket.resets_at_s - self._clock.steady_s())
        return {
            "X-RateLimit-Bucket": bucket.name,
            "X-RateLimit-Limit": str(bucket.limit),
            "X-RateLimit-Remaining": str(bucket.remaining),
            "X-RateLimit-Reset": f"{self._clock.now_s() + reset_after:.3f}",
            "X-RateLimit-Reset-After": f"{reset_after:.3f}",
        }

    def _sweep(self) -> None:
        if len(self._buckets) < self._sweep_at:
            return
        now = self._clock.steady_s()
        self._buckets = {
            key: bucket for key, bucket in self._buckets.items() if bucket.resets_at_s > now
        }
        self._sweep_at = max(_MANY, 2 * len(self._buckets))
