"""Clips become one film, and a clip's last picture an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bot.domain.delivery import ClipNotFittedError
from bot.domain.errors import ClipUnusableError
from media.clips import inspect
from media.fit_worker import FitWorker
from media.join import join
from media.last_frame import write_last_frame
from media.worker import MediaWorker
from tests.media.making import clip_maker

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 10_000_000


def no_progress(share: float) -> None:
    assert 0 <= share <= 1


def test_clips_that_are_alike_are_joined_as_they_are(tmp_path: Path) -> None:
    clips = [clip_maker(tmp_path / f"{n}.mp4")(frames=30, audio="aac") for n in range(3)]
    joined = join(clips, tmp_path / "film.mp4", fade_s=0, told=no_progress)
    facts = inspect(tmp_path / "film.mp4")
    assert joined.encodes == 0
    assert facts.attachable
    assert facts.has_audio
    assert facts.frame_count == 90
    assert facts.duration_s == pytest.approx(3, abs=0.2)


def test_clips_of_other_sizes_codecs_and_sounds_are_encoded_into_the_first_ones_size(
    tmp_path: Path,
) -> None:
    clips = [
        clip_maker(tmp_path / "a.mp4")(frames=30, size=(128, 96)),
        clip_maker(tmp_path / "b.mp4")(frames=30, size=(96, 128), audio="aac"),
        clip_maker(tmp_path / "c.mp4")(frames=15, fps=15, codec="libx265"),
    ]
    joined = join(clips, tmp_path / "film.mp4", fade_s=0, told=no_progress)
    facts = inspect(tmp_path / "film.mp4")
    assert joined.encodes == 1
    assert facts.attachable
    assert facts.has_audio
    assert (facts.width_px, facts.height_px, facts.fps) == (128, 96, 30)
    assert facts.duration_s == pytest.approx(3, abs=0.2)


def test_a_cross_fade_takes_its_time_from_both_clips(tmp_path: Path) -> None:
    clips = [clip_maker(tmp_path / f"{n}.mp4")(frames=30, audio="aac") for n in range(3)]
    join(clips, tmp_path / "film.mp4", fade_s=0.5, told=no_progress)
    facts = inspect(tmp_path / "film.mp4")
    assert facts.attachable
    assert facts.frame_count == 60
    assert facts.duration_s == pytest.approx(2, abs=0.2)


async def test_a_child_joins_them_and_says_what_it_cannot(tmp_path: Path) -> None:
    clips = [clip_maker(tmp_path / f"{n}.mp4")(frames=10) for n in range(2)]
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no clip")
    worker, film = FitWorker(), tmp_path / "film.mp4"
    made = await worker.join(clips, film, fade_s=0, max_bytes=MAX_BYTES, within_s=60)
    assert made.size_bytes == film.stat().st_size
    with pytest.raises(ClipNotFittedError, match="no playable MP4"):
        await worker.join([*clips, broken], film, fade_s=0, max_bytes=MAX_BYTES, within_s=60)


def test_the_last_frame_is_the_last_one_in_its_full_size(tmp_path: Path) -> None:
    clip = clip_maker(tmp_path / "clip.mp4")(frames=90)
    made = write_last_frame(clip, tmp_path / "last.jpg", max_bytes=MAX_BYTES)
    assert (made.width_px, made.height_px) == (128, 96)
    with Image.open(tmp_path / "last.jpg") as last:
        assert last.size == (128, 96)
        brightness = last.convert("L").resize((1, 1)).getpixel((0, 0))
    shorter = clip_maker(tmp_path / "shorter.mp4")(frames=89)
    write_last_frame(shorter, tmp_path / "before.jpg", max_bytes=MAX_BYTES)
    with Image.open(tmp_path / "before.jpg") as before:
        assert before.convert("L").resize((1, 1)).getpixel((0, 0)) != brightness


async def test_a_child_takes_the_last_frame_and_says_that_there_is_none(tmp_path: Path) -> None:
    clip = clip_maker(tmp_path / "clip.mp4")(frames=5)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no clip")
    worker = MediaWorker()
    try:
        frame = await worker.write_last_frame(clip, tmp_path / "a.jpg", max_bytes=MAX_BYTES)
        assert frame.size_bytes == (tmp_path / "a.jpg").stat().st_size
        with pytest.raises(ClipUnusableError):
            await worker.write_last_frame(broken, tmp_path / "b.jpg", max_bytes=MAX_BYTES)
    finally:
        await worker.close()
