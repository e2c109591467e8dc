"""An account in trouble: what opens and closes its gate, and what of that is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.account_pauses import pauses
from storage.notices import unsent

if TYPE_CHECKING:
    import pytest

    from tests.services.gateway import Gateway
    from tests.services.world import Process, World

FULL_DISK = """
CREATE TRIGGER full_disk BEFORE INSERT ON notice BEGIN SELECT RAISE(ABORT, 'no room'); END
"""


async def told_to_the_operator(process: Process) -> list[str]:
    return [notice.text for notice in await process.database.read(lambda db: unsent(db, 99))]


async def test_a_pause_that_could_not_be_written_down_at_once_is_told_all_the_same(
    world: World, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    await gateway.order("create", "error 429 1113", times=99)
    async with world.process() as process:
        await process.database.write(lambda db: db.execute(FULL_DISK))
        job = await process.submit()
        await process.scheduler.start()
        while "a step broke" not in caplog.text:
            await gateway.faults_left()  # each look is a call, so others go on
        await process.database.write(lambda db: db.execute("DROP TRIGGER full_disk"))
        while not await told_to_the_operator(process):
            pass
        await gateway.turn(faults=[])
        await process.delivered(job)
        began, over = await told_to_the_operator(process)
        assert "takes no videos" in began
        assert "takes videos again" in over
        assert await process.database.read(pauses) == {}
