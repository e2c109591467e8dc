"""Of the panel: whose turn it is, how much one member may have at once, and where midnight is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.domain.errors import MemberError
from bot.domain.language import _
from bot.services.turns import MemberCaps
from cogs.setup_channels import channel_to_post_in, writable_channel
from cogs.setup_item import CUSTOM_ID_PREFIX, PanelForm, PanelItem, button

if TYPE_CHECKING:
    from cogs.services import AnyInteraction
    from cogs.setup_item import SetUp, Use

PAGE = "turns"
IN_TURNS, BY_NUMBER = "fair", "first"
ZONE_MAX_CHARACTERS = 60
CAP_MAX_CHARACTERS = 6


class CapNotUsableError(MemberError):
    """What was typed is no number of videos."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "So many videos is a whole number from 1. Nothing was changed. "
                "Use one, or leave the field empty for as many as the operator allows."
            )
        )


class ZoneForm(PanelForm):
    """Where the server's midnight is."""

    def __init__(self, use: Use, time_zone: str) -> None:
        """Fill the field with what holds now."""
        super().__init__(use, _("Where midnight is"), PAGE)
        self.zone = self.add_field(
            "zone",
            _("Time zone"),
            _("Days, weeks and months of limits begin at its midnight. Like Europe/Berlin."),
            default=time_zone,
            longest=ZONE_MAX_CHARACTERS,
        )

    async def save(self, interaction: AnyInteraction) -> None:
        """Save it; nothing typed is UTC."""
        await interaction.client.services.quotas.set_time_zone(
            interaction.guild_id or 0, self.zone.value.strip() or "UTC", set_by=interaction.user.id
        )


class CapsForm(PanelForm):
    """How much one member may have at once."""

    def __init__(self, use: Use, caps: MemberCaps) -> None:
        """Fill the fields with what holds now."""
        super().__init__(use, _("The most of one member at once"), PAGE)
        self.in_flight = self.add_field(
            "making",
            _("Videos that are being made"),
            _("More of theirs wait. Empty for as many as the operator allows."),
            default=_shown(caps.in_flight),
            longest=CAP_MAX_CHARACTERS,
        )
        self.waiting = self.add_field(
            "waiting",
            _("Videos that wait"),
            _("One more is refused. Empty for as many as the operator allows."),
            default=_shown(caps.waiting),
            longest=CAP_MAX_CHARACTERS,
        )

    async def save(self, interaction: AnyInteraction) -> None:
        """Save both."""
        caps = MemberCaps(in_flight=_cap(self.in_flight.value), waiting=_cap(self.waiting.value))
        await interaction.client.services.turns.cap_members(
            interaction.guild_id or 0, caps, by=interaction.user.id
        )


def _shown(cap: int | None) -> str:
    return "" if cap is None else str(cap)


def _cap(typed: str) -> int | None:
    text = typed.strip()
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise CapNotUsableError
    return int(text)


def _turns(now: SetUp) -> discord.ui.Item[Any]:
    by_number = now.turns.rules.first_come_first_served
    options = [
        discord.SelectOption(
            label=_("Members take turns"),
            value=IN_TURNS,
            description=_(
                "Nobody waits behind somebody else's twenty videos. Shares of roles count."
            ),
            default=not by_number,
        ),
        discord.SelectOption(
            label=_("First come, first served"),
            value=BY_NUMBER,
            description=_("In the order in which they were asked for, whoever asked."),
            default=by_number,
        ),
    ]
    return discord.ui.Select(custom_id=f"{CUSTOM_ID_PREFIX}:turns", options=options)


async def _decide_turns(use: Use) -> None:
    wanted = use.picked == [BY_NUMBER]
    await use.services.serve_by_number(use.guild_id, wanted=wanted, by=use.by)


def _caps(_now: SetUp) -> discord.ui.Item[Any]:
    return button("caps", _("The most of one member at once …"))


async def _cap_members(use: Use) -> None:
    rules = (await use.services.turns.of(use.guild_id)).rules
    caps = MemberCaps(in_flight=rules.in_flight_per_member, waiting=rules.waiting_per_member)
    await use.answer.open(CapsForm(use, caps))


def _zone(_now: SetUp) -> discord.ui.Item[Any]:
    return button("zone", _("Time zone …"))


async def _set_zone(use: Use) -> None:
    await use.answer.open(ZoneForm(use, await use.services.quotas.time_zone(use.guild_id)))


def _board(now: SetUp) -> discord.ui.Item[Any]:
    chosen = now.policy.board_channel_id
    return channel_to_post_in("board", _("Board of the videos: none"), chosen, now)


async def _show_board(use: Use) -> None:
    channel_id = writable_channel(use)
    await use.services.policies.show_board(use.guild_id, channel_id, by=use.by)


ITEMS = (
    PanelItem(name="board", page=PAGE, control=_board, use=_show_board),
    PanelItem(name="turns", page=PAGE, control=_turns, use=_decide_turns),
    PanelItem(name="caps", page=PAGE, control=_caps, use=_cap_members, opens_form=True),
    PanelItem(name="zone", page=PAGE, control=_zone, use=_set_zone, opens_form=True),
)
