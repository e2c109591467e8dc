"""``python -m media.trial FILE``: encode a tiny clip, to find out whether this machine can."""

# PyAV leaves some parameters without types.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import av

SIDE_PX, FRAMES, FPS = 64, 8, 8


def encode(path: Path) -> None:
    """Write a second of grey as H.264 in an MP4 with the index first.

    Raises:
        av.error.FFmpegError: It cannot.
    """
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = SIDE_PX, SIDE_PX, "yuv420p"
        for number in range(FRAMES):
            frame = av.VideoFrame(SIDE_PX, SIDE_PX, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([16 * number + 16]) * plane.buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


if __name__ == "__main__":
    encode(Path(sys.argv[1]))
