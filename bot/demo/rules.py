"""The tour's fourth part: what moderators decide, and how they see why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.visit import make_video

if TYPE_CHECKING:
    from bot.demo.stage import Stage


async def blocked_word(stage: Stage) -> None:
    """A word that no prompt may have, seen through a disguise."""
    stage.title("A moderator blocks a word")
    stage.tell("Mara", "/moderate words add text:glitter")
    await stage.answer(stage.mara, "moderate words add", text="glitter")
    stage.tell("Alice", "/video create prompt:G1itter everywhere")
    await _must_be_refused(stage, "G1itter everywhere", "do not allow")


async def quota(stage: Stage, *, made: int) -> None:
    """A limit that is used up, why that is so, and a grant that helps.

    Args:
        stage: Where it is told.
        made: What Alice has made today.
    """
    stage.title("A moderator sets a quota, and it holds")
    stage.tell("Mara", f"/quota set videos:{made} per:day member:Alice")
    await stage.answer(stage.mara, "quota set", videos=made, per="day", member=stage.alice.id)
    stage.tell("Alice", "/video create prompt:One more, please")
    await _must_be_refused(stage, "One more, please", "used up")

    stage.title("A moderator asks why, and grants a video")
    stage.tell("Mara", "/quota explain member:Alice")
    why = await stage.answer(stage.mara, "quota explain", member=stage.alice.id)
    stage.must("This one decides" in why["content"], "the explanation names what decides")
    stage.tell("Mara", "/quota grant member:Alice videos:1")
    await stage.answer(stage.mara, "quota grant", member=stage.alice.id, videos=1)
    stage.tell("Alice", "/video create prompt:One more, please size:1280x720")
    granted = await make_video(
        stage.alice, stage.channel, prompt="One more, please", size="1280x720"
    )
    await stage.keep(granted, "10-granted.mp4")


async def budget(stage: Stage) -> None:
    """Money that is spent already."""
    stage.title("A server's budget stops hard")
    stage.tell("Mara", "/quota clear per:day member:Alice, then /budget set amount:1 USD per:day")
    await stage.answer(stage.mara, "quota clear", per="day", member=stage.alice.id)
    await stage.answer(stage.mara, "budget set", amount="1 USD", per="day")
    stage.tell("Alice", "/video create prompt:A very last one")
    await _must_be_refused(stage, "A very last one", "budget")


async def _must_be_refused(stage: Stage, prompt: str, words: str) -> None:
    before = len(await stage.paid())
    known = {message["id"] for message in await stage.alice.messages(stage.channel)}
    await stage.alice.command(stage.channel, "video create", prompt=prompt)
    refusal = await stage.alice.see(
        stage.channel,
        lambda message: message["id"] not in known and words in message["content"],
    )
    stage.hear(refusal, "  (only Alice sees this)")
    stage.must(refusal["ephemeral"], "the refusal is private")
    stage.must(len(await stage.paid()) == before, "nothing was paid for it")
