"""What a server's board says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.board import Health
from bot.domain.job import JobState
from bot.domain.language import N_, _, ngettext
from cogs import job_words, texts
from cogs.listing import fitting_lines
from cogs.typed import shown_plainly

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from bot.domain.board import Board
    from bot.domain.job import Job
    from bot.services.jobs import Listing, Standing

LINES_MAX_CHARACTERS = 1300  # of Discord's 2000
PROMPT_MAX_CHARACTERS = 60
ACCOUNTS_MAX = 5

_HEALTH = {
    Health.WORKS: N_("🟢 {account} works."),
    Health.BUSY: N_("🟡 {account} is busy. What waits for it goes on by itself."),
    Health.BROKEN: N_("🔴 {account} takes no videos at present. What waits keeps its place."),
}


def board_text(
    listing: Listing,
    health: Collection[tuple[str, Health]],
    *,
    now: datetime,
    shows_prompt: Callable[[Job], bool],
) -> str:
    """The board without its last line.

    Args:
        listing: The open jobs that everybody may know of.
        health: The accounts, and how they are.
        now: To tell what takes long.
        shows_prompt: Whether everybody may read what a job is about.
    """
    lines = [
        _line(each, now, with_prompt=shows_prompt(each.job))
        for each in listing.standings
        # What is on hold waits for the operator, and what was taken down is nobody's to read.
        if each.job.state is not JobState.HELD and each.job.taken_down_at is None
    ]
    shown = fitting_lines(lines, _("\n-# … and more."), LINES_MAX_CHARACTERS)
    return "\n".join(
        (
            _("📋 **The videos of this server**"),
            *(
                _(_HEALTH[how]).format(account=shown_plainly(account))
                for account, how in list(health)[:ACCOUNTS_MAX]
            ),
            (shown or _("Nothing is waiting or running here. Start one with `/video create`."))
            + _hidden(listing.hidden),
        )
    )


def last_line(board: Board) -> str:
    """What a board is known by: no other has the same."""
    since = f"<t:{int(board.begun_at.timestamp())}:f>"
    return _("-# Kept up to date by itself since {since}.").format(since=since)


def _hidden(hidden: int) -> str:
    if hidden == 0:
        return ""
    return ngettext(
        "\n-# … and {count} video in channels that not everybody sees.",
        "\n-# … and {count} videos in channels that not everybody sees.",
        hidden,
    ).format(count=hidden)


def _line(standing: Standing, now: datetime, *, with_prompt: bool) -> str:
    job, place = standing.job, standing.job.place
    link = f"https://discord.com/channels/{place.guild_id}/{place.channel_id}"
    link += f"/{place.status_message_id}" if place.status_message_id else ""
    parts = [f"**[#{job.job_id}](<{link}>)** {_headline(standing, now)}", f"<@{job.user_id}>"]
    if with_prompt:
        parts.append(shown_plainly(texts.short_prompt(job, PROMPT_MAX_CHARACTERS)))
    return " · ".join(parts)


def _headline(standing: Standing, now: datetime) -> str:
    job, expected = standing.job, standing.expected
    if job.state is not JobState.RENDERING or expected is None:
        return texts.headline(standing, now)
    if expected.overdue or expected.late or job.late_at is not None:
        return _("is rendering, longer than usual")
    latest = (job.submitted_at or job.state_at) + timedelta(seconds=expected.latest_s)
    # Discord's clients count it by themselves.
    return _("is rendering, and most likely done by {when}").format(when=job_words.relative(latest))
