"""What a server's moderators decided, in the lines of the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.durations import duration_in_words
from bot.domain.fairness import ORDINARY_WEIGHT
from bot.domain.guild_policy import ResultsIn
from bot.domain.language import N_, OWN_NAMES, _, ngettext
from bot.domain.reaction import ReactionAct, emoji_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    import discord

    from bot.domain.fairness import TurnRules
    from bot.domain.guild_policy import GuildPolicy
    from bot.services.turns import Decided, MemberCaps
    from cogs.setup_item import SetUp

_RESULTS = {
    (ResultsIn.THREAD, False): N_("Results: in threads of their own"),
    (ResultsIn.THREAD, True): N_(
        "Results: in threads of their own, hidden until somebody clicks on them"
    ),
    (ResultsIn.CHANNEL, False): N_("Results: in the channel"),
    (ResultsIn.CHANNEL, True): N_("Results: in the channel, hidden until somebody clicks on them"),
}
SHOWN_MAX = 6  # channels, roles or models in one line
SHARES_SHOWN_MAX = 5
SHARES_LISTED_MAX = 50


def told_setup(now: SetUp) -> str:
    """The whole panel; fits a message however much was chosen."""
    policy = now.policy
    channels = _listed("<#{}>", sorted(policy.channels))
    roles = _listed("<@&{}>", sorted(policy.roles))
    models = _listed("`{}`", sorted(policy.models))
    restricted = _listed("`{}`", sorted(policy.restricted_models))
    default, log = now.catalogue.default.model, policy.log_channel_id
    own = _("this server's in Discord")
    return "\n".join(
        (
            _("**How videos are made on this server.** What you change here is saved at once."),
            _("Where: {channels}").format(channels=channels or _("in every channel")),
            _("For whom: {roles}").format(roles=roles or _("everybody")),
            _("Least age of a Discord account: {age}").format(age=_age(policy.min_account_age)),
            _("Least time on this server: {age}").format(age=_age(policy.min_membership)),
            _("Models: {models}; `{default}` where none is named").format(
                models=models or _("all"), default=default
            ),
            _("In age-restricted channels only: {models}").format(models=restricted or _("none")),
            _asked_about(policy),
            _(_RESULTS[policy.results_in, policy.spoilers]),
            _("The log is shown: nowhere")
            if log is None
            else _("The log is shown: in {channel}").format(channel=f"<#{log}>"),
            *_board(policy),
            _("Language of posts: {language}").format(
                language=own if policy.language is None else OWN_NAMES[policy.language]
            ),
            _gallery(policy),
            _("Reactions: {reactions}").format(reactions=_reactions(policy)),
            _kept(now),
            _("Turns: {turns}").format(turns=_turns(now)),
            _caps(now.turns.caps),
            _("Midnight: of {time_zone}").format(time_zone=now.time_zone),
        )
    )


def share_set(role_id: int, share: int, rules: TurnRules) -> str:
    """What a moderator is told who gave a role a share."""
    text = (
        _(
            "From their next video on, members with {role} are served as often as those with a "
            "share of 1, while both have videos waiting. Of several roles the largest share counts."
        )
        if share == ORDINARY_WEIGHT
        else _(
            "From their next video on, members with {role} are served {share} times as often as "
            "those with a share of 1, while both have videos waiting. Of several roles the largest "
            "share counts."
        )
    )
    return text.format(role=f"<@&{role_id}>", share=share) + _without_turns(rules)


def shares_listed(decided: Decided, guild: discord.Guild | None) -> str:
    """Every share that one message can carry."""
    shares = _shares(decided, guild, most=SHARES_LISTED_MAX)
    if not shares:
        return _(
            "Every member has the same share. `/cogreel shares set` gives a role a larger one."
        )
    text = _("Shares of roles: {shares}. Everybody else has 1.")
    return text.format(shares=shares) + _without_turns(decided.rules)


def _without_turns(rules: TurnRules) -> str:
    if not rules.first_come_first_served:
        return ""
    return "\n" + _(
        "-# At present the first to ask is the first to be served here, whatever their share. "
        "`/cogreel setup` changes that."
    )


def _shares(decided: Decided, guild: discord.Guild | None, *, most: int) -> str:
    """The shares of the roles that are there, the largest first; empty where there are none."""
    there = set[int]() if guild is None else {role.id for role in guild.roles}
    known = [(-share, role) for role, share in decided.shares.items() if role in there]
    return _some([f"<@&{role}> {-share}" for share, role in sorted(known)], most=most)


def _turns(now: SetUp) -> str:
    if now.turns.rules.first_come_first_served:
        return _("first come, first served, whoever it is")
    shares = _shares(now.turns, now.guild, most=SHARES_SHOWN_MAX)
    if not shares:
        return _("members take turns by the render time that they use, with equal shares")
    text = _("members take turns by the render time that they use; shares: {shares}")
    return text.format(shares=shares)


def _caps(caps: MemberCaps) -> str:
    text = _("The most of one member at once: {in_flight} being made, {waiting} waiting")
    in_flight = _("any number") if caps.in_flight is None else caps.in_flight
    return text.format(in_flight=in_flight, waiting=caps.waiting)


def _board(policy: GuildPolicy) -> tuple[str, ...]:
    if policy.board_channel_id is None:
        return ()
    text = _("The board of the videos is shown: in {channel}")
    return (text.format(channel=f"<#{policy.board_channel_id}>"),)


def _kept(now: SetUp) -> str:
    wished, most = now.policy.keep_days, now.keep_days_max
    if wished is None or wished > most:
        text = _("Words, images and clips are kept for: {days} days, as the operator set it")
        return text.format(days=most)
    return _("Words, images and clips are kept for: {days} days").format(days=wished)


def _gallery(policy: GuildPolicy) -> str:
    if policy.gallery_channel_id is None:
        return _("Gallery: none")
    text = ngettext(
        "Gallery: {channel}, from {count} star on",
        "Gallery: {channel}, from {count} stars on",
        policy.gallery_stars,
    )
    return text.format(channel=f"<#{policy.gallery_channel_id}>", count=policy.gallery_stars)


def _reactions(policy: GuildPolicy) -> str:
    """Those that do something, in the order of their buttons."""
    chosen = [emoji_of(policy.reactions, act) for act in ReactionAct]
    return " ".join(filter(None, chosen)) or _("none")


def _asked_about(policy: GuildPolicy) -> str:
    above = policy.confirm_above
    if above is None:
        return _("Members confirm: nothing")
    if not above.micros:
        return _("Members confirm: every video that is not free")
    text = _("Members confirm: every video that may cost more than {amount}")
    return text.format(amount=above)


def _age(least: timedelta) -> str:
    return duration_in_words(least) if least else _("any")


def _listed(form: str, chosen: Iterable[int | str]) -> str:
    return _some([form.format(each) for each in chosen], most=SHOWN_MAX)


def _some(texts: list[str], *, most: int) -> str:
    told = ", ".join(texts[:most])
    if len(texts) <= most:
        return told
    return _("{some} and {count} more").format(some=told, count=len(texts) - most)
