from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.guild_policy import GuildPolicy, ResultsIn
from bot.domain.language import Language
from bot.domain.money import Money
from storage import guild_policy
from storage.guild_settings import guilds_that_let_dearer_stand_in, let_dearer_stand_in

if TYPE_CHECKING:
    import sqlite3

SERVER = 1
EVERYTHING = GuildPolicy(
    channels=frozenset({50, 2**62}),
    roles=frozenset({20}),
    models=frozenset({"cogvideox-3", "vidu2-image"}),
    default_model="vidu2-image",
    restricted_models=frozenset({"cogvideox-3"}),
    min_account_age=timedelta(days=7),
    min_membership=timedelta(hours=2),
    results_in=ResultsIn.CHANNEL,
    spoilers=True,
    log_channel_id=51,
    confirm_above=Money(micros=0, currency="CNY"),
    language=Language.JAPANESE,
    keep_days=30,
)


def test_a_policy_is_kept_whole_and_is_of_one_server(db: sqlite3.Connection) -> None:
    guild_policy.save(db, SERVER, EVERYTHING)
    assert guild_policy.load(db, SERVER) == EVERYTHING
    assert guild_policy.load(db, 2) == GuildPolicy()
    assert guild_policy.load_all(db) == {SERVER: EVERYTHING}


def test_a_new_policy_takes_the_place_of_the_old_one(db: sqlite3.Connection) -> None:
    guild_policy.save(db, SERVER, EVERYTHING)
    guild_policy.save(db, 2, EVERYTHING)
    guild_policy.save(db, SERVER, GuildPolicy())
    assert guild_policy.load_all(db) == {SERVER: GuildPolicy(), 2: EVERYTHING}


def test_what_else_a_server_decided_stays_as_it_is(db: sqlite3.Connection) -> None:
    let_dearer_stand_in(db, SERVER, allowed=True)
    guild_policy.save(db, SERVER, EVERYTHING)
    assert guilds_that_let_dearer_stand_in(db) == [SERVER]
    let_dearer_stand_in(db, SERVER, allowed=False)
    assert guild_policy.load(db, SERVER) == EVERYTHING
