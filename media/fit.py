"""Makes a clip postable: into a plain MP4 with its index first, encoded anew where need be.

Runs in a child process only: `media/fit_child.py`.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import av.error
from av.video.frame import PictureType
from av.video.reformatter import Interpolation, VideoReformatter

from media.answers import FittedFile
from media.clips import TURNS, inspect, upright
from media.refusal import FileRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

# PyAV types its writing side only in part.
Output = Any
Stream = Any

PRESET = "faster"  # with what follows: the time of two passes at veryfast, and a better picture
# The preset has 4 and 2: 15 % more time, for VMAF within 0.2 of this one.
SUBPIXEL_EFFORT, REFERENCES = 3, 1
CRF = 21  # where the rate is not what binds
SOUND_BPS = 128_000
SOUND_RATE_HZ = 48_000
COPIED_SOUND_MAX_BPS = SOUND_BPS * 1.1
THREADS_MAX = 4  # each costs memory
TRIES_MAX = 3  # one encode is bound to fit; what lied about its length gets two more
TRY_LESS = 0.95
SHORTER_MAX_S = 0.5  # a result that lost more than this lost pictures
FPS_MAX = 60.0
_EARLY_S = 0.002  # by so much may a frame come early and still count as in time
_DIGEST_PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The encode of the picture; see `Encode` in ``bot/domain/delivery.py``."""

    width_px: int
    height_px: int
    fps: float
    picture_bps: int


@dataclass(frozen=True, slots=True)
class _Written:
    """What the source said of itself."""

    length_s: float
    has_sound: bool


def fit(
    source: Path,
    destination: Path,
    *,
    max_bytes: int,
    picture: Picture | None,
    told: Callable[[float], None],
) -> FittedFile:
    """Write ``source`` as a file that Discord's clients play, no larger than ``max_bytes``.

    Args:
        source: A file that `inspect` took for an MP4.
        destination: The new file, synced when this returns.
        max_bytes: Its largest size.
        picture: How the picture is encoded; None copies it as it is.
        told: Called with the share that is done, 0 to 1; begins anew with each try.

    Raises:
        FileRefusedError: It cannot be made to fit, or the result would not play.
        OSError: It cannot be written.
    """
    for number in range(1, TRIES_MAX + 1):
        written = _write(source, destination, picture, told)
        size_bytes = destination.stat().st_size
        if size_bytes <= max_bytes:
            _check(written, destination)
            return FittedFile(
                size_bytes=size_bytes, sha256=synced_digest(destination), encodes=number
            )
        if picture is None:
            break
        less = TRY_LESS * max_bytes / size_bytes
        picture = replace(picture, picture_bps=int(picture.picture_bps * less))
    raise FileRefusedError("is larger than it may be, also when it is made smaller")


def _write(
    source: Path, destination: Path, picture: Picture | None, told: Callable[[float], None]
) -> _Written:
    output: Output
    try:
        with (
            av.open(str(source), mode="r", format="mp4") as container,
            av.open(
                str(destination), "w", format="mp4", options={"movflags": "faststart"}
            ) as output,
        ):
            video = container.streams.video[0]
            sound = container.streams.audio[0] if container.streams.audio else None
            writers: dict[int, Any] = {}
            writers[video.index] = (
                _Copied(output, video)
                if picture is None
                else _Picture(output, video, picture, like=_first_frame(container, video))
            )
            if sound is not None:
                copied = sound.codec.canonical_name == "aac" and (
                    picture is None or 0 < (sound.bit_rate or 0) <= COPIED_SOUND_MAX_BPS
                )
                writers[sound.index] = (_Copied if copied else _Sound)(output, sound)
            length_s = float((video.duration or 0) * (video.time_base or 0))
            for packet in container.demux([stream for stream in (video, sound) if stream]):
                writers[packet.stream.index].take(packet)
                if packet.stream is video and packet.pts is not None and length_s:
                    told(min(1.0, float(packet.pts * packet.time_base) / length_s))
            for writer in writers.values():
                writer.end()
            return _Written(length_s, has_sound=sound is not None)
    except av.error.MemoryError:
        raise MemoryError from None
    except (av.error.FFmpegError, IndexError, ValueError) as exc:
        if isinstance(exc, OSError) and not isinstance(exc, av.error.InvalidDataError):
            raise
        raise FileRefusedError(f"cannot be made to fit: {exc}") from None


