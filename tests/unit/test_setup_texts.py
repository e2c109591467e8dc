from __future__ import annotations

from bot.domain.fairness import NO_RULES
from bot.domain.guild_policy import GuildPolicy
from bot.domain.reaction import ReactionAct
from bot.services.turns import Decided, MemberCaps
from cogs.setup_item import SetUp
from cogs.setup_texts import share_set, told_setup
from providers.capabilities import rows_of
from tests.accounts import catalogue_of

MESSAGE_MAX_CHARACTERS = 2000
IDS = frozenset(range(10**19, 10**19 + 25))


def test_the_panel_fits_a_message_however_much_was_chosen() -> None:
    models = frozenset(f"a-model-with-a-long-name-{number}" for number in range(25))
    now = SetUp(
        guild=None,
        policy=GuildPolicy(
            channels=IDS,
            roles=IDS,
            models=models,
            restricted_models=models,
            gallery_channel_id=10**19,
            gallery_stars=1000,
            reactions=dict.fromkeys(ReactionAct, f"<a:{'long' * 8}:{10**19}>"),
        ),
        turns=Decided(
            rules=NO_RULES,
            caps=MemberCaps(in_flight=1000, waiting=100_000),
            shares=dict.fromkeys(IDS, 10),
        ),
        time_zone="America/Argentina/ComodRivadavia",
        keep_days_max=365,
        catalogue=catalogue_of(rows_of("zai"), default="cogvideox-3"),
    )
    text = told_setup(now)
    assert "and 19 more" in text
    assert len(text) < MESSAGE_MAX_CHARACTERS - 150, "five shares of roles take 150 more"


def test_a_share_of_one_is_said_without_times() -> None:
    assert "are served as often as those with a share of 1" in share_set(7, 1, NO_RULES)
