"""The panel of ``/cogreel setup``: what is picked in it is saved at once and shown anew.

Its controls are DynamicItems (see ``cogs/views.py``), so that a panel works after a restart too.
Who may open one is Discord's to say; therefore one that is old has to be opened again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.domain.errors import MemberError
from bot.domain.guild_policy import ResultsIn
from bot.domain.language import N_, OWN_NAMES, _, language_of, ngettext
from cogs import permissions
from cogs.ages_modal import AgesModal
from cogs.answer import Answer
from cogs.failures import told
from cogs.setup_texts import told_policy
from cogs.spoken import discord_language

if TYPE_CHECKING:
    import re
    from collections.abc import Collection, Iterable

    from bot.domain.capability import Capability
    from bot.domain.language import Language
    from bot.services.policies import Policies
    from cogs.services import AnyInteraction, Services

GOOD_FOR = timedelta(minutes=15)
PICKED_MAX = 25  # Discord's, for a select
CUSTOM_ID_PREFIX = "cogreel:setup"
AS_IN_DISCORD = "discord"  # no language
PAGES = {"people": N_("Who and where"), "models": N_("Models"), "results": N_("Results and log")}
PAGE_OF = {
    "channels": "people",
    "roles": "people",
    "ages": "people",
    "models": "models",
    "default": "models",
    "restricted": "models",
    "log": "results",
    "language": "results",
    "results": "results",
    "spoilers": "results",
}


class OldPanelError(MemberError):
    """Who may open a panel may have changed since this one was opened."""

    def __init__(self) -> None:
        super().__init__(_("This panel is too old. Use `/cogreel setup` to open it anew."))


class LogChannelNotUsableError(MemberError):
    """The bot may not write where the log is to be."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(
            ngettext(
                "I may not write in that channel: {permissions} is missing. Nothing was changed. "
                "Choose another channel, or allow it there first.",
                "I may not write in that channel: {permissions} are missing. Nothing was changed. "
                "Choose another channel, or allow it there first.",
                len(missing),
            ).format(permissions=permissions.in_words(missing))
        )


def panel(interaction: AnyInteraction, page: str) -> tuple[str, discord.ui.View]:
    """What the panel says, and the controls of one of its pages."""
    services: Services = interaction.client.services
    view = discord.ui.View(timeout=None)
    for item in _controls(interaction, page):
        view.add_item(SetupControl(item))
    for name, label in PAGES.items():
        style = discord.ButtonStyle.primary if name == page else discord.ButtonStyle.secondary
        view.add_item(SetupControl(_button(f"page:{name}", _(label), style)))
    guild_id = interaction.guild_id or 0
    return told_policy(services.policies.of(guild_id), services.catalogues.of(guild_id)), view


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
            _check_fresh(interaction)
            if self._control == "ages":
                policy = interaction.client.services.policies.of(interaction.guild_id or 0)
                await answer.open(AgesModal(interaction, policy, show=_show_people))
                return
            await self._save(interaction)
            page = PAGE_OF.get(self._control, self._value)
            await answer.change(*panel(interaction, page))

    async def _save(self, interaction: AnyInteraction) -> None:
        services: Services = interaction.client.services
        policies, guild_id, by = services.policies, interaction.guild_id or 0, interaction.user.id
        picked = _picked(interaction)
        match self._control:
            case "channels":
                await policies.allow_channels(guild_id, map(int, picked), by=by)
            case "roles":
                await policies.allow_roles(guild_id, map(int, picked), by=by)
            case "models":
                await policies.allow_models(guild_id, picked, by=by)
            case "default":
                await policies.choose_default(guild_id, picked[0], by=by)
            case "restricted":
                await policies.restrict_models(guild_id, picked, by=by)
            case "log":
                channel_id = int(picked[0]) if picked else None
                _check_log_channel(interaction, channel_id)
                await policies.log_into(guild_id, channel_id, by=by)
            case "language":
                await policies.choose_language(
                    guild_id, language_of(_picked(interaction)[0]), by=by
                )
            case _:
                await self._press(policies, guild_id, by)

    async def _press(self, policies: Policies, guild_id: int, by: int) -> None:
        """Save what a button says; one that leads to another page says nothing."""
        match self._control:
            case "results":
                await policies.put_results(guild_id, ResultsIn(self._value), by=by)
            case "spoilers":
                await policies.hide_results(guild_id, hidden=self._value == "on", by=by)
            case _:
                pass


async def _show_people(interaction: AnyInteraction, answer: Answer) -> None:
    await answer.change(*panel(interaction, "people"))


def _picked(interaction: AnyInteraction) -> list[str]:
    data: Any = interaction.data
    return list(data.get("values", ()))


def _check_fresh(interaction: AnyInteraction) -> None:
    message = interaction.message
    if message is None or interaction.created_at - message.created_at > GOOD_FOR:
        raise OldPanelError


