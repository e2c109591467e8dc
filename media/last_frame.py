"""The last picture of a clip, as an image that a model can start from. In the child only."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import av
import av.error

from media.answers import NormalisedImage
from media.clips import upright
from media.images import encoded
from media.refusal import FileRefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from av import VideoFrame
    from PIL.Image import Image

_MICROSECONDS = 1_000_000
_FROM_THE_END_S = (2.0, None)  # looked at from the last key frame before this, or from the first


def write_last_frame(source: Path, destination: Path, *, max_bytes: int) -> NormalisedImage:
    """Write the last picture of an MP4, in its full size, as a plain JPEG.

    Raises:
        FileRefusedError: There is none that can be decoded, or it does not get small enough.
        OSError: It cannot be written.
    """
    frame: Any = upright(_last_frame(source))  # PyAV types no Pillow
    picture: Image = frame.to_image()
    jpeg, size = encoded(picture.convert("RGB"), max_bytes)
    destination.write_bytes(jpeg)
    return NormalisedImage(
        width_px=size[0],
        height_px=size[1],
        size_bytes=len(jpeg),
        sha256=hashlib.sha256(jpeg).hexdigest(),
        media_type="image/jpeg",
    )


def _last_frame(source: Path) -> VideoFrame:
    try:
        with av.open(str(source), mode="r", format="mp4") as container:
            if not container.streams.video:
                raise FileRefusedError("has no picture")
            video = container.streams.video[0]
            video.thread_count = 1
            for before_end_s in _FROM_THE_END_S:
                start_s = 0.0
                if before_end_s is not None and container.duration:
                    start_s = max(0.0, container.duration / _MICROSECONDS - before_end_s)
                container.seek(int(start_s * _MICROSECONDS))
                last: VideoFrame | None = None
                for frame in container.decode(video):
                    last = frame
                if last is not None:
                    return last
    except av.error.MemoryError:
        raise MemoryError from None
    except av.error.FFmpegError:
        raise FileRefusedError("has no picture that can be decoded") from None
    raise FileRefusedError("has no picture that can be decoded")
