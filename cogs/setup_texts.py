"""What a server's moderators decided, in the lines of the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.durations import duration_in_words
from bot.domain.fairness import ORDINARY_WEIGHT
from bot.domain.guild_policy import ResultsIn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    import discord

    from bot.domain.fairness import TurnRules
    from bot.domain.guild_policy import GuildPolicy
    from bot.services.turns import Decided, MemberCaps
    from cogs.setup_item import SetUp

SHOWN_MAX = 10  # channels, roles or models in one line
SHARES_SHOWN_MAX = 5
SHARES_LISTED_MAX = 50


def told_setup(now: SetUp) -> str:
    """The whole panel; fits a message however much was chosen."""
    policy = now.policy
    channels = _listed("<#{}>", sorted(policy.channels))
    roles = _listed("<@&{}>", sorted(policy.roles))
    models = _listed("`{}`", sorted(policy.models))
    restricted = _listed("`{}`", sorted(policy.restricted_models))
    into = "the channel" if policy.results_in is ResultsIn.CHANNEL else "threads of their own"
    hidden = ", hidden until somebody clicks on them" if policy.spoilers else ""
    log = "nowhere" if policy.log_channel_id is None else f"in <#{policy.log_channel_id}>"
    return "\n".join(
        (
            "**How videos are made on this server.** What you change here is saved at once.",
            f"Where: {channels or 'in every channel'}",
            f"For whom: {roles or 'everybody'}",
            f"Least age of a Discord account: {_age(policy.min_account_age)}",
            f"Least time on this server: {_age(policy.min_membership)}",
            f"Models: {models or 'all'}; `{now.catalogue.default.model}` where none is named",
            f"In age-restricted channels only: {restricted or 'none'}",
            f"Members confirm: {_asked_about(policy)}",
            f"Results: in {into}{hidden}",
            f"The log is shown: {log}",
            f"Turns: {_turns(now)}",
            f"The most of one member at once: {_caps(now.turns.caps)}",
            f"Midnight: of {now.time_zone}",
        )
    )


def share_set(role_id: int, share: int, rules: TurnRules) -> str:
    """What a moderator is told who gave a role a share."""
    times = "as often as" if share == ORDINARY_WEIGHT else f"{share} times as often as"
    return (
        f"From their next video on, members with <@&{role_id}> are served {times} those with a "
        f"share of 1, while both have videos waiting. Of several roles the largest share counts."
        f"{_without_turns(rules)}"
    )


def shares_listed(decided: Decided, guild: discord.Guild | None) -> str:
    """Every share that one message can carry."""
    shares = _shares(decided, guild, most=SHARES_LISTED_MAX)
    if not shares:
        return "Every member has the same share. `/cogreel shares set` gives a role a larger one."
    return f"Shares of roles: {shares}. Everybody else has 1.{_without_turns(decided.rules)}"


def _without_turns(rules: TurnRules) -> str:
    if not rules.first_come_first_served:
        return ""
    return (
        "\n-# At present the first to ask is the first to be served here, whatever their share. "
        "`/cogreel setup` changes that."
    )


def _shares(decided: Decided, guild: discord.Guild | None, *, most: int) -> str:
    """The shares of the roles that are there, the largest first; empty where there are none."""
    there = set[int]() if guild is None else {role.id for role in guild.roles}
    known = [(-share, role) for role, share in decided.shares.items() if role in there]
    texts = [f"<@&{role}> {-share}" for share, role in sorted(known)]
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def _turns(now: SetUp) -> str:
    if now.turns.rules.first_come_first_served:
        return "first come, first served, whoever it is"
    shares = _shares(now.turns, now.guild, most=SHARES_SHOWN_MAX)
    return "members take turns by the render time that they use" + (
        f"; shares: {shares}" if shares else ", with equal shares"
    )


def _caps(caps: MemberCaps) -> str:
    in_flight = "any number" if caps.in_flight is None else str(caps.in_flight)
    return f"{in_flight} being made, {caps.waiting} waiting"


def _asked_about(policy: GuildPolicy) -> str:
    above = policy.confirm_above
    if above is None:
        return "nothing"
    if not above.micros:
        return "every video that is not free"
    return f"every video that may cost more than {above}"


def _age(least: timedelta) -> str:
    return duration_in_words(least) if least else "any"


def _listed(form: str, chosen: Iterable[int | str]) -> str:
    texts = [form.format(each) for each in chosen]
    more = f" and {len(texts) - SHOWN_MAX} more" if len(texts) > SHOWN_MAX else ""
    return ", ".join(texts[:SHOWN_MAX]) + more
