"""The ledger at the start, and over a life with several accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.services.world import World


@pytest.mark.parametrize("is_tampered_with", [False, True])
async def test_balances_that_do_not_add_up_are_told_at_the_start(
    world: World, caplog: pytest.LogCaptureFixture, is_tampered_with: bool
) -> None:
    async with world.process() as process:
        await process.submit()
        if is_tampered_with:
            await process.database.write(
                lambda db: db.execute("UPDATE balance SET videos = 2 WHERE scope = 'bot'")
            )
    async with world.process() as process:
        await process.scheduler.start()
    told = [line for line in caplog.messages if "not what the ledger adds up to" in line]
    assert len(told) == is_tampered_with


async def test_a_video_that_was_made_costs_what_its_account_asked(
    world: World,
) -> None:
    async with world.process() as process:
        job = await process.submit()
        await process.scheduler.start()
        await process.delivered(job)
        rows = await process.database.read(
            lambda db: db.execute(
                "SELECT kind, micros, currency, account IS NOT NULL FROM ledger ORDER BY entry_id"
            ).fetchall()
        )
    assert rows == [
        ("reserve", 200_000, "USD", 0),
        ("release", -200_000, "USD", 0),
        ("settle", 200_000, "USD", 1),
    ]
