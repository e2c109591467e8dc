"""A member whose pictures are made to harm who opens them."""

from __future__ import annotations

import asyncio
import resource
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from PIL import Image

from bot.domain.errors import MediaWorkerError, UnusableImageError
from media.worker import MediaWorker
from tests.e2e.house import WISH
from tests.security import hostile_files

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from media.answers import NormalisedImage
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

ARCHIVE = b"PK\x03\x04" + b"not a picture" * 40
PAGE = b"<html><script>alert(1)</script></html>"
# What makes pictures of each, or refuses them. Nothing else ever comes of one.
REFUSED = {
    "a profile that unpacks to 200 MB": hostile_files.profile_bomb,
    "twenty thousand frames": hostile_files.endless_gif,
    "a TIFF": lambda: hostile_files.encoded(Image.new("RGB", (200, 150)), "TIFF"),
    "a BMP": lambda: hostile_files.encoded(Image.new("RGB", (200, 150)), "BMP"),
    "an icon": lambda: hostile_files.encoded(Image.new("RGB", (200, 150)), "ICO"),
    "a PDF": lambda: hostile_files.encoded(Image.new("RGB", (200, 150)), "PDF"),
    "PostScript": lambda: hostile_files.encoded(Image.new("RGB", (200, 150)), "EPS"),
    "a page": lambda: PAGE,
    "an SVG that reads a file": lambda: (
        b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b'<svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>'
    ),
}
TAKEN = {
    "a profile for other colours": hostile_files.odd_profile,
    "a profile of which most is missing": hostile_files.many_profiles,
    "a picture and an archive": lambda: hostile_files.with_appended(hostile_files.plain(), ARCHIVE),
    "a picture and a page": lambda: hostile_files.with_appended(
        hostile_files.with_chunk(hostile_files.plain(), b"tEXt", b"Comment\x00" + PAGE), PAGE
    ),
}


@pytest_asyncio.fixture(loop_scope="session")
async def worker() -> AsyncGenerator[MediaWorker]:
    media = MediaWorker()
    yield media
    await media.close()


async def opened(worker: MediaWorker, folder: Path, name: str, content: bytes) -> NormalisedImage:
    source = folder / f"{name}.png"
    await asyncio.to_thread(source.write_bytes, content)
    return await worker.normalise_image(
        source, folder / f"{name}.jpg", max_bytes=5_000_000, option="image"
    )


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_no_plain_picture_is_refused_by_the_same_child(
    worker: MediaWorker, tmp_path: Path, make: Callable[[], bytes]
) -> None:
    await opened(worker, tmp_path, "good", hostile_files.plain())
    child = worker.pid
    with pytest.raises(UnusableImageError):
        await opened(worker, tmp_path, "bad", make())
    assert not (tmp_path / "bad.jpg").exists()
    await opened(worker, tmp_path, "good", hostile_files.plain())
    assert worker.pid == child


@pytest.mark.parametrize("make", TAKEN.values(), ids=TAKEN.keys())
async def test_what_else_a_picture_is_does_not_come_along(
    worker: MediaWorker, tmp_path: Path, make: Callable[[], bytes]
) -> None:
    image = await opened(worker, tmp_path, "both", make())
    assert (image.width_px, image.height_px) == (200, 150)
    kept = (tmp_path / "both.jpg").read_bytes()
    for piece in (b"PK\x03\x04", b"<html", b"<script", b"ICC_PROFILE"):
        assert piece not in kept


async def test_a_picture_that_decodes_without_end_is_killed_and_others_go_on(
    tmp_path: Path,
) -> None:
    worker = MediaWorker(request_s=1.5)
    content = await asyncio.to_thread(hostile_files.endless_jpeg)
    try:
        bad, *good = await asyncio.gather(
            opened(worker, tmp_path, "bad", content),
            *(opened(worker, tmp_path, f"good{n}", hostile_files.plain()) for n in range(3)),
            return_exceptions=True,
        )
    finally:
        await worker.close()
    assert isinstance(bad, MediaWorkerError)
    assert "no answer in 1.5 s" in str(bad)
    assert not [each for each in good if isinstance(each, BaseException)]


async def test_a_picture_that_uses_too_much_of_the_processor_ends_its_child_alone(
    tmp_path: Path,
) -> None:
    worker = MediaWorker(request_s=50, processor_s=1)
    large = await asyncio.to_thread(hostile_files.encoded, Image.new("RGB", (4_000, 4_000)), "PNG")
    endless = await asyncio.to_thread(hostile_files.endless_jpeg)
    try:
        for n in range(3):  # the time is each one's own
            await opened(worker, tmp_path, f"good{n}", large)
        with pytest.raises(MediaWorkerError, match=r"ConnectionResetError|exit code"):
            await opened(worker, tmp_path, "bad", endless)
        await opened(worker, tmp_path, "good", hostile_files.plain())
    finally:
        await worker.close()


async def test_the_bot_itself_needs_no_memory_for_a_bomb(
    worker: MediaWorker, tmp_path: Path
) -> None:
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bomb = await asyncio.to_thread(hostile_files.encoded, Image.new("1", (7_000, 7_000)), "PNG")
    for _ in range(3):
        await opened(worker, tmp_path, "bomb", bomb)
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    assert grown_mib < 50  # 49 megapixels are 147 MB where they are decoded


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.png", "..\\x.png", "/tmp/x.png", "\u202egnp.exe", "x" * 200],  # noqa: S108  # a name that is sent
)
async def test_a_files_name_leads_nowhere(house: House, name: str) -> None:
    house.hold_renders()
    files = {"image": (name, hostile_files.plain())}
    answer = await house.people.alice.command(house.lab, "video create", files, **WISH)
    await house.reads(answer["message"], "is rendering")
    files_dir = house.state_dir / "files"
    found = sorted(path.name for path in files_dir.rglob("*"))
    assert len(found) == 1
    assert all(letter.isalnum() or letter in ".-" for letter in found[0])
