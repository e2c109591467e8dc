"""Real clips of every odd kind are made playable and small enough, in a real child."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import psutil
import pytest

from bot.domain.delivery import MIB, ClipNotFittedError, Encode, Rung, plan
from bot.domain.errors import MediaWorkerError, StorageFullError
from bot.domain.job import Clip
from media.clips import inspect
from media.fit_worker import FitWorker
from tests.media.making import lie_on_side, pad

if TYPE_CHECKING:
    from PIL.Image import Image

    from media.answers import ClipFacts, FittedFile
    from tests.media.making import MakeClip

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
SMALL = Encode(width_px=128, height_px=96, fps=30.0, picture_bps=1_000_000)


@pytest.fixture
def fitter() -> FitWorker:
    return FitWorker()


def clip_of(facts: ClipFacts, size_bytes: int) -> Clip:
    return Clip(
        artifact_id="c" * 64,
        size_bytes=size_bytes,
        width_px=facts.width_px,
        height_px=facts.height_px,
        duration_s=facts.duration_s,
        fps=facts.fps,
        has_audio=facts.has_audio,
        attachable=facts.attachable,
        picture_plays=facts.picture_plays,
    )


async def climb(
    fitter: FitWorker, path: Path, limit_bytes: int
) -> tuple[Rung, ClipFacts, FittedFile | None]:
    """What the rule says of a real file, done: the rung, what is posted, and what it took."""
    facts = await asyncio.to_thread(inspect, path)
    size_bytes = (await asyncio.to_thread(path.stat)).st_size
    found = plan(clip_of(facts, size_bytes), limit_bytes=limit_bytes, may_attach=True)
    if found.rung not in {Rung.REMUX, Rung.ENCODE}:
        return found.rung, facts, None
    fitted_path = path.with_name("fitted.mp4")
    fitted = await fitter.fit(
        path,
        fitted_path,
        max_bytes=limit_bytes,
        encode=found.encode,
        within_s=50,
        told=lambda _: None,
    )
    assert fitted.size_bytes == (await asyncio.to_thread(fitted_path.stat)).st_size <= limit_bytes
    after = await asyncio.to_thread(inspect, fitted_path)
    assert after.attachable
    assert after.duration_s == pytest.approx(facts.duration_s, abs=0.1)
    assert after.has_audio == facts.has_audio
    return found.rung, after, fitted


@pytest.mark.parametrize(
    ("made", "rung"),
    [
        pytest.param({}, Rung.ATTACH, id="H.264"),
        pytest.param({"audio": "aac"}, Rung.ATTACH, id="with AAC"),
        pytest.param({"index_first": False}, Rung.REMUX, id="moov last"),
        pytest.param({"container": "mov"}, Rung.REMUX, id="QuickTime"),
        pytest.param({"audio": "aac", "index_first": False}, Rung.REMUX, id="moov last, with AAC"),
        pytest.param({"audio": "mp3"}, Rung.REMUX, id="with MP3"),
        pytest.param({"audio": "libopus"}, Rung.REMUX, id="with Opus"),
        pytest.param({"codec": "libx265"}, Rung.ENCODE, id="HEVC"),
        pytest.param({"codec": "libx265", "audio": "libopus"}, Rung.ENCODE, id="HEVC with Opus"),
        pytest.param({"codec": "libsvtav1"}, Rung.ENCODE, id="AV1"),
        pytest.param({"pixel_format": "yuv444p"}, Rung.ENCODE, id="4:4:4"),
        pytest.param({"pixel_format": "yuv420p10le"}, Rung.ENCODE, id="10 bits"),
        pytest.param({"codec": "libx265", "fps": 60, "frames": 60}, Rung.ENCODE, id="60 fps"),
        pytest.param({"codec": "libx265", "size": (96, 128)}, Rung.ENCODE, id="portrait"),
        pytest.param(
            {"codec": "libx265", "size": (127, 95), "pixel_format": "yuv444p"},
            Rung.ENCODE,
            id="odd sides",
        ),
    ],
)
async def test_a_small_clip_of_any_kind_becomes_playable(
    clip: MakeClip, fitter: FitWorker, made: dict[str, Any], rung: Rung
) -> None:
    path = await asyncio.to_thread(lambda: clip(**made))
    found, after, fitted = await climb(fitter, path, 10 * MIB)
    assert found is rung
    size = made.get("size", (128, 96))
    assert (after.width_px, after.height_px) == tuple(side // 2 * 2 for side in size)
    assert after.frame_count == made.get("frames", 30)
    assert after.fps == pytest.approx(made.get("fps", 30), rel=0.02)
    assert fitted is None or fitted.encodes == 1


@pytest.mark.parametrize("size_mib", [9.9, 10.1, 49, 60, 101])
@pytest.mark.parametrize("limit_mib", [10, 50, 100])
@pytest.mark.parametrize("index_first", [True, False], ids=["moov first", "moov last"])
async def test_a_result_of_any_size_fits_any_limit(
    clip: MakeClip, fitter: FitWorker, size_mib: float, limit_mib: int, index_first: bool
) -> None:
    path = await asyncio.to_thread(lambda: clip(audio="aac", index_first=index_first))
    await asyncio.to_thread(pad, path, int(size_mib * MIB))
    rung, _, _ = await climb(fitter, path, limit_mib * MIB)
    as_it_is = Rung.ATTACH if index_first else Rung.REMUX
    assert rung is (as_it_is if size_mib <= limit_mib else Rung.ENCODE)


async def test_4k_is_made_1080p(clip: MakeClip, fitter: FitWorker) -> None:
    path = await asyncio.to_thread(lambda: clip(codec="libx265", size=(3840, 2160), frames=3))
    _, after, _ = await climb(fitter, path, 10 * MIB)
    assert (after.width_px, after.height_px) == (1920, 1080)


async def test_noise_is_bound_by_one_encode(clip: MakeClip, fitter: FitWorker) -> None:
    path = await asyncio.to_thread(
        lambda: clip(size=(640, 360), frames=60, audio="aac", noise=True)
    )
    size_bytes = (await asyncio.to_thread(path.stat)).st_size
    limit_bytes = 600_000
    assert size_bytes > 3 * limit_bytes
    rung, _, fitted = await climb(fitter, path, limit_bytes)
    assert rung is Rung.ENCODE
    assert fitted is not None
    assert fitted.encodes == 1


async def test_120_fps_are_made_60(clip: MakeClip, fitter: FitWorker) -> None:
    path = await asyncio.to_thread(lambda: clip(codec="libx265", fps=120, frames=120))
    _, after, _ = await climb(fitter, path, 10 * MIB)
    assert after.frame_count == 60


@pytest.mark.parametrize(("degrees", "size"), [(90, (96, 128)), (270, (96, 128)), (180, (128, 96))])
async def test_a_clip_that_lies_on_its_side_is_set_upright(
    clip: MakeClip, fitter: FitWorker, degrees: int, size: tuple[int, int]
) -> None:
    path = await asyncio.to_thread(lambda: clip(codec="libx265"))
    await asyncio.to_thread(lie_on_side, path, degrees)
    _, after, _ = await climb(fitter, path, 10 * MIB)
    assert (after.width_px, after.height_px) == size
    shown = await asyncio.to_thread(first_row, path)
    assert await asyncio.to_thread(first_row, path.with_name("fitted.mp4")) == pytest.approx(
        shown, abs=12
    )


def first_row(path: Path) -> list[int]:
    """Four grey values, clockwise from the upper left corner, as they are to be seen."""
    with av.open(str(path)) as container:
        frame: Any = next(iter(container.decode(video=0)))  # PyAV types no Pillow
        picture: Image = frame.to_image().convert("L").rotate(frame.rotation, expand=True)
        right, low = picture.width - 9, picture.height - 9
        corners = ((8, 8), (right, 8), (right, low), (8, low))
        return [picture.crop((x, y, x + 1, y + 1)).tobytes()[0] for x, y in corners]


async def test_how_far_it_is_is_told_once_for_each_percent(
    clip: MakeClip, fitter: FitWorker
) -> None:
    path = await asyncio.to_thread(lambda: clip(frames=300))
    told: list[int] = []
    await fitter.fit(
        path,
        path.with_name("f.mp4"),
        max_bytes=10 * MIB,
        encode=SMALL,
        within_s=50,
        told=told.append,
    )
    assert told == sorted(set(told))
    assert len(told) > 50
    assert told[-1] >= 99


async def test_what_cannot_be_made_small_enough_is_refused_after_three_tries(
    clip: MakeClip, fitter: FitWorker
) -> None:
    path = await asyncio.to_thread(lambda: clip(audio="aac"))
    with pytest.raises(ClipNotFittedError, match="larger than it may be"):
        await fitter.fit(
            path,
            path.with_name("f.mp4"),
            max_bytes=500,
            encode=SMALL,
            within_s=50,
            told=lambda _: None,
        )


async def test_what_is_no_clip_is_refused(tmp_path: Path, fitter: FitWorker) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"<html>not today</html>" * 100)
    with pytest.raises(ClipNotFittedError, match="cannot be made to fit"):
        await fitter.fit(
            path, tmp_path / "f.mp4", max_bytes=MIB, encode=SMALL, within_s=50, told=lambda _: None
        )


@linux_only
async def test_a_full_disk_is_told_from_a_bad_clip(clip: MakeClip, fitter: FitWorker) -> None:
    path, full = await asyncio.to_thread(clip), Path("/dev/full")
    with pytest.raises(StorageFullError):
        await fitter.fit(path, full, max_bytes=MIB, encode=SMALL, within_s=50, told=lambda _: None)


async def test_a_child_that_hangs_is_killed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    fitter = FitWorker()
    with pytest.raises(MediaWorkerError, match=r"no answer in 1\.5 s"):
        await fitter.fit(
            tmp_path / "fifo",
            tmp_path / "f.mp4",
            max_bytes=MIB,
            encode=SMALL,
            within_s=1.5,
            told=lambda _: None,
        )
    assert fitter.pid is None


@linux_only
async def test_an_encode_that_uses_too_much_is_ended(clip: MakeClip) -> None:
    path = await asyncio.to_thread(lambda: clip(size=(1280, 720), frames=240))
    large = Encode(width_px=1280, height_px=720, fps=30.0, picture_bps=50_000_000)
    for bounded in (FitWorker(processor_s=1), FitWorker(memory_bytes=200 * MIB)):
        with pytest.raises((MediaWorkerError, ClipNotFittedError)):
            await bounded.fit(
                path,
                path.with_name("f.mp4"),
                max_bytes=50 * MIB,
                encode=large,
                within_s=50,
                told=lambda _: None,
            )


async def test_a_cancelled_call_takes_its_child_along_and_the_next_one_works(
    tmp_path: Path, clip: MakeClip, fitter: FitWorker
) -> None:
    path = await asyncio.to_thread(lambda: clip(size=(1280, 720), frames=300))
    begun = asyncio.Event()
    large = Encode(width_px=1280, height_px=720, fps=30.0, picture_bps=50_000_000)
    fitting = asyncio.create_task(
        fitter.fit(
            path,
            tmp_path / "f.mp4",
            max_bytes=50 * MIB,
            encode=large,
            within_s=50,
            told=lambda _: begun.set(),
        )
    )
    await begun.wait()
    child = fitter.pid
    assert child is not None
    assert psutil.Process(child).nice() >= 10
    fitting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fitting
    assert not psutil.pid_exists(child)
    rung, _, _ = await climb(fitter, await asyncio.to_thread(lambda: clip(codec="libx265")), MIB)
    assert rung is Rung.ENCODE
