"""What one server may use: the models of its accounts, and who of them renders a request."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bot.domain.errors import InvalidOptionError
from bot.domain.language import _
from bot.domain.money import Rates
from bot.domain.request import mode_name
from bot.domain.routing import Leg, Route
from bot.domain.validation import check_request, shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from bot.domain.account import Account
    from bot.domain.capability import Capability, Choice
    from bot.domain.money import Money
    from bot.domain.request import Mode, VideoRequest


class Catalogue:
    """The models of some accounts. One that several of them have is shown as the first has it.

    Attributes:
        rows: One per model, in the order in which people see them.
        default: The one that is meant where none is named.
    """

    def __init__(  # what one server may use
        self,
        accounts: Iterable[Account],
        *,
        default: str,
        off: Collection[tuple[str, str]] = (),
        dearer_may_stand_in: bool = False,
        rates: Rates | None = None,
        only: Collection[str] = (),
    ) -> None:
        """Hold the accounts.

        Args:
            accounts: In the order in which they are asked.
            default: The model of one of them.
            off: Account and model of what a gateway has disowned. Looked at whenever it matters.
            dearer_may_stand_in: Whether a job may go to an account that costs more than was said.
            rates: To compare prices in different currencies.
            only: What the server's moderators let people choose; empty for everything.

        Raises:
            LookupError: No account has the default.
        """
        self._accounts = tuple(accounts)
        self._off = off
        self._dearer_may_stand_in = dearer_may_stand_in
        self._rates = rates or Rates()
        by_model: dict[str, Capability] = {}
        for account in self._accounts:
            for row in account.rows:
                by_model.setdefault(row.model, row)
        if default not in by_model:
            raise LookupError(f"{default} is none of {', '.join(by_model)}")
        self._by_model = by_model
        self.rows = tuple(row for row in by_model.values() if not only or row.model in only)
        chosen = by_model[default]
        self.default = chosen if chosen in self.rows else next(iter(self.rows), chosen)

    def find(self, model: str) -> Capability | None:
        """A model's row, also while it is off; None for one that no account here has."""
        return self._by_model.get(model)

    @property
    def all_rows(self) -> tuple[Capability, ...]:
        """One per model, with those that the server's moderators do not let people choose."""
        return tuple(self._by_model.values())

    def is_off(self, model: str) -> bool:
        """Whether no account serves this model any more."""
        return not self.offers(model)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """In the order in which they are asked."""
        return self._accounts

    @property
    def has_several_accounts(self) -> bool:
        """Whether it matters to people who renders something."""
        return len(self._accounts) > 1

    @property
    def offered(self) -> tuple[Capability, ...]:
        """What people may choose now: one row per model."""
        first = (self.offers(row.model) for row in self.rows)
        return tuple(offers[0][1] for offers in first if offers)

    def offers(self, model: str) -> list[tuple[Account, Capability]]:
        """Who serves a model now, in the order in which they are asked, each with its row."""
        return [
            (account, row)
            for account in self._accounts
            if (row := account.row(model)) is not None and (account.name, model) not in self._off
        ]

    def choose(self, model: str | None, mode: Mode) -> Capability:
        """The row that a wish means.

        Args:
            model: As typed, in any case, or its name for people; None for the default.
            mode: What the wish starts from.

        Raises:
            InvalidOptionError: There is no such model here, or none that takes the mode.
        """
        named = self.default if model is None else self.named(model)
        if named is None or named not in self.rows or self.is_off(named.model):
            raise self._unknown(model or self.default.model)
        rows = [row for _, row in self.offers(named.model)]
        fitting = next((row for row in rows if mode in row.modes), None)
        if fitting is None:
            raise self._wrong_mode(rows[0], mode)
        return fitting

    def check(self, request: VideoRequest) -> Capability:
        """The row that a request's price and limits are those of: of the first that renders it.

        Raises:
            InvalidOptionError: None renders it; says what to change for the first one's sake.
        """
        chosen = self.choose(request.model, request.mode)
        takers = self._takers(request)
        if not takers:
            check_request(request, chosen)
        return takers[0][1]

    def route_of(self, request: VideoRequest, *, told_by: str | None = None) -> Route:
        """Where a request may be rendered; without legs where nowhere, also not any more.

        Args:
            request: What is to be rendered.
            told_by: The account whose price the member was told, of a request that waits already.
                It stays the first one, also while the model is off there: the others are dearer, or
                not, than that price. Without one, the first that renders the request; likewise
                where the server brought an account itself, which goes before all others.
        """
        takers = self._takers(request)
        is_own = bool(takers) and takers[0][0].guild_id is not None
        told = None if is_own else self._told(request, told_by)
        if told is not None:
            takers = [told, *(taker for taker in takers if taker[0] is not told[0])]
        allowed = self._allowed(takers)
        if all((account.name, request.model) in self._off for account, _ in allowed):
            return Route(request.model, ())
        legs = (Leg(account.name, self._is_dearer(row, takers[0][1])) for account, row in allowed)
        return Route(request.model, tuple(legs))

    def prices_of(self, route: Route) -> dict[str, Money | None]:
        """What each account of a route asks."""
        names = {leg.account for leg in route.legs}
        return {
            account.name: row.price
            for account in self._accounts
            if account.name in names and (row := account.row(route.model)) is not None
        }

    def renderers(self, model: str) -> list[tuple[Account, Capability]]:
        """Who may render a model now, in the order in which they are asked, each with its row."""
        return self._allowed(self.offers(model))

    def cheapest(self, mode: Mode) -> Capability | None:
        """The offered model that takes a mode for the least money, as people see the prices."""
        return min(self.fitting(mode, {}), key=self._price_order, default=None)

    def fitting(
        self, mode: Mode, wishes: Mapping[Choice, str | int | None]
    ) -> tuple[Capability, ...]:
        """The offered models that take a mode together with everything else that was chosen."""
        found = (
            next((row for _, row in self.offers(each.model) if fits(row, mode, wishes)), None)
            for each in self.rows
        )
        return tuple(row for row in found if row is not None)

    def named(self, model: str) -> Capability | None:
        """The row that somebody means by an id or a title, in any case; also while it is off."""
        name = model.strip().lower()
        return next((row for row in self.rows if name in _names(row)), None)

    def _takers(self, request: VideoRequest) -> list[tuple[Account, Capability]]:
        return [
            (account, row) for account, row in self.offers(request.model) if _is_taken(request, row)
        ]

    def _told(
        self, request: VideoRequest, told_by: str | None
    ) -> tuple[Account, Capability] | None:
        """The account whose price was told, with its row; None where it renders this no more."""
        accounts = (account for account in self._accounts if account.name == told_by)
        rows = ((account, account.row(request.model)) for account in accounts)
        found = ((account, row) for account, row in rows if row and _is_taken(request, row))
        return next(found, None)

    def _allowed(
        self, offers: list[tuple[Account, Capability]]
    ) -> list[tuple[Account, Capability]]:
        """Those of the offers that may take over from the first one."""
        return [
            (account, row)
            for account, row in offers
            if self._dearer_may_stand_in or not self._is_dearer(row, offers[0][1])
        ]

    def _is_dearer(self, row: Capability, first: Capability) -> bool:
        return row is not first and self._rates.may_be_dearer(row.price, first.price)

    def _price_order(self, row: Capability) -> float:
        if row.price is None:
            return math.inf
        in_usd = self._rates.in_usd(row.price)
        # Without a rate, the amount itself: within one gateway's list that orders them rightly.
        return float(row.price.micros if in_usd is None else in_usd)

    def _unknown(self, model: str) -> InvalidOptionError:
        row = self.named(model)
        if row is not None:
            limit = _("the video service no longer offers {title}").format(title=row.title)
        elif len(self.rows) < len(self._by_model):
            limit = (
                _("this server's moderators allow {models}").format(models=self._listed)
                if self._listed
                else _("this server's moderators allow none that there is")
            )
        else:
            limit = _("this bot has {models}").format(models=self._listed)
        return InvalidOptionError(
            option="model",
            limit=limit,
            given=f"`{shortened(model)}`",
            next_step=_("Choose another one; `/video models` lists them."),
        )

    @property
    def _listed(self) -> str:
        return ", ".join(f"`{row.model}`" for row in self.offered)

    def _wrong_mode(self, row: Capability, mode: Mode) -> InvalidOptionError:
        others = self.fitting(mode, {})
        listed = ", ".join(f"`{other.model}` ({other.price_text})" for other in others)
        return InvalidOptionError(
            option="model",
            limit=_("{title} starts from {modes}").format(
                title=row.title, modes=", ".join(map(mode_name, row.modes))
            ),
            given=mode_name(mode),
            next_step=_("Choose one that takes it: {models}.").format(models=listed)
            if others
            else _("Leave the images as one of these, because no model here takes it."),
        )


def fits(row: Capability, mode: Mode, wishes: Mapping[Choice, str | int | None]) -> bool:
    """Whether a model takes a mode together with everything that was chosen."""
    return mode in row.modes and all(
        value is None or value in row.values(choice, mode) for choice, value in wishes.items()
    )


def _is_taken(request: VideoRequest, row: Capability) -> bool:
    try:
        check_request(request, row)
    except InvalidOptionError:
        return False
    return True


def _names(row: Capability) -> set[str]:
    return {row.model.lower(), row.title.lower()}
