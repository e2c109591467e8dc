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
EXPIRES_MAX_DIGITS = 11


class LinkVerdict(Enum):
    """What a link is worth."""

    WORKS = "works"
    EXPIRED = "expired"
    NOT_OURS = "not ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSigner:
    """Makes and checks links.

    Attributes:
        key: Signs them; whoever changes it ends all links.
        public_url: Where people reach the bot's own web server, without a slash at the end.
        lifetime: How long a link works.
    """

    key: bytes
    public_url: str
    lifetime: timedelta

    def link(self, job_id: int, artifact_id: str, *, now: datetime) -> ClipLink:
        """A link to the clip of a job, which is this file."""
        expires_s = int((now + self.lifetime).timestamp())
        signature = self._signature(job_id, artifact_id, str(expires_s))
        url = f"{self.public_url}{PATH}/{job_id}/{expires_s}/{signature}.mp4"
        return ClipLink(url, datetime.fromtimestamp(expires_s, UTC), is_own=True)

    def verdict(
        self, job_id: int, artifact_id: str, *, expires: str, signature: str, now: datetime
    ) -> LinkVerdict:
        """What a link is worth, by the parts of its path as they came."""
        if not (expires.isascii() and expires.isdecimal() and len(expires) <= EXPIRES_MAX_DIGITS):
            return LinkVerdict.NOT_OURS
        expected = self._signature(job_id, artifact_id, expires)
        if not hmac.compare_digest(signature.encode(errors="replace"), expected.encode()):
            return LinkVerdict.NOT_OURS
        return LinkVerdict.WORKS if int(expires) > now.timestamp() else LinkVerdict.EXPIRED

    def _signature(self, job_id: int, artifact_id: str, expires: str) -> str:
        message = f"cogreel clip\n{job_id}\n{artifact_id}\n{expires}".encode()
        digest = hmac.digest(self.key, message, hashlib.sha256)
        return urlsafe_b64encode(digest).decode().rstrip("=")
