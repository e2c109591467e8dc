"""A member's defaults: used where they leave something out and the model takes it; theirs alone."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.defaults import NO_DEFAULTS, Defaults
from bot.domain.errors import InvalidOptionError
from bot.services.defaults import MemberDefaults
from bot.services.options import Options
from tests.services.world import ALICE, BOB, GUILD

if TYPE_CHECKING:
    from tests.services.world import Process, World


def defaults_of(process: Process) -> MemberDefaults:
    return MemberDefaults(
        database=process.database, clock=process.world.clock, catalogues=process.catalogues
    )


async def filled(process: Process, options: Options, images: int = 0) -> Options:
    return await defaults_of(process).fill(options, images=images, user_id=ALICE, guild_id=GUILD)


async def test_what_is_left_out_is_as_the_member_wants_it_where_the_model_takes_it(
    world: World,
) -> None:
    async with world.process() as process:
        mine = defaults_of(process)
        wish = Options(prompt="A calm sea")
        assert await filled(process, wish) == wish
        await mine.change(ALICE, Defaults(size="1280x720", with_audio=True), guild_id=GUILD)
        kept = await mine.change(ALICE, Defaults(duration_s=10, style="anime"), guild_id=GUILD)
        assert kept == await mine.of(ALICE)
        assert kept == Defaults(size="1280x720", with_audio=True, duration_s=10, style="anime")
        assert await mine.of(BOB) == NO_DEFAULTS
        assert await filled(process, wish) == Options(
            prompt="A calm sea", size="1280x720", duration_s=10, with_audio=True
        )
        typed = Options(prompt="A calm sea", size="1024x1024", duration_s=5, with_audio=False)
        assert await filled(process, typed) == typed
        vidu = await filled(process, Options(prompt="A calm sea", model="viduq1-text"))
        assert (vidu.size, vidu.duration_s, vidu.style, vidu.with_audio) == (
            None,
            None,
            "anime",
            None,
        )
        job = await process.submit(await filled(process, wish))
        assert (job.request.size, job.request.with_audio) == ("1280x720", True)


async def test_a_model_of_ones_own_is_used_where_it_takes_what_was_typed(world: World) -> None:
    async with world.process() as process:
        mine = defaults_of(process)
        with pytest.raises(InvalidOptionError, match="this bot has"):
            await mine.change(ALICE, Defaults(model="sora"), guild_id=GUILD)
        await mine.change(ALICE, Defaults(model="Vidu Q1 text"), guild_id=GUILD)
        with pytest.raises(InvalidOptionError, match="Vidu Q1 text takes `1920x1080`"):
            await mine.change(ALICE, Defaults(size="1280x720"), guild_id=GUILD)
        with pytest.raises(InvalidOptionError, match="Vidu Q1 text makes no sound"):
            await mine.change(ALICE, Defaults(with_audio=True), guild_id=GUILD)
        assert await mine.of(ALICE) == Defaults(model="viduq1-text")
        wish = Options(prompt="A calm sea")
        assert (await filled(process, wish)).model == "viduq1-text"
        assert (await filled(process, wish, images=1)).model is None
        assert (await filled(process, Options(prompt="A sea", duration_s=10))).model is None
        assert await mine.clear(ALICE)
        assert not await mine.clear(ALICE)
        assert await filled(process, wish) == wish


async def test_all_shots_are_as_the_member_wants_them_where_they_may_start_from_anything(
    world: World,
) -> None:
    async with world.process() as process:
        mine, wish = defaults_of(process), Options(prompt="")
        fill = partial(mine.fill_shots, user_id=ALICE, guild_id=GUILD)
        assert await fill(wish) == wish
        await mine.change(ALICE, Defaults(size="1280x720", style="anime"), guild_id=GUILD)
        assert await fill(wish) == Options(prompt="", size="1280x720")
        typed = Options(prompt="", size="1024x1024", with_audio=False)
        assert await fill(typed) == typed
        await mine.clear(ALICE)
        await mine.change(ALICE, Defaults(model="viduq1-text", duration_s=5), guild_id=GUILD)
        assert await fill(wish) == Options(prompt="", duration_s=5), "it starts from no image"
        await mine.change(ALICE, Defaults(model="cogvideox-3"), guild_id=GUILD)
        assert await fill(wish) == Options(prompt="", model="cogvideox-3", duration_s=5)


async def test_defaults_are_handed_out_and_deleted_with_everything_else(world: World) -> None:
    async with world.process() as process:
        mine = defaults_of(process)
        for user_id in (ALICE, BOB):
            await mine.change(user_id, Defaults(size="1280x720", fps=60), guild_id=GUILD)
        assert (await process.privacy.kept(ALICE)).counts["defaults"] == 1
        async with process.privacy.exported(ALICE) as path:
            (entry,) = json.loads(path.read_text())["defaults"]
        assert (entry["size"], entry["fps"], entry["style"]) == ("1280x720", 60, None)
        assert await process.privacy.withdraw(ALICE) == []
        assert await mine.of(ALICE) == NO_DEFAULTS
        assert await mine.of(BOB) != NO_DEFAULTS
