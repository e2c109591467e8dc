"""Which file a host is sending, told so surely that a broken download may go on with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL

# A date is to the second: a file changed twice in one would keep it. RFC 9110, section 8.8.2.2, so
# wants it older than the answer, and by more than two clocks may differ.
_SETTLED_AFTER = timedelta(seconds=60)
_STRONG_ETAG = re.compile(r'"[!#-~]+"')
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})", re.IGNORECASE)
_PARTIAL_CONTENT = 206


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One file, told from any other that its host may put in its place.

    Attributes:
        url: Where it came from, after redirects; elsewhere its validator means nothing.
        validator_header: ``ETag`` or ``Last-Modified``.
        validator: What the host said there.
        size_bytes: Of the whole file.
    """

    url: URL
    validator_header: str
    validator: str
    size_bytes: int

    @classmethod
    def of(cls, response: aiohttp.ClientResponse) -> Self | None:
        """What an answer with a whole file says of it; None if that is not enough to go on with.

        It takes a length, a strong validator (RFC 9110, section 13.1.5), and a host that does not
        rule ranges out.
        """
        headers, size_bytes = response.headers, response.content_length
        if size_bytes is None or headers.get("Accept-Ranges", "").lower() == "none":
            return None
        if "ETag" in headers:  # a weak one rules the date out as well
            strong = _STRONG_ETAG.fullmatch(headers["ETag"]) is not None
            header = "ETag"
        else:
            strong = _is_settled(headers.get("Last-Modified", ""), headers.get("Date", ""))
            header = "Last-Modified"
        return cls(response.url, header, headers[header], size_bytes) if strong else None

    def rest_headers(self, start_bytes: int) -> dict[str, str]:
        """What to ask with for everything from an offset on, if it still is this file."""
        return {"Range": f"bytes={start_bytes}-", "If-Range": self.validator}

    def is_rest(self, response: aiohttp.ClientResponse, start_bytes: int) -> bool:
        """Whether an answer is exactly that, and says so at every place where it must.

        Some hosts answer a range whatever ``If-Range`` says: the validator has to come back.
        """
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        return (
            response.status == _PARTIAL_CONTENT
            and not response.content_type.startswith("multipart/")
            and found is not None
            and tuple(map(int, found.groups()))
            == (start_bytes, self.size_bytes - 1, self.size_bytes)
            and response.content_length == self.size_bytes - start_bytes
            and response.headers.get(self.validator_header) == self.validator
        )


def _is_settled(modified: str, answered: str) -> bool:
    changed_at, answered_at = _instant(modified), _instant(answered)
    return (
        changed_at is not None
        and answered_at is not None
        and answered_at - changed_at >= _SETTLED_AFTER
    )


def _instant(text: str) -> datetime | None:
    if not text.endswith(" GMT"):
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