def _check_log_channel(interaction: AnyInteraction, channel_id: int | None) -> None:
    guild = interaction.guild
    channel = None if guild is None or channel_id is None else guild.get_channel(channel_id)
    if guild is not None and channel is not None:
        missing = permissions.missing_to_work(channel.permissions_for(guild.me), in_thread=False)
        if missing:
            raise LogChannelNotUsableError(missing)


def _controls(interaction: AnyInteraction, page: str) -> Iterable[discord.ui.Item[Any]]:
    services: Services = interaction.client.services
    guild_id = interaction.guild_id or 0
    policy, catalogue = services.policies.of(guild_id), services.catalogues.of(guild_id)
    match page:
        case "people":
            return (
                _channels(interaction, "channels", _("Channels for videos: all"), policy.channels),
                _roles(interaction, policy.roles),
                _button("ages", _("Least age of accounts, least time here …")),
            )
        case "models":
            rows = catalogue.all_rows
            restricted = policy.restricted_models
            found = [
                _models("models", _("Models to choose from: all"), rows, policy.models),
                _models("restricted", _("In age-restricted channels only: none"), rows, restricted),
            ]
            if catalogue.rows:  # a select without options is none
                meant = {catalogue.default.model}
                found.insert(1, _models("default", _("Default model"), catalogue.rows, meant, 1))
            return found
        case _:
            log = {policy.log_channel_id} if policy.log_channel_id else set[int]()
            into = next(where for where in ResultsIn if where is not policy.results_in)
            return (
                _channels(interaction, "log", _("Log channel: none"), log, 1),
                _languages(interaction, policy.language),
                _button(f"results:{into}", _(_POST_INTO[into])),
                _button(
                    f"spoilers:{'off' if policy.spoilers else 'on'}",
                    _("Show clips openly") if policy.spoilers else _("Hide clips until clicked on"),
                ),
            )


_POST_INTO = {
    ResultsIn.THREAD: N_("Post results into threads of their own"),
    ResultsIn.CHANNEL: N_("Post results into the channel itself"),
}


def _button(
    control: str, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> discord.ui.Button[Any]:
    row = 4 if control.startswith("page:") else 3
    return discord.ui.Button(
        label=label, style=style, custom_id=f"{CUSTOM_ID_PREFIX}:{control}", row=row
    )


def _channels(
    interaction: AnyInteraction,
    control: str,
    nothing: str,
    chosen: Collection[int],
    most: int = PICKED_MAX,
) -> discord.ui.ChannelSelect[Any]:
    guild = interaction.guild
    # One that is gone cannot be shown as chosen, and is dropped with the next choice.
    there = [each for each in sorted(chosen) if guild is not None and guild.get_channel(each)]
    kind = discord.SelectDefaultValueType.channel
    return discord.ui.ChannelSelect(
        custom_id=f"{CUSTOM_ID_PREFIX}:{control}",
        placeholder=nothing,
        min_values=0,
        max_values=most,
        channel_types=[discord.ChannelType.text],
        default_values=[discord.SelectDefaultValue(id=each, type=kind) for each in there],
    )


def _roles(interaction: AnyInteraction, chosen: Collection[int]) -> discord.ui.RoleSelect[Any]:
    guild = interaction.guild
    there = [each for each in sorted(chosen) if guild is not None and guild.get_role(each)]
    kind = discord.SelectDefaultValueType.role
    return discord.ui.RoleSelect(
        custom_id=f"{CUSTOM_ID_PREFIX}:roles",
        placeholder=_("Roles that may make videos: all"),
        min_values=0,
        max_values=PICKED_MAX,
        default_values=[discord.SelectDefaultValue(id=each, type=kind) for each in there],
    )


def _languages(interaction: AnyInteraction, chosen: Language | None) -> discord.ui.Select[Any]:
    """Of what is posted for everybody; answers in private are in each person's own."""
    own = OWN_NAMES[discord_language(interaction.guild)]
    options = [
        discord.SelectOption(
            label=_("Posts in this server's language in Discord ({own})").format(own=own),
            value=AS_IN_DISCORD,
            default=chosen is None,
        )
    ]
    options += [
        discord.SelectOption(label=name, value=language.value, default=language is chosen)
        for language, name in OWN_NAMES.items()
    ]
    return discord.ui.Select(custom_id=f"{CUSTOM_ID_PREFIX}:language", options=options)


def _models(
    control: str,
    nothing: str,
    rows: tuple[Capability, ...],
    chosen: Collection[str],
    exactly: int | None = None,
) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=row.title,
            value=row.model,
            description=row.price_text[:100],
            default=row.model in chosen,
        )
        for row in rows[:PICKED_MAX]
    ]
    return discord.ui.Select(
        custom_id=f"{CUSTOM_ID_PREFIX}:{control}",
        placeholder=nothing,
        min_values=exactly or 0,
        max_values=exactly or len(options),
        options=options,
    )
