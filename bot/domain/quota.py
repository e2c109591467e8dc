"""Limits on videos per member, role and server, and the windows that they count in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.domain.errors import QuotaExceededError


class Window(StrEnum):
    """The span that a limit counts in. Windows start at midnight UTC; a week on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Scope(StrEnum):
    """Whom a limit is for."""

    MEMBER = "member"
    ROLE = "role"
    SERVER = "server"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRule:
    """A limit that the moderators set.

    A role's limit holds for each member with the role, not for all of them together.
    A server's limit is one pool for everybody.

    Attributes:
        scope: Whom it is for.
        subject_id: The member's, role's or server's id.
        window: The span it counts in.
        limit: Videos in one window, from 0.
    """

    scope: Scope
    subject_id: int
    window: Window
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One limit that applies, and how much of it is used.

    Attributes:
        rule: The limit.
        used: Videos reserved or settled in the current window.
        resets_at: When the window ends, aware UTC.
    """

    rule: QuotaRule
    used: int
    resets_at: datetime

    @property
    def remaining(self) -> int:
        """Videos left in this window, from 0."""
        return max(0, self.rule.limit - self.used)


def window_bounds(window: Window, at: datetime) -> tuple[datetime, datetime]:
    """Start (inclusive) and end (exclusive) of the window that holds ``at``, aware UTC."""
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match window:
        case Window.DAY:
            return midnight, midnight + timedelta(days=1)
        case Window.WEEK:
            start = midnight - timedelta(days=midnight.weekday())
            return start, start + timedelta(weeks=1)
        case Window.MONTH:
            start = midnight.replace(day=1)
            # 32 days after the first is always in the next month.
            return start, (start + timedelta(days=32)).replace(day=1)


def applicable_rules(rules: list[QuotaRule]) -> list[QuotaRule]:
    """Of all rules that name the member, their roles or the server, those that decide.

    In each window the most generous of the member's roles is the one that counts;
    the member's own and the server's always do.
    """
    deciding = [rule for rule in rules if rule.scope is not Scope.ROLE]
    for window in Window:
        of_roles = [r for r in rules if r.scope is Scope.ROLE and r.window is window]
        if of_roles:
            deciding.append(max(of_roles, key=lambda rule: rule.limit))
    return deciding


def check_standings(standings: list[Standing]) -> None:
    """Let one more video pass every limit, or none.

    Raises:
        QuotaExceededError: Of the limits that are used up, the one that resets last:
            waiting for an earlier one would only meet the next refusal.
    """
    used_up = [standing for standing in standings if standing.remaining == 0]
    if not used_up:
        return
    worst = max(used_up, key=lambda standing: standing.resets_at)
    raise QuotaExceededError(
        scope=worst.rule.scope,
        subject_id=worst.rule.subject_id,
        limit=worst.rule.limit,
        used=worst.used,
        window=worst.rule.window,
        resets_at=worst.resets_at,
    )
