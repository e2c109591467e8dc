"""The renderer as a program, and its life under the server."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest

from emulator.models import COGVIDEOX_3
from emulator.render.job import RenderJob, Still
from emulator.server import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from tests.emulator.conftest import Caller, Probe

ROOT = Path(__file__).resolve().parents[2]


def job(
    folder: Path,
    *,
    name: str = "clip",
    prompt: str = "snow on the city at night",
    **changes: object,
) -> RenderJob:
    fields: dict[str, Any] = {
        "seed": hashlib.sha256(prompt.encode()).hexdigest(),
        "prompt": prompt,
        "stills": (),
        "width": 320,
        "height": 180,
        "fps": 30,
        "duration_s": 1,
        "with_audio": False,
        "video_path": str(folder / f"{name}.mp4"),
        "cover_path": str(folder / f"{name}.jpeg"),
        "limit_s": 60,
    }
    fields.update(changes)
    return RenderJob(**fields)


def render(one: RenderJob) -> bytes:
    command = [sys.executable, "-m", "emulator.render"]
    subprocess.run(
        command,
        cwd=ROOT,
        input=json.dumps(one.to_dict()),
        text=True,
        check=True,
        capture_output=True,
    )
    return Path(one.video_path).read_bytes()


def test_the_same_request_gives_the_same_frames(
    tmp_path: Path, frame: Callable[[bytes, int], Any]
) -> None:
    first, second = (render(job(tmp_path, name=name)) for name in ("first", "second"))
    for number in (0, 29):
        assert np.array_equal(frame(first, number), frame(second, number))


def test_another_prompt_gives_other_frames_and_the_picture_moves(
    tmp_path: Path, frame: Callable[[bytes, int], Any]
) -> None:
    city, sea = (render(job(tmp_path, name=prompt, prompt=prompt)) for prompt in ("city", "sea"))
    assert not np.array_equal(frame(city, 0), frame(sea, 0))
    assert np.abs(frame(city, 0).astype(int) - frame(city, 29)).mean() > 2


@pytest.mark.parametrize("size", COGVIDEOX_3.sizes)
def test_every_documented_size_is_rendered_exactly(
    tmp_path: Path, probe: Callable[[bytes], Probe], size: str
) -> None:
    width, height = (
        int(side) // 4 for side in size.split("x")
    )  # the ratios; whole sizes are for the benchmark
    found = probe(
        render(job(tmp_path, width=width // 2 * 2, height=height // 2 * 2, with_audio=True))
    )
    assert found.size == (width // 2 * 2, height // 2 * 2)
    assert (found.codec, found.profile, found.pix_fmt, found.frames) == (
        "h264",
        "High",
        "yuv420p",
        30,
    )
    assert found.index_first
    assert found.loudness > 0.02


@pytest.mark.parametrize(("fps", "duration_s"), [(60, 1), (30, 2), (24, 4), (16, 6)])
def test_frames_are_rate_times_duration(
    tmp_path: Path, probe: Callable[[bytes], Probe], fps: int, duration_s: int
) -> None:
    found = probe(render(job(tmp_path, fps=fps, duration_s=duration_s)))
    assert (found.frames, found.fps, found.duration_s) == (fps * duration_s, fps, duration_s)


def test_an_image_given_by_address_is_drawn_from_the_address(
    tmp_path: Path, frame: Callable[[bytes, int], Any]
) -> None:
    one, other = (
        render(job(tmp_path, name=seed, stills=(Still(path=None, seed=seed),)))
        for seed in ("aa", "bb")
    )
    assert not np.array_equal(frame(one, 0), frame(other, 0))


def test_every_frame_carries_the_mark(
    tmp_path: Path, frame: Callable[[bytes, int], Any], make_picture: Callable[..., bytes]
) -> None:
    path = tmp_path / "black.png"
    path.write_bytes(make_picture(colour="black"))
    still = Still(path=str(path), seed="aa")
    clip = render(job(tmp_path, stills=(still,), width=640, height=360))
    for number in (0, 15, 29):
        picture = frame(clip, number)
        assert picture[-40:, -120:].max() > 180
        assert picture[:-40].max() < 40


def test_the_vendors_mark_is_drawn_in_the_other_corner(
    tmp_path: Path, frame: Callable[[bytes, int], Any], make_picture: Callable[..., bytes]
) -> None:
    path = tmp_path / "black.png"
    path.write_bytes(make_picture(colour="black"))
    still = Still(path=str(path), seed="aa")
    clip = render(job(tmp_path, stills=(still,), width=640, height=360, watermark=True))
    picture = frame(clip, 29)
    assert picture[-40:, :120].max() > 180
    assert picture[-40:, -120:].max() > 180
    assert picture[-40:, 160:-160].max() < 40


def test_references_float_in_frames_before_a_landscape(
    tmp_path: Path, frame: Callable[[bytes, int], Any], make_picture: Callable[..., bytes]
) -> None:
    colours = {"PNG": "blue", "JPEG": "red", "WEBP": "lime"}
    stills: list[Still] = []
    for kind, colour in colours.items():
        path = tmp_path / f"{colour}.{kind}"
        path.write_bytes(make_picture(colour=colour, kind=kind, width=200, height=300))
        stills.append(Still(path=str(path), seed="aa"))
    stills[1] = Still(path=None, seed="bb")  # by address: drawn
    one = job(tmp_path, prompt="desert", stills=tuple(stills), stills_are_references=True)
    clip = render(one)
    first, later = (frame(clip, number).astype(int) for number in (0, 14))
    for channel, side in ((2, slice(0, 120)), (1, slice(200, 320))):
        others = [place for place in range(3) if place != channel]
        pure = [
            (picture[:, side, channel] > 180) & (picture[:, side, others].max(axis=-1) < 90)
            for picture in (first, later)
        ]
        assert pure[0].sum() > 1500
        assert (pure[0] != pure[1]).sum() > 20  # it has moved
    assert np.array_equal(frame(render(one), 14), later)


@pytest.mark.parametrize("stills", [(), (Still(path=None, seed="aa"),)], ids=["words", "image"])
def test_a_larger_amplitude_moves_the_picture_further(
    tmp_path: Path, frame: Callable[[bytes, int], Any], stills: tuple[Still, ...]
) -> None:
    changes: list[float] = []
    for movement in ("small", "large"):
        one = job(tmp_path, name=movement, prompt="day in the mountains", stills=stills)
        clip = render(replace(one, width=640, height=360, movement=movement))
        changes.append(float(np.abs(frame(clip, 0).astype(int) - frame(clip, 8)).mean()))
    assert changes[1] > 1.3 * changes[0]


def test_anime_is_the_same_place_in_other_colours(
    tmp_path: Path, frame: Callable[[bytes, int], Any]
) -> None:
    plain, drawn = (
        frame(render(job(tmp_path, name=style, prompt="day in the mountains", style=style)), 0)
        for style in ("general", "anime")
    )
    vividness = [
        float((picture.max(axis=2).astype(int) - picture.min(axis=2)).mean())
        for picture in (plain, drawn)
    ]
    assert vividness[1] > 1.15 * vividness[0]


async def children() -> list[psutil.Process]:
    found = await asyncio.to_thread(psutil.Process().children, recursive=True)
    return [
        child for child in found if "emulator.render" in await asyncio.to_thread(_command, child)
    ]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


async def rendering(caller: Caller) -> tuple[str, psutil.Process]:
    """Start a render of many seconds, and wait until its process is there."""
    task = (await caller.create(size="1280x720", duration=10, fps=60)).json
    async with asyncio.timeout(20):
        while not (found := await children()):
            await caller.poll(task["id"])
    return task["id"], found[0]


async def test_a_killed_render_fails_its_task_and_the_next_one_is_served(caller: Caller) -> None:
    task_id, process = await rendering(caller)
    process.kill()
    assert (await caller.finished(task_id))["task_status"] == "FAIL"
    _, again = await rendering(caller)
    assert again.pid != process.pid


async def test_a_render_that_takes_too_long_is_killed(
    session: aiohttp.ClientSession, caller: Caller
) -> None:
    async with Emulator(render_limit_s=1) as impatient:
        other = type(caller)(
            session, url=impatient.url, api_base=impatient.api_base, key=impatient.api_key
        )
        task_id, _ = await rendering(other)
        assert (await other.finished(task_id))["task_status"] == "FAIL"
        assert await children() == []


async def test_closing_kills_the_render_and_removes_every_file(
    session: aiohttp.ClientSession, caller: Caller
) -> None:
    emulator = Emulator()
    await emulator.start()
    other = type(caller)(
        session, url=emulator.url, api_base=emulator.api_base, key=emulator.api_key
    )
    _, process = await rendering(other)
    folder = next(
        Path(word).parent for word in await _open_files(process) if "cogreel-emulator-" in word
    )
    await emulator.close()
    assert not await asyncio.to_thread(process.is_running)
    assert not await asyncio.to_thread(folder.exists)


async def _open_files(process: psutil.Process) -> list[str]:
    """Wait until the render has opened its output."""
    async with asyncio.timeout(20):
        while True:
            paths = [one.path for one in await asyncio.to_thread(process.open_files)]
            if any("cogreel-emulator-" in path for path in paths):
                return paths
