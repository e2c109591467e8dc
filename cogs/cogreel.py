"""``/cogreel``: moderators decide how videos are made on their server. Every answer is private.

Discord hides the whole command from everybody without Manage Server, or from whom the server's
administrators choose under Server Settings → Integrations; so nothing is asked here again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import NotAllowedError
from bot.domain.fairness import LARGEST_SHARE, ORDINARY_WEIGHT
from bot.domain.language import _
from cogs import setup_panel, setup_texts
from cogs.answer import Answer
from cogs.failures import told
from cogs.looks import OwnLookForm
from cogs.services import AnyInteraction, Interaction, ServiceBot, catalogue_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.own_key import OwnKeyState

MODAL_WAITS_S = 15 * 60


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class Cogreel(
    commands.GroupCog, group_name="cogreel", group_description="How this server makes videos."
):
    """The panel of settings, shares, a server's own key, and who may stand in for whom."""

    shares = app_commands.Group(
        name="shares", description="How often roles are served in relation to others."
    )

    own_looks = app_commands.Group(
        name="looks", description="Patterns for prompts of this server's own."
    )

    def __init__(self, bot: ServiceBot) -> None:
        self._bot = bot

    @app_commands.command(
        description="Who makes videos here, where, with what; results; the log; turns."
    )
    async def setup(self, interaction: Interaction) -> None:
        """Open the panel."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.say(*await setup_panel.panel(interaction, setup_panel.FIRST_PAGE))

    @shares.command(name="set", description="Serve the members with a role more often.")
    @app_commands.describe(
        role="Which. Of a member's roles the largest share counts.",
        share="How often in relation to members with a share of 1; everybody has 1 at least.",
    )
    async def set_share(
        self,
        interaction: Interaction,
        role: discord.Role,
        share: app_commands.Range[int, ORDINARY_WEIGHT, LARGEST_SHARE],
    ) -> None:
        """Give a role a share."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            turns = interaction.client.services.turns
            guild_id = interaction.guild_id or 0
            await turns.set_share(guild_id, role.id, share, by=interaction.user.id)
            decided = await turns.of(guild_id)
            await answer.say(setup_texts.share_set(role.id, share, decided.rules))

    @own_looks.command(name="add", description="Add a pattern for prompts to /video looks.")
    @app_commands.describe(name="What members choose it by; another one of this name is replaced.")
    async def add_look(self, interaction: Interaction, name: str) -> None:
        """Open the form of a look."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.open(OwnLookForm(name))

    @own_looks.command(name="remove", description="Take a pattern of this server's own away.")
    @app_commands.describe(name="Which.")
    async def remove_look(self, interaction: Interaction, name: str) -> None:
        """Take it away, and say so."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            removed = await interaction.client.services.guild_looks.remove(
                interaction.guild_id or 0, name, by=interaction.user.id
            )
            await answer.say(_("The look `{name}` is removed.").format(name=removed))

    @shares.command(name="clear", description="Serve the members with a role as others are.")
    @app_commands.describe(role="Which.")
    async def clear_share(self, interaction: Interaction, role: discord.Role) -> None:
        """Take a role's share away."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            had_one = await interaction.client.services.turns.set_share(
                interaction.guild_id or 0, role.id, ORDINARY_WEIGHT, by=interaction.user.id
            )
            await answer.say(
                _(
                    "{role} has no share of its own any more, from each member's next video on."
                ).format(role=f"<@&{role.id}>")
                if had_one
                else _(
                    "{role} has no share of its own. `/cogreel shares list` shows who has."
                ).format(role=f"<@&{role.id}>")
            )

    @shares.command(name="list", description="The shares of the roles here.")
    async def list_shares(self, interaction: Interaction) -> None:
        """Show them, the largest first."""
        answer = Answer(interaction)
        async with told(answer):
            decided = await interaction.client.services.turns.of(interaction.guild_id or 0)
            await answer.say(setup_texts.shares_listed(decided, interaction.guild))

    @app_commands.command(description="Bring this server's own key for a video gateway.")
    async def key(self, interaction: Interaction) -> None:
        """Open a modal for the key: what is typed there is in no channel and no command."""
        answer = Answer(interaction)
        async with told(answer):
            own_keys = interaction.client.services.own_keys
            own_keys.check_possible()
            await answer.open(KeyModal(interaction, own_keys.gateways))

    @app_commands.command(name="forget-key", description="Take this server's own key away.")
    async def forget_key(self, interaction: Interaction) -> None:
        """Go back to the operator's accounts."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()  # thousands of jobs may have to find another way
            own_keys = interaction.client.services.own_keys
            was_there = await own_keys.remove(interaction.guild_id or 0, by=interaction.user.id)
            await answer.tell(
                _(
                    "This server's own key is taken away. What is being made with it is still "
                    "fetched, for up to a day, and then the key is deleted. Everything else goes "
                    "through the operator's accounts."
                )
                if was_there
                else _("This server has no key of its own.")
            )

    @app_commands.command(description="Which accounts make the videos of this server.")
    async def accounts(self, interaction: Interaction) -> None:
        """Show the accounts in their order, and what there is to tell of the own key."""
        answer = Answer(interaction)
        async with told(answer):
            guild_id = interaction.guild_id or 0
            services = interaction.client.services
            titles = [account.title for account in catalogue_for(interaction).accounts]
            dearer = services.catalogues.dearer_may_stand_in(guild_id)
            state = await services.own_keys.state(guild_id)
            await answer.say("\n".join([*_in_order(titles), _own(state), _stand_in(dearer)]))

    @app_commands.command(
        name="stand-in", description="Whether dearer accounts may stand in for the others."
    )
    @app_commands.describe(
        allowed="yes: while nobody else takes a job, it may cost more than was said."
    )
    async def stand_in(self, interaction: Interaction, allowed: Literal["yes", "no"]) -> None:
        """Decide it."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            stand_ins = interaction.client.services.stand_ins
            await stand_ins.let_dearer(
                interaction.guild_id or 0, allowed=allowed == "yes", by=interaction.user.id
            )
            await answer.tell(_stand_in(allowed == "yes"))


class KeyModal(discord.ui.Modal):
    """Takes a key. It lives in memory, for the person that opened it, until they press Submit."""

    def __init__(self, opened_by: Interaction, gateways: Mapping[str, str]) -> None:
        super().__init__(title=_("This server's own key"), timeout=MODAL_WAITS_S)
        self._opened_by = opened_by.user.id, opened_by.guild_id
        self.gateway: discord.ui.Select[KeyModal] = discord.ui.Select(
            custom_id="gateway",
            options=[
                discord.SelectOption(label=title, value=name) for name, title in gateways.items()
            ],
        )
        self.add_item(
            discord.ui.Label(
                text=_("Gateway"),
                description=_("Where the key is from."),
                component=self.gateway,
            )
        )
        self.key: discord.ui.TextInput[KeyModal] = discord.ui.TextInput(custom_id="key")
        self.add_item(
            discord.ui.Label(
                text=_("Key"),
                description=_("Kept encrypted, used for this server only, never shown again."),
                component=self.key,
            )
        )

    async def on_submit(self, interaction: AnyInteraction) -> None:
        """Test the key and keep it."""
        answer = Answer(interaction)
        async with told(answer):
            if self._opened_by != (interaction.user.id, interaction.guild_id):
                raise NotAllowedError(
                    action=_("bring a key here"), needed=_("who opened this form")
                )
            await answer.begin_in_private()
            state = await interaction.client.services.own_keys.bring(
                interaction.guild_id or 0,
                self.gateway.values[0],
                self.key.value,
                by=interaction.user.id,
            )
            await answer.tell(
                _(
                    "{gateway} takes the key. Since {when} it is used for the videos of this "
                    "server, before the operator's accounts, and for nothing else. It is kept "
                    "encrypted and never shown again; `/cogreel forget-key` takes it away."
                ).format(gateway=state.gateway, when=_when(state))
            )


def _in_order(titles: list[str]) -> list[str]:
    numbered = [f"{number}. {title}" for number, title in enumerate(titles, start=1)]
    return [_("The videos of this server are made by, in this order:"), *numbered]


def _own(state: OwnKeyState | None) -> str:
    if state is None:
        return _("This server has no key of its own. `/cogreel key` brings one.")
    kept = _("Own key: for {gateway}, brought {when} by <@{member}>.").format(
        gateway=state.gateway, when=_when(state), member=state.set_by
    )
    if not state.is_opened:
        return _(
            "{kept} It cannot be used, because the bot can no longer open it. Give it again with "
            "`/cogreel key`."
        ).format(kept=kept)
    if state.paused_since is not None:
        since = f"<t:{int(state.paused_since.timestamp())}:f>"
        return _(
            "{kept} It is paused since {since}: {gateway} refuses the key, its balance or its "
            "plan. Mend that there, or bring another one with `/cogreel key`."
        ).format(kept=kept, since=since, gateway=state.gateway)
    return _("{kept} It is in use.").format(kept=kept)


def _stand_in(allowed: bool) -> str:  # noqa: FBT001  # said in one sentence either way
    if allowed:
        return _(
            "While no other account takes a job, one that costs more than was said may stand in. "
            "`/cogreel stand-in` changes that."
        )
    return _(
        "While no other account takes a job, one that costs more than was said may not stand in. "
        "`/cogreel stand-in` changes that."
    )


def _when(state: OwnKeyState) -> str:
    return f"<t:{int(state.set_at.timestamp())}:f>"
