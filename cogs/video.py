"""``/video``: create, references, models, queue, status, cancel, claim, sooner.

What members keep of what was made is in ``cogs/video_keeping.py``.
"""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.job import Job, JobState, Origin
from bot.domain.language import N_, _
from bot.services.options import Options
from cogs import choices, looks, texts
from cogs.answer import Answer
from cogs.asking import admit, asker_of, create
from cogs.attached import attached, attached_frames
from cogs.claiming import into_here
from cogs.defaults import DefaultsGroup
from cogs.delivery_texts import claimed
from cogs.failures import told
from cogs.lineage import status_with_takes
from cogs.listing import LISTING_MAX_CHARACTERS, fitting_lines
from cogs.making_more import extend, open_remix
from cogs.model_lines import model_lines, pages
from cogs.notify_option import NOTIFY, NOTIFY_FILM, Notify, tell_by
from cogs.services import Interaction, ServiceBot, catalogue_for
from cogs.sight import viewer_of
from cogs.storyboard_panel import panel
from cogs.video_keeping import VideoKeeping
from cogs.wish_options import wish_options

NO_MODELS = N_(
    "No model that the moderators of this server allow is there at present. "
    "Ask one of them to choose others with `/cogreel setup`."
)
MORE_WAIT = N_("\n-# … and more. `/video status` tells where yours stands.")


