"""Joins clips into one MP4: their packets as they are where they are alike, else one encode.

Runs in a child process only: `media/fit_child.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import av.error
import av.filter
from av.video.frame import PictureType

from media.answers import FittedFile
from media.clips import inspect, upright
from media.fit import (
    PRESET,
    REFERENCES,
    SHORTER_MAX_S,
    SOUND_BPS,
    SOUND_RATE_HZ,
    SUBPIXEL_EFFORT,
    synced_digest,
    threads,
)
from media.refusal import FileRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from av import VideoFrame

    from media.answers import ClipFacts

# PyAV types its writing side only in part.
Output = Any
Stream = Any
Frame = Any

CRF = 19  # what Discord does not take is made to fit afterwards
FPS_MAX = 60.0
SIDE_MAX_PX = 1920  # of an encode
SOUND_FRAME_SAMPLES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What clips have to have in common, so that one goes on where the other ends."""

    picture: tuple[object, ...]
    sound: tuple[object, ...] | None


def join(
    sources: Sequence[Path],
    destination: Path,
    *,
    fade_s: float,
    told: Callable[[float], None],
) -> FittedFile:
    """Write clips one after the other into a file that Discord's clients play.

    Args:
        sources: At least one file that `inspect` took for an MP4.
        destination: The new file, synced when this returns.
        fade_s: How long one fades into the next; 0 for a cut.
        told: Called with the share that is done, 0 to 1.

    Raises:
        FileRefusedError: They cannot be joined, or the result would not play.
        OSError: It cannot be written.
    """
    facts = [inspect(source) for source in sources]
    try:
        looks = {_look(source) for source in sources}
        as_they_are = not fade_s and len(looks) == 1 and all(each.picture_plays for each in facts)
        if as_they_are:
            _copy(sources, destination, told)
        else:
            _encode(sources, facts, destination, fade_s, told)
    except av.error.MemoryError:
        raise MemoryError from None
    except (av.error.FFmpegError, IndexError, ValueError) as exc:
        if isinstance(exc, OSError) and not isinstance(exc, av.error.InvalidDataError):
            raise
        raise FileRefusedError(f"cannot be joined: {exc}") from None
    after = inspect(destination)
    wanted_s = sum(each.duration_s for each in facts) - fade_s * (len(facts) - 1)
    if not after.attachable or wanted_s - after.duration_s > SHORTER_MAX_S:
        raise FileRefusedError("would not play as they were joined")
    return FittedFile(
        size_bytes=destination.stat().st_size,
        sha256=synced_digest(destination),
        encodes=0 if as_they_are else 1,
    )


def _look(source: Path) -> _Look:
    with av.open(str(source), mode="r", format="mp4") as container:
        video = container.streams.video[0]
        sound = container.streams.audio[0] if container.streams.audio else None
        first: Frame = next(iter(container.decode(video)), None)
        return _Look(
            picture=(
                video.codec.canonical_name,
                video.pix_fmt,
                video.width,
                video.height,
                video.time_base,
                video.codec_context.extradata,
                0 if first is None else first.rotation,
            ),
            sound=None
            if sound is None
            else (
                sound.codec.canonical_name,
                sound.rate,
                sound.layout.name,
                sound.codec_context.extradata,
                sound.codec.canonical_name == "aac",
            ),
        )


def _copy(sources: Sequence[Path], destination: Path, told: Callable[[float], None]) -> None:
    output: Output
    with av.open(str(destination), "w", format="mp4", options={"movflags": "faststart"}) as output:
        to: dict[str, Stream] = {}
        begin_s = Fraction(0)
        for number, source in enumerate(sources):
            with av.open(str(source), mode="r", format="mp4") as container:
                streams: list[Stream] = [*container.streams.video[:1], *container.streams.audio[:1]]
                for stream in streams:
                    if stream.type not in to:
                        to[stream.type] = output.add_stream_from_template(stream)
                length_s = max(
                    Fraction(stream.duration or 0) * (stream.time_base or 0) for stream in streams
                )
                for packet in container.demux(streams):
                    if packet.dts is None:
                        continue
                    shift = round(begin_s / packet.time_base)
                    packet.dts += shift
                    packet.pts = packet.dts if packet.pts is None else packet.pts + shift
                    packet.stream = to[packet.stream.type]
                    output.mux(packet)
                begin_s += length_s
            told((number + 1) / len(sources))


def _encode(
    sources: Sequence[Path],
    facts: Sequence[ClipFacts],
    destination: Path,
    fade_s: float,
    told: Callable[[float], None],
) -> None:
    fps = Fraction(min(FPS_MAX, max(each.fps for each in facts))).limit_denominator(1001)
    size = _size(sources[0])
    output: Output
    with av.open(str(destination), "w", format="mp4", options={"movflags": "faststart"}) as output:
        picture = _picture_stream(output, fps, size)
        sound = _sound_stream(output) if any(each.has_audio for each in facts) else None
        frames = _faded([_frames(source, fps, size) for source in sources], int(fade_s * fps))
        total = max(1, int(sum(each.duration_s for each in facts) * fps))
        count = 0
        for count, frame in enumerate(frames, 1):
            frame.pts, frame.time_base = count - 1, 1 / fps
            frame.pict_type = PictureType.NONE
            output.mux(picture.encode(frame))
            told(min(1.0, count / total))
        output.mux(picture.encode())
        if sound is not None:
            for part in _sounds(sources, facts, fade_s):
                output.mux(sound.encode(part))
            output.mux(sound.encode())


