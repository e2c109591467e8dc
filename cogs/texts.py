"""Every sentence that a job shows, and the names made from what members typed.

What a member typed is data: markdown in it is escaped, mentions ping nobody
(the client closes them), and control characters never reach a thread's name.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from bot.domain.delivery import LinkReason
from bot.domain.job import Job, JobState, OutcomeReason
from cogs.delivery_texts import delivered_where, waits_for_claim
from cogs.typed import one_line, shown_plainly

if TYPE_CHECKING:
    from bot.domain.catalogues import Catalogues
    from bot.domain.cost import Charge
    from bot.services.jobs import Standing

THREAD_NAME_MAX_CHARACTERS = 80  # Discord takes 100; a shorter one is not cut in the channel list
QUOTED_PROMPT_MAX_CHARACTERS = 600
MESSAGE_MAX_CHARACTERS = 2000  # Discord's
LINK_MAX_CHARACTERS = 1200  # a longer one would leave no room for the words around it
MINUTE_S = 60
# What is rounded to how many seconds, by the upper end of a span.
SPAN_STEPS_S = ((10, 1), (60, 10), (600, 30), (3600, 60), (math.inf, 300))

START_STEPS_S = ((600, 60), (3600, 300), (6 * 3600, 1800), (math.inf, 3600))

OUTCOMES: dict[OutcomeReason, str] = {
    OutcomeReason.CONTENT_REFUSED: (
        "the video service refused the prompt or the image for its content. "
        "It cost nothing and counts against no limit. Change the prompt and try again."
    ),
    OutcomeReason.REQUEST_REJECTED: (
        "the video service refused the settings. It cost nothing and counts against no limit. "
        "Try other settings, and tell the operator of this bot."
    ),
    OutcomeReason.MODEL_UNAVAILABLE: (
        "the video service does not offer this model to us any more. It cost nothing and counts "
        "against no limit. Choose another with `/video create`; `/video models` lists them."
    ),
    OutcomeReason.RENDER_FAILED: (
        "the video service could not render it and gives no reason. "
        "It counts against no limit. Try again, or change the prompt."
    ),
    OutcomeReason.TASK_LOST: (
        "the video service no longer knows it. It counts against no limit. Try again."
    ),
    OutcomeReason.LINK_DEAD: (
        "the video service's link to it no longer works. It counts against no limit. Try again."
    ),
    OutcomeReason.KEY_REMOVED: (
        "this server's own key, with which it was being made, was taken away a day ago. "
        "It counts against no limit. Try again."
    ),
    OutcomeReason.CLIP_UNUSABLE: (
        "the video service gave a file that does not play, three times. "
        "It counts against no limit. Try again."
    ),
    OutcomeReason.DESTINATION_GONE: "the channel for it no longer exists.",
    OutcomeReason.SERVER_LEFT: "I was removed from its server.",
    OutcomeReason.NEVER_CLAIMED: (
        "it was made, but I could post it nowhere, and nobody fetched it with `/video claim`. "
        "Its file is deleted by now."
    ),
    OutcomeReason.CANCELLED_BY_MEMBER: "cancelled. It cost nothing and counts against no limit.",
    OutcomeReason.CANCELLED_BY_MODERATOR: (
        "cancelled by a moderator. It cost nothing and counts against no limit."
    ),
    OutcomeReason.SUBMISSION_UNKNOWN: (
        "the video service did not say whether it took the job, and asking twice could cost twice. "
        "The operator of this bot has to look."
    ),
    OutcomeReason.PAID_CLIP_LOST: (
        "the video service took it, and its clip is lost. It was paid for, so it counts. "
        "The operator of this bot has looked."
    ),
    OutcomeReason.NEVER_TAKEN: (
        "the video service never took it, as the operator of this bot found. "
        "It cost nothing and counts against no limit. Try again."
    ),
    OutcomeReason.INPUT_LOST: (
        "its image is no longer on this bot's disk. It counts against no limit. "
        "Attach the image again."
    ),
    OutcomeReason.TAKEN_DOWN: "the moderators of this server took it down while it was made.",
    OutcomeReason.WITHDRAWN: "the member who asked for it had it deleted while it was made.",
}

STOPPED = ". The video service takes nothing at present; it goes on by itself, and keeps its place"

LINK_REASONS: dict[LinkReason, str] = {
    LinkReason.NOT_AT_HAND: "I have lost the file, or cannot open it",
    LinkReason.TOO_LARGE: "The file is larger than this server takes",
    LinkReason.NOT_PLAYABLE_INLINE: "The file would not play inside Discord",
    LinkReason.FILES_NOT_PERMITTED: "I may not attach files here (**Attach Files** is missing)",
}


def settings_line(job: Job, catalogues: Catalogues) -> str:
    """The model and what was chosen, short."""
    request = job.request
    parts = [catalogues.title_of(request.model), f"from {request.mode}"]
    if job.clip is not None and job.clip.width_px:
        clip = job.clip
        parts += [f"{clip.width_px}x{clip.height_px}", f"{clip.duration_s:.0f} s"]
        parts += [f"{clip.fps:.0f} fps"]
    else:
        parts += [request.size or ""]
        parts += [f"{request.duration_s} s" if request.duration_s else ""]
        parts += [f"{request.fps} fps" if request.fps else ""]
    parts += [f"quality: {request.quality}" if request.quality else ""]
    parts += [request.aspect_ratio or "", request.style or ""]
    parts += [f"movement: {request.movement}" if request.movement else ""]
    parts += ["sound" if request.with_audio else ""]
    return " · ".join(part for part in parts if part)


def quoted_prompt(prompt: str, *, longest: int = QUOTED_PROMPT_MAX_CHARACTERS) -> str:
    """The prompt as a block quote that formats nothing.

    Args:
        prompt: What the member typed.
        longest: Where it is cut, before it is escaped, which doubles it at most.
    """
    line = one_line(prompt) or "(no words, only the image)"
    line = _cut(line, longest)
    return "> " + shown_plainly(line)


def _quoted(job: Job) -> str:
    if job.erased_at is not None:
        return "> (its words and images are deleted: they are not kept for ever)"
    return quoted_prompt(job.request.prompt)


def thread_name(job: Job) -> str:
    """A name from the prompt: no control, direction or invisible characters; never empty."""
    text = "".join(
        " " if unicodedata.category(character).startswith("Z") else character
        for character in unicodedata.normalize("NFC", job.request.prompt)
        # Cc control, Cf format (zero-width, right-to-left override), Co private, Cs surrogate,
        # Cn unassigned: none shows, and some turn the text around them.
        if not unicodedata.category(character).startswith("C") or character.isspace()
    )
    name = " ".join(text.split()) or f"Video #{job.job_id}"
    if len(name) > THREAD_NAME_MAX_CHARACTERS:
        name = name[: THREAD_NAME_MAX_CHARACTERS - 1].rstrip() + "…"
    return name


def status(standing: Standing, catalogues: Catalogues, now: datetime) -> str:
    """The status message, whole."""
    job = standing.job
    if job.withdrawn_at is not None:
        return f"🗑️ **Video #{job.job_id}** was deleted by the member who had asked for it."
    if job.taken_down_at is not None:
        return (
            f"🚫 **Video #{job.job_id}** was taken down by the moderators of this server.\n"
            f"-# for <@{job.user_id}>"
        )
    whose = f"for <@{job.user_id}>{_lineage(job)}"
    lines = (
        f"{_mark(job)} **Video #{job.job_id}** {_headline(standing, now)}",
        _quoted(job),
        f"-# {settings_line(job, catalogues)}{_cost(standing.charge)} · {whose}",
        _stand_in_line(job, catalogues),
    )
    return "\n".join(filter(None, lines))


def queue_line(standing: Standing, now: datetime) -> str:
    """One job in a listing, on one line."""
    job = standing.job
    if job.withdrawn_at is not None:
        return f"**#{job.job_id}** is deleted at its member's wish, and will not be posted"
    if job.taken_down_at is not None:
        return f"**#{job.job_id}** was taken down, and will not be posted · <@{job.user_id}>"
    prompt = shown_plainly(short_prompt(job, 60))
    headline = _headline(replace(standing, starts_at=None), now)  # the line is long enough
    return f"**#{job.job_id}** {headline} · <@{job.user_id}> · {prompt}"


def hidden_line(hidden: int) -> str:
    """The end of a listing about videos that the asker may not see; empty without any."""
    if hidden == 0:
        return ""
    videos = "1 video" if hidden == 1 else f"{hidden} videos"
    return f"\n-# … and {videos} in channels that you do not see."


def result(job: Job, catalogues: Catalogues, notes: tuple[str, ...] = ()) -> str:
    """The text of the message with the clip: where notes are long, the prompt is cut for them."""
    head = f"{result_head(job)}{_lineage(job)}"
    rest = [f"-# {settings_line(job, catalogues)}", *notes]
    room = MESSAGE_MAX_CHARACTERS - len("\n".join([head, "> ", *rest]))
    longest = max(1, min(QUOTED_PROMPT_MAX_CHARACTERS, room // 2))
    return "\n".join([head, quoted_prompt(job.request.prompt, longest=longest), *rest])


def result_head(job: Job) -> str:
    """What the message with the clip begins with; no other message of ours does."""
    return f"🎬 **Video #{job.job_id}** for <@{job.user_id}>"


def cancelled(job: Job) -> str:
    """What a person is told who cancelled it."""
    outcome = OUTCOMES[job.reason] if job.reason else "cancelled."
    return f"Video #{job.job_id} is {outcome}"


def put_first(standing: Standing, now: datetime) -> str:
    """What a member is told who put a video before their other ones."""
    job = standing.job
    return (
        f"Video #{job.job_id} goes before your other waiting videos. It {_headline(standing, now)}."
    )


def duration(seconds: float) -> str:
    """``8 s`` or ``2 min 5 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def between(low_s: float, high_s: float) -> str:
    """A span that holds both, in steps that a person would use: ``1 to 4 min``."""
    step_s = next(step for below, step in SPAN_STEPS_S if high_s < below)
    low = int(low_s // step_s) * step_s
    high = max(low + step_s, math.ceil(high_s / step_s) * step_s)
    if low == 0:
        return f"up to {_short(high)}"
    same_unit = (low < MINUTE_S) == (high < MINUTE_S)
    return f"{_short(low).split()[0] if same_unit else _short(low)} to {_short(high)}"


def short_prompt(job: Job, longest: int) -> str:
    """The prompt on one line, cut; plain text, for places that format nothing."""
    return _cut(one_line(job.request.prompt) or "(only an image)", longest)


def _headline(standing: Standing, now: datetime) -> str:  # one line per state
    job = standing.job
    match job.state:
        case JobState.QUEUED:
            place = "" if standing.place is None else f", number {standing.place} in line"
            when = _starts(standing.starts_at, now)
            return f"is waiting{place}{STOPPED if standing.is_stopped else when}"
        case JobState.SUBMITTING:
            return "is being handed to the video service"
        case JobState.RENDERING:
            return _rendering(standing)
        case JobState.FETCHED:
            return _fetched(job, now)
        case JobState.DELIVERED:
            took_s = (job.state_at - job.created_at).total_seconds()
            return f"is done{delivered_where(job)}, after {duration(took_s)}"
        case JobState.FAILED | JobState.EXPIRED | JobState.CANCELLED | JobState.HELD:
            verb = "is " if job.state is JobState.CANCELLED else "could not be made: "
            verb = "is on hold: " if job.state is JobState.HELD else verb
            return verb + (OUTCOMES[job.reason] if job.reason else str(job.state))
        case _:
            assert_never(job.state)


def _fetched(job: Job, now: datetime) -> str:
    if job.parked_at is not None:
        return waits_for_claim(job)
    if now - job.state_at > timedelta(minutes=1):
        return "is ready, but Discord did not take it yet; I keep trying"
    return "is ready and on its way here"


def _starts(at: datetime | None, now: datetime) -> str:
    """A guess, said as one, and rounded up so that it stays while little changes."""
    if at is None:
        return ""
    wait_s = (at - now).total_seconds()
    step_s = next(step for below, step in START_STEPS_S if wait_s < below)
    rounded_s = math.ceil(at.timestamp() / step_s) * step_s
    return f", and starts about {_relative(datetime.fromtimestamp(rounded_s, UTC))}"


def _rendering(standing: Standing) -> str:
    job, expected = standing.job, standing.expected
    since = _relative(job.submitted_at or job.state_at)
    if expected is None:
        return f"is rendering since {since}"
    if expected.late or job.late_at is not None:
        return (
            f"is late: rendering since {since}, longer than usual. It is paid for, so I keep "
            "asking, and it is delivered when it comes"
        )
    # Counted from the start and not from now: it stays true however long the message stands.
    takes = f"takes {between(expected.earliest_s, expected.latest_s)} in all"
    if expected.overdue:
        return f"is rendering since {since}, longer than usual, and most likely {takes}"
    return f"is rendering since {since} and usually {takes}"


def _cost(charge: Charge | None) -> str:
    if charge is None:
        return ""
    if charge.money is None:
        return " · price not known"
    if not charge.money.micros:
        return " · free"
    return f" · {'cost' if charge.is_final else 'costs up to'} {charge.money}"


def _stand_in_line(job: Job, catalogues: Catalogues) -> str:
    """Who makes it in another's place; empty where nobody had to."""
    if job.account is None or job.passed_over is None or job.state is JobState.QUEUED:
        return ""
    first, other = map(catalogues.account_title, (job.passed_over, job.account))
    return f"-# Through {other}, because {first} takes nothing at present."


def _short(seconds: int) -> str:
    return f"{seconds / MINUTE_S:g} min" if seconds >= MINUTE_S else f"{seconds} s"


def _relative(at: datetime) -> str:
    # Discord's clients count such a stamp by themselves: no edit is needed to keep it true.
    return f"<t:{int(at.astimezone(UTC).timestamp())}:R>"


def _mark(job: Job) -> str:
    marks = {JobState.QUEUED: "⏳", JobState.DELIVERED: "✅", JobState.CANCELLED: "🚫"}
    marks |= {JobState.FAILED: "⚠️", JobState.EXPIRED: "⚠️", JobState.HELD: "✋"}
    return marks.get(job.state, "🎞️")


def _lineage(job: Job) -> str:
    return f", another take of #{job.parent_job_id}" if job.parent_job_id else ""


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