@app_commands.guild_only()
class Video(
    VideoKeeping,
    commands.GroupCog,
    group_name="video",
    group_description="Make videos with AI.",
):
    """What members do."""

    defaults = DefaultsGroup()

    def __init__(self, bot: ServiceBot) -> None:
        self._bot = bot
        group = self.app_command
        # A menu has them in this order: what makes a video comes before what keeps one.
        for name in ("history", "show", "defaults"):
            later = group and group.get_command(name)
            if group and later:
                group.remove_command(name)
                group.add_command(later)

    @app_commands.command(
        description="Make a video from words, an image, or a first and a last image."
    )
    @app_commands.describe(
        prompt="What happens in the video.",
        image="The first frame.",
        last_image="The last frame; needs a first one.",
        notify=NOTIFY,
    )
    @wish_options(model="Who renders it; /video models tells them apart.")
    async def create(  # noqa: PLR0913, PLR0917  # a slash command's options are its arguments
        self,
        interaction: Interaction,
        prompt: str,
        image: discord.Attachment | None = None,
        last_image: discord.Attachment | None = None,
        model: str | None = None,
        size: str | None = None,
        duration: int | None = None,
        quality: str | None = None,
        fps: int | None = None,
        audio: bool | None = None,  # noqa: FBT001  # Discord passes it by name
        aspect_ratio: str | None = None,
        style: str | None = None,
        movement: str | None = None,
        notify: Notify | None = None,
    ) -> None:
        """Check what can be checked for free, answer, then enqueue."""
        answer = Answer(interaction)
        async with told(answer):
            options = Options(
                prompt=prompt,
                model=model,
                size=size,
                duration_s=duration,
                quality=quality,
                fps=fps,
                with_audio=audio,
                aspect_ratio=aspect_ratio,
                style=style,
                movement=movement,
            )
            frames = attached_frames(image, last_image)
            await create(interaction, answer, options, frames, tell_by(notify))

    @app_commands.command(
        description="Make a video in which the things of one to three pictures appear."
    )
    @app_commands.describe(
        prompt="What happens in the video.",
        image="Somebody or something that appears in it.",
        image2="Another one.",
        image3="A third one.",
        model="Who renders it; the least expensive one if left out.",
        audio="Whether the model adds sound.",
        aspect_ratio="Width to height.",
        movement="How much moves.",
        notify=NOTIFY,
    )
    @app_commands.autocomplete(
        model=choices.models, aspect_ratio=choices.aspect_ratios, movement=choices.movements
    )
    async def references(  # noqa: PLR0913, PLR0917  # a slash command's options are its arguments
        self,
        interaction: Interaction,
        prompt: str,
        image: discord.Attachment,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        model: str | None = None,
        audio: bool | None = None,  # noqa: FBT001  # Discord passes it by name
        aspect_ratio: str | None = None,
        movement: str | None = None,
        notify: Notify | None = None,
    ) -> None:
        """Check what can be checked for free, answer, then enqueue."""
        answer = Answer(interaction)
        async with told(answer):
            options = Options(
                prompt=prompt,
                model=model,
                from_references=True,
                with_audio=audio,
                aspect_ratio=aspect_ratio,
                movement=movement,
            )
            given = {"image": image, "image2": image2, "image3": image3}
            await create(interaction, answer, options, attached(given), tell_by(notify))

    @app_commands.command(description="Make a film of two to eight shots: write them, then start.")
    @app_commands.describe(
        model="Who renders all shots; /video models tells them apart.",
        size="Width x height in pixels, of all shots.",
        duration="Length of each shot in seconds.",
        audio="Whether the model adds sound.",
        cross_fades="Whether each shot fades into the next; a cut if left out.",
        notify=NOTIFY_FILM,
    )
    @app_commands.autocomplete(model=choices.models, size=choices.sizes)
    @app_commands.autocomplete(duration=choices.durations)
    async def storyboard(  # noqa: PLR0913, PLR0917  # a slash command's options are its arguments
        self,
        interaction: Interaction,
        model: str | None = None,
        size: str | None = None,
        duration: int | None = None,
        audio: bool | None = None,  # noqa: FBT001  # Discord passes it by name
        cross_fades: bool | None = None,  # noqa: FBT001  # likewise
        notify: Notify | None = None,
    ) -> None:
        """Show the member's draft, privately; begin one where there is none."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            services, guild_id = interaction.client.services, interaction.guild_id or 0
            options = await services.defaults.fill_shots(
                Options(prompt="", model=model, size=size, duration_s=duration, with_audio=audio),
                user_id=interaction.user.id,
                guild_id=guild_id,
            )
            preview = await services.drafts.open(
                replace(asker_of(interaction, answer, Origin.COMMAND), tell_by=tell_by(notify)),
                services.drafts.check_common(options, guild_id=guild_id),
                cross_fades=cross_fades,
                is_chosen=any(each is not None for each in (model, size, duration, audio)),
            )
            await answer.say(*panel(preview, services.catalogues))

    @app_commands.command(description="Patterns for prompts: open one, change its words, send it.")
    @app_commands.describe(
        look="Which pattern; all of them are listed if left out.",
        model="Who renders it; /video models tells them apart.",
        notify=NOTIFY,
    )
    @app_commands.autocomplete(look=looks.suggested, model=choices.models)
    async def looks(
        self,
        interaction: Interaction,
        look: str | None = None,
        model: str | None = None,
        notify: Notify | None = None,
    ) -> None:
        """List the patterns privately, or open a form with one."""
        answer = Answer(interaction)
        async with told(answer):
            kept, guild_id = interaction.client.services.guild_looks, interaction.guild_id or 0
            if look is None:
                await answer.say(looks.listing(await kept.of(guild_id)))
                return
            chosen = await kept.named(guild_id, look)
            await admit(interaction, answer, Origin.COMMAND)
            await answer.open(looks.LookForm(chosen, model, tell_by(notify)))

    @app_commands.command(description="Make a video that goes on from the last picture of another.")
    @app_commands.describe(
        job="The number of the video that it goes on from.",
        prompt="What happens next; the same words if left out.",
        model="Who renders it; the same one if left out.",
        notify=NOTIFY,
    )
    @app_commands.autocomplete(model=choices.models_from_a_frame)
    async def extend(
        self,
        interaction: Interaction,
        job: int,
        prompt: str | None = None,
        model: str | None = None,
        notify: Notify | None = None,
    ) -> None:
        """Check what can be checked for free, answer, then enqueue."""
        answer = Answer(interaction)
        async with told(answer):
            wanted = tell_by(notify)
            await extend(interaction, answer, job, prompt=prompt, model=model, tell_by=wanted)

    @app_commands.command(description="Make something else of a video: words, settings, image.")
    @app_commands.describe(job="Its number.", notify=NOTIFY)
    async def remix(self, interaction: Interaction, job: int, notify: Notify | None = None) -> None:
        """Open the form, filled with the job's own words."""
        answer = Answer(interaction)
        async with told(answer):
            await open_remix(interaction, answer, job, tell_by=tell_by(notify))

    @app_commands.command(description="What can be chosen here, and what it costs.")
    async def models(self, interaction: Interaction) -> None:
        """List every model, privately."""
        answer = Answer(interaction)
        async with told(answer):
            policy = interaction.client.services.policies.of(interaction.guild_id or 0)
            lines = model_lines(catalogue_for(interaction), policy.restricted_models)
            first, *others = pages(lines) or [_(NO_MODELS)]
            await answer.say(first)
            for page in others:
                await answer.say_more(page)

    @app_commands.command(description="This server's running and waiting videos.")
    async def queue(self, interaction: Interaction) -> None:
        """List them, privately."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            services = interaction.client.services
            found = await services.jobs.open_on_server(viewer_of(interaction))
            now = services.clock.now()
            lines = [texts.queue_line(standing, now) for standing in found.standings]
            hidden = texts.hidden_line(found.hidden)
            nothing = _("Nothing is waiting or running here. Start one with `/video create`.")
            room = LISTING_MAX_CHARACTERS - len(hidden)
            await answer.say((fitting_lines(lines, _(MORE_WAIT), room) or nothing) + hidden)

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
            await answer.say(*await status_with_takes(interaction, standing))

    @app_commands.command(description="Cancel a video that still waits.")
    @app_commands.describe(job="Its number; your newest waiting one if left out.")
    async def cancel(self, interaction: Interaction, job: int | None = None) -> None:
        """Cancel, and say so privately; the status message changes by itself."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            services = interaction.client.services
            if job is None:
                job = await services.jobs.newest_to_cancel(
                    guild_id=interaction.guild_id or 0, user_id=interaction.user.id
                )
            cancelled = await services.cancel(viewer_of(interaction), job)
            await answer.say(texts.cancelled(cancelled))

    @app_commands.command(
        description="Get your finished videos that could not be posted, and ask after late ones."
    )
    async def claim(self, interaction: Interaction) -> None:
        """Post what waits for the member here, or send it to them; what came of it is private."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            came_of = await interaction.client.services.claims.claim(
                guild_id=interaction.guild_id or 0,
                user_id=interaction.user.id,
                into=into_here(interaction),
            )
            await answer.tell(claimed(came_of))

    @app_commands.command(description="Put one of your waiting videos before your other ones.")
    @app_commands.describe(job="Its number.")
    async def sooner(self, interaction: Interaction, job: int) -> None:
        """Move it within the member's own, and say so privately."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            services = interaction.client.services
            standing = await services.put_first(viewer_of(interaction), job)
            await answer.say(texts.put_first(standing, services.clock.now()))

    @status.autocomplete("job")
    @extend.autocomplete("job")
    @remix.autocomplete("job")
    async def _any_of_mine(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[int]]:
        return choices.jobs(await self._of_member(interaction, open_only=False), typed)

    @cancel.autocomplete("job")
    @sooner.autocomplete("job")
    async def _waiting_of_mine(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[int]]:
        jobs = await self._of_member(interaction, open_only=True)
        return choices.jobs([job for job in jobs if job.state is JobState.QUEUED], typed)

    async def _of_member(self, interaction: Interaction, *, open_only: bool) -> list[Job]:
        return await interaction.client.services.jobs.of_member(
            guild_id=interaction.guild_id or 0, user_id=interaction.user.id, open_only=open_only
        )
