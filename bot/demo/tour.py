"""``make demo ONCE=1``: a scripted visit that tells what it sees, and fails where it is not so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo import gateways, making, rules, turns

if TYPE_CHECKING:
    from bot.demo.stage import Stage


async def play(stage: Stage) -> None:
    """All steps, in order.

    Raises:
        TourError: A step did not do what it says.
    """
    await stage.enter()
    paid_before = len(await stage.paid())
    first = await making.words(stage)
    await making.frames(stage)
    await making.another_take(stage, first)
    await gateways.models(stage)
    await gateways.own_key(stage)
    await gateways.stand_in(stage)
    paid = await stage.paid()
    stage.must(len(paid) - paid_before == VIDEOS, "each video was paid for once")
    await turns.fair_turns(stage)
    await rules.blocked_word(stage)
    await rules.quota(stage, made=VIDEOS - TAKES_OF_OTHERS)
    await rules.budget(stage)


VIDEOS, TAKES_OF_OTHERS = 8, 1
