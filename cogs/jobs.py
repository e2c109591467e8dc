"""``/jobs``: the operator's. Held jobs are listed, and settled by a person's word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import NotAllowedError
from bot.domain.language import _
from cogs import choices, held_texts
from cogs.answer import Answer
from cogs.discord_errors import discord_errors_mapped
from cogs.failures import told
from cogs.listing import fitting_lines
from cogs.services import AnyInteraction, Interaction, ServiceBot

if TYPE_CHECKING:
    import re

TASK_ID_MAX_CHARACTERS = 100


async def is_operator(interaction: AnyInteraction) -> bool:
    """Whether somebody owns the bot's application at Discord, or is of the team that does.

    Raises:
        DeliveryError: Discord does not say who that is.
    """
    bot: ServiceBot = interaction.client
    with discord_errors_mapped():
        return await bot.is_owner(interaction.user)


async def check_operator(interaction: AnyInteraction) -> None:
    """Refuse anybody else.

    Raises:
        NotAllowedError: Somebody else's.
        DeliveryError: Discord does not say who that is.
    """
    if not await is_operator(interaction):
        raise NotAllowedError(
            action=_("look at held videos or settle them"),
            needed=_("the operator of this bot, who owns its application at Discord,"),
        )


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class Jobs(commands.GroupCog, group_name="jobs", group_description="The operator's: held videos."):
    """Discord shows it to those with Manage Server; the operator alone may use it."""

    def __init__(self, bot: ServiceBot) -> None:
        self._bot = bot

    @app_commands.command(name="list", description="Videos on hold, on all servers.")
    async def list_held(self, interaction: Interaction) -> None:
        """Say what is known of each, privately."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            await check_operator(interaction)
            services = interaction.client.services
            lines = [
                held_texts.line(job, services.catalogues) for job in await services.held_jobs.all()
            ]
            text = fitting_lines(lines, held_texts.MORE_ARE_HELD) or held_texts.NONE_HELD
            await answer.tell(text)

    @app_commands.command(description="Settle a video that is on hold.")
    @app_commands.describe(
        job="Its number.",
        how="What the gateway's console says of its request: paid for, or not; or ask once more.",
        task="The gateway's id of its task, where it was paid for: then its clip is fetched.",
    )
    async def settle(
        self,
        interaction: Interaction,
        job: int,
        how: Literal["paid", "unpaid", "retry"],
        task: app_commands.Range[str, 1, TASK_ID_MAX_CHARACTERS] | None = None,
    ) -> None:
        """Settle it, or show what is known before it is asked for once more."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            await check_operator(interaction)
            services, by = interaction.client.services, interaction.user.id
            match how:
                case "retry":
                    found = await services.held_jobs.find(job)
                    text = held_texts.before_retry(found, services.catalogues)
                    await answer.tell(text, view=_retry_view(found.job_id, found.attempt))
                case "unpaid":
                    await answer.tell(
                        held_texts.ended_unpaid(await services.held_jobs.unpaid(job, by=by))
                    )
                case "paid" if task is not None:
                    await answer.tell(
                        held_texts.adopted(await services.held_jobs.adopt(job, task, by=by))
                    )
                case "paid":
                    await answer.tell(
                        held_texts.ended_paid(await services.held_jobs.paid(job, by=by))
                    )

    @settle.autocomplete("job")
    async def _held(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[int]]:
        if not await is_operator(interaction):
            return []
        return choices.jobs(await interaction.client.services.held_jobs.all(), typed)


class RetryButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"cogreel:retry:(?P<job_id>[0-9]{1,18}):(?P<attempt>[0-9]{1,9})",
):
    """The operator's word that a paid call may be made once more. It is good for one attempt."""

    def __init__(self, job_id: int, attempt: int) -> None:
        super().__init__(
            discord.ui.Button(
                label="Ask for it once more",
                style=discord.ButtonStyle.danger,
                custom_id=f"cogreel:retry:{job_id}:{attempt}",
            )
        )
        self._job_id, self._attempt = job_id, attempt

    @classmethod
    async def from_custom_id(
        cls, interaction: AnyInteraction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed."""
        del interaction, item
        return cls(int(match["job_id"]), int(match["attempt"]))

    async def callback(self, interaction: AnyInteraction) -> None:
        """Let it wait for its turn again."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            await check_operator(interaction)
            services = interaction.client.services
            job = await services.held_jobs.begin_anew(
                self._job_id, attempt=self._attempt, by=interaction.user.id
            )
            await answer.tell(held_texts.begun_anew(job))


def _retry_view(job_id: int, attempt: int) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(RetryButton(job_id, attempt))
    return view
