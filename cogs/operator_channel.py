"""Tells the operator, in a channel of theirs, what only they can mend; each notice once."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.background import Background
from bot.clock import sleep_or_wake
from bot.domain.errors import (
    DeliveryUnavailableError,
    DestinationGoneError,
    MissingPermissionsError,
    PostRefusedError,
    StorageError,
)
from bot.fault_points import FaultPoint, reached
from cogs.once_poster import OncePost, OncePoster

if TYPE_CHECKING:
    import discord

    from bot.clock import Clock
    from bot.domain.notice import Notice
    from bot.services.notices import Notices

log = logging.getLogger(__name__)

POST_EVERY_S = 6.0  # ten a minute at the most: a channel that scrolls away tells nobody
SWEEP_S = 30.0  # the longest that a missed event can delay a notice
FIRST_WAIT_S = 5.0  # with Discord in trouble; doubled each time
LONGEST_WAIT_S = 300.0
UNUSABLE_WAIT_S = 300.0  # until a channel that cannot be used is tried again

UNUSABLE = (DestinationGoneError, MissingPermissionsError)


class OperatorChannel:
    """Posts the notices that were not posted yet, in their order."""

    def __init__(
        self, *, bot: discord.Client, notices: Notices, clock: Clock, channel_id: int | None
    ) -> None:
        self._bot = bot
        self._poster = OncePoster(bot)
        self._notices = notices
        self._clock = clock
        self._channel_id = channel_id
        self._wake = asyncio.Event()
        self._failures = 0  # in a row
        self._complaint: str | None = None  # what the log was last told about the channel
        self._refused: set[int] = set()  # notices that Discord refuses for certain
        self._background = Background("operator-channel")

    async def start(self) -> None:
        """Begin to post, what an earlier process left over first; nothing without a channel."""
        if self._channel_id is not None:
            self._background.begin(self._tell_forever(self._channel_id))

    async def stop(self) -> None:
        """Stop posting; what was not posted is posted after the next start."""
        await self._background.end()

    def notice_added(self) -> None:
        """Post it soon. Never blocks. Call it after the transaction that added it."""
        self._wake.set()

    async def _tell_forever(self, channel_id: int) -> None:
        while True:
            self._wake.clear()
            try:
                told = await self._tell_next(channel_id)
            except (DeliveryUnavailableError, StorageError) as exc:
                log.warning("the operator was not told yet: %s", exc)
                await self._wait_longer()
            except UNUSABLE as exc:
                self._complain(channel_id, exc)
                await self._clock.sleep(UNUSABLE_WAIT_S)
            except Exception:  # supervision: the operator must be told all the rest
                log.exception("telling the operator broke and is tried again")
                await self._wait_longer()
            else:
                self._failures = 0
                self._praise()
                await (
                    self._clock.sleep(POST_EVERY_S)
                    if told
                    else sleep_or_wake(self._clock, self._wake, SWEEP_S)
                )

    async def _tell_next(self, channel_id: int) -> bool:
        """Tell what comes first; False where there is nothing. The channel is looked for anyway."""
        await self._bot.wait_until_ready()
        channel = self._poster.find_channel(channel_id)
        waiting = await self._notices.unsent(len(self._refused) + 1)
        notice = next((n for n in waiting if n.notice_id not in self._refused), None)
        if notice is None:
            return False
        try:
            await self._tell(notice, channel)
        except PostRefusedError as exc:
            self._refused.add(notice.notice_id)
            log.error(  # noqa: TRY400  # for the operator, whom it was meant for: no traceback
                "Discord refuses notice %d, until the next start: %s. It says: %s",
                notice.notice_id,
                exc,
                notice.text,
            )
        return True

    async def _tell(self, notice: Notice, channel: discord.TextChannel) -> None:
        reached(FaultPoint.BEFORE_NOTICE_INTENT)
        if notice.tried_at is None:
            await self._notices.record_try(notice.notice_id)
            reached(FaultPoint.AFTER_NOTICE_INTENT)
        message_id = await self._poster.post(post_of(notice), channel)
        await self._notices.record_sent(notice.notice_id, message_id)
        reached(FaultPoint.AFTER_NOTICE_RECORDED)

    def _complain(
        self, channel_id: int, exc: DestinationGoneError | MissingPermissionsError
    ) -> None:
        complaint = str(exc)
        if complaint != self._complaint:
            log.error(
                "COGREEL_OPERATOR_CHANNEL_ID: %d cannot be used: %s. Name a text channel in which"
                " the bot has View Channel and Send Messages; until then the notices wait.",
                channel_id,
                complaint,
            )
        self._complaint = complaint

    def _praise(self) -> None:
        if self._complaint is not None:
            log.info("the operator's channel can be used again")
        self._complaint = None

    async def _wait_longer(self) -> None:
        wait_s = min(FIRST_WAIT_S * 2 ** min(self._failures, 10), LONGEST_WAIT_S)
        self._failures += 1
        await self._clock.sleep(wait_s)


def post_of(notice: Notice) -> OncePost:
    """What is posted of a notice."""
    return OncePost(
        text=notice.text,
        # When it became so stands there too, where it comes late.
        last_line=f"-# Notice {notice.notice_id} · <t:{int(notice.added_at.timestamp())}:f>",
        nonce=f"cogreel-n-{notice.notice_id}",
        tried_at=notice.tried_at,
    )
