"""What a limit would stop, tried before it is saved, is what it stops once it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import QuotaExceededError
from bot.domain.quota import Measure, QuotaRule, Scope
from bot.domain.windows import Window
from tests.services.world import ALICE, GUILD, viewer

if TYPE_CHECKING:
    from tests.services.world import Process, World

BOB, CAROL, DAN = ALICE + 1, ALICE + 2, ALICE + 3
MODERATOR = 9


def everyone(limit: int, measure: Measure, window: Window | None = None) -> QuotaRule:
    currency = "USD" if measure is Measure.MONEY else None
    return QuotaRule(
        scope=Scope.ROLE,
        subject_id=GUILD,
        limit=limit,
        measure=measure,
        window=window,
        currency=currency,
    )


def one(user_id: int, limit: int) -> QuotaRule:
    return QuotaRule(scope=Scope.MEMBER, subject_id=user_id, limit=limit, window=Window.DAY)


async def is_refused(process: Process, user_id: int) -> bool:
    try:
        await process.submit(user_id=user_id)
    except QuotaExceededError:
        return True
    return False


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (everyone(1, Measure.VIDEOS, Window.DAY), {ALICE}),
        (everyone(2, Measure.VIDEOS, Window.LAST_DAY), set[int]()),
        (everyone(200_000, Measure.MONEY, Window.MONTH), {ALICE}),
        (everyone(400_000, Measure.MONEY, Window.MONTH), set[int]()),
        (everyone(600, Measure.COOLDOWN), {ALICE, CAROL}),
        (everyone(60, Measure.COOLDOWN), set[int]()),
        (everyone(1, Measure.CONCURRENT), {ALICE, CAROL}),
        (one(ALICE, 1), {ALICE}),
        (one(BOB, 0), {BOB}),
        (one(CAROL, 0), set[int]()),
        (one(DAN, 0), {DAN}),
    ],
    ids=str,
)
async def test_a_trial_names_whom_the_limit_stops(
    world: World, rule: QuotaRule, expected: set[int]
) -> None:
    async with world.process() as process:
        await process.submit(user_id=ALICE)
        cancelled = await process.submit(user_id=BOB)
        await process.jobs.cancel(viewer(user_id=BOB), cancelled.job_id)
        await process.quotas.give(GUILD, user_id=CAROL, videos=9, days=2, given_by=MODERATOR)
        await process.submit(user_id=CAROL)
        world.clock.advance(300)
        trial = await process.quotas.try_rule(GUILD, rule)
        assert {user_id for user_id, _ in trial.stopped} == expected
        await process.quotas.set_rule(GUILD, rule, set_by=MODERATOR)
        members = (ALICE, BOB, CAROL, DAN)
        assert {each for each in members if await is_refused(process, each)} == expected
