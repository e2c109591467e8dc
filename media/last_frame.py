"""What a clip ends with. Runs in the decoding child only."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import av
import av.error

from media.clips import duration_of, upright
from media.refusal import FileRefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

QUALITY = 95  # it is encoded once more on its way to the model
_MICROSECONDS = 1_000_000


def write_last_frame(source: Path, destination: Path) -> None:
    """The last picture as a JPEG of its own size.

    Raises:
        FileRefusedError: There is none that can be decoded.
        OSError: It cannot be written.
    """
    try:
        with av.open(str(source), mode="r", format="mp4") as container:
            if not container.streams.video:
                raise FileRefusedError("has no picture")
            video = container.streams.video[0]
            video.thread_count = 1
            # From the last key frame on, or from the beginning where the file says no length.
            container.seek(max(0, int(duration_of(container, video) * _MICROSECONDS)))
            last: Any = upright(deque(container.decode(video), maxlen=1).pop())
            picture: Image = last.to_image()  # PyAV types no Pillow
    except av.error.MemoryError:
        raise MemoryError from None
    except (av.error.FFmpegError, IndexError):
        raise FileRefusedError("has no picture that can be decoded") from None
    picture.convert("RGB").save(destination, format="JPEG", quality=QUALITY)
