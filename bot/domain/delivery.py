"""How a fetched clip reaches people: the ladder from the file as it came down to a link.

The numbers of the encode are measured: docs/adr/0011-the-delivery-ladder.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.errors import MediaError

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.job import Clip

MIB = 1024 * 1024
DEFAULT_LIMIT_BYTES = 10 * MIB
"""What Discord takes where nothing raises it: https://discord.com/developers/docs/reference"""
# What is tried after Discord refused a larger file than it takes: its limit, and the one before.
FALLBACK_LIMITS_BYTES = (DEFAULT_LIMIT_BYTES, 8 * MIB)

AUDIO_BPS = 128_000
LEAST_PICTURE_BPS = 60_000  # below it there is nothing to look at
MOST_PICTURE_BPS = 50_000_000  # what a level 4.2 player is sure to take
_USED_SHARE = 0.985  # of the limit; the container has the rest
_CONTAINER_BITS = 40_000
_BUFFER_S = 0.9  # what a rate buffer of one second may add at the end
LEAST_BITS_PER_PIXEL = 0.045  # of one frame; below it fewer pixels look better
SHORT_SIDES_PX = (1080, 720, 540, 360)
LONG_SIDE_MAX_PX = 1920
FPS_MAX = 60.0

FIT_MAX_S = 1800.0
_FIT_FIXED_S = 120.0  # starting, a machine that is busy
_FIT_S_PER_SECOND = 22.0  # 1080p at 30 fps takes 2.2 processor seconds for each


class Rung(StrEnum):
    """How the clip is posted, best first."""

    ATTACH = "attach"
    REMUX = "remux"
    ENCODE = "encode"
    LINK = "link"


class LinkReason(StrEnum):
    """Why a link is posted instead of the file."""

    TOO_LARGE = "too large"
    NOT_MADE_TO_FIT = "not made to fit"
    FILES_NOT_PERMITTED = "files not permitted"
    NOT_AT_HAND = "not at hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encode:
    """What one encode is given, so that its result is no larger than the limit.

    Attributes:
        width_px: Of its frames; even.
        height_px: Of its frames; even.
        fps: At most so many frames a second.
        picture_bps: The most that the picture takes, in bits a second.
    """

    width_px: int
    height_px: int
    fps: float
    picture_bps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The best way to post a clip to one place.

    Attributes:
        rung: Which.
        why_link: For `Rung.LINK`, why it is not the file.
        encode: For `Rung.ENCODE`, how.
    """

    rung: Rung
    why_link: LinkReason | None = None
    encode: Encode | None = None


@dataclass(frozen=True, slots=True)
class ClipLink:
    """A link to a clip, until when it works, and whether this bot answers it itself."""

    url: str
    until: datetime
    is_own: bool


@dataclass(frozen=True, slots=True)
class Fitting:
    """How far a clip is in being made to fit.

    Attributes:
        percent: Done, 0 to 100, in tens; 0 also while it waits for its turn.
        disk_is_full: Whether it waits for room on the disk.
    """

    percent: int
    disk_is_full: bool = False


class ClipNotFittedError(MediaError):
    """The clip cannot be made to fit, or would not play then; another try would end the same."""


def plan(clip: Clip, *, limit_bytes: int, may_attach: bool) -> Plan:
    """The best way to post a clip.

    Args:
        clip: The clip as probed.
        limit_bytes: The largest attachment of the place it goes to, read at run time; less where
            Discord refused more; 0 where it refused what was made to fit.
        may_attach: Whether the bot has Attach Files there.
    """
    if not clip.width_px:
        return Plan(rung=Rung.LINK, why_link=LinkReason.NOT_AT_HAND)
    if not may_attach:
        return Plan(rung=Rung.LINK, why_link=LinkReason.FILES_NOT_PERMITTED)
    if clip.size_bytes <= limit_bytes:
        if clip.attachable:
            return Plan(rung=Rung.ATTACH)
        if clip.picture_plays:
            return Plan(rung=Rung.REMUX)
    return encode_plan(clip, limit_bytes=limit_bytes)


def encode_plan(clip: Clip, *, limit_bytes: int) -> Plan:
    """One encode that is bound to fit, or a link where nothing worth looking at would."""
    audio_bits = AUDIO_BPS * clip.duration_s if clip.has_audio else 0
    bits = limit_bytes * 8 * _USED_SHARE - audio_bits - _CONTAINER_BITS
    picture_bps = min(int(bits / (clip.duration_s + _BUFFER_S)), MOST_PICTURE_BPS)
    if picture_bps < LEAST_PICTURE_BPS:
        return Plan(rung=Rung.LINK, why_link=LinkReason.TOO_LARGE)
    fps = min(clip.fps or FPS_MAX, FPS_MAX)
    width_px, height_px = _frame(clip, fps, picture_bps)
    encode = Encode(width_px=width_px, height_px=height_px, fps=fps, picture_bps=picture_bps)
    return Plan(rung=Rung.ENCODE, encode=encode)


def fit_within_s(clip: Clip) -> float:
    """How long one encode may take before it is killed, seconds.

    Long enough for a machine a tenth as fast as the one that was measured on, or as busy.
    """
    long_s = clip.duration_s * max(1.0, (clip.fps or FPS_MAX) / 30)
    return min(_FIT_FIXED_S + _FIT_S_PER_SECOND * long_s, FIT_MAX_S)


def limit_after_refusal(size_bytes: int, *, was_encoded: bool) -> int:
    """The largest file that is tried after Discord refused one for its size; 0 for none.

    One rung down each time, so that at most two files of a job are ever refused.

    Args:
        size_bytes: Of the refused file.
        was_encoded: Whether it had been encoded to fit.
    """
    if was_encoded:
        return 0
    return next((limit for limit in FALLBACK_LIMITS_BYTES if limit < size_bytes), 0)


def _frame(clip: Clip, fps: float, picture_bps: int) -> tuple[int, int]:
    short, long = sorted((clip.width_px, clip.height_px))
    largest = min(1.0, SHORT_SIDES_PX[0] / short, LONG_SIDE_MAX_PX / long)
    shares = [largest, *(side / short for side in SHORT_SIDES_PX if side / short < largest)]
    frame = (0, 0)
    for share in shares:
        frame = _even(clip.width_px * share), _even(clip.height_px * share)
        if picture_bps >= LEAST_BITS_PER_PIXEL * frame[0] * frame[1] * fps:
            break
    return frame


def _even(side_px: float) -> int:
    """4:2:0 has one colour sample for two pixels."""
    return max(2, round(side_px) // 2 * 2)
