"""What is shown of a clip beside a link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from media.poster import GAP_PX, write_poster
from media.refusal import FileRefusedError
from tests.media.making import lie_on_side, write_sound_file

if TYPE_CHECKING:
    from pathlib import Path

    from tests.media.making import MakeClip

WIDTH, HEIGHT = 128, 96


def poster_of(path: Path, *, decoding_s: float = 10.0) -> Image.Image:
    target = path.with_name("poster.jpg")
    write_poster(path, target, decoding_s=decoding_s)
    with Image.open(target) as poster:
        return poster.convert("L")


def grey_at(poster: Image.Image, number: int) -> float:
    """The grey of one picture at x = 20, near its top: there the ramp shows 20 + its frame."""
    x = number % 3 * (WIDTH + GAP_PX) + 20
    y = number // 3 * (HEIGHT + GAP_PX) + 20
    grey = poster.getpixel((x, y))
    assert isinstance(grey, int | float)
    return grey


def test_the_pictures_are_from_all_over_the_clip(clip: MakeClip) -> None:
    poster = poster_of(clip(frames=120))
    assert poster.size == (3 * WIDTH + 2 * GAP_PX, 2 * HEIGHT + GAP_PX)
    for number in range(6):
        assert grey_at(poster, number) == pytest.approx(20 + 20 * number, abs=6)


def test_each_picture_has_its_time_in_its_corner(clip: MakeClip) -> None:
    poster = poster_of(clip(frames=120))
    for number in range(6):
        left, top = number % 3 * (WIDTH + GAP_PX), number // 3 * (HEIGHT + GAP_PX)
        corner = poster.crop((left + 8, top + HEIGHT - 36, left + 60, top + HEIGHT - 8))
        darkest, brightest = corner.getextrema()
        assert isinstance(darkest, int | float)
        assert isinstance(brightest, int | float)
        assert darkest < 60
        assert brightest > 200


def test_a_clip_of_few_pictures_has_a_smaller_sheet(clip: MakeClip) -> None:
    assert poster_of(clip(frames=2)).size == (2 * WIDTH + GAP_PX, HEIGHT)
    assert poster_of(clip(frames=4)).size == (3 * WIDTH + 2 * GAP_PX, 2 * HEIGHT + GAP_PX)


def test_a_clip_of_one_picture_has_that_one(clip: MakeClip) -> None:
    assert poster_of(clip(frames=1, size=(1280, 720))).size == (640, 360)


def test_who_has_no_time_left_shows_what_was_found(clip: MakeClip) -> None:
    assert poster_of(clip(frames=60), decoding_s=-1).size == (WIDTH, HEIGHT)


def test_a_clip_that_breaks_off_shows_what_came_before(clip: MakeClip) -> None:
    path = clip(frames=60, noise=True)
    whole = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(whole // 2)
    assert poster_of(path).size[0] > WIDTH


def test_pictures_that_lie_on_their_side_stand_upright(clip: MakeClip) -> None:
    path = clip(frames=12)
    lie_on_side(path, 90)
    assert poster_of(path).size == (3 * HEIGHT + 2 * GAP_PX, 2 * WIDTH + GAP_PX)


def test_sound_alone_has_no_poster(tmp_path: Path) -> None:
    path = write_sound_file(tmp_path / "sound.mp4")
    with pytest.raises(FileRefusedError, match="has no picture"):
        write_poster(path, tmp_path / "poster.jpg")
