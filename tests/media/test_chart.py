"""Charts, looked at by size, by pixel and by contrast."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageColor

from bot.domain.chart import Bar, Chart, Panel, Tick, marks
from media import chart as drawing
from media.chart import draw_chart
from media.fonts import letters, system_fonts
from media.refusal import FileRefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from media.worker import MediaWorker

Colour = tuple[int, int, int]
CARD, BAR, REACH, INK, QUIET = (
    ImageColor.getrgb(colour)[:3]
    for colour in (drawing.CARD, drawing.BAR, drawing.REACH, drawing.INK, drawing.QUIET)
)


def panel(values: list[float], *, upright: bool = True, names: list[str] | None = None) -> Panel:
    labels = names or [f"Oct {number + 1}" for number in range(len(values))]
    return Panel(
        heading="",
        bars=tuple(
            Bar(label=label, value=value, text=f"{value:g}", short=f"#{number:04}")
            for number, (label, value) in enumerate(zip(labels, values, strict=True))
        ),
        ticks=tuple(Tick(value=mark, text=f"{mark:g}") for mark in marks(max(values))),
        upright=upright,
    )


def chart(*panels: Panel, title: str = "Videos per day") -> Chart:
    return Chart(title=title, subtitle="All of it", total="10 videos", panels=panels)


def drawn(what: Chart, tmp_path: Path, *, system: tuple[Path, ...] = ()) -> Image.Image:
    draw_chart(what, tmp_path / "chart.png", system=system)
    with Image.open(tmp_path / "chart.png") as picture:
        assert picture.format == "PNG"
        return picture.convert("RGBA")


def luminance(colour: Colour) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [part / 255 for part in colour]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def pixels(picture: Image.Image, colour: Colour) -> list[tuple[int, int]]:
    found = np.argwhere(np.all(np.asarray(picture) == (*colour, 255), axis=2))
    return [(int(x), int(y)) for y, x in found]


def test_text_and_bars_stand_out_from_their_card() -> None:
    assert contrast(INK, CARD) >= 4.5
    assert contrast(QUIET, CARD) >= 4.5
    assert contrast(BAR, CARD) >= 3
    assert contrast(REACH, CARD) >= 3
    assert contrast(BAR, REACH) >= 1.5, "a bar from its reach"


def test_the_card_is_opaque_but_for_its_corners_so_that_it_reads_in_either_theme(
    tmp_path: Path,
) -> None:
    picture = drawn(chart(panel([1, 2])), tmp_path)
    assert picture.width == drawing.WIDTH_PX
    for corner in ((0, 0), (picture.width - 1, 0), (0, picture.height - 1)):
        assert picture.getpixel(corner) == (0, 0, 0, 0)
    inside = picture.crop((30, 30, picture.width - 30, picture.height - 30))
    assert inside.getchannel("A").getextrema() == (
        255,
        255,
    )
    assert picture.getpixel((20, picture.height // 2)) == (*CARD, 255)


def test_the_words_are_drawn_in_the_colours_that_are_checked(tmp_path: Path) -> None:
    picture = drawn(chart(panel([1, 2])), tmp_path)
    assert [y for _, y in pixels(picture, INK) if 30 < y < 80], "the title"
    assert [y for _, y in pixels(picture, QUIET) if 85 < y < 120], "the subtitle"


def test_a_column_is_as_high_as_its_figure_on_the_axis(tmp_path: Path) -> None:
    picture = drawn(chart(panel([10, 5, 0])), tmp_path)
    of_bars = pixels(picture, BAR)
    half = [(x, y) for x, y in of_bars if 400 < x < 650]
    whole = [(x, y) for x, y in of_bars if x < 350]
    heights = [max(y for _, y in some) - min(y for _, y in some) for some in (whole, half)]
    assert heights[0] == pytest.approx(300, abs=4)
    assert heights[1] == pytest.approx(150, abs=4)
    assert not [x for x, _ in of_bars if x > 700], "nothing is no column"


def test_a_row_is_as_long_as_its_figure_and_the_card_grows_with_them(tmp_path: Path) -> None:
    few = drawn(chart(panel([10, 5], upright=False)), tmp_path)
    of_bars = pixels(few, BAR)
    middle = (min(y for _, y in of_bars) + max(y for _, y in of_bars)) / 2
    lengths = [len({x for x, y in of_bars if (y < middle) is above}) for above in (True, False)]
    assert lengths[0] / lengths[1] == pytest.approx(2, abs=0.05)
    many = drawn(chart(panel([10, 5] * 5, upright=False)), tmp_path)
    assert many.height == few.height + 8 * 46


def test_a_reach_goes_on_from_its_bar(tmp_path: Path) -> None:
    one = panel([10, 5])
    bars = tuple(replace(bar, value=bar.value / 2, reach=bar.value) for bar in one.bars)
    picture = drawn(
        replace(chart(replace(one, bars=bars)), legend=("half", "nine in ten")), tmp_path
    )
    column = next(x for x, y in pixels(picture, BAR) if y > 250) + 20
    reach = [y for x, y in pixels(picture, REACH) if x == column]
    bar = [y for x, y in pixels(picture, BAR) if x == column]
    assert min(bar) - max(reach) in range(1, 4)
    assert len(reach) == pytest.approx(len(bar), abs=5)


def test_each_currency_that_nobody_can_convert_has_a_panel(tmp_path: Path) -> None:
    one = replace(panel([1, 2]), heading="USD")
    single = drawn(chart(one), tmp_path).height
    assert drawn(chart(one, replace(one, heading="CNY")), tmp_path).height > single + 300


@pytest.mark.parametrize("count", [1, 7, 30, 90])
def test_dates_never_run_into_each_other(count: int, tmp_path: Path) -> None:
    picture = drawn(chart(panel([1.0] * count)), tmp_path)
    labels = sorted({x for x, y in pixels(picture, QUIET) if picture.height - 80 < y})
    gaps = [right - left for left, right in pairwise(labels)]
    assert max(labels) <= drawing.WIDTH_PX - 44
    assert count == 1 or len([gap for gap in gaps if gap > 15]) >= min(count, 7) - 1


@pytest.mark.parametrize("letters_each", range(3, 14))
def test_the_last_date_is_not_pushed_onto_the_one_before(letters_each: int, tmp_path: Path) -> None:
    names = ["8" * letters_each] * 30
    picture = drawn(chart(panel([1.0] * 30, names=names)), tmp_path)
    below = sorted({x for x, y in pixels(picture, QUIET) if picture.height - 80 < y})
    ends = [(left, right) for left, right in pairwise(below) if right - left > 12]
    starts = [below[0], *(right for _left, right in ends)]
    stops = [*(left for left, _right in ends), below[-1]]
    widths = [stop - start for start, stop in zip(starts, stops, strict=True)]
    _axis, *dates = widths
    assert max(dates) - min(dates) <= 3, "each stands by itself"


def test_a_day_without_anything_is_a_chart_too(tmp_path: Path) -> None:
    assert pixels(drawn(chart(panel([0, 0])), tmp_path), BAR) == []


def test_a_name_is_drawn_as_far_as_the_fonts_go_and_else_the_short_form_of_its_id() -> None:
    own = letters(20, "en", system=())
    assert own.drawable("Mara") == "Mara"
    assert own.drawable("José Núñez") == "Jose Nunez"
    assert own.drawable("🎨 Painter 🎨") == "Painter"
    assert own.drawable("Z\u0351\u0362a\u0357lgo\u202e\u200b") == "Zalgo"
    for name in ("さくら", "陳大文", "Емеля", "محمد", "🎨", "\u202e", " "):
        assert own.drawable(name) is None


@pytest.mark.skipif(not system_fonts(), reason="this system has no fonts")
def test_letters_that_run_to_the_left_are_not_drawn_by_any_font() -> None:
    assert letters(20, "en").drawable("محمد") is None


@pytest.mark.parametrize("language", ["ja", "zh-CN"])
def test_a_name_in_other_letters_is_drawn_where_the_system_has_them(language: str) -> None:
    found = letters(20, language)
    if not any("CJK" in path.name for path in system_fonts()):
        pytest.skip("this system has no Chinese and Japanese fonts")
    assert found.drawable("陳大文 さくら") == "陳大文 さくら"
    assert found.width("陳大文") == pytest.approx(60, abs=2)


def test_a_name_that_is_too_long_ends_in_dots() -> None:
    own = letters(20, "en", system=())
    cut = own.cut("W" * 100, 200)
    assert cut.endswith("…")
    assert own.width(cut) <= 200
    assert own.cut("short", 200) == "short"


def test_names_that_cannot_be_drawn_are_the_short_form_of_their_id(tmp_path: Path) -> None:
    named = panel([3, 2, 1], upright=False, names=["さくら", "🎨", "A" * 400])
    bars = tuple(replace(bar, number="1. ") for bar in named.bars)
    short = tuple(replace(bar, label=bar.short or "") for bar in bars[:2])
    pictures = [
        drawn(chart(replace(named, bars=some)), tmp_path).tobytes()
        for some in (bars, (*short, bars[2]))
    ]
    assert pictures[0] == pictures[1]


def test_words_that_no_font_has_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="no font here has"):
        drawn(chart(panel([1]), title="視頻"), tmp_path)


async def test_it_is_drawn_in_the_child(worker: MediaWorker, tmp_path: Path) -> None:
    path = tmp_path / "chart.png"
    assert await worker.draw_chart(chart(panel([1, 2])), path)
    with Image.open(path) as picture:
        assert picture.width == drawing.WIDTH_PX
    assert not await worker.draw_chart(chart(panel([1]), title="\u0f40\u1000"), path)
