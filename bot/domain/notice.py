"""What the operator is told, once each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that only the operator can mend, or that it is mended.

    Attributes:
        notice_id: In the order in which they were added.
        text: Whole sentences, with the next step.
        added_at: When it became so, aware UTC.
        tried_at: When it was first about to be posted; None before. Since then it may be posted.
    """

    notice_id: int
    text: str
    added_at: datetime
    tried_at: datetime | None
