"""Shows each server's audit in the log channel that its moderators chose: in order, each once."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.background import Background
from bot.domain.errors import (
    DeliveryUnavailableError,
    DestinationGoneError,
    MissingPermissionsError,
    PostRefusedError,
    StorageError,
)
from bot.fault_points import FaultPoint, reached
from bot.languages import speaking
from cogs.audit_texts import entry_line
from cogs.once_poster import OncePost, OncePoster
from cogs.spoken import language_of_server

if TYPE_CHECKING:
    from datetime import datetime

    import discord

    from bot.clock import Clock
    from bot.domain.audit import AuditEntry
    from bot.domain.log_cursor import LogCursor
    from bot.services.guild_logs import GuildLogs
    from bot.services.policies import Policies

log = logging.getLogger(__name__)

LOOK_EVERY_S = 6.0  # so a channel gets ten posts a minute at the most, with many entries each
ENTRIES_AT_ONCE = 20
TEXT_MAX_CHARACTERS = 1900  # of Discord's 2000; the rest is for the last line
FIRST_WAIT_S = 6.0  # with Discord in trouble; doubled each time, for that server alone
LONGEST_WAIT_S = 300.0  # also until a channel that cannot be used is tried again
UNUSABLE = (DestinationGoneError, MissingPermissionsError)


class LogChannels:
    """Posts what was not posted yet, server by server; one in trouble keeps no other waiting."""

    def __init__(
        self, *, bot: discord.Client, logs: GuildLogs, policies: Policies, clock: Clock
    ) -> None:
        self._bot = bot
        self._poster = OncePoster(bot)
        self._logs = logs
        self._policies = policies
        self._clock = clock
        self._failures: dict[int, int] = {}  # in a row, by server
        self._not_before: dict[int, datetime] = {}
        self._done_to: int | None = None  # the end of the audit when every channel had everything
        self._background = Background("log-channels")

    async def start(self) -> None:
        """Begin to post, what an earlier process left over first."""
        self._background.begin(self._post_forever())

    async def stop(self) -> None:
        """Stop posting; what was not posted is posted after the next start."""
        await self._background.end()

    async def _post_forever(self) -> None:
        while True:
            try:
                await self._bot.wait_until_ready()
                await self._post_all()
            except StorageError as exc:
                log.warning("the log channels have to wait: %s", exc)
            except Exception:  # supervision: what comes later must be shown
                log.exception("the log channels broke and are tried again")
            await self._clock.sleep(LOOK_EVERY_S)

    async def _post_all(self) -> None:
        end = await self._logs.end()
        if end == self._done_to:  # one look-up, and nothing to do, as most of the time
            return
        cursors = await self._logs.behind()
        now = self._clock.now()
        due = [each for each in cursors if not self._has_to_wait(each.guild_id, now)]
        await asyncio.gather(*(self._post_for(cursor) for cursor in due))
        if not cursors:
            self._done_to = end

    async def _post_for(self, cursor: LogCursor) -> None:
        guild_id = cursor.guild_id
        try:
            with speaking(language_of_server(self._bot, self._policies, guild_id)):
                await self._post(cursor)
        except (DeliveryUnavailableError, StorageError) as exc:
            log.warning("the log of server %d has to wait: %s", guild_id, exc)
            failures = self._failures.get(guild_id, 0)
            self._wait(guild_id, min(FIRST_WAIT_S * 2 ** min(failures, 10), LONGEST_WAIT_S))
            self._failures[guild_id] = failures + 1
        except UNUSABLE as exc:
            if guild_id not in self._failures:
                log.info("the log channel of server %d cannot be used: %s", guild_id, exc)
            self._wait(guild_id, LONGEST_WAIT_S)
            self._failures[guild_id] = 1
        except Exception:  # supervision: one server's trouble is no other's
            log.exception("the log of server %d broke and is tried again", guild_id)
            self._wait(guild_id, LONGEST_WAIT_S)
        else:
            self._failures.pop(guild_id, None)
            self._not_before.pop(guild_id, None)

    def _has_to_wait(self, guild_id: int, now: datetime) -> bool:
        left = self._not_before.get(guild_id, now) - now
        # What is further away than any wait was planned before the clock was set back.
        return timedelta() < left <= timedelta(seconds=LONGEST_WAIT_S)

    def _wait(self, guild_id: int, seconds: float) -> None:
        self._not_before[guild_id] = self._clock.now() + timedelta(seconds=seconds)

    async def _post(self, cursor: LogCursor) -> None:
        channel_id = self._policies.of(cursor.guild_id).log_channel_id
        if channel_id is None:  # taken away in this moment
            return
        channel = self._poster.find_channel(channel_id)
        entries = await self._logs.to_post(cursor, limit=ENTRIES_AT_ONCE)
        if cursor.tried_seq is None:
            entries = entries[: _how_many_fit(entries)]
            await self._logs.record_try(cursor.guild_id, entries[-1].seq)
            reached(FaultPoint.AFTER_LOG_INTENT)
        try:
            await self._poster.post(post_of(entries, tried_at=cursor.tried_at), channel)
        except PostRefusedError:
            # They are in the audit all the same, and must not keep the later ones waiting.
            log.exception("Discord refuses the log of server %d", cursor.guild_id)
        await self._logs.record_posted(cursor.guild_id, entries[-1].seq)
        reached(FaultPoint.AFTER_LOG_RECORDED)


def post_of(entries: list[AuditEntry], *, tried_at: datetime | None) -> OncePost:
    """What is posted of entries, oldest first."""
    first, last = entries[0].seq, entries[-1].seq
    return OncePost(
        text="\n".join(map(entry_line, entries)),
        last_line=f"-# Log {first}" if first == last else f"-# Log {first} to {last}",
        nonce=f"cogreel-l-{last}",
        tried_at=tried_at,
    )


def _how_many_fit(entries: list[AuditEntry]) -> int:
    """At least one: it is cut where it is too long for a message."""
    length = 0
    for count, entry in enumerate(entries):
        length += len(entry_line(entry)) + 1
        if length > TEXT_MAX_CHARACTERS and count:
            return count
    return len(entries)
