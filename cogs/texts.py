"""Every sentence that a job shows, and the names made from what members typed.

What a member typed is data: markdown in it is escaped, mentions ping nobody
(the client closes them), and control characters never reach a thread's name.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from bot.domain.job import Job, JobState, Origin, OutcomeReason
from bot.domain.language import N_, _, ngettext
from cogs import job_words, parcel_texts
from cogs.delivery_texts import done, waits_for_claim
from cogs.tell_texts import will_be_told
from cogs.typed import cut, one_line, shown_plainly

if TYPE_CHECKING:
    from bot.domain.catalogues import Catalogues
    from bot.domain.cost import Charge
    from bot.services.jobs import Standing

THREAD_NAME_MAX_CHARACTERS = 80  # Discord takes 100; a shorter one is not cut in the channel list
QUOTED_PROMPT_MAX_CHARACTERS = 600
MESSAGE_MAX_CHARACTERS = 2000  # Discord's
MINUTE_S = 60
# What is rounded to how many seconds, by the upper end of a span.
SPAN_STEPS_S = ((10, 1), (60, 10), (600, 30), (3600, 60), (math.inf, 300))

OUTCOMES: dict[OutcomeReason, str] = {
    OutcomeReason.CONTENT_REFUSED: N_(
        "the video service refused the prompt or the image for its content. "
        "It cost nothing and counts against no limit. Change the prompt and try again."
    ),
    OutcomeReason.REQUEST_REJECTED: N_(
        "the video service refused the settings. It cost nothing and counts against no limit. "
        "Try other settings, and tell the operator of this bot."
    ),
    OutcomeReason.MODEL_UNAVAILABLE: N_(
        "the video service does not offer this model to us any more. It cost nothing and counts "
        "against no limit. Choose another with `/video create`; `/video models` lists them."
    ),
    OutcomeReason.BUDGET_USED_UP: N_(
        "what was to make it is gone, and no budget has room for what would make it instead. "
        "It cost nothing and counts against no limit. `/budget show` tells moderators more."
    ),
    OutcomeReason.RENDER_FAILED: N_(
        "the video service could not render it and gives no reason. "
        "It counts against no limit. Try again, or change the prompt."
    ),
    OutcomeReason.TASK_LOST: N_(
        "the video service no longer knows it. It counts against no limit. Try again."
    ),
    OutcomeReason.LINK_DEAD: N_(
        "the video service's link to it no longer works. It counts against no limit. Try again."
    ),
    OutcomeReason.KEY_REMOVED: N_(
        "this server's own key, with which it was being made, was taken away a day ago. "
        "It counts against no limit. Try again."
    ),
    OutcomeReason.CLIP_UNUSABLE: N_(
        "the video service gave a file that does not play, three times. "
        "It counts against no limit. Try again."
    ),
    OutcomeReason.DESTINATION_GONE: N_("the channel for it no longer exists."),
    OutcomeReason.SERVER_LEFT: N_("I was removed from its server."),
    OutcomeReason.NEVER_CLAIMED: N_(
        "it was made, but I could post it nowhere, and nobody fetched it with `/video claim`. "
        "Its file is deleted by now."
    ),
    OutcomeReason.CANCELLED_BY_MEMBER: N_(
        "cancelled. It cost nothing and counts against no limit."
    ),
    OutcomeReason.CANCELLED_BY_MODERATOR: N_(
        "cancelled by a moderator. It cost nothing and counts against no limit."
    ),
    OutcomeReason.SUBMISSION_UNKNOWN: N_(
        "the video service did not say whether it took the job, and asking twice could cost twice. "
        "The operator of this bot has to look."
    ),
    OutcomeReason.PAID_CLIP_LOST: N_(
        "the video service took it, and its clip is lost. It was paid for, so it counts. "
        "The operator of this bot has looked."
    ),
    OutcomeReason.NEVER_TAKEN: N_(
        "the video service never took it, as the operator of this bot found. "
        "It cost nothing and counts against no limit. Try again."
    ),
    OutcomeReason.INPUT_LOST: N_(
        "its image is no longer on this bot's disk. It counts against no limit. "
        "Attach the image again."
    ),
    OutcomeReason.TAKEN_DOWN: N_("the moderators of this server took it down while it was made."),
    OutcomeReason.NO_FIRST_FRAME: N_(
        "the shot before it, from whose last frame it was to start, could not be made or opened. "
        "It cost nothing and counts against no limit. Retake that shot."
    ),
    OutcomeReason.WITHDRAWN: N_("the member who asked for it had it deleted while it was made."),
}


def settings_line(job: Job, catalogues: Catalogues) -> str:
    """The model and what was chosen, short."""
    request = job.request
    parts = [catalogues.title_of(request.model), _(job_words.MODES[request.mode])]
    if job.clip is not None and job.clip.width_px:
        clip = job.clip
        parts += [f"{clip.width_px}x{clip.height_px}", job_words.seconds(f"{clip.duration_s:.0f}")]
        parts += [job_words.frames_per_second(f"{clip.fps:.0f}")]
    else:
        parts += job_words.shape(request)
    return " · ".join([*parts, *job_words.manner(request)])


def quoted_prompt(prompt: str, *, longest: int = QUOTED_PROMPT_MAX_CHARACTERS) -> str:
    """The prompt as a block quote that formats nothing.

    Args:
        prompt: What the member typed.
        longest: Where it is cut, before it is escaped, which doubles it at most.
    """
    line = one_line(prompt) or _("(no words, only the image)")
    line = cut(line, longest)
    return "> " + shown_plainly(line)


def quoted(job: Job, *, longest: int = QUOTED_PROMPT_MAX_CHARACTERS) -> str:
    """What was asked for, as a block quote; or that it is deleted."""
    if job.erased_at is not None:
        return "> " + _("(its words and images are deleted: they are not kept for ever)")
    return quoted_prompt(job.request.prompt, longest=longest)


def thread_name(job: Job) -> str:
    """A name from the prompt: no control, direction or invisible characters; never empty."""
    text = "".join(
        " " if unicodedata.category(character).startswith("Z") else character
        for character in unicodedata.normalize("NFC", job.request.prompt)
        # Cc control, Cf format (zero-width, right-to-left override), Co private, Cs surrogate,
        # Cn unassigned: none shows, and some turn the text around them.
        if not unicodedata.category(character).startswith("C") or character.isspace()
    )
    name = " ".join(text.split()) or _("Video #{number}").format(number=job.job_id)
    if len(name) > THREAD_NAME_MAX_CHARACTERS:
        name = name[: THREAD_NAME_MAX_CHARACTERS - 1].rstrip() + "…"
    return name


def status(standing: Standing, catalogues: Catalogues, now: datetime) -> str:
    """The status message, whole."""
    job = standing.job
    if job.withdrawn_at is not None:
        text = _("🗑️ **Video #{number}** was deleted by the member who had asked for it.")
        return text.format(number=job.job_id)
    if job.taken_down_at is not None:
        return _(
            "🚫 **Video #{number}** was taken down by the moderators of this server.\n"
            "-# for {member}"
        ).format(number=job.job_id, member=_member(job))
    said = _("**Video #{number}** {headline}").format(
        number=job.job_id, headline=headline(standing, now)
    )
    lines = (
        f"{mark(job)} {said}",
        quoted(job),
        f"-# {settings_line(job, catalogues)}{cost_words(standing.charge)} · {whose(job)}",
        _stand_in_line(job, catalogues),
        will_be_told(job),
    )
    return "\n".join(filter(None, lines))


def queue_line(standing: Standing, now: datetime) -> str:
    """One job in a listing, on one line."""
    job = standing.job
    if job.withdrawn_at is not None:
        text = _("**#{number}** is deleted at its member's wish, and will not be posted")
        return text.format(number=job.job_id)
    if job.taken_down_at is not None:
        return _("**#{number}** was taken down, and will not be posted · {member}").format(
            number=job.job_id, member=_member(job)
        )
    prompt = shown_plainly(short_prompt(job, 60))
    said = headline(replace(standing, starts_at=None), now)  # the line is long enough
    return _("**#{number}** {headline} · {member} · {prompt}").format(
        number=job.job_id, headline=said, member=_member(job), prompt=prompt
    )


def hidden_line(hidden: int) -> str:
    """The end of a listing about videos that the asker may not see; empty without any."""
    if hidden == 0:
        return ""
    return ngettext(
        "\n-# … and {count} video in channels that you do not see.",
        "\n-# … and {count} videos in channels that you do not see.",
        hidden,
    ).format(count=hidden)


def cancelled(job: Job) -> str:
    """What a person is told who cancelled it."""
    outcome = _(OUTCOMES[job.reason]) if job.reason else _("cancelled.")
    return _("Video #{number} is {outcome}").format(number=job.job_id, outcome=outcome)


def ended(job: Job) -> str:
    """How a job ended that was not delivered, in a sentence."""
    return _("**Video #{number}** {headline}").format(number=job.job_id, headline=_ended(job))


def put_first(standing: Standing, now: datetime) -> str:
    """What a member is told who put a video before their other ones."""
    job = standing.job
    return _("Video #{number} goes before your other waiting videos. It {headline}.").format(
        number=job.job_id, headline=headline(standing, now)
    )


def mark(job: Job) -> str:
    """How it stands, in one sign."""
    marks = {JobState.QUEUED: "⏳", JobState.DELIVERED: "✅", JobState.CANCELLED: "🚫"}
    marks |= {JobState.FAILED: "⚠️", JobState.EXPIRED: "⚠️", JobState.HELD: "✋"}
    return marks.get(job.state, "🎞️")


def duration(seconds: float) -> str:
    """``8 s`` or ``2 min 5 s``."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return job_words.seconds(rest)
    return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)


