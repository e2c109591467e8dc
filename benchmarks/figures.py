"""What a benchmark finds: a value, what was measured beside it, and the target for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure.

    Attributes:
        name: As ``--only`` takes it.
        value: What was measured.
        unit: Of the value and of the baseline.
        baseline: The same of what it is compared with, measured in the same run; None without one.
        target: The most that is accepted, of what ``target_of`` says.
        target_of: The value itself, or its ratio to the baseline.
        sound: Whether everything else that had to be true of the run was so.
        note: What one has to know to read the figure.
    """

    name: str
    value: float
    unit: str
    target: float
    target_of: Literal["value", "ratio"] = "value"
    baseline: float | None = None
    sound: bool = True
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The value over its baseline."""
        return self.value / self.baseline if self.baseline else None

    @property
    def holds(self) -> bool:
        """Whether the target is met, in a sound run."""
        measured = self.value if self.target_of == "value" else self.ratio
        return self.sound and measured is not None and measured <= self.target

    def to_dict(self) -> dict[str, Any]:
        """For ``results.json``."""
        return {**asdict(self), "ratio": self.ratio, "holds": self.holds}


def table(figures: Iterable[Figure]) -> str:
    """The figures as aligned text, notes below."""
    found = list(figures)
    head = ("name", "value", "unit", "baseline", "ratio", "target", "holds")
    rows = [head, *(_row(figure) for figure in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, _line(["-" * width for width in widths], widths))
    lines += [f"{figure.name}: {figure.note}" for figure in found if figure.note]
    return "\n".join(lines)


def _row(figure: Figure) -> tuple[str, ...]:
    ratio = figure.ratio
    of = figure.unit if figure.target_of == "value" else "x baseline"
    return (
        figure.name,
        _number(figure.value),
        figure.unit,
        "-" if figure.baseline is None else _number(figure.baseline),
        "-" if ratio is None else f"{ratio:.2f}",
        f"<= {figure.target:g} {of}",
        "yes" if figure.holds else "NO",
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _number(value: float) -> str:
    return f"{value:.2f}"
