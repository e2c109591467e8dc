"""What a server's moderators decided about videos: who, where, with which models, shown how."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.reaction import ReactionAct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.language import Language
    from bot.domain.money import Money

GALLERY_STARS = 3  # until moderators choose another number
GALLERY_STARS_MAX = 1000


class ResultsIn(StrEnum):
    """Where results go that were not asked for in a thread."""

    THREAD = "thread"  # one of their own, under the status message
    CHANNEL = "channel"  # the channel itself


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildPolicy:
    """One server's. As it stands here, it allows everything.

    Attributes:
        channels: Where videos are made, with the threads in them; empty for everywhere.
        roles: One of them is needed; empty for none.
        models: What may be chosen, by id; empty for all. Some may be gone by now.
        default_model: What is meant where none is named; None for the operator's choice.
        restricted_models: What is made in age-restricted channels only.
        min_account_age: How old a Discord account must be.
        min_membership: How long somebody must have been on the server.
        results_in: Where results go.
        spoilers: Whether clips are hidden until somebody clicks on them.
        confirm_above: What a video may cost without being confirmed; None for anything.
        log_channel_id: The channel that shows the audit; None for none.
        board_channel_id: The channel that shows the board; None for none.
        language: What is spoken in public; None for what the server has in Discord.
        keep_days: How long words, images and clips of a video are kept once it has ended; None for
            as long as the operator keeps them, which is never surpassed.
        gallery_channel_id: The channel for what members like best; None for none.
        gallery_stars: How many members have to collect a video until it is posted there.
        reactions: The emoji by what it does, where it is not the usual one; empty for none.
    """

    channels: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    models: frozenset[str] = frozenset()
    default_model: str | None = None
    restricted_models: frozenset[str] = frozenset()
    min_account_age: timedelta = timedelta()
    min_membership: timedelta = timedelta()
    results_in: ResultsIn = ResultsIn.THREAD
    spoilers: bool = False
    confirm_above: Money | None = None
    log_channel_id: int | None = None
    board_channel_id: int | None = None
    language: Language | None = None
    keep_days: int | None = None
    gallery_channel_id: int | None = None
    gallery_stars: int = GALLERY_STARS
    reactions: Mapping[ReactionAct, str] = field(default_factory=dict[ReactionAct, str])

    def allows(self, model: str) -> bool:
        """Whether a model may be chosen."""
        return not self.models or model in self.models

    def lets_use(self, model: str, *, in_age_restricted: bool) -> bool:
        """Whether a model's videos are made in a channel that is for adults, or is not."""
        return in_age_restricted or model not in self.restricted_models
