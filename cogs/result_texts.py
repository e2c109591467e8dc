"""What stands around a clip, in its result and in further posts of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.further_post import FurtherPostKind
from bot.domain.language import _, ngettext
from cogs import texts
from cogs.history import named_takes
from cogs.message_links import link_to_result

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.domain.catalogues import Catalogues
    from bot.domain.job import Job

LAYOUT_MAX_CHARACTERS = 4000  # Discord's, over all texts of a message that is laid out
RESULT_SIGN = "🎬"
# What a further post begins with, and no result: one is never taken for the other.
SIGNS = {
    FurtherPostKind.SHOWN: "📌",
    FurtherPostKind.SENT: "✉️",
    FurtherPostKind.GALLERY: "⭐",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a video is posted again.

    Attributes:
        kind: What for.
        by_user_id: For one that is shown again: who wanted that.
        stars: For one in a gallery: how many members collected it by then.
        takes: The takes of it that may be named there.
    """

    kind: FurtherPostKind
    by_user_id: int = 0
    stars: int = 0
    takes: Sequence[int] = ()


def result(
    job: Job, catalogues: Catalogues, notes: tuple[str, ...] = (), sign: str = RESULT_SIGN
) -> tuple[str, str]:
    """The texts above and below the clip: where notes are long, the prompt is cut for them."""
    said = _("**Video #{number}** {whose}").format(number=job.job_id, whose=texts.whose(job))
    head = f"{sign} {said}"
    below = "\n".join([f"-# {texts.settings_line(job, catalogues)}{_took(job)}", *notes])
    room = LAYOUT_MAX_CHARACTERS - len(f"{head}\n> {below}")
    longest = max(1, min(texts.QUOTED_PROMPT_MAX_CHARACTERS, room // 2))
    return f"{head}\n{texts.quoted_prompt(job.request.prompt, longest=longest)}", below


def is_result(text: str, job: Job) -> bool:
    """Whether a message of ours with these words is the one with the clip, in any language."""
    return _begins(text, (RESULT_SIGN,), job.job_id)


def further(
    job: Job, reason: Reason, catalogues: Catalogues, notes: tuple[str, ...] = ()
) -> tuple[str, str]:
    """The texts above and below the clip.

    Args:
        job: Whose clip it is.
        reason: Why it is here.
        catalogues: The names of models.
        notes: What else is to be said of its file, or of the link to it.
    """
    parts = [_why(reason), *named_takes(reason.takes)]
    link = link_to_result(job.place)
    if link is not None and not job.place.result_is_direct:
        words = _("where it was posted first")
        parts.append(f"[{words}](<{link}>)")
    why = " · ".join(filter(None, parts))
    notes = (*notes, f"-# {why}") if why else notes
    return result(job, catalogues, notes, SIGNS[reason.kind])


def is_further(text: str, job_id: int) -> bool:
    """Whether a message of ours begins as a further post of a job, in whatever language."""
    return _begins(text, SIGNS.values(), job_id)


def _begins(text: str, signs: Collection[str], job_id: int) -> bool:
    sign, _space, head = text.partition("\n")[0].partition(" ")
    return sign in signs and f" #{job_id}**" in head


def _took(job: Job) -> str:
    """From the wish to the clip; empty where that is not known."""
    took_s = (job.state_at - job.created_at).total_seconds()
    if took_s <= 0:
        return ""
    return " · " + _("made in {duration}").format(duration=texts.duration(took_s))


def _why(reason: Reason) -> str:
    if reason.kind is FurtherPostKind.SENT:
        return _("sent to you, as you asked")
    if reason.kind is FurtherPostKind.SHOWN:
        return _("shown again by {member}").format(member=f"<@{reason.by_user_id}>")
    if reason.stars == 0:  # they took their stars back in this moment
        return ""
    return ngettext(
        "came here when {count} member had collected it",
        "came here when {count} members had collected it",
        reason.stars,
    ).format(count=reason.stars)
