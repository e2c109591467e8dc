"""The tour's third part: what moderators decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.demo.stage import Stage


async def quota(stage: Stage, *, made: int) -> None:
    """A limit that is used up; ``made`` is what Alice has made today."""
    stage.title("A moderator sets a quota, and it holds")
    stage.tell("Mara", f"/quota set videos:{made} per:day member:Alice")
    await stage.answer(stage.mara, "quota set", videos=made, per="day", member=stage.alice.id)
    stage.tell("Alice", "/video create prompt:One more, please")
    before = len(await stage.paid())
    await stage.alice.command(stage.channel, "video create", prompt="One more, please")
    refusal = await stage.alice.see(stage.channel, lambda message: "used up" in message["content"])
    stage.hear(refusal, "  (only Alice sees this)")
    stage.must(refusal["ephemeral"], "the refusal is private")
    stage.must(len(await stage.paid()) == before, "nothing was paid for it")
