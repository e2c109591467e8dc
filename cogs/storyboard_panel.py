"""A draft and what its member can do with it: one private message that a restart does not harm."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.errors import DeliveryError, StorageError
from bot.domain.job import Origin
from bot.domain.language import _
from bot.domain.storyboard import SHOTS_MAX, SHOTS_MIN, NoSuchShotError, Shot
from cogs import storyboard_texts
from cogs.answer import Answer
from cogs.asking import asker_of, check_channel
from cogs.draft_control import DraftControl, control_id, draft_button
from cogs.failures import told
from cogs.storyboard_form import ShotForm

if TYPE_CHECKING:
    from bot.domain.catalogues import Catalogues
    from bot.services.drafts import Preview
    from bot.services.entrance import Asker
    from cogs.services import AnyInteraction, Services

log = logging.getLogger(__name__)

LABEL_MAX_CHARACTERS = 100  # Discord's, for an option of a select


def panel(preview: Preview, catalogues: Catalogues) -> tuple[str, discord.ui.View]:
    """What the message says, and its controls. DynamicItems only: see ``cogs/views.py``."""
    board = preview.board
    number, shots = board.storyboard_id, board.shots
    view = discord.ui.View(timeout=None)
    if shots:
        view.add_item(_select(control_id("edit", number), _("Edit a shot …"), shots))
        view.add_item(_select(control_id("remove", number), _("Remove a shot …"), shots))
    if len(shots) < SHOTS_MAX:
        is_next = len(shots) < SHOTS_MIN
        style = discord.ButtonStyle.primary if is_next else discord.ButtonStyle.secondary
        view.add_item(draft_button("add", number, _("Add shot"), style))
    if len(shots) >= SHOTS_MIN and preview.problem is None:
        view.add_item(draft_button("start", number, _("Start"), discord.ButtonStyle.primary))
    view.add_item(draft_button("discard", number, _("Discard"), discord.ButtonStyle.danger))
    return storyboard_texts.draft(preview, catalogues), view


class DraftPanel:
    """What the controls of a draft do. It holds nothing: the draft is in the database."""

    async def use(self, interaction: AnyInteraction, verb: str, storyboard_id: int) -> None:
        """Do what a control says, and show the draft anew."""
        answer = Answer(interaction)
        async with told(answer):
            services: Services = interaction.client.services
            asker = asker_of(interaction, answer, Origin.COMMAND)
            match verb:
                case "add" | "edit":
                    preview = await services.drafts.draft(storyboard_id, asker)
                    await answer.open(_form(interaction, preview, is_new=verb == "add"))
                case "remove":
                    position = _picked(interaction)
                    await answer.begin_in_place()
                    preview = await services.drafts.remove_shot(storyboard_id, asker, position)
                    await answer.change(*panel(preview, services.catalogues))
                case "back":
                    preview = await services.drafts.draft(storyboard_id, asker)
                    await answer.change(*panel(preview, services.catalogues))
                case "discard":
                    await answer.begin_in_place()
                    await services.drafts.discard(storyboard_id, asker)
                    gone = _("The draft is deleted. Nothing was started, and nothing is kept.")
                    await answer.change(gone, discord.ui.View())
                case _:
                    check_channel(interaction)
                    await answer.begin_in_place()
                    await _start(services, answer, storyboard_id, asker, is_agreed=verb == "make")


def _form(interaction: AnyInteraction, preview: Preview, *, is_new: bool) -> ShotForm:
    board = preview.board
    position = len(board.shots) if is_new else _picked(interaction)
    if not is_new and position >= len(board.shots):
        raise NoSuchShotError
    shot = Shot(position=position, prompt="") if is_new else board.shots[position]
    return ShotForm(board.storyboard_id, shot, show=_show)


async def _start(
    services: Services, answer: Answer, storyboard_id: int, asker: Asker, *, is_agreed: bool
) -> None:
    board = await services.storyboards.start(storyboard_id, asker, is_agreed=is_agreed)
    try:
        # Before the first shot can be there: its thread is under this message.
        await services.board.show_storyboard(board.storyboard_id)
    except (DeliveryError, StorageError) as exc:
        log.warning("storyboard %d is not shown yet: %s", board.storyboard_id, exc)
    services.storyboards.let_go()
    started = _("Storyboard #{number} is asked for. I post in this channel where it stands.")
    await answer.show(started.format(number=board.storyboard_id), view=None)


async def _show(interaction: AnyInteraction, answer: Answer, preview: Preview) -> None:
    services: Services = interaction.client.services
    await answer.show(*panel(preview, services.catalogues))


def _picked(interaction: AnyInteraction) -> int:
    data: Any = interaction.data
    values = list(data.get("values", ()))
    if len(values) != 1 or not str(values[0]).isdecimal():
        raise NoSuchShotError
    return int(values[0])


def _select(custom_id: str, placeholder: str, shots: tuple[Shot, ...]) -> DraftControl:
    return DraftControl(
        discord.ui.Select(custom_id=custom_id, placeholder=placeholder, options=options(shots))
    )


def options(shots: tuple[Shot, ...]) -> list[discord.SelectOption]:
    """Shots to choose from."""
    labels = (
        _("Shot {number}: {prompt}").format(
            number=shot.number, prompt=storyboard_texts.short(shot, 60)
        )
        for shot in shots
    )
    return [
        discord.SelectOption(label=label[:LABEL_MAX_CHARACTERS], value=str(shot.position))
        for label, shot in zip(labels, shots, strict=True)
    ]
