"""What a server's moderators decided, in the lines of the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.durations import duration_in_words
from bot.domain.guild_policy import ResultsIn
from bot.domain.language import OWN_NAMES, _

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from bot.domain.catalogue import Catalogue
    from bot.domain.guild_policy import GuildPolicy

SHOWN_MAX = 12  # channels, roles or models in one line


def told_policy(policy: GuildPolicy, catalogue: Catalogue) -> str:
    """The whole policy; fits a message however much was chosen."""
    channels = _listed("<#{}>", sorted(policy.channels))
    roles = _listed("<@&{}>", sorted(policy.roles))
    models = _listed("`{}`", sorted(policy.models))
    restricted = _listed("`{}`", sorted(policy.restricted_models))
    into = "the channel" if policy.results_in is ResultsIn.CHANNEL else "threads of their own"
    hidden = ", hidden until somebody clicks on them" if policy.spoilers else ""
    log = "nowhere" if policy.log_channel_id is None else f"in <#{policy.log_channel_id}>"
    own = _("this server's in Discord")
    language = own if policy.language is None else OWN_NAMES[policy.language]
    return "\n".join(
        (
            "**How videos are made on this server.** What you change here is saved at once.",
            f"Where: {channels or 'in every channel'}",
            f"For whom: {roles or 'everybody'}",
            f"Least age of a Discord account: {_age(policy.min_account_age)}",
            f"Least time on this server: {_age(policy.min_membership)}",
            f"Models: {models or 'all'}; `{catalogue.default.model}` where none is named",
            f"In age-restricted channels only: {restricted or 'none'}",
            f"Results: in {into}{hidden}",
            f"The log is shown: {log}",
            _("Language of posts: {language}").format(language=language),
        )
    )


def _age(least: timedelta) -> str:
    return duration_in_words(least) if least else "any"


def _listed(form: str, chosen: Iterable[int | str]) -> str:
    texts = [form.format(each) for each in chosen]
    more = f" and {len(texts) - SHOWN_MAX} more" if len(texts) > SHOWN_MAX else ""
    return ", ".join(texts[:SHOWN_MAX]) + more
