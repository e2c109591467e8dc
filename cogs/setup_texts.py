"""What a server's moderators decided, in the lines of the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.durations import duration_in_words
from bot.domain.guild_policy import ResultsIn
from bot.domain.language import N_, OWN_NAMES, _

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from bot.domain.catalogue import Catalogue
    from bot.domain.guild_policy import GuildPolicy

_RESULTS = {
    (ResultsIn.THREAD, False): N_("Results: in threads of their own"),
    (ResultsIn.THREAD, True): N_(
        "Results: in threads of their own, hidden until somebody clicks on them"
    ),
    (ResultsIn.CHANNEL, False): N_("Results: in the channel"),
    (ResultsIn.CHANNEL, True): N_("Results: in the channel, hidden until somebody clicks on them"),
}
SHOWN_MAX = 12  # channels, roles or models in one line


def told_policy(policy: GuildPolicy, catalogue: Catalogue) -> str:
    """The whole policy; fits a message however much was chosen."""
    channels = _listed("<#{}>", sorted(policy.channels))
    roles = _listed("<@&{}>", sorted(policy.roles))
    models = _listed("`{}`", sorted(policy.models))
    restricted = _listed("`{}`", sorted(policy.restricted_models))
    log = policy.log_channel_id
    own = _("this server's in Discord")
    default = catalogue.default.model
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
            _(_RESULTS[policy.results_in, policy.spoilers]),
            _("The log is shown: nowhere")
            if log is None
            else _("The log is shown: in {channel}").format(channel=f"<#{log}>"),
            _("Language of posts: {language}").format(
                language=own if policy.language is None else OWN_NAMES[policy.language]
            ),
        )
    )


def _age(least: timedelta) -> str:
    return duration_in_words(least) if least else _("any")


def _listed(form: str, chosen: Iterable[int | str]) -> str:
    texts = [form.format(each) for each in chosen]
    told = ", ".join(texts[:SHOWN_MAX])
    if len(texts) <= SHOWN_MAX:
        return told
    return _("{some} and {count} more").format(some=told, count=len(texts) - SHOWN_MAX)
