"""Accounts as tests describe them: one, of the operator's, unless a test is about several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.account import Account
from bot.domain.catalogue import Catalogue
from bot.domain.catalogues import Catalogues
from bot.domain.money import Rates
from bot.domain.render_setting import RenderSetting
from bot.domain.render_times import assumed
from bot.domain.routing import Room

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.domain.capability import Capability
    from bot.domain.routing import Rooms

MAIN = "main"


def account(
    rows: Iterable[Capability], *, name: str = MAIN, in_flight: int = 1, guild_id: int | None = None
) -> Account:
    """An account with these models."""
    rows = tuple(rows)
    return Account(
        name=name,
        title=f"Account {name}",
        rows=rows,
        in_flight={row.model: in_flight for row in rows},
        guild_id=guild_id,
    )


def catalogue_of(rows: Iterable[Capability], *, default: str) -> Catalogue:
    """What one account offers."""
    return Catalogue([account(rows)], default=default)


def catalogues_of(*accounts: Account, default: str) -> Catalogues:
    """Several accounts of the operator's."""
    return Catalogues(accounts, default=default, rates=Rates())


def rooms(limits: Mapping[str, int], *, name: str = MAIN) -> Rooms:
    """An account that takes so many jobs at once, by model."""
    return {(name, model): Room(limit=limit) for model, limit in limits.items()}


def route(model: str, *names: str) -> str:
    """The route of a job that these accounts may take, the first one where none is named."""
    return f"{model} {','.join(names or [MAIN])}"


def setting(model: str, *, median_s: float = 90.0) -> RenderSetting:
    """What a job's render time depends on, of which nothing was learnt yet."""
    times = assumed(median_s=median_s, p95_s=3 * median_s)
    return RenderSetting(gateway="zai", model=model, settings=f"{median_s:g}", assumed=times)
