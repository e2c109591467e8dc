"""Several takes of a video at once: all or none, under one question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.confirmation import ConfirmationNeededError
from bot.domain.job import Job, Origin
from bot.domain.money import Money
from bot.domain.quota import QuotaRule, Scope
from bot.domain.takes import NotAllFitError
from bot.domain.windows import Window
from storage import quotas
from tests.services.world import ALICE, GUILD, asker, viewer

if TYPE_CHECKING:
    from tests.services.world import Process, World


async def take_several(process: Process, parent: Job, click: int) -> list[Job]:
    who = asker(origin=Origin.TAKES, origin_key=f"takes:{click}")
    return await process.submissions.take_several(parent.job_id, who, viewer=viewer())


async def jobs_of(process: Process) -> list[tuple[object, ...]]:
    return await process.database.read(
        lambda db: db.execute("SELECT job_id, parent_job_id, origin FROM job").fetchall()
    )


async def test_three_takes_are_under_one_check_of_the_limits(world: World) -> None:
    async with world.process() as process:
        parent = await process.submit()
        rule = QuotaRule(scope=Scope.SERVER, subject_id=GUILD, window=Window.DAY, limit=3)
        await process.database.write(
            lambda db: quotas.set_rule(db, GUILD, rule, set_by=9, at=world.clock.now())
        )
        with pytest.raises(NotAllFitError, match="room for 2 of 3 videos"):
            await take_several(process, parent, 1)
        assert len(await jobs_of(process)) == 1
        refused = await process.database.read(
            lambda db: db.execute("SELECT action FROM audit_entry").fetchall()
        )
        assert refused == [("refused_quota",)]
        more = QuotaRule(scope=Scope.SERVER, subject_id=GUILD, window=Window.DAY, limit=4)
        await process.database.write(
            lambda db: quotas.set_rule(db, GUILD, more, set_by=9, at=world.clock.now())
        )
        takes = await take_several(process, parent, 2)
        assert [take.request for take in takes] == [parent.request] * 3
        assert [take.place.status_message_id for take in takes] == [
            asker().place.status_message_id,
            None,
            None,
        ]


async def test_three_takes_are_asked_about_once_at_their_price_together(world: World) -> None:
    async with world.process() as process:
        parent = await process.submit()
        limit = Money(micros=500_000, currency="USD")  # more than one costs
        await process.policies.confirm_above(GUILD, limit, by=9)
        assert process.submissions.asks_about(parent.request, asker(), takes=3)
        assert not process.submissions.asks_about(parent.request, asker())
        with pytest.raises(ConfirmationNeededError) as needed:
            await take_several(process, parent, 1)
        assert "3 more takes of #1 will cost up to **USD 0.60** together." in str(needed.value)
        question = needed.value.confirmation.confirmation_id
        yes = [
            await process.confirmations.agree(
                question, asker(user_id=ALICE).visitor, viewer=viewer(user_id=ALICE)
            )
            for _ in range(2)
        ]
        assert yes[0] == yes[1]
        assert await jobs_of(process) == [
            (1, None, "command"),
            *((number, 1, "takes") for number in (2, 3, 4)),
        ]
