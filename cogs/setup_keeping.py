"""Of the panel: the gallery, and what reactions do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.errors import MemberError
from bot.domain.guild_policy import GALLERY_STARS_MAX
from bot.domain.language import N_, _
from bot.domain.reaction import EMOJI_MAX_CHARACTERS, ReactionAct, emoji_of
from cogs.setup_channels import channel_to_post_in, writable_channel
from cogs.setup_item import PanelForm, PanelItem, button

if TYPE_CHECKING:
    import discord

    from cogs.services import AnyInteraction
    from cogs.setup_item import SetUp, Use

PAGE = "keeping"
STARS_MAX_CHARACTERS = 4
ACTS: dict[ReactionAct, str] = {
    ReactionAct.AGAIN: N_("Make another take"),
    ReactionAct.CANCEL: N_("Cancel a waiting video"),
    ReactionAct.FAVOURITE: N_("Collect it as a favourite"),
    ReactionAct.SEND: N_("Send it by direct message"),
    ReactionAct.REPORT: N_("Report it to the moderators"),
}


class StarsNotUsableError(MemberError):
    """What was typed is no number of stars."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "So many stars is a whole number from 1 to {most}. Nothing was changed. Use one."
            ).format(most=GALLERY_STARS_MAX)
        )


class StarsForm(PanelForm):
    """How many stars a video needs for the gallery."""

    def __init__(self, use: Use, stars: int) -> None:
        """Fill the field with what holds now."""
        super().__init__(use, _("Stars for the gallery"), PAGE)
        self.stars = self.add_field(
            "stars",
            _("Members who collect it"),
            _("Without the one who asked for it. From then on it is in the gallery, for good."),
            default=str(stars),
            longest=STARS_MAX_CHARACTERS,
        )

    async def save(self, interaction: AnyInteraction) -> None:
        """Save it."""
        typed = self.stars.value.strip()
        if not typed.isdecimal() or not 1 <= int(typed) <= GALLERY_STARS_MAX:
            raise StarsNotUsableError
        await interaction.client.services.policies.ask_for_stars(
            interaction.guild_id or 0, int(typed), by=interaction.user.id
        )


class ReactionsForm(PanelForm):
    """The emoji of each thing that a reaction does; as many as a form has fields."""

    def __init__(self, use: Use, emoji: dict[ReactionAct, str]) -> None:
        """Fill the fields with what holds now."""
        super().__init__(use, _("What reactions do"), PAGE)
        self.fields = {
            act: self.add_field(
                act.value,
                _(label),
                _("An emoji; empty for none. The button stays."),
                default=emoji[act],
                longest=EMOJI_MAX_CHARACTERS,
            )
            for act, label in ACTS.items()
        }

    async def save(self, interaction: AnyInteraction) -> None:
        """Save all of them."""
        typed = {act: field.value for act, field in self.fields.items()}
        await interaction.client.services.policies.choose_reactions(
            interaction.guild_id or 0, typed, by=interaction.user.id
        )


def _gallery(now: SetUp) -> discord.ui.Item[Any]:
    return channel_to_post_in("gallery", _("Gallery: none"), now.policy.gallery_channel_id, now)


async def _put_gallery(use: Use) -> None:
    channel_id = writable_channel(use)
    await use.services.policies.put_gallery(use.guild_id, channel_id, by=use.by)


def _stars(now: SetUp) -> discord.ui.Item[Any]:
    del now
    return button("stars", _("Stars for the gallery …"))


async def _ask_for_stars(use: Use) -> None:
    stars = use.services.policies.of(use.guild_id).gallery_stars
    await use.answer.open(StarsForm(use, stars))


def _reactions(now: SetUp) -> discord.ui.Item[Any]:
    del now
    return button("reactions", _("What reactions do …"))


async def _choose_reactions(use: Use) -> None:
    chosen = use.services.policies.of(use.guild_id).reactions
    await use.answer.open(ReactionsForm(use, {act: emoji_of(chosen, act) for act in ReactionAct}))


ITEMS = (
    PanelItem(name="gallery", page=PAGE, control=_gallery, use=_put_gallery),
    PanelItem(name="stars", page=PAGE, control=_stars, use=_ask_for_stars, opens_form=True),
    PanelItem(
        name="reactions", page=PAGE, control=_reactions, use=_choose_reactions, opens_form=True
    ),
)
