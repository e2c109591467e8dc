"""What an MP4 is, without decoding all of it. Runs in the decoding child only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

import av
import av.error
import av.filter

from media.answers import ClipFacts
from media.refusal import FileRefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

BOXES_MAX = 1_000  # at the top level; a real file has fewer than ten, a fragmented one hundreds
# By the degrees, counterclockwise, that a file says its frames are to be turned.
TURNS = {
    -90: (("transpose", "clock"),),
    90: (("transpose", "cclock"),),
    180: (("hflip", None), ("vflip", None)),
    -180: (("hflip", None), ("vflip", None)),
}
_LONG_HEADER_BYTES = 16
_MICROSECONDS = 1_000_000


def inspect(source: Path) -> ClipFacts:
    """Look into a file that claims to be a playable MP4.

    The first picture and one near the end are decoded, and every packet is read, so that a file
    that was cut off is told from a whole one.

    Raises:
        FileRefusedError: It is none, or it is damaged or cut off.
    """
    with source.open("rb") as file:
        index_first = _index_first(file)
        file.seek(0)
        try:
            # The format is given and the file is ours to read: a playlist in an MP4's name can
            # make FFmpeg open nothing else.
            with av.open(file, mode="r", format="mp4") as container:
                return _facts(container, index_first=index_first)
        except av.error.MemoryError:
            raise MemoryError from None
        except (av.error.FFmpegError, OSError) as exc:  # plain, where it seeks to nowhere
            raise FileRefusedError(f"is no playable MP4: {exc.strerror}") from None


def upright(frame: VideoFrame) -> VideoFrame:
    """The frame as it is to be seen, where its file says that it lies on its side."""
    turn = TURNS.get(frame.rotation)
    if turn is None:
        return frame
    graph = av.filter.Graph()
    steps = [
        graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=frame.time_base,
        ),
        *(graph.add(name, options) for name, options in turn),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*steps).configure()
    graph.vpush(frame)
    turned = graph.vpull()
    turned.pts, turned.time_base = frame.pts, frame.time_base
    return turned


def duration_of(container: InputContainer, video: VideoStream) -> float:
    """The picture's length in seconds, as the file says; 0 where it does not."""
    if video.duration is not None and video.time_base is not None:
        return float(video.duration * video.time_base)
    return 0.0 if container.duration is None else container.duration / _MICROSECONDS


def _facts(container: InputContainer, *, index_first: bool) -> ClipFacts:
    if not container.streams.video:
        raise FileRefusedError("has no picture")
    video = container.streams.video[0]
    video.thread_count = 1
    _decode_one(container, video)
    duration_s = duration_of(container, video)
    frames = _count_packets(container, video)
    if duration_s > 0:
        container.seek(int(duration_s * _MICROSECONDS))  # the last key frame before it
        _decode_one(container, video)
    if not frames or duration_s <= 0 or not video.width or not video.height:
        raise FileRefusedError("has no length or no size")
    audio = container.streams.audio[0] if container.streams.audio else None
    return ClipFacts(
        width_px=video.width,
        height_px=video.height,
        duration_s=round(duration_s, 3),
        fps=round(float(video.average_rate or frames / duration_s), 3),
        frame_count=frames,
        video_codec=video.codec.canonical_name,
        pixel_format=video.pix_fmt or "unknown",
        audio_codec=None if audio is None else audio.codec.canonical_name,
        index_first=index_first,
    )


def _decode_one(container: InputContainer, video: VideoStream) -> None:
    for _ in container.decode(video):
        return
    raise FileRefusedError("has pictures that cannot be decoded")


def _count_packets(container: InputContainer, video: VideoStream) -> int:
    container.seek(0)
    found = sum(1 for packet in container.demux(video) if packet.size)
    if found < video.frames:  # the index promises more than the file holds
        raise FileRefusedError(f"is cut off: {found} of {video.frames} pictures are there")
    return found


def _index_first(file: BinaryIO) -> bool:
    """Whether ``moov`` comes before ``mdat`` among the top-level boxes (ISO/IEC 14496-12, 4.2).

    A file in fragments, or of QuickTime's brand, has no index that every player takes: False.
    """
    end = file.seek(0, os.SEEK_END)
    position, has_index = 0, False
    for _ in range(BOXES_MAX):
        file.seek(position)
        header = file.read(_LONG_HEADER_BYTES)
        kind = header[4:8]
        if kind == b"ftyp" and header[8:12] == b"qt  ":
            return False
        if kind in (b"mdat", b"moof"):
            return kind == b"mdat" and has_index
        has_index = has_index or kind == b"moov"
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:], "big")
        position += length
        if length < 8 or position >= end:  # noqa: PLR2004  # a box's header alone
            break
    return False
