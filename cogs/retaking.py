"""A shot of a storyboard is made anew: which one, what of it changes, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.job import Origin
from bot.domain.language import _, ngettext
from bot.domain.storyboard import CHOICES_OF_SHOTS, NoSuchShotError
from bot.services.options import request_from
from cogs.answer import Answer
from cogs.asking import asker_of, check_channel
from cogs.choice_fields import ChoiceFields
from cogs.failures import told
from cogs.retake_button import RetakeControl
from cogs.shot_fields import ShotFields
from cogs.storyboard_panel import options

if TYPE_CHECKING:
    from bot.services.storyboards import Retake
    from cogs.services import AnyInteraction, Services

MODAL_WAITS_S = 15 * 60
HINT_MAX_CHARACTERS = 100  # Discord's, for the words under a label


class Retaking:
    """What the controls of `RetakeControl` do."""

    async def use(self, interaction: AnyInteraction, verb: str, storyboard_id: int) -> None:
        """Ask which shot, or open the form of the one that was picked."""
        answer = Answer(interaction)
        async with told(answer):
            services: Services = interaction.client.services
            asker = asker_of(interaction, answer, Origin.COMMAND)
            if verb == "retake":
                course = await services.storyboards.retakeable(storyboard_id, asker)
                view = discord.ui.View(timeout=None)
                select: discord.ui.Select[Any] = discord.ui.Select(
                    custom_id=f"cogreel:reshoot:{storyboard_id}",
                    placeholder=_("Which shot?"),
                    options=options(course.board.shots),
                )
                view.add_item(RetakeControl(select))
                await answer.say(
                    _(
                        "Which shot is to be made anew? You can change it, and see what it costs, "
                        "before anything is started; the film is joined anew when it is there."
                    ),
                    view,
                )
                return
            data: Any = interaction.data
            values = list(data.get("values", ()))
            if len(values) != 1 or not str(values[0]).isdecimal():
                raise NoSuchShotError
            retake = await services.storyboards.retake_of(storyboard_id, int(values[0]), asker)
            await answer.open(RetakeForm(storyboard_id, retake))


class RetakeForm(discord.ui.Modal):
    """What the shot is to be, and what it costs. To send it is to agree to that."""

    def __init__(self, storyboard_id: int, retake: Retake) -> None:
        title = _("Retake shot {number}").format(number=retake.shot.number)
        super().__init__(title=title, timeout=MODAL_WAITS_S)
        self._storyboard_id, self._retake = storyboard_id, retake
        hint = _told(retake)[:HINT_MAX_CHARACTERS]
        self._fields = ShotFields(self, retake.shot, hint=hint)
        self._choices = ChoiceFields(self, retake.request, retake.row, among=CHOICES_OF_SHOTS)

    async def on_submit(self, interaction: AnyInteraction) -> None:
        """Put it into the queue."""
        answer = Answer(interaction)
        async with told(answer):
            check_channel(interaction)
            await answer.begin_in_place()
            services: Services = interaction.client.services
            settings = request_from(self._choices.options(""), self._retake.row, ())
            jobs = await services.storyboards.retake(
                self._storyboard_id,
                self._retake,
                replace(self._fields.shot, settings=settings),
                self._fields.attachment,
                asker_of(interaction, answer, Origin.COMMAND),
            )
            for job in jobs:
                services.board.job_changed(job.job_id)
            asked = _("Shot {number} is made anew, as video #{job_id}.")
            await answer.show(
                asked.format(number=self._retake.shot.number, job_id=jobs[0].job_id), view=None
            )


def _told(retake: Retake) -> str:
    if retake.price is None:
        costs = _("What it will cost is not known.")
    elif not retake.price.micros:
        costs = _("It is free.")
    else:
        costs = _("Costs up to {price}.").format(price=retake.price)
    if not retake.followers:
        return costs
    more = ngettext(
        "With {count} shot that starts from its end.",
        "With {count} shots that start from its end.",
        len(retake.followers),
    )
    return f"{costs} {more.format(count=len(retake.followers))}"
