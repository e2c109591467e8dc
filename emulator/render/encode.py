"""Writes frames and sound as one MP4: H.264 High, yuv420p, AAC, index first."""

# PyAV leaves some parameters without types.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
from av.audio.stream import AudioStream

from emulator.render.planes import Bytes, Planes, half_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from av.container import OutputContainer
    from av.video.stream import VideoStream

    from emulator.render.audio import Samples
    from emulator.render.job import RenderJob

SAMPLE_RATE = 48_000
_AUDIO_FRAME = 1024  # AAC's own frame length in samples
_THREADS = 2  # fixed, whatever the machine: x264's output depends on it
_BT709 = 1  # ITU-T H.273 code point for primaries, transfer and matrix alike
_LIMITED_RANGE = 1
# What "ultrafast" leaves out and costs little: with these it stays High profile, without blocks in
# dark skies, for three quarters of the processor time of "superfast".
_HIGH_AGAIN = {"x264-params": "8x8dct=1:cabac=1:deblock=0,0:aq-mode=1"}


def write_clip(job: RenderJob, draw: Callable[[Planes, int], None], sound: Samples | None) -> None:
    """Draw and encode frame by frame: memory does not grow with the clip's length.

    Args:
        job: Size, rate, length and paths.
        draw: Paints one frame over the whole picture.
        sound: Stereo samples, shape (2, n), -1..1, or None for no audio track.
    """
    # The index is moved to the front on close, for which the muxer must reopen a real file.
    with av.open(
        job.video_path, "w", format="mp4", options={"movflags": "+faststart"}
    ) as container:
        video = _video_stream(container.add_stream("libx264", rate=job.fps), job)
        audio = None if sound is None else container.add_stream("aac", rate=SAMPLE_RATE)
        for number in range(job.frame_count):
            frame = av.VideoFrame(job.width, job.height, "yuv420p")
            picture = Planes(_view(frame, 0), _view(frame, 1), _view(frame, 2))
            draw(picture, number)
            if number == 0:
                half_size(picture).save(job.cover_path, "JPEG", quality=88)
            frame.pts, frame.time_base = number, Fraction(1, job.fps)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if sound is not None and isinstance(audio, AudioStream):
            _write_sound(container, audio, sound)


def _video_stream(stream: VideoStream, job: RenderJob) -> VideoStream:
    stream.width, stream.height, stream.pix_fmt = job.width, job.height, "yuv420p"
    stream.time_base = Fraction(1, job.fps)
    context = stream.codec_context
    context.thread_count = _THREADS
    context.gop_size = 2 * job.fps
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED_RANGE
    stream.options = {"preset": "ultrafast", "profile": "high", "crf": "23", **_HIGH_AGAIN}
    return stream


def _write_sound(container: OutputContainer, stream: AudioStream, sound: Samples) -> None:
    stream.codec_context.bit_rate = 96_000
    for start in range(0, sound.shape[1], _AUDIO_FRAME):
        chunk = np.ascontiguousarray(sound[:, start : start + _AUDIO_FRAME])
        frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _view(frame: av.VideoFrame, index: int) -> Bytes:
    """The frame's own memory, so that drawing needs no copy; rows may be padded."""
    plane = frame.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]
