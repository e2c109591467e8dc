"""Makes small real MP4s."""

from __future__ import annotations

import random
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
        noise: bool = ...,
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
        noise: bool = False,
    ) -> Path:
        options = {"movflags": "faststart"} if index_first else {}
        output: Output
        with av.open(str(path), "w", format=container, options=options) as output:
            video = output.add_stream(codec, rate=fps)
            video.width, video.height, video.pix_fmt = *size, pixel_format
            if codec == "libx265":
                # In the order of the pictures: of reordered ones the muxer has refused some.
                video.options = {"x265-params": "bframes=0:log-level=error"}
            sound = None if audio is None else output.add_stream(audio, rate=RATE)
            video.codec_context.time_base = Fraction(1, fps)
            write = _write_noise if noise else _write_ramp
            write(output, video, frames, fps)
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


def _write_noise(output: Output, video: Stream, frames: int, fps: int) -> None:
    chance = random.Random(1)  # noqa: S311  # the same noise each time
    for number in range(frames):
        frame = av.VideoFrame(video.width, video.height, "gray")
        plane = frame.planes[0]
        plane.update(chance.randbytes(plane.line_size * video.height))
        frame.pts, frame.time_base = number, Fraction(1, fps)
        output.mux(video.encode(frame.reformat(format=video.pix_fmt)))
    output.mux(video.encode())


def pad(path: Path, size_bytes: int) -> None:
    """Make a file as long as this with a `free` box at its end, which players skip."""
    rest = size_bytes - path.stat().st_size
    with path.open("ab") as file:
        file.write(rest.to_bytes(4, "big") + b"free")
        file.truncate(size_bytes)


def lie_on_side(path: Path, degrees: int) -> None:
    """Say in the track's header that its pictures are to be turned clockwise (ISO/IEC 14496-12)."""
    one, minus_one = 0x0001_0000, 0xFFFF_0000
    first = {90: (0, one, minus_one, 0), 270: (0, minus_one, one, 0)}
    a, b, c, d = first.get(degrees, (minus_one, 0, 0, minus_one))
    matrix = b"".join(n.to_bytes(4, "big") for n in (a, b, 0, c, d, 0, 0, 0, 0x4000_0000))
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 4 + 40
    content[at : at + 36] = matrix
    path.write_bytes(content)


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
