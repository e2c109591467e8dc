"""What the panel of ``/cogreel setup`` is made of: one item for each thing to decide."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.errors import NotAllowedError
from bot.domain.language import _
from cogs.answer import Answer
from cogs.failures import told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from bot.domain.catalogue import Catalogue
    from bot.domain.guild_policy import GuildPolicy
    from bot.services.turns import Decided
    from cogs.services import AnyInteraction, Services

CUSTOM_ID_PREFIX = "cogreel:setup"
PICKED_MAX = 25  # Discord's, for a select
MODAL_WAITS_S = 15 * 60
BUTTONS_ROW = 3  # below the selects, of which a page has three at most
PAGES_ROW = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """How a server is set up, at one moment.

    Attributes:
        guild: The server; None where Discord did not tell of it.
        policy: What was decided about videos.
        turns: What was decided about turns.
        time_zone: Where its calendar is kept.
        catalogue: What it may use.
        keep_days_max: How long the operator keeps words, images and clips.
    """

    guild: discord.Guild | None
    policy: GuildPolicy
    turns: Decided
    time_zone: str
    catalogue: Catalogue
    keep_days_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Somebody uses a control.

    Attributes:
        interaction: Of theirs.
        answer: Not given yet where the item opens a form, and begun where it saves.
        value: What a button stands for; empty where that is nothing.
        show: Shows a page of the panel anew.
    """

    interaction: AnyInteraction
    answer: Answer
    value: str
    show: Callable[[AnyInteraction, Answer, str], Awaitable[None]]

    @property
    def services(self) -> Services:
        """What an item saves with."""
        found: Services = self.interaction.client.services
        return found

    @property
    def guild_id(self) -> int:
        """Where."""
        return self.interaction.guild_id or 0

    @property
    def by(self) -> int:
        """Who."""
        return self.interaction.user.id

    @property
    def picked(self) -> list[str]:
        """What is chosen in a select."""
        data: Any = self.interaction.data
        return list(data.get("values", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelItem:
    """One thing to decide.

    Attributes:
        name: In custom ids; small letters only, and never another one, as panels stay open.
        page: Where it is.
        control: What it looks like as things stand; None where there is nothing to choose.
        use: Saves what was picked, or opens a form. Raises what the moderator is told.
        opens_form: Which of these.
    """

    name: str
    page: str
    control: Callable[[SetUp], discord.ui.Item[Any] | None]
    use: Callable[[Use], Awaitable[None]]
    opens_form: bool = False


class PanelForm(discord.ui.Modal, ABC):
    """What has to be typed. It lives in memory, for the person that opened it, until Submit."""

    def __init__(self, use: Use, title: str, page: str) -> None:
        """Begin without fields.

        Args:
            use: The press of the button.
            title: At most 45 characters.
            page: The page of the panel that is shown anew afterwards.
        """
        super().__init__(title=title, timeout=MODAL_WAITS_S)
        self._opened_by = use.by, use.guild_id
        self._show = use.show
        self._page = page

    def add_field(
        self, custom_id: str, text: str, hint: str, *, default: str, longest: int
    ) -> discord.ui.TextInput[PanelForm]:
        """Add a line to type into, which may be left empty."""
        field: discord.ui.TextInput[PanelForm] = discord.ui.TextInput(
            custom_id=custom_id, required=False, max_length=longest, default=default or None
        )
        self.add_item(discord.ui.Label(text=text, description=hint, component=field))
        return field

    @abstractmethod
    async def save(self, interaction: AnyInteraction) -> None:
        """Save what was typed. Each form's own.

        Raises:
            MemberError: Says what is wrong with it.
        """

    async def on_submit(self, interaction: AnyInteraction) -> None:
        """Save, and show the panel anew."""
        answer = Answer(interaction)
        async with told(answer):
            if self._opened_by != (interaction.user.id, interaction.guild_id):
                raise NotAllowedError(
                    action=_("change this here"), needed=_("who opened this form")
                )
            await answer.begin_in_place()
            await self.save(interaction)
            await self._show(interaction, answer, self._page)


def button(
    control: str,
    label: str,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    row: int = BUTTONS_ROW,
) -> discord.ui.Button[Any]:
    """A button; ``control`` is the name of its item, and of what it stands for: ``name:value``."""
    return discord.ui.Button(
        label=label, style=style, custom_id=f"{CUSTOM_ID_PREFIX}:{control}", row=row
    )


def channel_select(
    name: str,
    nothing: str,
    chosen: Collection[int],
    guild: discord.Guild | None,
    most: int = PICKED_MAX,
) -> discord.ui.ChannelSelect[Any]:
    """Text channels to choose from."""
    # One that is gone cannot be shown as chosen, and is dropped with the next choice.
    there = [each for each in sorted(chosen) if guild is not None and guild.get_channel(each)]
    kind = discord.SelectDefaultValueType.channel
    return discord.ui.ChannelSelect(
        custom_id=f"{CUSTOM_ID_PREFIX}:{name}",
        placeholder=nothing,
        min_values=0,
        max_values=most,
        channel_types=[discord.ChannelType.text],
        default_values=[discord.SelectDefaultValue(id=each, type=kind) for each in there],
    )
