"""A server's own looks: held to its words, bounded, on record, and its own alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.looks import LOOKS, LOOKS_MAX, TooManyLooksError, UnknownLookError
from bot.domain.words import WordKind, WordRule
from bot.services.guild_looks import GuildLooks
from bot.services.words import BlockedWordsError
from tests.services.world import GUILD

if TYPE_CHECKING:
    from tests.services.world import World

MODERATOR = 9
NOIR = replace(LOOKS[0], name="noir", style="Film noir")


async def test_it_is_held_to_the_servers_words_bounded_on_record_and_its_own_alone(
    world: World,
) -> None:
    async with world.process() as process:
        looks = GuildLooks(database=process.database, clock=world.clock, words=process.words)
        await looks.add(GUILD, NOIR, by=MODERATOR)
        await looks.add(GUILD, replace(NOIR, style="Noir"), by=MODERATOR)
        assert (await looks.named(GUILD, "noir")).style == "Noir"
        with pytest.raises(UnknownLookError):
            await looks.named(2, "noir")
        rule = WordRule(kind=WordKind.WORD, text="glitter")
        await process.words.add(GUILD, rule, added_by=MODERATOR)
        with pytest.raises(BlockedWordsError):
            await looks.add(GUILD, replace(NOIR, style="G1itter"), by=MODERATOR)
        for number in range(LOOKS_MAX - 1):
            await looks.add(GUILD, replace(NOIR, name=f"noir-{number}"), by=MODERATOR)
        with pytest.raises(TooManyLooksError):
            await looks.add(GUILD, replace(NOIR, name="one-more"), by=MODERATOR)
        assert await looks.remove(GUILD, " Noir ", by=MODERATOR) == "noir"
        with pytest.raises(UnknownLookError):
            await looks.remove(GUILD, "photo", by=MODERATOR)
        acts = await process.database.read(
            lambda db: db.execute("SELECT action, count(*) FROM audit_entry GROUP BY 1").fetchall()
        )
        assert dict(acts) == {"look_added": 16, "look_removed": 1, "word_blocked": 1}
