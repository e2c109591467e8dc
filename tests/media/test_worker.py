from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import psutil
import pytest
from PIL import Image, ImageChops, ImageStat

import media.worker
from bot.domain.errors import (
    ClipUnusableError,
    MediaWorkerError,
    StorageFullError,
    UnusableImageError,
)
from media.worker import MediaWorker, NormalisedImage

if TYPE_CHECKING:
    from tests.media.making import MakeClip

ROOT = Path(media.worker.__file__).parent.parent
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc or uses a pidfd")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.new("RGB", (300, 200), "teal").save(path)
    return path


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    """A file over which the child hangs for ever: nobody ever writes to it."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def normalise(worker: MediaWorker, source: Path) -> NormalisedImage:
    destination = source.with_name("out.jpg")
    return await worker.normalise_image(
        source, destination, max_bytes=5_000_000, option="last_image"
    )


async def everything_started() -> None:
    """Give each task that was made before its first turn."""
    await asyncio.to_thread(os.getpid)


async def ended(pid: int) -> None:
    over, descriptor = asyncio.Event(), os.pidfd_open(pid)
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, over.set)
    try:
        async with asyncio.timeout(10):
            await over.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def test_a_picture_and_a_clip_are_looked_at_by_one_child(
    worker: MediaWorker, picture: Path, clip: MakeClip
) -> None:
    assert worker.pid is None
    image = await normalise(worker, picture)
    assert (image.width_px, image.height_px, image.media_type) == (300, 200, "image/jpeg")
    assert picture.with_name("out.jpg").stat().st_size == image.size_bytes
    child = worker.pid
    facts = await worker.inspect_clip(clip(audio="aac"))
    assert facts.attachable
    assert facts.has_audio
    assert worker.pid == child
    assert names(picture.parent) == ["clip.mp4", "out.jpg", "picture.png"]


async def test_requests_at_once_are_answered_one_after_the_other(
    worker: MediaWorker, clip: MakeClip
) -> None:
    path = clip()
    facts = await asyncio.gather(*(worker.inspect_clip(path) for _ in range(5)))
    assert len(set(facts)) == 1


async def test_a_refused_picture_says_the_option_the_reason_and_the_next_step(
    worker: MediaWorker, tmp_path: Path
) -> None:
    path = tmp_path / "list.png"
    path.write_text("milk, eggs, bread")
    with pytest.raises(UnusableImageError) as caught:
        await normalise(worker, path)
    assert str(caught.value) == (
        "The image in `last_image` is not a PNG, JPEG, WebP or GIF; it looks like text. "
        "Attach a still PNG, JPEG or WebP picture."
    )
    assert names(tmp_path) == ["list.png"]


async def test_a_refused_clip_says_why(worker: MediaWorker, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"<html>not today</html>")
    with pytest.raises(ClipUnusableError, match="the clip is no playable MP4"):
        await worker.inspect_clip(path)


async def test_a_picture_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("RGB", (5_000, 5_000), "teal").save(path)
    small = MediaWorker(memory_bytes=200 * 1024 * 1024)
    try:
        with pytest.raises(UnusableImageError, match="needs too much memory to open"):
            await normalise(small, path)
    finally:
        await small.close()


async def test_a_child_that_hangs_is_killed_and_the_next_request_works(
    fifo: Path, clip: MakeClip
) -> None:
    worker = MediaWorker(request_s=1.5)
    try:
        with pytest.raises(MediaWorkerError, match=r"no answer in 1\.5 s"):
            await worker.inspect_clip(fifo)
        assert worker.pid is None
        assert (await worker.inspect_clip(clip())).attachable
    finally:
        await worker.close()


async def test_a_child_that_crashes_is_replaced(
    worker: MediaWorker, fifo: Path, clip: MakeClip
) -> None:
    await worker.inspect_clip(clip())
    child = worker.pid
    assert child is not None
    hanging_task = asyncio.create_task(worker.inspect_clip(fifo))
    await everything_started()
    os.kill(child, signal.SIGSEGV)
    with pytest.raises(MediaWorkerError):
        await hanging_task
    assert (await worker.inspect_clip(clip())).attachable
    assert worker.pid != child


async def test_a_cancelled_request_takes_its_child_along(
    worker: MediaWorker, fifo: Path, clip: MakeClip
) -> None:
    await worker.inspect_clip(clip())
    child = worker.pid
    assert child is not None
    hanging_task = asyncio.create_task(worker.inspect_clip(fifo))
    waiting_task = asyncio.create_task(worker.inspect_clip(fifo.with_name("clip.mp4")))
    async with asyncio.timeout(10):
        await everything_started()
        hanging_task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging_task
        assert (await waiting_task).attachable  # and did not get the other's answer
    assert not psutil.pid_exists(child)


async def test_a_picture_that_cannot_be_written_is_the_disks_fault(
    worker: MediaWorker, picture: Path, tmp_path: Path
) -> None:
    with pytest.raises(StorageFullError):
        await worker.normalise_image(
            picture, tmp_path / "no" / "such" / "x.jpg", max_bytes=5_000_000, option="image"
        )


@linux_only
async def test_an_idle_child_gives_its_memory_back(clip: MakeClip) -> None:
    worker = MediaWorker(idle_s=0.05)
    await worker.inspect_clip(clip())
    child = worker.pid
    assert child is not None
    await ended(child)
    assert worker.pid is None
    assert (await worker.inspect_clip(clip())).attachable
    await worker.close()


async def test_a_child_is_replaced_after_its_share_of_requests(clip: MakeClip) -> None:
    worker = MediaWorker(requests_max=2)
    path, children = clip(), set[int | None]()
    for _ in range(4):
        await worker.inspect_clip(path)
        children.add(worker.pid)
    assert len(children - {None}) == 2
    await worker.close()


async def test_closing_ends_the_child_and_may_be_repeated(clip: MakeClip) -> None:
    worker = MediaWorker()
    await worker.inspect_clip(clip())
    child = worker.pid
    assert child is not None
    await worker.close()
    await worker.close()
    assert not psutil.pid_exists(child)


@linux_only
async def test_the_child_is_niced_and_bounded_and_holds_none_of_our_secrets(
    worker: MediaWorker, clip: MakeClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COGREEL_API_KEY", "s3cr3t")
    await worker.inspect_clip(clip())
    child = psutil.Process(worker.pid)
    assert "COGREEL_API_KEY" not in child.environ()
    assert child.nice() >= 10
    assert child.rlimit(psutil.RLIMIT_AS)[1] == 1536 * 1024 * 1024


@linux_only
async def test_the_child_ends_when_its_parent_is_gone_even_in_the_middle_of_a_file(
    fifo: Path,
) -> None:
    child = await asyncio.create_subprocess_exec(
        # The child's own alarm comes 5 s after its limit: here 0.3 s after the request.
        *(sys.executable, "-m", "media", "--memory-bytes=2000000000", "--processor-s=20"),
        "--request-s=-4.7",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
    )
    assert child.stdin is not None
    child.stdin.write(json.dumps({"work": "clip", "source": str(fifo)}).encode() + b"\n")
    child.stdin.close()
    async with asyncio.timeout(20):
        assert await child.wait() == -signal.SIGALRM


async def test_a_poster_shows_six_pictures_of_a_clip(worker: MediaWorker, clip: MakeClip) -> None:
    path = await asyncio.to_thread(lambda: clip(codec="libx265", size=(1280, 720), frames=12))
    await worker.write_poster(path, path.with_name("poster.jpg"))
    with Image.open(path.with_name("poster.jpg")) as poster:
        assert (poster.format, poster.size) == ("JPEG", (3 * 424 + 8, 2 * 239 + 4))


async def test_no_poster_is_made_of_what_is_no_clip(worker: MediaWorker, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"<html>not today</html>")
    with pytest.raises(ClipUnusableError, match="has no picture"):
        await worker.write_poster(path, tmp_path / "poster.jpg")


async def test_the_last_picture_of_a_clip_is_written_at_its_own_size(
    worker: MediaWorker, clip: MakeClip
) -> None:
    path = clip(size=(320, 180), frames=45)  # the ramp has moved by then
    last = path.with_name("last.jpg")
    await worker.write_last_frame(path, last)
    with av.open(str(path)) as container:
        frames: list[Any] = list(container.decode(video=0))
    with Image.open(last) as picture:
        assert (picture.format, picture.size) == ("JPEG", (320, 180))
        apart = [
            sum(ImageStat.Stat(ImageChops.difference(picture, frame.to_image())).mean)
            for frame in (frames[0], frames[-1])
        ]
    assert apart[1] < 5 < apart[0]


async def test_a_clip_that_cannot_be_read_has_no_last_picture(
    worker: MediaWorker, clip: MakeClip
) -> None:
    path = clip()
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ClipUnusableError):
        await worker.write_last_frame(path, path.with_name("last.jpg"))
