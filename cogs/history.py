"""A person's videos, page by page, in a private message.

Its buttons carry what is looked for and where their page begins: they work after a restart too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import discord

from bot.domain.history import NEWEST, Cursor, Ended, HistoryFilter
from bot.domain.job import Origin
from bot.domain.language import N_, _
from cogs import texts
from cogs.answer import Answer
from cogs.failures import told
from cogs.message_links import link_to_result, link_to_status
from cogs.sight import viewer_of
from cogs.typed import one_line, shown_plainly

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence
    from typing import Any

    from bot.domain.job import Job
    from bot.services.history import HistoryPage
    from bot.services.viewer import Viewer
    from cogs.services import AnyInteraction

WORDS_MAX_CHARACTERS = 40  # they are in the ids of the buttons, for which Discord has 100
PROMPT_MAX_CHARACTERS = 50
NOTHING = {
    (False, False): N_("You have not asked for a video here yet. `/video create` makes one."),
    (False, True): N_(
        "No video of yours here is like that. Leave out an option of `/video history`."
    ),
    (True, False): N_(
        "You have no favourites here yet. Press ⭐ Favourite under a video, or react with ⭐."
    ),
    (True, True): N_(
        "No favourite of yours here is like that. Leave out an option of `/video history`."
    ),
}


class PageButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=(
        r"cogreel:history:(?P<way>[no])(?P<job_id>[0-9]{1,18}):(?P<ended>all|done|failed|open)"
        r":(?P<favourites>[01]):(?P<words>.*)"
    ),
):
    """Turns the page."""

    def __init__(self, wanted: HistoryFilter, cursor: Cursor) -> None:
        way, favourites = "n" if cursor.newer else "o", int(wanted.favourites)
        at = f"{way}{cursor.job_id}:{wanted.ended}:{favourites}:{wanted.words}"
        super().__init__(
            discord.ui.Button(
                label=_("Newer") if cursor.newer else _("Older"),
                emoji="◀️" if cursor.newer else "▶️",
                custom_id=f"cogreel:history:{at}",
            )
        )
        self.wanted, self.cursor = wanted, cursor

    @classmethod
    async def from_custom_id(
        cls, interaction: AnyInteraction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed. Whatever its id says, the videos are the presser's."""
        del interaction, item
        wanted = HistoryFilter(
            ended=Ended(match["ended"]),
            favourites=match["favourites"] == "1",
            words=match["words"],
        )
        return cls(wanted, Cursor(job_id=int(match["job_id"]), newer=match["way"] == "n"))

    async def callback(self, interaction: AnyInteraction) -> None:
        """Show the other page in place of this one."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.turn(*await history_page(interaction, self.wanted, self.cursor))


PAGE_BUTTONS = (PageButton,)


def filter_of(*, ended: str, words: str | None, favourites: bool) -> HistoryFilter:
    """What somebody looks for who typed this."""
    typed = one_line(words or "")[:WORDS_MAX_CHARACTERS].strip()
    return HistoryFilter(ended=Ended(ended), favourites=favourites, words=typed)


async def history_page(
    interaction: AnyInteraction, wanted: HistoryFilter, cursor: Cursor = NEWEST
) -> tuple[str, discord.ui.View]:
    """A page of the person's videos here, and its buttons."""
    viewer = viewer_of(interaction)
    page = await interaction.client.services.keeping.history.page(viewer, wanted, cursor)
    view = discord.ui.View(timeout=None)
    for other in (page.newer, page.older):
        if other is not None:
            view.add_item(PageButton(wanted, other))
    return page_text(page, wanted, viewer), view


def page_text(page: HistoryPage, wanted: HistoryFilter, viewer: Viewer) -> str:
    """The page in words: one line for each video."""
    lines = [_line(job, page.takes.get(job.job_id, []), viewer) for job in page.jobs]
    is_filtered = bool(wanted.words) or wanted.ended is not Ended.ALL
    return "\n".join(lines) or _(NOTHING[wanted.favourites, is_filtered])


def _line(job: Job, takes: list[int], viewer: Viewer) -> str:
    number = f"**#{job.job_id}**"
    if not viewer.may_know_of(job):
        return _("🔒 {number} is in a channel that you do not see").format(number=number)
    when = f"<t:{int(job.created_at.timestamp())}:d>"
    if job.withdrawn_at is not None:
        return _("🗑️ {number} {when} · deleted by its member").format(number=number, when=when)
    if job.taken_down_at is not None:
        text = _("🚫 {number} {when} · taken down by the moderators")
        return text.format(number=number, when=when)
    parts = [f"{texts.mark(job)} {number} {when}", _prompt(job)]
    parts += [f"<@{job.user_id}>"] if job.user_id != viewer.user_id else []
    parts += [*_links(job), *lineage(job, takes)]
    return " · ".join(parts)


def lineage(job: Job, takes: list[int]) -> list[str]:
    """Of which video it was made, and which were made of it; empty where it stands alone."""
    parts: list[str] = []
    if job.parent_job_id is not None:
        text = {
            Origin.EXTEND: _("what comes after #{number}"),
            Origin.REMIX: _("remix of #{number}"),
        }.get(job.origin, _("take of #{number}"))
        parts.append(text.format(number=job.parent_job_id))
    return parts + named_takes(takes)


def named_takes(takes: Sequence[int]) -> list[str]:
    """What was made of a video; empty where nothing was."""
    numbers = ", ".join(f"#{number}" for number in takes)
    return [_("made of it: {numbers}").format(numbers=numbers)] if takes else []


def _prompt(job: Job) -> str:
    if job.erased_at is not None:
        return _("(its words are deleted)")
    return shown_plainly(texts.short_prompt(job, PROMPT_MAX_CHARACTERS))


def _links(job: Job) -> list[str]:
    result, status = link_to_result(job.place), link_to_status(job.place)
    if result is not None:
        words = _("watch")
        return [f"[{words}](<{result}>)"]
    if status is not None:
        words = _("where it stands")
        return [f"[{words}](<{status}>)"]
    return []
