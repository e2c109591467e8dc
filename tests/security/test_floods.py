"""Somebody who presses, reacts and asks without end."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from cogs.crowd import MINUTE_S, REMEMBERED_MAX, SERVED_AT_ONCE, TOLD_PER_MINUTE, Crowd
from playground.person import button
from tests.e2e.house import WISH
from tests.security.changed_client import planted, used

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

FLOOD = 200
NOW = datetime(2026, 1, 1, tzinfo=UTC)
VIDEOS = 5_000


async def test_one_persons_reactions_are_served_a_few_at_once_and_nobody_elses_wait() -> None:
    crowd = Crowd()
    with ExitStack() as serving:
        served = [serving.enter_context(crowd.served(1)) for _ in range(SERVED_AT_ONCE + 1)]
        assert served == [True] * SERVED_AT_ONCE + [False]
        assert serving.enter_context(crowd.served(2))
    with crowd.served(1) as is_served:
        assert is_served
    assert crowd.people == 0


async def test_who_is_remembered_for_what_they_were_told_is_bounded() -> None:
    crowd = Crowd()
    told = [crowd.may_be_told(1, at=NOW) for _ in range(TOLD_PER_MINUTE + 2)]
    assert told == [True] * TOLD_PER_MINUTE + [False] * 2
    assert crowd.may_be_told(1, at=NOW + timedelta(seconds=MINUTE_S))
    for other in range(2, 2 * REMEMBERED_MAX):
        assert crowd.may_be_told(other, at=NOW)
    assert crowd.people == REMEMBERED_MAX


def works() -> list[str]:
    """What is being done, but for connections of the playground's that are kept open."""
    tasks = [str(task.get_coro()) for task in asyncio.all_tasks()]
    return [task for task in tasks if "RequestHandler" not in task]


async def test_a_flood_of_presses_is_answered_each_and_starts_no_more_than_allowed(
    house: House,
) -> None:
    alice, bob = house.people.alice, house.people.bob
    video = await house.video()
    house.hold_renders()
    before = len(works())
    again = button(video.message, "Again")
    flood = [await used(house, alice, video.message, again) for _ in range(FLOOD)]
    # In the middle of it somebody else is answered in time, and is next in turn.
    asked = await bob.command(house.lab, "video create", **WISH)
    assert asked["error"] is None
    async with asyncio.timeout(20):
        for press in flood:
            await press.answered.wait()
    assert not [press for press in flood if press.dead]
    # Each was answered before anything was written down for it: what follows has to end as well.
    async with asyncio.timeout(10):
        while len(works()) > before + 5:
            await bob.command(house.lab, "video queue")
    takes = await house.rows("SELECT user_id FROM job WHERE parent_job_id = 1")
    assert takes == [(int(alice.id),)]


async def test_a_flood_of_reactions_makes_one_take_and_no_flood_of_messages(house: House) -> None:
    alice, bob = house.people.alice, house.people.bob
    video = await house.video()
    house.hold_renders()
    for _ in range(20):
        await alice.react(video.message, "🔁")
        await alice.unreact(video.message, "🔁")
    await bob.react(video.message, "🔁")
    await house.says(video.message["channel_id"], f"for <@{bob.id}>, another take of #1")
    await house.direct(alice, "being made")
    direct = house.playground.world.dm_with(alice.id).messages
    assert 1 <= len(direct) <= TOLD_PER_MINUTE
    rows = await house.rows("SELECT user_id FROM job WHERE parent_job_id = 1 ORDER BY job_id")
    assert rows == [(int(alice.id),), (int(bob.id),)]


async def test_controls_of_videos_that_never_were_are_answered_in_any_number(house: House) -> None:
    chen = house.people.chen
    numbers = [f"cogreel:again:{number}" for number in range(10**17, 10**17 + 5)]
    stage = [await planted(house, house.lab, each) for each in numbers]
    async with house.nothing_happens():
        flood = [
            await used(house, chen, message, custom_id)
            for _ in range(FLOOD // len(numbers))
            for message, custom_id in zip(stage, numbers, strict=True)
        ]
        async with asyncio.timeout(20):
            for press in flood:
                await press.answered.wait()
        assert not [press for press in flood if press.dead]


async def with_thousands_of_videos(house: House) -> None:
    """Alice's only video, again and again."""
    columns = [name for (name,) in await house.rows("SELECT name FROM pragma_table_info('job')")]
    own = {"job_id": "n.n + 1", "request_id": "'made-up-request-' || n.n"}
    own |= {name: "NULL" for name in columns if name.endswith("message_id") or name == "thread_id"}
    own |= {"result_message_id": "n.n", "provider_task_id": "'task-' || n.n"}
    own |= {"origin_key": "NULL"}
    values = ", ".join(own.get(name, f"job.{name}") for name in columns)
    await house.rows_written(
        f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {VIDEOS}) "  # noqa: S608  # of the schema itself
        f"INSERT INTO job ({', '.join(columns)}) SELECT {values} FROM job, n WHERE job.job_id = 1"
    )


async def test_a_member_with_thousands_of_videos_is_answered_in_time_and_at_bounded_length(
    house: House,
) -> None:
    alice = house.people.alice
    await house.video()
    await with_thousands_of_videos(house)
    for command in ("video queue", "video status", "privacy show", "quota show"):
        answer: Json = await alice.command(house.lab, command)
        assert answer["error"] is None, command
        assert len(answer["message"]["content"]) <= 2000
    for command in ("video status", "video cancel", "video sooner"):
        found = await alice.autocomplete(house.lab, command, "job", job=0)
        assert len(found) <= 25
    answer = await alice.command(house.lab, "privacy export")
    assert answer["error"] is None
    told = await house.told(alice, "Everything I keep about you")
    (file,) = told["attachments"]
    assert file["size"] > VIDEOS * 100
