"""Signed links to clips: whoever has one may see that clip until it expires, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from bot.domain.delivery import ClipLink

PATH = "/clips"
NUMBER_MAX_DIGITS = 18


class LinkVerdict(Enum):
    """What a link is worth."""

    WORKS = "works"
    EXPIRED = "expired"
    NOT_OURS = "not ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSigner:
    """Makes and checks links.

    Attributes:
        key: Signs them, and stays where it is; another one ends all links.
        public_url: Where people reach the bot's own web server, without a slash at the end.
        lifetime: How long a link works.
    """

    key: bytes
    public_url: str
    lifetime: timedelta

    def link(self, job_id: int, *, now: datetime) -> ClipLink:
        """A link to the clip of a job."""
        expires_s = int((now + self.lifetime).timestamp())
        signature = self._signature(str(job_id), str(expires_s))
        url = f"{self.public_url}{PATH}/{job_id}/{expires_s}/{signature}.mp4"
        return ClipLink(url, datetime.fromtimestamp(expires_s, UTC), is_own=True)

    def verdict(self, *, job_id: str, expires: str, signature: str, now: datetime) -> LinkVerdict:
        """What a link is worth, by the parts of its path as they came."""
        for number in (job_id, expires):
            if not (number.isascii() and number.isdecimal() and len(number) <= NUMBER_MAX_DIGITS):
                return LinkVerdict.NOT_OURS
        expected = self._signature(job_id, expires).encode()
        if not hmac.compare_digest(signature.encode(errors="replace"), expected):
            return LinkVerdict.NOT_OURS
        return LinkVerdict.WORKS if int(expires) > now.timestamp() else LinkVerdict.EXPIRED

    def _signature(self, job_id: str, expires: str) -> str:
        digest = hmac.digest(
            self.key, f"cogreel clip\n{job_id}\n{expires}".encode(), hashlib.sha256
        )
        return urlsafe_b64encode(digest).decode().rstrip("=")

    def __repr__(self) -> str:
        """Without the key."""
        return f"LinkSigner({self.public_url!r})"
