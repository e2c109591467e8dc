"""Draws a chart on a card of its own, which reads alike in Discord's dark and light themes.

Runs in the decoding child only: what is drawn there, the event loop does not wait for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw
from pydantic import TypeAdapter

from bot.domain.chart import Bar, Chart, Panel
from media.fonts import Letters, letters
from media.refusal import FileRefusedError

if TYPE_CHECKING:
    from pathlib import Path

WIDTH_PX = 1000
# Text on the card is at least 4.5:1 against it, bars 3:1 (WCAG 2.2, 1.4.3 and 1.4.11).
CARD, EDGE, GRID = "#20232b", "#3d4250", "#343945"
INK, QUIET = "#f2f3f5", "#b4bac8"
BAR, REACH = "#8ea2ff", "#5f6bb3"

_SCALE = 2  # drawn twice as large and made smaller: Pillow smooths letters, but no corners
_MARGIN = 44
_CORNER = 22
_TITLE, _WORDS, _SMALL = 34, 23, 21
_PLOT_HEIGHT = 300
_ROW_HEIGHT = 46
_BAR_HEIGHT = 22
_LABEL_MAX = 300
_GAP = 14
_HEADING = 50  # from its baseline to what it heads
_BETWEEN = 50  # from a panel to the next one's heading
_COLUMN_MAX = 64  # seven columns would be walls otherwise
_LEAST = 3  # of a bar that is not nothing


@dataclass(frozen=True, slots=True)
class _Fonts:
    title: Letters
    words: Letters
    small: Letters


def from_json(plain: object) -> Chart:
    """A chart as it came through the pipe."""
    return TypeAdapter(Chart).validate_python(plain)


def draw_chart(chart: Chart, destination: Path, *, system: tuple[Path, ...] | None = None) -> None:
    """Write a chart as a PNG.

    Args:
        chart: What.
        destination: Where to.
        system: The fonts besides Pillow's own; None for those of this system.

    Raises:
        FileRefusedError: Its words have letters that no font here has.
        OSError: It cannot be written.
    """
    title, words, small = (
        letters(size * _SCALE, chart.language, system=system) for size in (_TITLE, _WORDS, _SMALL)
    )
    fonts = _Fonts(title, words, small)
    height = _top(chart) + sum(map(_panel_height, chart.panels)) + _MARGIN
    height -= _BETWEEN if chart.panels[-1].heading else 0
    card = Image.new("RGBA", (WIDTH_PX * _SCALE, height * _SCALE))
    pen = ImageDraw.Draw(card)
    box = (0, 0, WIDTH_PX * _SCALE - 1, height * _SCALE - 1)
    pen.rounded_rectangle(box, _px(_CORNER), fill=CARD, outline=EDGE, width=_SCALE)
    top = _head(pen, chart, fonts)
    for panel in chart.panels:
        (_columns if panel.upright else _rows)(pen, panel, top, fonts)
        top += _panel_height(panel)
    card.reduce(_SCALE).save(destination, format="PNG", optimize=True)


def _head(pen: ImageDraw.ImageDraw, chart: Chart, fonts: _Fonts) -> int:
    """The words above the first panel; where that begins."""
    total = _words(fonts.title, chart.total)
    room = WIDTH_PX - 3 * _MARGIN - fonts.title.width(total) / _SCALE
    title = fonts.title.cut(_words(fonts.title, chart.title), _px(room))
    fonts.title.draw(pen, _at(_MARGIN, 70), title, INK)
    fonts.title.draw(pen, _at(WIDTH_PX - _MARGIN, 70), total, INK, align=1)
    subtitle = fonts.words.cut(_words(fonts.words, chart.subtitle), _px(WIDTH_PX - 2 * _MARGIN))
    fonts.words.draw(pen, _at(_MARGIN, 108), subtitle, QUIET)
    x = float(_MARGIN)
    for word, colour in zip(chart.legend, (BAR, REACH), strict=False):
        pen.rounded_rectangle(_box(x, 132, x + 16, 148), _px(4), fill=colour)
        plain = _words(fonts.small, word)
        fonts.small.draw(pen, _at(x + 26, 148), plain, QUIET)
        x += 26 + fonts.small.width(plain) / _SCALE + 34
    return _top(chart)


def _top(chart: Chart) -> int:
    return (212 if chart.legend else 176) - (0 if chart.panels[0].upright else 16)


def _columns(pen: ImageDraw.ImageDraw, panel: Panel, top: int, fonts: _Fonts) -> None:
    top = _heading(pen, panel, top, fonts)
    bottom, scale = top + _PLOT_HEIGHT, _PLOT_HEIGHT / panel.ticks[-1].value
    texts = [_words(fonts.small, tick.text) for tick in panel.ticks]
    left = _MARGIN + max(map(fonts.small.width, texts)) / _SCALE + _GAP
    for tick, text in zip(panel.ticks, texts, strict=True):
        y = bottom - tick.value * scale
        pen.line((*_at(left, y), *_at(WIDTH_PX - _MARGIN, y)), fill=GRID, width=_SCALE)
        fonts.small.draw(pen, _at(left - _GAP, y + 7), text, QUIET, align=1)
    slot = (WIDTH_PX - _MARGIN - left) / len(panel.bars)
    width = min(slot * 0.72, _COLUMN_MAX)
    middles = [left + slot * (number + 0.5) for number in range(len(panel.bars))]
    for bar, middle in zip(panel.bars, middles, strict=True):
        for value, colour, is_end in _parts(bar):
            y = bottom - max(value * scale, _LEAST)
            box = _box(middle - width / 2, y, middle + width / 2, bottom)
            corners = (is_end, is_end, False, False)
            pen.rounded_rectangle(box, _px(min(6, width / 3)), colour, corners=corners)
    _highest(pen, panel.bars, middles, bottom, scale, fonts)
    names = [_words(fonts.small, bar.label) for bar in panel.bars]
    widest = max(map(fonts.small.width, names)) / _SCALE
    # The last one is pushed inwards where it would go over the edge.
    room = widest + max(26, 14 + (widest - slot) / 2)
    every = int(room) // max(1, int(slot)) + 1
    for number in range(len(names) - 1, -1, -every):
        half = fonts.small.width(names[number]) / _SCALE / 2
        x = min(middles[number], WIDTH_PX - _MARGIN - half)
        fonts.small.draw(pen, _at(x, bottom + 34), names[number], QUIET, align=0.5)


def _highest(
    pen: ImageDraw.ImageDraw,
    bars: tuple[Bar, ...],
    middles: list[float],
    bottom: float,
    scale: float,
    fonts: _Fonts,
) -> None:
    """Say how much the highest column is: the others are read from the axis."""
    bar, middle = max(zip(bars, middles, strict=True), key=lambda one: one[0].highest)
    if bar.highest > 0:
        text = _words(fonts.small, bar.text)
        half = fonts.small.width(text) / _SCALE / 2
        x = min(max(middle, _MARGIN + half), WIDTH_PX - _MARGIN - half)
        at = _at(x, bottom - bar.highest * scale - 10)
        fonts.small.draw(pen, at, text, INK, align=0.5)


def _rows(pen: ImageDraw.ImageDraw, panel: Panel, top: int, fonts: _Fonts) -> None:
    top = _heading(pen, panel, top, fonts) - 20
    names = [fonts.words.cut(_name(fonts.words, bar), _px(_LABEL_MAX)) for bar in panel.bars]
    texts = [_words(fonts.small, bar.text) for bar in panel.bars]
    left = _MARGIN + max(map(fonts.words.width, names)) / _SCALE + _GAP + 6
    right = WIDTH_PX - _MARGIN - max(map(fonts.small.width, texts)) / _SCALE - _GAP
    scale = (right - left) / max(panel.ticks[-1].value, *(bar.highest for bar in panel.bars))
    for number, (bar, name, text) in enumerate(zip(panel.bars, names, texts, strict=True)):
        middle = top + _ROW_HEIGHT * (number + 0.5)
        fonts.words.draw(pen, _at(left - _GAP - 6, middle + 8), name, INK, align=1)
        end = left
        for value, colour, is_end in _parts(bar):
            length = max(value * scale, _LEAST)
            half = _BAR_HEIGHT / 2
            box = _box(left, middle - half, left + length, middle + half)
            corners = (False, is_end, is_end, False)
            pen.rounded_rectangle(box, _px(min(6, length / 3)), colour, corners=corners)
            end = max(end, left + length)
        fonts.small.draw(pen, _at(end + _GAP, middle + 8), text, QUIET)
    pen.line((*_at(left, top), *_at(left, top + _ROW_HEIGHT * len(names))), fill=EDGE, width=_SCALE)


def _parts(bar: Bar) -> list[tuple[float, str, bool]]:
    """What of a bar is drawn, over each other: how far, in which colour, whether it is its end."""
    reaches = bar.highest > bar.value
    parts = [(bar.highest, REACH, True)] if reaches else []
    return parts + ([(bar.value, BAR, not reaches)] if bar.value > 0 else [])


def _heading(pen: ImageDraw.ImageDraw, panel: Panel, top: int, fonts: _Fonts) -> int:
    if not panel.heading:
        return top
    fonts.words.draw(pen, _at(_MARGIN, top), _words(fonts.words, panel.heading), INK)
    return top + _HEADING


def _panel_height(panel: Panel) -> int:
    inside = _PLOT_HEIGHT + 34 if panel.upright else _ROW_HEIGHT * len(panel.bars) - 20
    return inside + (_HEADING + _BETWEEN if panel.heading else 0)


def _name(font: Letters, bar: Bar) -> str:
    """A person's or a role's name, or what stands for it where it cannot be drawn."""
    drawn = font.drawable(bar.label)
    return bar.number + (drawn or _words(font, bar.short or bar.label))


def _words(font: Letters, text: str) -> str:
    drawn = font.drawable(text)
    if drawn is None:
        raise FileRefusedError("needs letters that no font here has")
    return drawn


def _px(size: float) -> float:
    return size * _SCALE


def _at(x: float, y: float) -> tuple[float, float]:
    return x * _SCALE, y * _SCALE


def _box(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
    return left * _SCALE, top * _SCALE, right * _SCALE, bottom * _SCALE
