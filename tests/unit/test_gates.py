"""What a server asks of people and places: who passes, and what the others are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.gates import Gate, GateClosedError, Visitor, check_gates, made_at
from bot.domain.guild_policy import GuildPolicy

AT = datetime(2026, 1, 14, 12, tzinfo=UTC)
MADE = datetime(2026, 1, 10, 12, tzinfo=UTC)
JOINED = datetime(2026, 1, 13, 12, tzinfo=UTC)
EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
EVERYONE, REGULARS, ARTISTS = 1, 20, 21
LAB, GENERAL = 50, 51


def snowflake(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1) << 22


VISITOR = Visitor(
    user_id=snowflake(MADE),
    role_ids=(EVERYONE, REGULARS),
    channel_id=LAB,
    in_age_restricted=False,
    joined_at=JOINED,
)


def refusal(policy: GuildPolicy, visitor: Visitor = VISITOR, model: str | None = None) -> str:
    with pytest.raises(GateClosedError) as refused:
        check_gates(policy, visitor, at=AT, model=model)
    return str(refused.value)


def test_without_a_decision_everybody_passes_everywhere() -> None:
    check_gates(GuildPolicy(), VISITOR, at=AT, model="cogvideox-3")
    nobody = replace(VISITOR, joined_at=None, role_ids=(), channel_id=0)
    check_gates(GuildPolicy(), nobody, at=AT, model="cogvideox-3")


def test_another_channel_is_refused_with_the_right_ones() -> None:
    policy = GuildPolicy(channels=frozenset({GENERAL, 49}))
    assert refusal(policy) == (
        "No videos are made in this channel. Nothing was started. Use one of these: <#49>, <#51>."
    )
    check_gates(policy, replace(VISITOR, channel_id=GENERAL), at=AT)


def test_of_many_channels_some_are_named() -> None:
    text = refusal(GuildPolicy(channels=frozenset(range(100, 125))))
    assert text.endswith("<#108>, <#109> and others.")


def test_one_of_the_roles_is_enough_and_none_is_refused() -> None:
    policy = GuildPolicy(roles=frozenset({ARTISTS, 22}))
    assert refusal(policy) == (
        "Videos are for members with one of these roles: <@&21>, <@&22>. Nothing was started. "
        "Ask a moderator for one of them."
    )
    check_gates(policy, replace(VISITOR, role_ids=(EVERYONE, ARTISTS)), at=AT)
    check_gates(GuildPolicy(roles=frozenset({EVERYONE})), VISITOR, at=AT)


def test_an_account_passes_from_the_instant_that_it_is_old_enough() -> None:
    policy = GuildPolicy(min_account_age=7 * DAY)
    passes = int((MADE + 7 * DAY).timestamp()) + 1
    assert refusal(policy) == (
        "Your Discord account is too new: this server asks for one that is at least 7 days old. "
        f"Nothing was started. Try again after <t:{passes}:f>."
    )
    check_gates(policy, VISITOR, at=MADE + 7 * DAY)
    check_gates(GuildPolicy(min_account_age=4 * DAY), VISITOR, at=AT)


def test_somebody_passes_from_the_instant_that_they_were_here_long_enough() -> None:
    policy = GuildPolicy(min_membership=2 * DAY)
    passes = int((JOINED + 2 * DAY).timestamp()) + 1
    assert refusal(policy) == (
        "You are too new here: this server asks that you have been on it for at least 2 days. "
        f"Nothing was started. Try again after <t:{passes}:f>."
    )
    check_gates(policy, VISITOR, at=JOINED + 2 * DAY)


def test_who_joined_at_an_unknown_time_does_not_pass() -> None:
    assert refusal(GuildPolicy(min_membership=DAY), replace(VISITOR, joined_at=None)) == (
        "You are too new here: this server asks that you have been on it for at least 1 day. "
        "Discord does not tell me since when you have been. Nothing was started. "
        "Ask a moderator to let you pass."
    )


def test_a_restricted_model_needs_an_age_restricted_channel() -> None:
    policy = GuildPolicy(restricted_models=frozenset({"vidu2-image"}))
    assert refusal(policy, model="vidu2-image") == (
        "`vidu2-image` is for age-restricted channels only on this server. Nothing was started. "
        "Choose another model, or use an age-restricted channel."
    )
    check_gates(policy, VISITOR, at=AT, model="cogvideox-3")
    check_gates(policy, VISITOR, at=AT)
    adults = replace(VISITOR, in_age_restricted=True)
    check_gates(policy, adults, at=AT, model="vidu2-image")


def test_of_several_closed_gates_the_first_is_told() -> None:
    closed = GuildPolicy(
        channels=frozenset({GENERAL}),
        roles=frozenset({ARTISTS}),
        min_account_age=30 * DAY,
        min_membership=30 * DAY,
        restricted_models=frozenset({"vidu2-image"}),
    )
    opened = [closed]
    opened.append(replace(opened[-1], channels=frozenset()))
    opened.append(replace(opened[-1], roles=frozenset()))
    opened.append(replace(opened[-1], min_account_age=timedelta()))
    opened.append(replace(opened[-1], min_membership=timedelta()))
    gates: list[Gate] = []
    for policy in opened:
        with pytest.raises(GateClosedError) as refused:
            check_gates(policy, VISITOR, at=AT, model="vidu2-image")
        gates.append(refused.value.gate)
    assert gates == list(Gate)


def test_an_id_tells_when_its_account_was_made() -> None:
    # The example of Discord's own documentation.
    assert made_at(175_928_847_299_117_063).isoformat() == "2016-04-30T11:18:25.796000+00:00"
