"""A server's own key: how its moderators bring it, what is kept of it, and a video made with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.job import JobState
from storage import own_accounts
from tests.services.gateway import SERVERS_KEY
from tests.services.world import GUILD

if TYPE_CHECKING:
    from bot.domain.job import Job
    from tests.services.gateway import Gateway
    from tests.services.world import Process

ANOTHER_GUILD = 2
MARA = 30
HOUR_S = 3600


async def bring(process: Process, key: str = SERVERS_KEY, guild_id: int = GUILD) -> None:
    await process.own_keys.bring(guild_id, "zai", key, by=MARA)


async def kept(process: Process) -> list[str]:
    return [row.name for row in await process.database.read(own_accounts.all_own_accounts)]


def own_live(process: Process) -> list[str]:
    return [name for name, live in process.accounts.items() if live.account.guild_id is not None]


async def rendering(process: Process, gateway: Gateway) -> Job:
    """A video that is being made with the server's own key."""
    await gateway.turn(render_delay_s=HOUR_S)
    await process.scheduler.start()
    job = await process.until(await process.submit(), JobState.RENDERING)
    assert job.account == (await kept(process))[-1]
    return job


async def let_renders_end(gateway: Gateway) -> None:
    await gateway.turn(render_delay_s=0, advance_s=2 * HOUR_S)
