"""What people do in the demo: small acts that the tour and the first video are made of."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFilter

from playground.person import words

if TYPE_CHECKING:
    from playground.person import Json, Person

RESULT_WITHIN_S = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A finished video, as a person sees it.

    Attributes:
        status: The status message.
        message: The message with the clip.
        url: Where the MP4 is.
    """

    status: Json
    message: Json
    url: str


async def make_video(
    person: Person,
    channel: str,
    files: dict[str, tuple[str, bytes]] | None = None,
    /,
    **options: object,
) -> Result:
    """Run ``/video create`` and wait for the clip in the thread.

    Raises:
        TimeoutError: It did not come.
        RuntimeError: The bot refused.
    """
    return await _make(person, channel, "video create", files, options)


async def make_references(
    person: Person, channel: str, files: dict[str, tuple[str, bytes]], /, **options: object
) -> Result:
    """Run ``/video references`` and wait for the clip; raises as `make_video` does."""
    return await _make(person, channel, "video references", files, options)


async def ask(person: Person, channel: str, /, **options: object) -> Json:
    """Run ``/video create``; its status message, as soon as it names the job.

    Raises:
        RuntimeError: The bot refused.
        TimeoutError: It did not name it.
    """
    answer = await _ask(person, channel, "video create", None, options)
    return await person.see(
        channel, lambda message: message["id"] == answer["id"] and job_number(message) is not None
    )


async def _make(
    person: Person,
    channel: str,
    command: str,
    files: dict[str, tuple[str, bytes]] | None,
    options: dict[str, object],
) -> Result:
    answer = await _ask(person, channel, command, files, options)
    return await result_of(person, channel, str(answer["id"]))


async def _ask(
    person: Person,
    channel: str,
    command: str,
    files: dict[str, tuple[str, bytes]] | None,
    options: dict[str, object],
) -> Json:
    interaction = await person.command(channel, command, files, **options)
    answer: Json | None = interaction["message"]
    if answer is None:
        raise RuntimeError(f"refused: {interaction['error']}")
    if answer["ephemeral"]:
        raise RuntimeError(f"refused: {answer['content']}")
    return answer


async def result_of(person: Person, channel: str, status_id: str) -> Result:
    """Wait until a status message says done, and find the clip that it leads to.

    Raises:
        TimeoutError: It did not come.
    """
    status = await person.see(
        channel,
        lambda message: message["id"] == status_id and _has_ended(message),
        within_s=RESULT_WITHIN_S,
    )
    if "is done" not in status["content"]:
        raise RuntimeError(status["content"])
    thread = status["thread"]
    where = thread["id"] if thread else channel
    number = job_number(status)
    message = await person.see(
        where, lambda message: bool(message["attachments"]) and job_number(message) == number
    )
    return Result(status=status, message=message, url=message["attachments"][0]["url"])


def job_number(message: Json) -> str | None:
    """The ``12`` of ``Video #12`` in a job's message."""
    _, found, rest = words(message).partition("Video #")
    return rest.split("*")[0] if found else None


def _has_ended(message: Json) -> bool:
    return any(
        said in message["content"] for said in ("is done", "could not be made", "is cancelled")
    )


def picture(name: str) -> bytes:
    """A PNG that is drawn here: ``dawn`` or ``dusk`` over the same hills."""
    top, bottom, sun = {
        "dawn": ((250, 196, 154), (122, 168, 214), (210, 250)),
        "dusk": ((34, 26, 74), (206, 92, 84), (960, 330)),
    }[name]
    width, height = 1280, 720
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for y in range(height):
        mix = y / height
        row = tuple(round(a * (1 - mix) + b * mix) for a, b in zip(top, bottom, strict=True))
        draw.line(((0, y), (width, y)), fill=(row[0], row[1], row[2]))
    glow = Image.new("L", (width, height))
    x, y = sun
    ImageDraw.Draw(glow).ellipse((x - 80, y - 80, x + 80, y + 80), fill=255)
    image.paste((255, 240, 200), mask=glow.filter(ImageFilter.GaussianBlur(24)))
    for step, shade in enumerate((0.5, 0.32, 0.18)):
        base = 430 + 90 * step
        ridge = [
            (x, base + 46 * ((x * (step + 3) // 160) % 3) - (x * (7 - step)) % 61)
            for x in range(0, width + 160, 160)
        ]
        colour = tuple(round(channel * shade) for channel in bottom)
        draw.polygon([(0, height), *ridge, (width, height)], fill=(colour[0], colour[1], colour[2]))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
