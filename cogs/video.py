"""``/video``: create, queue, status, cancel."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.capability import normalised_size
from bot.domain.errors import InvalidOptionError
from bot.domain.job import Job, JobState, Origin
from bot.services.intake import Attachment
from bot.services.submissions import Options
from cogs import texts, views
from cogs.answer import Answer
from cogs.asking import asker_of, submit_in_public
from cogs.failures import told
from cogs.services import Interaction, ServiceBot
from cogs.sight import viewer_of

CHOICES_MAX = 25  # Discord's, for an autocomplete
LISTED_MAX = 20  # lines of a listing: more are not read
LISTING_MAX_CHARACTERS = 2000  # Discord's, for a message


@app_commands.guild_only()
class Video(commands.GroupCog, group_name="video", group_description="Make videos with AI."):
    """What members do."""

    def __init__(self, bot: ServiceBot) -> None:
        self._bot = bot

    @app_commands.command(
        description="Make a video from words, an image, or a first and a last image."
    )
    @app_commands.describe(
        prompt="What happens in the video.",
        image="The first frame.",
        last_image="The last frame; needs a first one.",
        size="Width x height in pixels.",
        duration="Length in seconds.",
        quality="Faster, or better.",
        fps="Frames per second.",
        audio="Whether the model adds sound.",
    )
    async def create(  # noqa: PLR0913, PLR0917  # a slash command's options are its arguments
        self,
        interaction: Interaction,
        prompt: str,
        image: discord.Attachment | None = None,
        last_image: discord.Attachment | None = None,
        size: str | None = None,
        duration: int | None = None,
        quality: str | None = None,
        fps: int | None = None,
        audio: bool = False,  # noqa: FBT001, FBT002  # Discord passes it by name
    ) -> None:
        """Check what can be checked for free, answer, then enqueue."""
        answer = Answer(interaction)
        async with told(answer):
            submissions = interaction.client.services.submissions
            options = Options(
                prompt=prompt,
                size=size,
                duration_s=duration,
                quality=quality,
                fps=fps,
                with_audio=audio,
            )
            attachments = _attachments(image, last_image)
            submissions.check(options, attachments)
            await submit_in_public(
                interaction,
                answer,
                lambda: submissions.submit(
                    options, attachments, asker_of(interaction, answer, Origin.COMMAND)
                ),
            )

    @create.autocomplete("size")
    async def _sizes(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        sizes = interaction.client.services.capability.sizes
        return _choices([size for size in sizes if normalised_size(typed) in size])

    @create.autocomplete("quality")
    async def _qualities(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        qualities = interaction.client.services.capability.qualities
        return _choices([quality for quality in qualities if typed.lower() in quality])

    @create.autocomplete("duration")
    async def _durations(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[int]]:
        durations = interaction.client.services.capability.durations_s
        return [
            app_commands.Choice(name=f"{seconds} s", value=seconds)
            for seconds in durations
            if str(typed) in str(seconds)
        ]

    @create.autocomplete("fps")
    async def _rates(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[int]]:
        rates = interaction.client.services.capability.fps
        return [
            app_commands.Choice(name=f"{rate} fps", value=rate)
            for rate in rates
            if str(typed) in str(rate)
        ]

    @app_commands.command(description="This server's running and waiting videos.")
    async def queue(self, interaction: Interaction) -> None:
        """List them, privately."""
        answer = Answer(interaction)
        async with told(answer):
            services = interaction.client.services
            found = await services.jobs.open_on_server(viewer_of(interaction))
            now = services.clock.now()
            lines = [texts.queue_line(standing, now) for standing in found.standings]
            hidden = texts.hidden_line(found.hidden)
            nothing = "Nothing is waiting or running here. Start one with `/video create`."
            room = LISTING_MAX_CHARACTERS - len(hidden)
            await answer.say((_fitting(lines, room) or nothing) + hidden)

    @app_commands.command(description="Where one of your videos stands.")
    @app_commands.describe(job="Its number; your newest if left out.")
    async def status(self, interaction: Interaction, job: int | None = None) -> None:
        """Show one job, privately, with what can be done about it."""
        answer = Answer(interaction)
        async with told(answer):
            services = interaction.client.services
            if job is None:
                standing = await services.jobs.latest_of_member(
                    guild_id=interaction.guild_id or 0, user_id=interaction.user.id
                )
            else:
                standing = await services.jobs.seen_by(viewer_of(interaction), job)
            view = views.status_view(standing.job)
            text = texts.status(standing, services.capability, services.clock.now())
            await answer.say(text, view=view)

    @app_commands.command(description="Cancel a video that still waits.")
    @app_commands.describe(job="Its number; your newest waiting one if left out.")
    async def cancel(self, interaction: Interaction, job: int | None = None) -> None:
        """Cancel, and say so privately; the status message changes by itself."""
        answer = Answer(interaction)
        async with told(answer):
            services = interaction.client.services
            job_id = job if job is not None else await self._newest_open(interaction)
            cancelled = await services.cancel(viewer_of(interaction), job_id)
            await answer.say(texts.cancelled(cancelled))

    @status.autocomplete("job")
    async def _any_of_mine(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[int]]:
        return _job_choices(await self._of_member(interaction, open_only=False), typed)

    @cancel.autocomplete("job")
    async def _waiting_of_mine(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[int]]:
        jobs = await self._of_member(interaction, open_only=True)
        return _job_choices([job for job in jobs if job.state is JobState.QUEUED], typed)

    async def _newest_open(self, interaction: Interaction) -> int:
        """The member's newest waiting job, else their newest open one, else their newest."""
        jobs = await self._of_member(interaction, open_only=True)
        waiting = [job for job in jobs if job.state is JobState.QUEUED]
        if waiting or jobs:
            return (waiting or jobs)[0].job_id
        latest = await interaction.client.services.jobs.latest_of_member(
            guild_id=interaction.guild_id or 0, user_id=interaction.user.id
        )
        return latest.job.job_id

    async def _of_member(self, interaction: Interaction, *, open_only: bool) -> list[Job]:
        return await interaction.client.services.jobs.of_member(
            guild_id=interaction.guild_id or 0, user_id=interaction.user.id, open_only=open_only
        )


def _attachments(
    image: discord.Attachment | None, last_image: discord.Attachment | None
) -> tuple[Attachment, ...]:
    """First frame, then last.

    Raises:
        InvalidOptionError: A last one without a first.
    """
    if last_image is not None and image is None:
        raise InvalidOptionError(
            option="last_image",
            limit="a last frame needs a first one",
            given="only the last",
            next_step="Attach the first frame as `image`.",
        )
    named = (("image", image), ("last_image", last_image))
    return tuple(
        Attachment(option=option, url=attached.url, size_bytes=attached.size)
        for option, attached in named
        if attached is not None
    )


def _job_choices(jobs: list[Job], typed: str) -> list[app_commands.Choice[int]]:
    return [
        app_commands.Choice(
            name=f"#{job.job_id} ({job.state}) {texts.short_prompt(job, 60)}", value=job.job_id
        )
        for job in jobs
        if str(job.job_id).startswith(str(typed))
    ][:CHOICES_MAX]


def _choices(values: list[str]) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=value, value=value) for value in values][:CHOICES_MAX]


def _fitting(lines: list[str], room: int) -> str:
    """As many lines as so many characters take, and whether that is all."""
    text, rest = "", "\n-# … and more. `/video status` tells where yours stands."
    for shown, line in enumerate(lines):
        too_long = len(text) + len(line) + len(rest) + 1 > room
        if too_long or shown == LISTED_MAX:
            return text + rest
        text = f"{text}\n{line}" if text else line
    return text
