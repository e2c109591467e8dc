"""What one account offers: the rows of its models, and which of them the gateway still serves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bot.domain.errors import InvalidOptionError
from bot.domain.validation import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.domain.capability import Capability, Choice
    from bot.domain.request import Mode


class Catalogue:
    """The models of one account. A model that the gateway disowned is off until a restart.

    Attributes:
        rows: All of them, in the order in which people see them.
        default: The one that is meant where none is named.
    """

    def __init__(self, rows: Iterable[Capability], *, default: str) -> None:
        """Hold the rows; ``default`` is the model of one of them.

        Raises:
            LookupError: It is not.
        """
        self.rows = tuple(rows)
        self._by_model = {row.model: row for row in self.rows}
        if default not in self._by_model:
            raise LookupError(f"{default} is none of {', '.join(self._by_model)}")
        self.default = self._by_model[default]
        self._off: set[str] = set()

    def find(self, model: str) -> Capability | None:
        """A model's row, also while it is off; None for one that this account does not have."""
        return self._by_model.get(model)

    def title_of(self, model: str) -> str:
        """A model's name for people, also of one that is no longer offered."""
        row = self.find(model)
        return model if row is None else row.title

    def turn_off(self, model: str) -> bool:
        """The gateway says that it does not serve this model; whether that is news."""
        news = model in self._by_model and model not in self._off
        self._off.add(model)
        return news

    def is_off(self, model: str) -> bool:
        """Whether the gateway has said that it does not serve this model."""
        return model in self._off

    @property
    def offered(self) -> tuple[Capability, ...]:
        """The rows that people may choose now."""
        return tuple(row for row in self.rows if row.model not in self._off)

    def choose(self, model: str | None, mode: Mode) -> Capability:
        """The row that a wish means.

        Args:
            model: As typed, in any case, or its name for people; None for the default.
            mode: What the wish starts from.

        Raises:
            InvalidOptionError: There is no such model here, or none that takes the mode.
        """
        row = self.default if model is None else self.named(model)
        if row is None or self.is_off(row.model):
            raise self._unknown(model or self.default.model)
        if mode not in row.modes:
            raise self._wrong_mode(row, mode)
        return row

    def cheapest(self, mode: Mode) -> Capability | None:
        """The offered model that takes a mode for the least money, as people see the prices."""
        fitting = [row for row in self.offered if mode in row.modes]
        return min(fitting, key=_price_order, default=None)

    def fitting(
        self, mode: Mode, wishes: Mapping[Choice, str | int | None]
    ) -> tuple[Capability, ...]:
        """The offered models that take a mode together with everything else that was chosen."""
        return tuple(row for row in self.offered if fits(row, mode, wishes))

    def named(self, model: str) -> Capability | None:
        """The row that somebody means by an id or a title, in any case; also while it is off."""
        name = model.strip().lower()
        return next((row for row in self.rows if name in _names(row)), None)

    def _unknown(self, model: str) -> InvalidOptionError:
        row = self.named(model)
        limit = (
            "this bot has " + ", ".join(f"`{row.model}`" for row in self.offered)
            if row is None
            else f"the video service no longer offers {row.title}"
        )
        return InvalidOptionError(
            option="model",
            limit=limit,
            given=f"`{shortened(model)}`",
            next_step="Choose another one; `/video models` lists them.",
        )

    def _wrong_mode(self, row: Capability, mode: Mode) -> InvalidOptionError:
        others = [other for other in self.offered if mode in other.modes]
        listed = ", ".join(f"`{other.model}` ({other.price_text})" for other in others)
        return InvalidOptionError(
            option="model",
            limit=f"{row.title} starts from {', '.join(row.modes)}",
            given=mode,
            next_step=f"Choose one that takes it: {listed}."
            if others
            else "Leave the images as one of these, because no model here takes it.",
        )


def fits(row: Capability, mode: Mode, wishes: Mapping[Choice, str | int | None]) -> bool:
    """Whether a model takes a mode together with everything that was chosen."""
    return mode in row.modes and all(
        value is None or value in row.values(choice, mode) for choice, value in wishes.items()
    )


def _names(row: Capability) -> set[str]:
    return {row.model.lower(), row.title.lower()}


def _price_order(row: Capability) -> float:
    return math.inf if row.price is None else row.price.micros
