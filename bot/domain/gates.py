"""What a server asks of a person and a place before anything else is looked at. Costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.durations import duration_in_words
from bot.domain.errors import MemberError
from bot.domain.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.guild_policy import GuildPolicy

DISCORD_EPOCH = datetime.fromisoformat("2015-01-01T00:00:00+00:00")
SNOWFLAKE_TIME_SHIFT = 22  # https://discord.com/developers/docs/reference#snowflakes
NAMED_MAX = 10  # channels or roles in one refusal
NOTHING_STARTED = N_("Nothing was started.")


class Gate(StrEnum):
    """What somebody can be refused at."""

    CHANNEL = "channel"
    ROLE = "role"
    ACCOUNT_AGE = "account_age"
    MEMBERSHIP = "membership"
    AGE_RESTRICTION = "age_restriction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks, and where, as the gates see it.

    Attributes:
        user_id: The member.
        role_ids: Their roles, the server's id (@everyone) included.
        channel_id: Where they ask; of a thread, the channel above it.
        in_age_restricted: Whether that channel is for adults.
        joined_at: Since when they are on the server; None where Discord does not say.
    """

    user_id: int
    role_ids: tuple[int, ...]
    channel_id: int
    in_age_restricted: bool
    joined_at: datetime | None


class GateClosedError(MemberError):
    """The server asks for something that this person, or this place, has not. Told in private.

    Attributes:
        gate: At which gate.
    """

    def __init__(self, *, gate: Gate, why: str, next_step: str) -> None:
        self.gate = gate
        super().__init__(" ".join((why, _(NOTHING_STARTED), next_step)))


def check_gates(
    policy: GuildPolicy, visitor: Visitor, *, at: datetime, model: str | None = None
) -> None:
    """Let somebody pass, or refuse at the first gate that is closed to them.

    Args:
        policy: What the server asks for.
        visitor: Who asks, and where.
        at: Now.
        model: What they want to use, where that is known by now.

    Raises:
        GateClosedError: Says what to do.
    """
    if policy.channels and visitor.channel_id not in policy.channels:
        raise GateClosedError(
            gate=Gate.CHANNEL,
            why=_("No videos are made in this channel."),
            next_step=_("Use one of these: {named}.").format(
                named=_named("<#{}>", policy.channels)
            ),
        )
    if policy.roles.isdisjoint(visitor.role_ids) and policy.roles:
        raise GateClosedError(
            gate=Gate.ROLE,
            why=_("Videos are for members with one of these roles: {named}.").format(
                named=_named("<@&{}>", policy.roles)
            ),
            next_step=_("Ask a moderator for one of them."),
        )
    _check_since(
        Gate.ACCOUNT_AGE,
        made_at(visitor.user_id),
        policy.min_account_age,
        at,
        why=_(
            "Your Discord account is too new: this server asks for one that is at least {span} old."
        ),
    )
    _check_since(
        Gate.MEMBERSHIP,
        visitor.joined_at,
        policy.min_membership,
        at,
        why=_(
            "You are too new here: this server asks that you have been on it for at least {span}."
        ),
    )
    open_here = visitor.in_age_restricted
    if model is not None and not policy.lets_use(model, in_age_restricted=open_here):
        raise GateClosedError(
            gate=Gate.AGE_RESTRICTION,
            why=_("`{model}` is for age-restricted channels only on this server.").format(
                model=model
            ),
            next_step=_("Choose another model, or use an age-restricted channel."),
        )


def made_at(snowflake: int) -> datetime:
    """When Discord gave this id, and so made what it names."""
    return DISCORD_EPOCH + timedelta(milliseconds=snowflake >> SNOWFLAKE_TIME_SHIFT)


def _check_since(
    gate: Gate, since: datetime | None, least: timedelta, at: datetime, *, why: str
) -> None:
    if not least:
        return
    told = why.format(span=duration_in_words(least))
    if since is None:
        raise GateClosedError(
            gate=gate,
            why=_("{told} Discord does not tell me since when you have been.").format(told=told),
            next_step=_("Ask a moderator to let you pass."),
        )
    if since + least > at:
        passes_s = int((since + least).timestamp()) + 1
        raise GateClosedError(
            gate=gate,
            why=told,
            next_step=_("Try again after {when}.").format(when=f"<t:{passes_s}:f>"),
        )


def _named(form: str, ids: Iterable[int]) -> str:
    """Channels or roles, the oldest first."""
    known = sorted(ids)
    named = ", ".join(form.format(each) for each in known[:NAMED_MAX])
    return _("{some} and others").format(some=named) if len(known) > NAMED_MAX else named
