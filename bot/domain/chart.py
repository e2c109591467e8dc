"""A picture of figures, as what is drawn: words and numbers, and no colour or pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass

TICKS_MAX = 5
WHOLE_STEPS = (1, 2, 5)
SPAN_STEPS_S = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 14_400, 21_600, 43_200, 86_400),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One figure of a chart.

    Attributes:
        label: What it is of.
        short: What is drawn in its place where the letters of a name are missing; None where the
            label is words of ours.
        value: How much, from 0.
        reach: How far it goes in few cases, from `value`; None where there is no such thing.
        text: The same in words, drawn at its end where there is room.
        number: What stands before the label; empty where nothing does.
    """

    label: str
    value: float
    text: str
    number: str = ""
    short: str | None = None
    reach: float | None = None

    @property
    def highest(self) -> float:
        """How far it is drawn."""
        return self.value if self.reach is None else max(self.value, self.reach)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark of an axis."""

    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One group of bars on one axis.

    Attributes:
        heading: What tells it from the chart's other panels; empty where there is one.
        bars: In their order.
        ticks: Of their axis, from 0 to at least the highest bar.
        upright: Whether the bars stand beside each other, as days do, or lie under each other.
    """

    heading: str
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    upright: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A whole picture.

    Attributes:
        title: What is shown.
        subtitle: Of whom and when.
        total: The sum, or what is usual, in a few letters.
        panels: One under the other.
        legend: What a bar's value and its reach are; empty where bars have no reach.
        language: Of the words: Chinese and Japanese draw the same letters differently.
    """

    title: str
    subtitle: str
    total: str
    panels: tuple[Panel, ...]
    legend: tuple[str, ...] = ()
    language: str = "en"


def marks(highest: float, *, smallest: float = 1) -> list[float]:
    """Round numbers from 0 to the first one that is no less, at most `TICKS_MAX` steps apart.

    Args:
        highest: Of what is shown.
        smallest: The least that may lie between two of them; a power of ten.
    """
    least = max(highest / TICKS_MAX, smallest)
    power = 10.0 ** math.floor(math.log10(least) + 1e-9)
    step = next(
        found
        for ten in (power, power * 10)
        for by in WHOLE_STEPS
        if (found := by * ten) >= least - 1e-9
    )
    return _up_to(highest, step)


def span_marks(highest_s: float) -> list[float]:
    """Likewise of a span of time: steps are those in which people count seconds and minutes."""
    least = highest_s / TICKS_MAX
    days = math.ceil(least / SPAN_STEPS_S[-1]) * SPAN_STEPS_S[-1]
    return _up_to(highest_s, next((step for step in SPAN_STEPS_S if step >= least), days))


def _up_to(highest: float, step: float) -> list[float]:
    return [number * step for number in range(max(1, math.ceil(highest / step - 1e-9)) + 1)]
