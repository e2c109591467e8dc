"""Members whom a server's moderators do not let make videos, for a time or for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.errors import MemberError
from bot.domain.language import _

if TYPE_CHECKING:
    from datetime import datetime

REASON_MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One member, kept from making videos on one server.

    Attributes:
        user_id: The member.
        blocked_by: The moderator.
        blocked_at: Since when.
        until: When it is over; None for one without an end.
        reason: As `canonical_reason` gives it; None where none was given.
    """

    user_id: int
    blocked_by: int
    blocked_at: datetime
    until: datetime | None
    reason: str | None


class BlockedMemberError(MemberError):
    """The member is blocked. Told in private.

    Attributes:
        block: Until when, and why.
    """

    def __init__(self, *, block: Block) -> None:
        self.block = block
        said = [
            _("The moderators of this server have blocked you from making videos here.")
            if block.until is None
            else _(
                "The moderators of this server have blocked you from making videos here until "
                "{when}."
            ).format(when=f"<t:{int(block.until.timestamp())}:f>")
        ]
        if block.reason is not None:
            said.append(_("Their reason: `{reason}`.").format(reason=block.reason))
        said.append(_("Nothing was started. Ask one of them if this is a mistake."))
        super().__init__(" ".join(said))


def canonical_reason(typed: str | None) -> str | None:
    """A reason on one line, which fits a code span; None for one without words."""
    line = " ".join((typed or "").replace("`", "'").split())
    return line[:REASON_MAX_CHARACTERS] or None