class _Copied:
    """A track as it is."""

    def __init__(self, output: Output, stream: Stream) -> None:
        self._output = output
        self._to = output.add_stream_from_template(stream)

    def take(self, packet: Any) -> None:  # noqa: ANN401  # see `Output`
        if packet.dts is not None:  # the demuxer's last one is empty
            packet.stream = self._to
            self._output.mux(packet)

    def end(self) -> None:
        """Nothing is kept back."""


class _Picture:
    """The picture as H.264 within a rate."""

    def __init__(
        self, output: Output, stream: Stream, wanted: Picture, *, like: VideoFrame
    ) -> None:
        self._output, self._from = output, stream
        self._size = (wanted.width_px, wanted.height_px)
        if like.rotation in TURNS and abs(like.rotation) != 180:  # noqa: PLR2004  # upside down
            self._size = (wanted.height_px, wanted.width_px)
        self._reformatter = VideoReformatter()
        self._next_s = float("-inf")
        self._to: Stream = output.add_stream(
            "libx264",
            rate=Fraction(wanted.fps).limit_denominator(1001),
            options={
                "preset": PRESET,
                "subq": str(SUBPIXEL_EFFORT),
                "refs": str(REFERENCES),
                "crf": str(CRF),
                "maxrate": str(wanted.picture_bps),
                "bufsize": str(wanted.picture_bps),  # one second: the file is bound by it
            },
        )
        # Whole before anything is written: the sound may come first, and opens the encoder too.
        self._to.width, self._to.height = self._size
        self._to.pix_fmt = "yuv420p"
        self._to.thread_count = threads()
        context, whole = self._to.codec_context, self._whole(like)
        # As fine as the source's: frames need not come at a steady pace.
        context.time_base = stream.time_base
        context.color_range, context.colorspace = whole.color_range, whole.colorspace
        context.color_primaries, context.color_trc = whole.color_primaries, whole.color_trc

    def take(self, packet: Any) -> None:  # noqa: ANN401  # see `Output`
        for frame in self._from.decode(packet):
            if frame.pts is not None and self._is_due(float(frame.pts * frame.time_base)):
                self._encode(frame)

    def end(self) -> None:
        self._output.mux(self._to.encode())

    def _is_due(self, at_s: float) -> bool:
        if at_s < self._next_s - _EARLY_S:
            return False
        self._next_s = at_s + 1 / FPS_MAX
        return True

    def _encode(self, frame: VideoFrame) -> None:
        whole = self._whole(frame)
        whole.pts, whole.time_base = frame.pts, frame.time_base
        whole.pict_type = PictureType.NONE  # the source's key frames are not ours
        self._output.mux(self._to.encode(whole))

    def _whole(self, frame: VideoFrame) -> VideoFrame:
        width, height = self._size
        return self._reformatter.reformat(
            upright(frame),
            width=width,
            height=height,
            format="yuv420p",
            interpolation=Interpolation.BICUBIC,
        )


def _first_frame(container: InputContainer, video: VideoStream) -> VideoFrame:
    video.thread_type, video.thread_count = "AUTO", threads()
    first: VideoFrame | None = next(iter(container.decode(video)), None)
    if first is None:
        raise FileRefusedError("has no picture that can be decoded")
    container.seek(0)
    return first


def threads() -> int:
    """How many an encode takes."""
    return min(THREADS_MAX, os.cpu_count() or 1)


class _Sound:
    """The sound as AAC."""

    def __init__(self, output: Output, stream: Stream) -> None:
        self._output, self._from = output, stream
        self._to: Stream = output.add_stream("aac", rate=SOUND_RATE_HZ)
        self._to.bit_rate = SOUND_BPS
        self._to.layout = "stereo"
        self._resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SOUND_RATE_HZ)

    def take(self, packet: Any) -> None:  # noqa: ANN401  # see `Output`
        for frame in self._from.decode(packet):
            for part in self._resampler.resample(frame):
                self._output.mux(self._to.encode(part))

    def end(self) -> None:
        for part in self._resampler.resample(None):
            self._output.mux(self._to.encode(part))
        self._output.mux(self._to.encode())


def _check(written: _Written, destination: Path) -> None:
    """The result is what Discord's clients play, and as long as the source says it is."""
    after = inspect(destination)
    if not after.attachable:
        raise FileRefusedError("would not play as it was made to fit")
    if written.length_s - after.duration_s > SHORTER_MAX_S:
        raise FileRefusedError("lost pictures when it was made to fit")
    if written.has_sound and not after.has_audio:
        raise FileRefusedError("lost its sound when it was made to fit")


def synced_digest(path: Path) -> str:
    """Of a file that is on the disk after this, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_DIGEST_PIECE_BYTES):
            digest.update(piece)
        os.fsync(file.fileno())
    return digest.hexdigest()
