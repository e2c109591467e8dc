"""What is shown of a clip beside a link: six of its pictures on one sheet, each with its time.

Runs in the decoding child only.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import av
import av.error
from PIL import Image, ImageDraw, ImageFont

from media.clips import duration_of, upright
from media.refusal import FileRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.container import InputContainer
    from av.video.stream import VideoStream

COLUMNS, ROWS = 3, 2
SIDE_PX = 424  # of one picture; three beside each other are as wide as Discord shows
ALONE_SIDE_PX = 640  # of a clip's only picture
GAP_PX = 4
QUALITY = 85
DECODING_S = 8.0  # a large clip with few key frames takes longer: then with fewer pictures
_MARK_PX = 20
_SHEET = (24, 26, 31)
_MARK = (0, 0, 0, 190)
_Picture = tuple[float, Image.Image]
"""Where in the clip it is, in seconds, and itself."""


def write_poster(source: Path, destination: Path, *, decoding_s: float = DECODING_S) -> None:
    """A JPEG with pictures from all over the clip; with its first one alone where it has no more.

    Args:
        source: The clip.
        destination: Where the JPEG goes.
        decoding_s: No picture is looked for after so many seconds; those that were found remain.

    Raises:
        FileRefusedError: There is none that can be decoded.
        OSError: It cannot be written.
    """
    until = time.monotonic() + decoding_s
    found: list[_Picture] = []
    try:
        with av.open(str(source), mode="r", format="mp4") as container:
            if not container.streams.video:
                raise FileRefusedError("has no picture")
            video = container.streams.video[0]
            video.thread_count = 1
            for picture in _pictures(container, video):
                found.append(picture)
                if time.monotonic() > until:
                    break
    except av.error.MemoryError:
        raise MemoryError from None
    except av.error.FFmpegError:
        if not found:
            raise FileRefusedError("has no picture that can be decoded") from None
    if not found:
        raise FileRefusedError("has no picture that can be decoded")
    _sheet(found).save(destination, format="JPEG", quality=QUALITY)


def _pictures(container: InputContainer, video: VideoStream) -> Iterator[_Picture]:
    """The first picture, and then the next one after each sixth of the clip's length."""
    step_s = duration_of(container, video) / (COLUMNS * ROWS)
    found = 0
    for frame in container.decode(video):
        at_s = frame.time or 0.0
        if found and at_s < found * step_s:
            continue
        plain: Any = upright(frame)  # PyAV types no Pillow
        picture: Image.Image = plain.to_image()
        picture.thumbnail((ALONE_SIDE_PX, ALONE_SIDE_PX))
        yield at_s, picture.convert("RGB")
        found += 1
        if found == COLUMNS * ROWS or not step_s:
            return


def _sheet(pictures: list[_Picture]) -> Image.Image:
    if len(pictures) == 1:
        return pictures[0][1]
    for _, picture in pictures:
        picture.thumbnail((SIDE_PX, SIDE_PX))
    width, height = pictures[0][1].size
    columns = min(COLUMNS, len(pictures))
    rows = -(-len(pictures) // columns)
    size = columns * (width + GAP_PX) - GAP_PX, rows * (height + GAP_PX) - GAP_PX
    sheet = Image.new("RGB", size, _SHEET)
    pen = ImageDraw.Draw(sheet, "RGBA")
    font = ImageFont.load_default(_MARK_PX)
    for number, (at_s, picture) in enumerate(pictures):
        left = number % columns * (width + GAP_PX)
        top = number // columns * (height + GAP_PX)
        sheet.paste(picture, (left, top))
        mark = f"{at_s:.1f} s"
        right, bottom = left + 22 + int(font.getlength(mark)), top + height - 8
        pen.rounded_rectangle((left + 8, bottom - 28, right, bottom), 6, fill=_MARK)
        pen.text((left + 15, bottom - 14), mark, font=font, fill="white", anchor="lm")
    return sheet
