"""A server's own key is kept sealed: what opens it, and what becomes of one that nothing opens."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.domain.job import JobState
from bot.domain.own_key import OwnKeysOffError
from bot.services.sealing import Sealer, new_secrets_key
from tests.services.gateway import OPERATORS_KEY, SERVERS_KEY
from tests.services.own_keys import ANOTHER_GUILD, MARA, bring, kept, let_renders_end, rendering
from tests.services.world import GUILD

if TYPE_CHECKING:
    from tests.services.gateway import Gateway
    from tests.services.world import World


async def test_a_key_is_in_use_again_after_a_restart(world: World, gateway: Gateway) -> None:
    async with world.process() as process:
        await bring(process)
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(await process.submit())
    assert await gateway.payers() == [SERVERS_KEY]


async def test_a_server_whose_key_cannot_be_opened_has_the_operators_accounts(
    world: World, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.process() as process:
        await bring(process)
        under_way = await rendering(process, gateway)
    await let_renders_end(gateway)
    right, world.sealer = world.sealer, Sealer(SecretStr(new_secrets_key()))
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(await process.submit())
        assert (await process.job(under_way.job_id)).state is JobState.RENDERING, "it waits"
        state = await process.own_keys.state(GUILD)
        assert state is not None
        assert not state.is_opened
    assert await gateway.payers() == [SERVERS_KEY, OPERATORS_KEY]
    told = [record.getMessage() for record in caplog.records]
    assert any("server 1's own key cannot be opened" in line for line in told)
    assert SERVERS_KEY not in caplog.text
    world.sealer = right
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(under_way)


async def test_a_key_that_is_given_again_takes_the_place_of_one_that_cannot_be_opened(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        await bring(process)
    world.sealer = Sealer(SecretStr(new_secrets_key()))
    async with world.process() as process:
        await bring(process)
        await process.scheduler.start()
        await process.delivered(await process.submit())
        assert len(await kept(process)) == 1
    assert await gateway.payers() == [SERVERS_KEY]


async def test_a_seal_that_is_moved_to_another_server_opens_nothing(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        await bring(process)
        await process.database.write(
            lambda db: db.execute("UPDATE own_account SET guild_id = ?", (ANOTHER_GUILD,))
        )
    async with world.process() as process:
        state = await process.own_keys.state(ANOTHER_GUILD)
        assert state is not None
        assert not state.is_opened
        await process.scheduler.start()
        await process.delivered(await process.submit(guild_id=ANOTHER_GUILD))
    assert await gateway.payers() == [OPERATORS_KEY]


async def test_a_start_seals_anew_with_the_first_secrets_key(world: World) -> None:
    old, new = new_secrets_key(), new_secrets_key()
    for keys in (old, f"{new},{old}", new):
        world.sealer = Sealer(SecretStr(keys))
        async with world.process() as process:
            if keys == old:
                await bring(process)
            state = await process.own_keys.state(GUILD)
            assert state is not None
            assert state.is_opened


async def test_without_a_secrets_key_no_server_can_bring_one(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.process() as process:
        await bring(process)
    world.sealer = None
    async with world.process() as process:
        with pytest.raises(OwnKeysOffError, match="COGREEL_SECRETS_KEY"):
            process.own_keys.check_possible()
        with pytest.raises(OwnKeysOffError):
            await bring(process)
        state = await process.own_keys.state(GUILD)
        assert state is not None
        assert not state.is_opened
        assert await process.own_keys.remove(GUILD, by=MARA), "taking away needs no secrets key"
        assert await kept(process) == []
    assert [r.levelno for r in caplog.records if "cannot be opened" in r.getMessage()] == [
        logging.ERROR
    ]
