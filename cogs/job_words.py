"""The words of a job's mode and state, and what is said while it waits."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.domain.job import JobState
from bot.domain.language import N_, _
from bot.domain.request import Mode
from bot.domain.routing import WAITS_FOR_SHOT

if TYPE_CHECKING:
    from bot.domain.request import VideoRequest
    from bot.services.jobs import Standing

START_STEPS_S = ((600, 60), (3600, 300), (6 * 3600, 1800), (math.inf, 3600))

MODES: dict[Mode, str] = {
    Mode.TEXT: N_("from text"),
    Mode.FIRST_FRAME: N_("from first frame"),
    Mode.FIRST_AND_LAST_FRAME: N_("from first and last frame"),
    Mode.REFERENCES: N_("from references"),
}

STATES: dict[JobState, str] = {
    JobState.QUEUED: N_("waiting"),
    JobState.SUBMITTING: N_("being handed over"),
    JobState.RENDERING: N_("rendering"),
    JobState.FETCHED: N_("ready"),
    JobState.DELIVERED: N_("done"),
    JobState.FAILED: N_("failed"),
    JobState.CANCELLED: N_("cancelled"),
    JobState.EXPIRED: N_("expired"),
    JobState.HELD: N_("on hold"),
}


def state_name(state: JobState) -> str:
    """A state in a word or two, as its status says it, for a choice."""
    return _(STATES[state])


def shape(request: VideoRequest) -> list[str]:
    """What was chosen of a clip's size, length and rate, each in a word or two."""
    return [
        *([request.size] if request.size else []),
        *([seconds(request.duration_s)] if request.duration_s else []),
        *([frames_per_second(request.fps)] if request.fps else []),
    ]


def manner(request: VideoRequest) -> list[str]:
    """What else was chosen, likewise."""
    quality, movement = request.quality, request.movement
    found = [
        _("quality: {value}").format(value=quality) if quality else "",
        request.aspect_ratio or "",
        request.style or "",
        _("movement: {value}").format(value=movement) if movement else "",
        _("sound") if request.with_audio else "",
    ]
    return [words for words in found if words]


def seconds(count: int | str) -> str:
    """So many seconds."""
    return _("{count} s").format(count=count)


def frames_per_second(count: int | str) -> str:
    """So many of them."""
    return _("{count} fps").format(count=count)


def waiting(standing: Standing, now: datetime) -> str:
    """Where a job stands that waits, after its number."""
    place, at = standing.place, standing.starts_at
    if standing.job.route == WAITS_FOR_SHOT:
        return _("waits for the shot before it")
    if standing.is_stopped:
        text = (
            _(
                "is waiting. The video service takes nothing at present; it goes on by itself, "
                "and keeps its place"
            )
            if place is None
            else _(
                "is waiting, number {place} in line. The video service takes nothing at present; "
                "it goes on by itself, and keeps its place"
            )
        )
        return text.format(place=place)
    if at is None:
        text = _("is waiting") if place is None else _("is waiting, number {place} in line")
        return text.format(place=place)
    text = (
        _("is waiting, and starts about {when}")
        if place is None
        else _("is waiting, number {place} in line, and starts about {when}")
    )
    return text.format(place=place, when=_starts(at, now))


def _starts(at: datetime, now: datetime) -> str:
    """A guess, said as one, and rounded up so that it stays while little changes."""
    wait_s = (at - now).total_seconds()
    step_s = next(step for below, step in START_STEPS_S if wait_s < below)
    rounded_s = math.ceil(at.timestamp() / step_s) * step_s
    return relative(datetime.fromtimestamp(rounded_s, UTC))


def relative(at: datetime) -> str:
    """An instant, as Discord counts it."""
    # Discord's clients count such a stamp by themselves: no edit is needed to keep it true.
    return f"<t:{int(at.astimezone(UTC).timestamp())}:R>"
