"""What the moderators of each server decided about videos; see `GuildPolicy`."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.guild_policy import GuildPolicy, ResultsIn
from bot.domain.language import language_of
from bot.domain.money import Money
from bot.domain.reaction import ReactionAct

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    Setting = tuple[
        int,
        str | None,
        int,
        int,
        str,
        int,
        int | None,
        int | None,
        str | None,
        str | None,
        int | None,
        int | None,
        int | None,
        int,
        str,
    ]

_SELECT_SETTING = (
    "SELECT guild_id, default_model, min_account_age_s, min_membership_s, results_in, spoilers,"
    " log_channel_id, confirm_above_micros, confirm_above_currency, language, keep_days,"
    " board_channel_id, gallery_channel_id, gallery_stars, reactions FROM guild_setting"
)
_SELECT_CHOICE = "SELECT guild_id, kind, value FROM guild_choice"


def save(db: sqlite3.Connection, guild_id: int, policy: GuildPolicy) -> None:
    """Put a server's policy in place of the one before."""
    db.execute(
        "INSERT INTO guild_setting (guild_id, default_model, min_account_age_s, min_membership_s,"
        " results_in, spoilers, log_channel_id, confirm_above_micros, confirm_above_currency,"
        " language, keep_days, board_channel_id, gallery_channel_id, gallery_stars, reactions)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id) DO UPDATE SET default_model = excluded.default_model,"
        " min_account_age_s = excluded.min_account_age_s,"
        " min_membership_s = excluded.min_membership_s, results_in = excluded.results_in,"
        " spoilers = excluded.spoilers, log_channel_id = excluded.log_channel_id,"
        " confirm_above_micros = excluded.confirm_above_micros,"
        " confirm_above_currency = excluded.confirm_above_currency,"
        " language = excluded.language, keep_days = excluded.keep_days,"
        " board_channel_id = excluded.board_channel_id,"
        " gallery_channel_id = excluded.gallery_channel_id,"
        " gallery_stars = excluded.gallery_stars, reactions = excluded.reactions",
        (
            guild_id,
            policy.default_model,
            int(policy.min_account_age.total_seconds()),
            int(policy.min_membership.total_seconds()),
            policy.results_in.value,
            int(policy.spoilers),
            policy.log_channel_id,
            None if policy.confirm_above is None else policy.confirm_above.micros,
            None if policy.confirm_above is None else policy.confirm_above.currency,
            policy.language,
            policy.keep_days,
            policy.board_channel_id,
            policy.gallery_channel_id,
            policy.gallery_stars,
            json.dumps(policy.reactions),
        ),
    )
    db.execute("DELETE FROM guild_choice WHERE guild_id = ?", (guild_id,))
    chosen: dict[str, Iterable[int | str]] = {
        "channel": policy.channels,
        "role": policy.roles,
        "model": policy.models,
        "restricted_model": policy.restricted_models,
    }
    db.executemany(
        "INSERT INTO guild_choice (guild_id, kind, value) VALUES (?, ?, ?)",
        [(guild_id, kind, str(value)) for kind, values in chosen.items() for value in values],
    )


def load(db: sqlite3.Connection, guild_id: int) -> GuildPolicy:
    """A server's policy; the one that allows everything where there is none."""
    settings = db.execute(_SELECT_SETTING + " WHERE guild_id = ?", (guild_id,)).fetchall()
    choices = db.execute(_SELECT_CHOICE + " WHERE guild_id = ?", (guild_id,)).fetchall()
    return _policies(settings, choices).get(guild_id, GuildPolicy())


def load_all(db: sqlite3.Connection) -> dict[int, GuildPolicy]:
    """The policies of all servers that decided anything, by server."""
    settings = db.execute(_SELECT_SETTING).fetchall()
    return _policies(settings, db.execute(_SELECT_CHOICE).fetchall())


def _policies(
    settings: list[Setting], choices: list[tuple[int, str, str]]
) -> dict[int, GuildPolicy]:
    chosen: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    for guild_id, kind, value in choices:
        chosen[guild_id, kind].add(value)
    return {
        guild_id: GuildPolicy(
            channels=frozenset(map(int, chosen[guild_id, "channel"])),
            roles=frozenset(map(int, chosen[guild_id, "role"])),
            models=frozenset(chosen[guild_id, "model"]),
            restricted_models=frozenset(chosen[guild_id, "restricted_model"]),
            default_model=default_model,
            min_account_age=timedelta(seconds=min_account_age_s),
            min_membership=timedelta(seconds=min_membership_s),
            results_in=ResultsIn(results_in),
            spoilers=bool(spoilers),
            log_channel_id=log_channel_id,
            confirm_above=None
            if confirm_above_micros is None or confirm_above_currency is None
            else Money(micros=confirm_above_micros, currency=confirm_above_currency),
            language=language_of(language),
            keep_days=keep_days,
            board_channel_id=board_channel_id,
            gallery_channel_id=gallery_channel_id,
            gallery_stars=gallery_stars,
            reactions=_reactions(reactions),
        )
        for (
            guild_id,
            default_model,
            min_account_age_s,
            min_membership_s,
            results_in,
            spoilers,
            log_channel_id,
            confirm_above_micros,
            confirm_above_currency,
            language,
            keep_days,
            board_channel_id,
            gallery_channel_id,
            gallery_stars,
            reactions,
        ) in settings
    }


def _reactions(stored: str) -> dict[ReactionAct, str]:
    """The emoji that were chosen; of what this program does not know, none."""
    found: dict[str, str] = json.loads(stored)
    known = {act.value for act in ReactionAct}
    return {ReactionAct(act): emoji for act, emoji in found.items() if act in known}
