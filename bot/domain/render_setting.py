"""What of a request its render time depends on, and what is assumed of it before any was seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from bot.domain.render_times import RenderTimes, assumed

if TYPE_CHECKING:
    from bot.domain.capability import Capability
    from bot.domain.request import VideoRequest

T = TypeVar("T", int, str)

# No gateway publishes render times. These are what public clients and their issue threads report:
# 90 s in the median and 240 to 300 s at the 95th percentile for five seconds at up to 1080p.
P95_TO_MEDIAN = 3.0
SLOWER_QUALITY = 1.75
SLOWER_LONGER = 1.8
SLOWER_SMOOTHER = 1.2
AUDIO_S = 10.0
# 13 to 20 minutes for 4K: much slower, and much steadier.
SLOWER_4K = 10.0
P95_TO_MEDIAN_4K = 1.5

# Upper bounds in pixels: sizes of one class have nearly the same number of them.
_SIZE_CLASSES = ((1_500_000, "720p"), (4_000_000, "1080p"))
_LARGEST = "4k"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderSetting:
    """Renders with one of these take about as long as each other.

    Attributes:
        gateway: Who renders.
        model: Its id there.
        settings: The rest, as one line, e.g. ``text 5s 30fps speed 1080p silent``.
        assumed: What is believed of its times before any was seen.
    """

    gateway: str
    model: str
    settings: str
    assumed: RenderTimes = field(compare=False)


def setting_of(request: VideoRequest, row: Capability) -> RenderSetting:
    """The setting of a request; what it leaves to the model is the model's default.

    Args:
        request: What is rendered.
        row: By which row. A job outlives the operator's choice of models: of one that is not
            offered any more, that of another model, which is taken to be as fast.
    """
    duration_s = _or_first(request.duration_s, row.durations_s)
    fps = _or_first(request.fps, row.fps)
    parts = (
        str(request.mode),
        f"{duration_s}s" if duration_s else "",
        f"{fps}fps" if fps else "",
        _or_first(request.quality, row.qualities) or "",
        _size_class(request.size),
        "audio" if request.with_audio else "silent",
    )
    return RenderSetting(
        gateway=row.gateway,
        model=request.model,
        settings=" ".join(filter(None, parts)),
        assumed=_assumed_of(request, row),
    )


def _assumed_of(request: VideoRequest, row: Capability) -> RenderTimes:
    median_s, spread = row.render_median_s, P95_TO_MEDIAN
    if request.quality == "quality":
        median_s *= SLOWER_QUALITY
    if (request.duration_s or 0) > min(row.durations_s, default=0):
        median_s *= SLOWER_LONGER
    if (request.fps or 0) > min(row.fps, default=0):
        median_s *= SLOWER_SMOOTHER
    if _size_class(request.size) == _LARGEST:
        median_s *= SLOWER_4K
        spread = P95_TO_MEDIAN_4K
    if request.with_audio:
        median_s += AUDIO_S
    return assumed(median_s=median_s, p95_s=median_s * spread)


def _or_first(value: T | None, values: tuple[T, ...]) -> T | None:
    return value if value is not None else next(iter(values), None)


def _size_class(size: str | None) -> str:
    """The class of a ``WIDTHxHEIGHT``; empty where the model chooses."""
    if size is None:
        return ""
    width, _, height = size.partition("x")
    pixels = int(width) * int(height)
    return next((name for below, name in _SIZE_CLASSES if pixels < below), _LARGEST)
