"""Why one more video would be made, or would not: every limit that names a member, and its part."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.quota import applicable_rules, is_spared, judged, need_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.cost import Cost
    from bot.domain.money import Money, Rates
    from bot.domain.quota import Grant, Standing, Verdict


class Part(StrEnum):
    """What a limit has to say about one more video."""

    PASSES = "passes"
    REFUSES = "refuses"
    DECIDES = "decides"  # of those that refuse, the one that is told
    SPARED = "spared"  # a grant is spent instead
    SUPERSEDED = "superseded"  # another role of the member's is more generous


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedLimit:
    """One limit that names the member.

    Attributes:
        standing: How it stands.
        part: What it has to say.
        need: What the video would take of it; None where nobody knows.
    """

    standing: Standing
    part: Part
    need: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Every limit that names a member, and what would come of one more video.

    Attributes:
        limits: All of them, also those that do not apply.
        grants: The member's, with something left.
        verdict: What would come of it.
        price: The most that it may cost; None where nobody knows.
        time_zone: Where the server's calendar is kept.
    """

    limits: tuple[ExplainedLimit, ...]
    grants: tuple[Grant, ...]
    verdict: Verdict
    price: Money | None
    time_zone: str


def explained(  # everything that decides, and nothing else
    standings: Sequence[Standing],
    grants: Sequence[Grant],
    cost: Cost,
    *,
    rates: Rates,
    at: datetime,
    time_zone: str,
) -> Explanation:
    """What would come of one more video, and because of what.

    Args:
        standings: Of every rule that names the member, one of their roles, the server or the bot.
        grants: The member's.
        cost: What the video may cost.
        rates: To compare amounts in different currencies.
        at: Now.
        time_zone: Where the server's calendar is kept.
    """
    deciding = applicable_rules([standing.rule for standing in standings], rates)
    # In the order in which they are asked when it is made: of two that yield at the same time, the
    # first one is told.
    by_rule = {standing.rule: standing for standing in standings}
    applying = [by_rule[rule] for rule in deciding]
    verdict = judged(applying, grants, cost, rates, at)

    def part_of(standing: Standing) -> Part:
        if standing.rule not in deciding:
            return Part.SUPERSEDED
        if verdict.grant is not None and is_spared(standing.rule):
            return Part.SPARED
        if standing not in verdict.refusing:
            return Part.PASSES
        return Part.DECIDES if standing == verdict.deciding else Part.REFUSES

    return Explanation(
        limits=tuple(
            ExplainedLimit(
                standing=standing,
                part=part_of(standing),
                need=need_of(standing.rule, cost, rates),
            )
            for standing in standings
        ),
        grants=tuple(grants),
        verdict=verdict,
        price=cost.highest(rates),
        time_zone=time_zone,
    )
