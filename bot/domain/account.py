"""An account: one key at one gateway, the models that it offers, and whom it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.capability import Capability


_OWN = "own-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account, without its key.

    Attributes:
        name: Its id, in the settings and in the database; lasts as long as its jobs.
        title: Its name for people.
        rows: Its models, in the order in which people see them.
        in_flight: By model, how many tasks may be under way at once.
        guild_id: The server whose own it is, and which alone may use it; None for everybody's.
    """

    name: str
    title: str
    rows: tuple[Capability, ...]
    in_flight: Mapping[str, int]
    guild_id: int | None = None

    def row(self, model: str) -> Capability | None:
        """Its row of a model; None where it has none."""
        return next((row for row in self.rows if row.model == model), None)


def name_of_own(own_account_id: int) -> str:
    """The name of a server's own account. No name in the settings can hold a hyphen."""
    return f"{_OWN}{own_account_id}"


def own_account_id_of(name: str | None) -> int | None:
    """The reverse of `name_of_own`; None for an account of the operator's."""
    if name is None or not name.startswith(_OWN):
        return None
    return int(name.removeprefix(_OWN))


def is_own(name: str) -> bool:
    """Whether an account is a server's own, so that its operator pays nothing for it."""
    return name.startswith(_OWN)