def between(low_s: float, high_s: float) -> str:
    """A span that holds both, in steps that a person would use: ``1 to 4 min``."""
    step_s = next(step for below, step in SPAN_STEPS_S if high_s < below)
    low = int(low_s // step_s) * step_s
    high = max(low + step_s, math.ceil(high_s / step_s) * step_s)
    if low == 0:
        return _("up to {high}").format(high=_short(high))
    if high < MINUTE_S:
        return _("{low} to {high} s").format(low=low, high=high)
    if low < MINUTE_S:
        return _("{low} to {high}").format(low=_short(low), high=_short(high))
    minutes = {"low": f"{low / MINUTE_S:g}", "high": f"{high / MINUTE_S:g}"}
    return _("{low} to {high} min").format_map(minutes)


def short_prompt(job: Job, longest: int) -> str:
    """The prompt on one line, cut; plain text, for places that format nothing."""
    return cut(one_line(job.request.prompt) or _("(only an image)"), longest)


def headline(standing: Standing, now: datetime) -> str:
    """Where a job stands, after its number: one line per state."""
    job = standing.job
    match job.state:
        case JobState.QUEUED:
            return job_words.waiting(standing, now)
        case JobState.SUBMITTING:
            return _("is being handed to the video service")
        case JobState.RENDERING:
            return _rendering(standing)
        case JobState.FETCHED:
            return _fetched(standing, now)
        case JobState.DELIVERED:
            return done(job, duration((job.state_at - job.created_at).total_seconds()))
        case JobState.FAILED | JobState.EXPIRED | JobState.CANCELLED | JobState.HELD:
            return _ended(job)
        case _:
            assert_never(job.state)


def _fetched(standing: Standing, now: datetime) -> str:
    job = standing.job
    if standing.fitting is not None:
        return parcel_texts.fitting(standing.fitting)
    if job.parked_at is not None:
        return waits_for_claim(job)
    if now - job.state_at > timedelta(minutes=1):
        return _("is ready, but Discord did not take it yet; I keep trying")
    return _("is ready and on its way here")


def _ended(job: Job) -> str:
    outcome = _(OUTCOMES[job.reason]) if job.reason else job_words.state_name(job.state)
    if job.state is JobState.CANCELLED:
        return _("is {outcome}").format(outcome=outcome)
    if job.state is JobState.HELD:
        return _("is on hold: {outcome}").format(outcome=outcome)
    return _("could not be made: {outcome}").format(outcome=outcome)


def _rendering(standing: Standing) -> str:
    job, expected = standing.job, standing.expected
    since = job_words.relative(job.submitted_at or job.state_at)
    if expected is None:
        return _("is rendering, started {since}").format(since=since)
    if expected.late or job.late_at is not None:
        return _(
            "is late: started {since}, longer ago than usual. It is paid for, so I keep "
            "asking, and it is delivered when it comes"
        ).format(since=since)
    # Counted from the start and not from now: it stays true however long the message stands.
    span = between(expected.earliest_s, expected.latest_s)
    text = (
        _("is rendering, started {since}, longer ago than usual; most likely takes {span} in all")
        if expected.overdue
        else _("is rendering, started {since}, and usually takes {span} in all")
    )
    return text.format(since=since, span=span)


def cost_words(charge: Charge | None) -> str:
    """What something costs, after a dot; empty where it costs nothing any more."""
    said = cost(charge)
    return f" · {said}" if said else ""


def cost(charge: Charge | None) -> str:
    """What a video costs, or did; empty where it costs nothing any more."""
    if charge is None:
        return ""
    if charge.money is None:
        said = _("price not known")
    elif not charge.money.micros:
        said = _("free")
    else:
        said = _("cost {amount}") if charge.is_final else _("costs up to {amount}")
        said = said.format(amount=charge.money)
    return said


def _stand_in_line(job: Job, catalogues: Catalogues) -> str:
    """Who makes it in another's place; empty where nobody had to."""
    if job.account is None or job.passed_over is None or job.state is JobState.QUEUED:
        return ""
    first, other = map(catalogues.account_title, (job.passed_over, job.account))
    text = _("-# Through {other}, because {first} takes nothing at present.")
    return text.format(other=other, first=first)


def _short(seconds: int) -> str:
    if seconds < MINUTE_S:
        return job_words.seconds(seconds)
    return _("{count} min").format(count=f"{seconds / MINUTE_S:g}")


def whose(job: Job) -> str:
    """Whom it is for, and what it was made of."""
    if not job.parent_job_id:
        return _("for {member}").format(member=_member(job))
    text = {
        Origin.EXTEND: _("for {member}, what comes after #{number}"),
        Origin.REMIX: _("for {member}, a remix of #{number}"),
    }.get(job.origin, _("for {member}, another take of #{number}"))
    return text.format(member=_member(job), number=job.parent_job_id)


def _member(job: Job) -> str:
    return f"<@{job.user_id}>"
