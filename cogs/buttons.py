"""Again, Edit, Cancel and others: a press survives a restart, as each carries only the job's id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import discord

from bot.domain.job import Origin
from bot.domain.language import N_, _
from bot.domain.takes import TAKES_AT_ONCE
from cogs import texts
from cogs.answer import Answer
from cogs.asking import submit_in_public
from cogs.failures import told
from cogs.making_more import open_edit, open_extend
from cogs.sight import viewer_of
from cogs.tell_texts import agreed, taken_back

if TYPE_CHECKING:
    import re

    from cogs.services import AnyInteraction

CUSTOM_ID_PREFIX = "cogreel"


def custom_id(verb: str, job_id: int) -> str:
    """What a button is known by at Discord; also how a post of ours is recognised later."""
    return f"{CUSTOM_ID_PREFIX}:{verb}:{job_id}"


class JobButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"cogreel:(?P<verb>never):(?P<job_id>[0-9]{1,18})",
):
    """What the buttons share: the job's id, made anew from the custom id at each press."""

    verb: str
    label: str
    emoji: str
    style = discord.ButtonStyle.secondary

    def __init__(self, job_id: int) -> None:
        super().__init__(
            discord.ui.Button(
                label=_(self.label) if self.label else None,
                emoji=self.emoji,
                style=self.style,
                custom_id=custom_id(self.verb, job_id),
            )
        )
        self.job_id = job_id

    @classmethod
    async def from_custom_id(
        cls, interaction: AnyInteraction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed. The id may be forged: services check who may do what."""
        del interaction, item
        return cls(int(match["job_id"]))


class AgainButton(JobButton, template=r"cogreel:again:(?P<job_id>[0-9]{1,18})"):
    """Another take with the same prompt, settings and images."""

    verb, label, emoji = "again", N_("Again"), "🔁"
    style = discord.ButtonStyle.primary

    async def callback(self, interaction: AnyInteraction) -> None:
        """Enqueue a take under the presser's own quota."""
        answer = Answer(interaction)
        async with told(answer):
            services = interaction.client.services
            viewer = viewer_of(interaction)
            standing = await services.jobs.seen_by(viewer, self.job_id)
            await submit_in_public(
                interaction,
                answer,
                Origin.AGAIN,
                standing.job.request,
                lambda asker: services.submissions.take_again(
                    self.job_id, asker, viewer=viewer, edits=None
                ),
                before=standing.job.request,
            )


class TakesButton(JobButton, template=r"cogreel:takes:(?P<job_id>[0-9]{1,18})"):
    """Several other takes at once, with the same prompt, settings and images."""

    verb, label, emoji = "takes", N_("3 more"), "🎲"

    async def callback(self, interaction: AnyInteraction) -> None:
        """Enqueue all of them under the presser's own quota, or none."""
        answer = Answer(interaction)
        async with told(answer):
            services = interaction.client.services
            viewer = viewer_of(interaction)
            standing = await services.jobs.seen_by(viewer, self.job_id)
            await submit_in_public(
                interaction,
                answer,
                Origin.TAKES,
                standing.job.request,
                lambda asker: services.submissions.take_several(self.job_id, asker, viewer=viewer),
                before=standing.job.request,
                takes=TAKES_AT_ONCE,
            )


class ExtendButton(JobButton, template=r"cogreel:extend:(?P<job_id>[0-9]{1,18})"):
    """A video that goes on from this one's last picture."""

    verb, label, emoji = "extend", N_("Extend"), "⏭️"

    async def callback(self, interaction: AnyInteraction) -> None:
        """Ask in a form what happens next."""
        answer = Answer(interaction)
        async with told(answer):
            await open_extend(interaction, answer, self.job_id)


class EditButton(JobButton, template=r"cogreel:edit:(?P<job_id>[0-9]{1,18})"):
    """Another take with a changed prompt or settings."""

    verb, label, emoji = "edit", N_("Edit"), "✏️"

    async def callback(self, interaction: AnyInteraction) -> None:
        """Open the form, filled with the job's own words."""
        answer = Answer(interaction)
        async with told(answer):
            await open_edit(interaction, answer, self.job_id)


class CancelButton(JobButton, template=r"cogreel:cancel:(?P<job_id>[0-9]{1,18})"):
    """Cancels the job while it waits; in older posts of results, one's take of it."""

    verb, label, emoji = "cancel", N_("Cancel"), "❌"

    async def callback(self, interaction: AnyInteraction) -> None:
        """Cancel, and say so privately; the status message changes by itself."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_place()
            services = interaction.client.services
            cancelled = await services.cancel(viewer_of(interaction), self.job_id)
            await answer.say(texts.cancelled(cancelled))


class TellButton(JobButton, template=r"cogreel:tell:(?P<job_id>[0-9]{1,18})"):
    """Tells the member who asked for it when it is done."""

    verb, label, emoji = "tell", N_("Tell me"), "🔔"

    async def callback(self, interaction: AnyInteraction) -> None:
        """Remember it, and say so privately; the status message changes by itself."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_place()
            services = interaction.client.services
            job = await services.tellings.ask(viewer_of(interaction), self.job_id)
            services.board.job_changed(self.job_id)
            await answer.say(agreed(job))


class TellNotButton(JobButton, template=r"cogreel:tell-not:(?P<job_id>[0-9]{1,18})"):
    """Takes that back. A button of its own: of one that toggles, a double click would undo it."""

    verb, label, emoji = "tell-not", N_("Do not tell me"), "🔕"

    async def callback(self, interaction: AnyInteraction) -> None:
        """Forget it, and say so privately; the status message changes by itself."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_place()
            services = interaction.client.services
            await services.tellings.take_back(viewer_of(interaction), self.job_id)
            services.board.job_changed(self.job_id)
            await answer.say(taken_back(self.job_id))


BUTTONS = (
    AgainButton,
    TakesButton,
    ExtendButton,
    EditButton,
    CancelButton,
    TellButton,
    TellNotButton,
)
