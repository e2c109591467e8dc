"""Who is pinged by a message: what its text names, as far as allowed_mentions and rights go."""

import re
from dataclasses import dataclass

from playground.world.model import Guild

_USER = re.compile(r"<@!?(\d{1,19})>")
_ROLE = re.compile(r"<@&(\d{1,19})>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


@dataclass(frozen=True, slots=True)
class AllowedMentions:
    """Which mentions may ping. ``users`` and ``roles`` add single ids to the kinds in ``parse``."""

    parse: frozenset[str] = frozenset({"users", "roles", "everyone"})
    users: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    replied_user: bool = True


@dataclass(frozen=True, slots=True)
class Pings:
    """Who is pinged."""

    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    everyone: bool = False


def resolve(
    content: str,
    allowed: AllowedMentions,
    *,
    guild: Guild | None,
    may_ping_all: bool,
    replied_to: str | None = None,
) -> Pings:
    """Work out who a text pings.

    Args:
        content: The message's text.
        allowed: What its sender allowed.
        guild: The server; None in a DM, where nobody can be named but the two.
        may_ping_all: Whether the author holds MENTION_EVERYONE.
        replied_to: The author of the message replied to.
    """
    if guild is None:
        return Pings()
    users = [
        user
        for user in dict.fromkeys(_USER.findall(content))
        if user in guild.members and ("users" in allowed.parse or user in allowed.users)
    ]
    if replied_to and allowed.replied_user and replied_to not in users:
        users.append(replied_to)
    roles = [
        role
        for role in dict.fromkeys(_ROLE.findall(content))
        if role in guild.roles
        and role != guild.id
        and ("roles" in allowed.parse or role in allowed.roles)
        and (may_ping_all or guild.roles[role].mentionable)
    ]
    everyone = (
        may_ping_all and "everyone" in allowed.parse and _EVERYONE.search(content) is not None
    )
    return Pings(tuple(users), tuple(roles), everyone)