def _picture_stream(output: Output, fps: Fraction, size: tuple[int, int]) -> Stream:
    stream = output.add_stream(
        "libx264",
        rate=fps,
        options={
            "preset": PRESET,
            "subq": str(SUBPIXEL_EFFORT),
            "refs": str(REFERENCES),
            "crf": str(CRF),
        },
    )
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.thread_count = threads()
    stream.codec_context.time_base = 1 / fps
    return stream


def _sound_stream(output: Output) -> Stream:
    stream = output.add_stream("aac", rate=SOUND_RATE_HZ)
    stream.bit_rate, stream.layout = SOUND_BPS, "stereo"
    return stream


def _size(source: Path) -> tuple[int, int]:
    """Of the film: the first clip's as it is seen, no larger than Discord's clients play."""
    with av.open(str(source), mode="r", format="mp4") as container:
        frame = upright(next(iter(container.decode(container.streams.video[0]))))
    share = min(1.0, SIDE_MAX_PX / max(frame.width, frame.height))
    return int(frame.width * share) // 2 * 2, int(frame.height * share) // 2 * 2


def _frames(source: Path, fps: Fraction, size: tuple[int, int]) -> Iterator[VideoFrame]:
    """A clip's pictures at a steady pace, in one size, with bars where its shape is another."""
    width, height = size
    with av.open(str(source), mode="r", format="mp4") as container:
        video = container.streams.video[0]
        video.thread_type, video.thread_count = "AUTO", threads()
        graph: av.filter.Graph | None = None
        for frame in container.decode(video):
            whole = upright(frame)
            if graph is None:
                steps = [
                    graph_source(graph := av.filter.Graph(), whole),
                    graph.add("fps", f"{fps.numerator}/{fps.denominator}"),
                    graph.add("scale", f"{width}:{height}:force_original_aspect_ratio=decrease"),
                    graph.add("pad", f"{width}:{height}:(ow-iw)/2:(oh-ih)/2"),
                    graph.add("setsar", "1"),
                    graph.add("format", "yuv420p"),
                    graph.add("buffersink"),
                ]
                graph.link_nodes(*steps).configure()
            graph.vpush(whole)
            yield from _pulled(graph)
        if graph is not None:
            graph.vpush(None)
            yield from _pulled(graph)


def graph_source(graph: av.filter.Graph, frame: VideoFrame) -> Any:  # noqa: ANN401  # see `Output`
    """Where frames like this one go into a graph."""
    return graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )


def _pulled(graph: av.filter.Graph) -> Iterator[VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _faded(clips: Iterable[Iterator[VideoFrame]], overlap: int) -> Iterator[VideoFrame]:
    """One clip after the other, the last frames of each mixed with the first ones of the next."""
    tail: list[VideoFrame] = []
    for clip in clips:
        mixed = 0
        kept: list[VideoFrame] = []
        for frame in clip:
            if mixed < len(tail):
                yield _mixed(tail[mixed], frame, (mixed + 1) / (len(tail) + 1))
                mixed += 1
                continue
            kept.append(frame)
            if len(kept) > overlap:
                yield kept.pop(0)
        yield from tail[mixed:]  # the next one was shorter than the fade
        tail = kept
    yield from tail


def _mixed(one: VideoFrame, other: VideoFrame, share: float) -> VideoFrame:
    from PIL import Image  # noqa: PLC0415  # only where there are fades

    former: Any = one  # PyAV types no Pillow
    latter: Any = other
    untyped: Any = av.VideoFrame  # nor this
    mixed: Any = Image.blend(former.to_image(), latter.to_image(), share)
    result: VideoFrame = untyped.from_image(mixed).reformat(format="yuv420p")
    return result


def _sounds(sources: Sequence[Path], facts: Sequence[ClipFacts], fade_s: float) -> Iterator[Frame]:
    """The sound of all clips, each as long as its picture; silence where one has none."""
    count = 0
    for number, (source, each) in enumerate(zip(sources, facts, strict=True)):
        length_s = each.duration_s - (fade_s if number < len(sources) - 1 else 0.0)
        left = round(length_s * SOUND_RATE_HZ)
        parts = _resampled(source) if each.has_audio else iter(())
        for part in parts:
            if left < part.samples:
                break
            left -= part.samples
            part.pts, part.time_base = count, Fraction(1, SOUND_RATE_HZ)
            count += part.samples
            yield part
        while left >= SOUND_FRAME_SAMPLES:
            silence = av.AudioFrame(format="fltp", layout="stereo", samples=SOUND_FRAME_SAMPLES)
            for plane in silence.planes:
                plane.update(bytes(plane.buffer_size))
            silence.sample_rate = SOUND_RATE_HZ
            silence.pts, silence.time_base = count, Fraction(1, SOUND_RATE_HZ)
            count += SOUND_FRAME_SAMPLES
            left -= SOUND_FRAME_SAMPLES
            yield silence


def _resampled(source: Path) -> Iterator[Frame]:
    with av.open(str(source), mode="r", format="mp4") as container:
        resampler = av.AudioResampler(
            format="fltp",
            layout="stereo",
            rate=SOUND_RATE_HZ,
            frame_size=SOUND_FRAME_SAMPLES,
        )
        for frame in container.decode(container.streams.audio[0]):
            yield from resampler.resample(frame)
