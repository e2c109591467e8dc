"""Makes small real MP4s."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

import av

if TYPE_CHECKING:
    from pathlib import Path

Output = Any  # PyAV types its writing side only in part
Stream = Any  # likewise

RATE = 48_000
SAMPLES = 1024  # of one AAC frame


class MakeClip(Protocol):
    """Writes an MP4 of a moving grey ramp and gives its path."""

    def __call__(  # every one is a wish of some test
        self,
        *,
        codec: str = ...,
        pixel_format: str = ...,
        size: tuple[int, int] = ...,
        fps: int = ...,
        frames: int = ...,
        audio: str | None = ...,
        index_first: bool = ...,
        container: str = ...,
    ) -> Path: ...


def clip_maker(path: Path) -> MakeClip:
    """A maker that writes to ``path``."""

    def make(  # see `MakeClip`
        *,
        codec: str = "libx264",
        pixel_format: str = "yuv420p",
        size: tuple[int, int] = (128, 96),
        fps: int = 30,
        frames: int = 30,
        audio: str | None = None,
        index_first: bool = True,
        container: str = "mp4",
    ) -> Path:
        options = {"movflags": "faststart"} if index_first else {}
        output: Output
        with av.open(str(path), "w", format=container, options=options) as output:
            video = output.add_stream(codec, rate=fps)
            video.width, video.height, video.pix_fmt = *size, pixel_format
            sound = None if audio is None else output.add_stream(audio, rate=RATE)
            _write_ramp(output, video, frames, fps)
            if sound is not None:
                _write_silence(output, sound, frames * RATE // fps // SAMPLES)
        return path

    return make


def _write_ramp(output: Output, video: Stream, frames: int, fps: int) -> None:
    for number in range(frames):
        frame = av.VideoFrame(video.width, video.height, "gray")
        row = bytes((x + number) % 256 for x in range(frame.planes[0].line_size))
        frame.planes[0].update(row * video.height)
        frame.pts, frame.time_base = number, Fraction(1, fps)
        output.mux(video.encode(frame.reformat(format=video.pix_fmt)))
    output.mux(video.encode())


def write_sound_file(path: Path) -> Path:
    """An MP4 without a picture."""
    output: Output
    with av.open(str(path), "w", format="mp4") as output:
        _write_silence(output, output.add_stream("aac", rate=RATE), frames=20)
    return path


def _write_silence(output: Output, sound: Stream, frames: int) -> None:
    for number in range(frames):
        samples = av.AudioFrame("fltp", "stereo", SAMPLES)
        samples.sample_rate, samples.pts = RATE, number * SAMPLES
        samples.time_base = Fraction(1, RATE)
        for plane in samples.planes:
            plane.update(bytes(plane.buffer_size))
        output.mux(sound.encode(samples))
    output.mux(sound.encode())
