"""Clips become one film."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.delivery import ClipNotFittedError
from media.clips import inspect
from media.fit_worker import FitWorker
from media.join import join
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
