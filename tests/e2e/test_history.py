"""Members look through what they made: privately, page by page, whatever they look for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from playground.person import button
from tests.e2e.house import labels

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Nineteen more of Alice's, of which five failed: what she made in the course of a year.
MANY_MORE = """
WITH RECURSIVE number (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM number WHERE n < 20)
INSERT INTO job (job_id, state, state_at_ms, created_at_ms, guild_id, user_id, request, model,
    origin, channel_id, in_thread, reason, shown_state)
SELECT n, CASE n % 4 WHEN 0 THEN 'failed' ELSE 'cancelled' END, state_at_ms, created_at_ms,
    guild_id, user_id,
    replace(request, 'A paper boat', 'Kite ' || n), model, 'command', channel_id, 0,
    'render_failed', CASE n % 4 WHEN 0 THEN 'failed' ELSE 'cancelled' END
FROM number, job WHERE job_id = 1
"""


async def history(house: House, **options: object) -> Json:
    answer = await house.people.alice.command(house.lab, "video history", **options)
    message: Json = answer["message"]
    assert message["ephemeral"]
    return message


async def turned(house: House, page: Json, label: str) -> Json:
    interaction = await house.people.alice.click(page, button(page, label))
    assert interaction["answer"] == "update", interaction
    message: Json = interaction["message"]
    return message


def numbers(page: Json) -> list[int]:
    return [int(line.split("**#")[1].split("**")[0]) for line in page["content"].splitlines()]


async def test_one_s_videos_are_paged_through_and_sought(house: House) -> None:
    alice = house.people.alice
    empty = await history(house)
    assert empty["content"].startswith("You have not asked for a video here yet.")
    made = await house.video()
    place = f"{made.message['channel_id']}/{made.message['id']}"
    await house.stop_bot()
    await house.rows_written(MANY_MORE)
    await house.start_bot()

    page = await history(house)
    assert numbers(page) == [20, 19, 18, 17, 16, 15]
    assert labels(page) == ["Older"]
    page = await turned(house, page, "Older")
    assert numbers(page) == [14, 13, 12, 11, 10, 9]
    await house.restart_bot()  # the buttons carry all that they need
    page = await turned(house, page, "Older")
    page = await turned(house, page, "Older")
    assert numbers(page) == [2, 1]
    assert labels(page) == ["Newer"]
    mark, _, rest = page["content"].splitlines()[1].partition(" ")
    assert (mark, rest.startswith("**#1** <t:")) == ("✅", True)
    assert "· A paper boat on a quiet lake ·" in rest
    assert f"{place}>)" in rest
    page = await turned(house, page, "Newer")
    assert numbers(page) == [8, 7, 6, 5, 4, 3]

    assert numbers(await history(house, which="done")) == [1]
    found = await history(house, which="failed", words="KITE lake 1")
    assert numbers(found) == [19, 18, 17, 16, 15, 14]
    assert numbers(await turned(house, found, "Older")) == [13, 12, 11, 10]
    nothing = await history(house, which="open", words="kite")
    assert nothing["content"].startswith("No video of yours here is like that.")
    others = await house.people.bob.command(house.lab, "video history")
    assert others["message"]["content"].startswith("You have not asked for a video here yet.")

    take = await alice.click(made.message, button(made.message, "Again"))
    await house.reads(take["message"], "is done")
    newest, *_, first = (await history(house, which="done"))["content"].splitlines()
    assert newest.endswith("· take of #1")
    assert first.endswith("· made of it: #21")

    seen = (await alice.command(house.lab, "video status", job=1))["message"]
    assert seen["content"].endswith("\n-# made of it: #21")
    assert labels(seen) == ["#21"]
    seen = await turned(house, seen, "#21")
    assert "**Video #21** is done" in seen["content"]
    assert seen["content"].endswith("\n-# take of #1")
    await house.restart_bot()
    assert "**Video #1** is done" in (await turned(house, seen, "#1"))["content"]
