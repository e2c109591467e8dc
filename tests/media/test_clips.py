from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from media.clips import inspect
from media.refusal import FileRefusedError
from tests.media.making import write_sound_file

if TYPE_CHECKING:
    from pathlib import Path

    from tests.media.making import MakeClip


def test_a_clip_with_sound_is_told_in_all_its_facts(clip: MakeClip) -> None:
    facts = inspect(clip(size=(160, 96), fps=30, frames=45, audio="aac"))
    assert (facts.width_px, facts.height_px) == (160, 96)
    assert facts.duration_s == pytest.approx(1.5, abs=0.05)
    assert facts.fps == pytest.approx(30)
    assert facts.frame_count == 45
    assert facts.video_codec == "h264"
    assert facts.pixel_format == "yuv420p"
    assert facts.audio_codec == "aac"
    assert facts.has_audio
    assert facts.index_first
    assert facts.attachable


def test_a_silent_clip_is_attachable_and_has_no_audio(clip: MakeClip) -> None:
    facts = inspect(clip())
    assert not facts.has_audio
    assert facts.attachable


@pytest.mark.parametrize(
    ("codec", "found"), [("libx265", "hevc"), ("libsvtav1", "av1"), ("mpeg4", "mpeg4")]
)
def test_a_codec_that_freezes_in_discord_is_not_attachable(
    clip: MakeClip, codec: str, found: str
) -> None:
    facts = inspect(clip(codec=codec, frames=5))
    assert facts.video_codec == found
    assert not facts.attachable


def test_other_pixels_than_yuv420p_are_not_attachable(clip: MakeClip) -> None:
    facts = inspect(clip(pixel_format="yuv444p"))
    assert facts.pixel_format == "yuv444p"
    assert not facts.attachable


def test_other_sound_than_aac_is_not_attachable(clip: MakeClip) -> None:
    assert not inspect(clip(audio="libmp3lame")).attachable


def test_a_clip_with_its_index_at_the_end_is_playable_but_not_attachable(clip: MakeClip) -> None:
    facts = inspect(clip(index_first=False))
    assert not facts.index_first
    assert not facts.attachable


@pytest.mark.parametrize("index_first", [True, False])
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_clip_that_was_cut_off_is_refused(
    clip: MakeClip, *, index_first: bool, kept: float
) -> None:
    path = clip(index_first=index_first, frames=60)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(FileRefusedError):
        inspect(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>404</html>",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
        b"\x00\x00\x00\x01moov\xff\xff\xff\xff\xff\xff\xff\xff" * 50,
        b"\x00\x00\x00\x08free" * 5_000,
    ],
    ids=["empty", "page", "playlist", "concat", "header only", "huge boxes", "many boxes"],
)
def test_what_is_no_mp4_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(FileRefusedError):
        inspect(path)


def test_another_container_in_an_mp4s_name_is_refused(clip: MakeClip) -> None:
    with pytest.raises(FileRefusedError):
        inspect(clip(container="matroska"))


def test_a_file_of_sound_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="has no picture"):
        inspect(write_sound_file(tmp_path / "sound.mp4"))


def test_pictures_of_noise_are_refused(clip: MakeClip) -> None:
    path = clip(frames=60)
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + 4
    content[start:] = b"\xa5" * (len(content) - start)
    path.write_bytes(bytes(content))
    with pytest.raises(FileRefusedError):
        inspect(path)
