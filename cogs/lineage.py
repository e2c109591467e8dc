"""From a video to the one that it is a take of, and to its takes: in private, press by press."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import discord

from cogs import texts, views
from cogs.answer import Answer
from cogs.delivery_texts import clip_line
from cogs.failures import told
from cogs.history import lineage
from cogs.sight import viewer_of

if TYPE_CHECKING:
    import re
    from typing import Any

    from bot.services.jobs import Standing
    from cogs.services import AnyInteraction

LINEAGE_ROW = 2


class LookButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"cogreel:look:(?P<job_id>[0-9]{1,18})",
):
    """Leads to another video of the line."""

    def __init__(self, job_id: int, emoji: str | None = None) -> None:
        super().__init__(
            discord.ui.Button(
                label=f"#{job_id}",
                emoji=emoji,
                custom_id=f"cogreel:look:{job_id}",
                row=LINEAGE_ROW,
            )
        )
        self.job_id = job_id

    @classmethod
    async def from_custom_id(
        cls, interaction: AnyInteraction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed. The id may be forged: services check who may know what."""
        del interaction, item
        return cls(int(match["job_id"]))

    async def callback(self, interaction: AnyInteraction) -> None:
        """Show that one in place of this one."""
        answer = Answer(interaction)
        async with told(answer):
            jobs = interaction.client.services.jobs
            standing = await jobs.seen_by(viewer_of(interaction), self.job_id)
            await answer.turn(*await status_with_takes(interaction, standing))


async def status_with_takes(
    interaction: AnyInteraction, standing: Standing
) -> tuple[str, discord.ui.View]:
    """What a person is told of a job in private, with its takes and the ways there."""
    services, job = interaction.client.services, standing.job
    takes = await services.keeping.history.takes_of(viewer_of(interaction), job.job_id)
    text = texts.status(standing, services.catalogues, services.clock.now())
    lines = [text + clip_line(job)]
    parts = lineage(job, takes)
    if parts:
        lines.append("-# " + " · ".join(parts))
    ways = [LookButton(take, "⬇️") for take in takes]
    if job.parent_job_id is not None:
        ways.insert(0, LookButton(job.parent_job_id, "⬆️"))
    return "\n".join(lines), views.joined(views.status_view(job), ways)
