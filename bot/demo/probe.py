"""Looks into a clip that the tour was given: is it what was asked for, and would it play?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a file says of itself, and what decoding it showed.

    Attributes:
        summary: For the transcript.
        width_px: Frame width.
        height_px: Frame height.
        fps: Average frame rate.
        duration_s: Frames decoded, by the rate.
        has_audio: Whether there is a sound track.
        plays: H.264 in yuv420p with the index first, and every frame decodes.
    """

    summary: str
    width_px: int
    height_px: int
    fps: int
    duration_s: float
    has_audio: bool
    plays: bool


def probe(path: Path) -> Probe:
    """Decode a whole clip. Takes seconds: not for an event loop."""
    head = path.read_bytes()
    index_first = 0 <= head.find(b"moov") < head.find(b"mdat")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = sum(1 for _ in container.decode(stream))
        fps = round(float(stream.average_rate or 0))
        codec, pixels = stream.codec_context.name, stream.codec_context.pix_fmt
        width, height = stream.codec_context.width, stream.codec_context.height
        audio = container.streams.audio[0].codec_context.name if container.streams.audio else None
    duration_s = frames / fps if fps else 0.0
    sound = f", {audio} sound" if audio else ", silent"
    order = "index first" if index_first else "index last"
    frames_text = f"{width}x{height}, {duration_s:g} s at {fps} fps"
    return Probe(
        summary=f"{codec} {pixels}, {frames_text}{sound}, {order}",
        width_px=width,
        height_px=height,
        fps=fps,
        duration_s=duration_s,
        has_audio=audio is not None,
        plays=codec == "h264" and pixels == "yuv420p" and index_first and frames > 0,
    )
