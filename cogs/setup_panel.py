"""The panel of ``/cogreel setup``: what is picked in it is saved at once and shown anew.

Its controls are DynamicItems (see ``cogs/views.py``), so that a panel works after a restart too.
Who may open one is Discord's to say; therefore one that is old has to be opened again, and nobody
else can use it: a changed client may press what is on another person's screen.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.domain.errors import MemberError, NotAllowedError
from bot.domain.language import N_, _
from cogs import setup_keeping, setup_models, setup_people, setup_results, setup_turns
from cogs.answer import Answer
from cogs.failures import told
from cogs.setup_item import PAGES_ROW, SetUp, Use, button
from cogs.setup_texts import told_setup

if TYPE_CHECKING:
    import re

    from cogs.services import AnyInteraction, Services

GOOD_FOR = timedelta(minutes=15)
# At most five: Discord's, for the buttons of a row.
PAGES = {
    setup_people.PAGE: N_("Who and where"),
    setup_models.PAGE: N_("Models"),
    setup_results.PAGE: N_("Results and log"),
    setup_turns.PAGE: N_("Turns and time"),
    setup_keeping.PAGE: N_("Gallery and reactions"),
}
FIRST_PAGE = setup_people.PAGE
ITEMS = {
    item.name: item
    for module in (setup_people, setup_models, setup_results, setup_turns, setup_keeping)
    for item in module.ITEMS
}


class OldPanelError(MemberError):
    """Who may open a panel may have changed since this one was opened."""

    def __init__(self) -> None:
        super().__init__(_("This panel is too old. Use `/cogreel setup` to open it anew."))


async def panel(interaction: AnyInteraction, page: str) -> tuple[str, discord.ui.View]:
    """What the panel says, and the controls of one of its pages."""
    now = await _as_it_is(interaction)
    view = discord.ui.View(timeout=None)
    for item in ITEMS.values():
        control = item.control(now) if item.page == page else None
        if control is not None:
            view.add_item(SetupControl(control))
    for name, label in PAGES.items():
        style = discord.ButtonStyle.primary if name == page else discord.ButtonStyle.secondary
        view.add_item(SetupControl(button(f"page:{name}", _(label), style, PAGES_ROW)))
    return told_setup(now), view


class SetupControl(
    discord.ui.DynamicItem[discord.ui.Item[Any]],
    template=r"cogreel:setup:(?P<control>[a-z]+)(?::(?P<value>[a-z]+))?",
):
    """One select or button of the panel."""

    def __init__(self, item: discord.ui.Item[Any], control: str = "", value: str = "") -> None:
        super().__init__(item)
        self._control, self._value = control, value

    @classmethod
    async def from_custom_id(
        cls, interaction: AnyInteraction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The control that was used."""
        del interaction
        return cls(item, match["control"], match["value"] or "")

    async def callback(self, interaction: AnyInteraction) -> None:
        """Save what was picked, and show the page of the control anew."""
        answer = Answer(interaction)
        async with told(answer):
            _check_opener(interaction)
            _check_fresh(interaction)
            item = ITEMS.get(self._control)
            if item is None:  # a button that leads to a page
                await _show(interaction, answer, self._value)
                return
            if not item.opens_form:
                await answer.begin_in_place()
            await item.use(
                Use(interaction=interaction, answer=answer, value=self._value, show=_show)
            )
            if not item.opens_form:
                await _show(interaction, answer, item.page)


async def _show(interaction: AnyInteraction, answer: Answer, page: str) -> None:
    await answer.change(*await panel(interaction, page))


async def _as_it_is(interaction: AnyInteraction) -> SetUp:
    services: Services = interaction.client.services
    guild_id = interaction.guild_id or 0
    # One after the other, each would wait for what the change before it has set going.
    turns, time_zone = await asyncio.gather(
        services.turns.of(guild_id), services.quotas.time_zone(guild_id)
    )
    return SetUp(
        guild=interaction.guild,
        policy=services.policies.of(guild_id),
        turns=turns,
        time_zone=time_zone,
        catalogue=services.catalogues.of(guild_id),
        keep_days_max=services.policies.keep_days_max,
    )


def _check_opener(interaction: AnyInteraction) -> None:
    message = interaction.message
    opened = None if message is None else message.interaction_metadata
    if opened is None or opened.user != interaction.user:
        raise NotAllowedError(action=_("change this here"), needed=_("who opened this panel"))


def _check_fresh(interaction: AnyInteraction) -> None:
    message = interaction.message
    if message is None or interaction.created_at - message.created_at > GOOD_FOR:
        raise OldPanelError
