"""A file as an object store answers for it: whole, or the range that was asked for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import web


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file's bytes, and what the store says of them.

    Attributes:
        content: All of it.
        content_type: Its media type.
        etag: Strong, in its quotes.
        modified: As an HTTP date.
    """

    content: bytes
    content_type: str
    etag: str
    modified: str

    @classmethod
    def read(cls, path: Path, content_type: str) -> StoredFile:
        """Read it; blocks."""
        content = path.read_bytes()
        return cls(
            content,
            content_type,
            f'"{hashlib.sha256(content).hexdigest()[:32]}"',
            format_datetime(datetime.fromtimestamp(int(path.stat().st_mtime), UTC), usegmt=True),
        )

    def answer(
        self, request: web.Request, *, answers_ranges: bool
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for a GET.

        One range is answered, if ``If-Range`` names this very file; several, and what is no range,
        are as if none was asked for.
        """
        headers = {
            "Content-Type": self.content_type,
            "ETag": self.etag,
            "Last-Modified": self.modified,
        }
        if not answers_ranges:
            return 200, headers, self.content
        headers["Accept-Ranges"] = "bytes"
        asked, size_bytes = self._asked(request), len(self.content)
        if asked is None:
            return 200, headers, self.content
        start, end, _ = asked.indices(size_bytes)
        if start >= end:
            return 416, {**headers, "Content-Range": f"bytes */{size_bytes}"}, b""
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size_bytes}"
        return 206, headers, self.content[start:end]

    def _asked(self, request: web.Request) -> slice | None:
        if "Range" not in request.headers:
            return None
        if request.headers.get("If-Range") not in (None, self.etag, self.modified):
            return None
        try:
            return request.http_range
        except ValueError:
            return None
