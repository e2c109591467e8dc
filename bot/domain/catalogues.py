"""Every account that there is, and what each server may use of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.account import Account
    from bot.domain.capability import Capability
    from bot.domain.job import Job
    from bot.domain.money import Rates


class Catalogues:
    """The operator's accounts are everybody's; a server's own one is asked first, for it alone.

    A model that a gateway disowned is off until a restart.

    Attributes:
        rates: What currencies are worth.
        everybodys: What servers may use that brought nothing of their own.
    """

    def __init__(self, accounts: Iterable[Account], *, default: str, rates: Rates) -> None:
        """Hold the operator's accounts, in the order in which they are asked.

        Raises:
            LookupError: None of them has the default model.
        """
        self._accounts = {account.name: account for account in accounts}
        self._default = default
        self.rates = rates
        self._own: dict[int, Account] = {}
        self._ending: dict[str, Account] = {}  # taken away; their last videos are being made
        self._dearer: set[int] = set()  # servers whose moderators allowed it
        self._choices: dict[int, tuple[frozenset[str], str | None]] = {}
        self._off: set[tuple[str, str]] = set()
        self._by_guild: dict[int, Catalogue] = {}
        self.everybodys = self._catalogue(None)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """All of them, the servers' own ones last."""
        return (*self._accounts.values(), *self._own.values())

    def of(self, guild_id: int) -> Catalogue:
        """What a server may use."""
        if not any(guild_id in of for of in (self._own, self._dearer, self._choices)):
            return self.everybodys
        if guild_id not in self._by_guild:
            self._by_guild[guild_id] = self._catalogue(guild_id)
        return self._by_guild[guild_id]

    def own_of(self, guild_id: int) -> Account | None:
        """The account that a server brought itself."""
        return self._own.get(guild_id)

    def set_own(self, guild_id: int, account: Account | None) -> None:
        """The server brought an account, or took it away."""
        self._by_guild.pop(guild_id, None)
        former = self._own.pop(guild_id, None)
        if former is not None:
            self._ending[former.name] = former
        if account is not None:
            self._own[guild_id] = account

    def remember(self, account: Account) -> None:
        """A server took this account away, and its last videos are still being made."""
        self._ending[account.name] = account

    def forget(self, name: str) -> None:
        """The last video of an account that was taken away is there."""
        self._ending.pop(name, None)

    def dearer_may_stand_in(self, guild_id: int) -> bool:
        """Whether a server's jobs may go to accounts that cost more than was said."""
        return guild_id in self._dearer

    def let_dearer_stand_in(self, guild_id: int, *, allowed: bool) -> None:
        """The moderators of a server decided it."""
        self._by_guild.pop(guild_id, None)
        (self._dearer.add if allowed else self._dearer.discard)(guild_id)

    def set_choice(
        self, guild_id: int, *, models: frozenset[str], default_model: str | None
    ) -> None:
        """The moderators of a server decided what people may choose, all where ``models`` is empty.

        What waits already goes on, whatever it is to be rendered by.
        """
        self._by_guild.pop(guild_id, None)
        if models or default_model is not None:
            self._choices[guild_id] = models, default_model
        else:
            self._choices.pop(guild_id, None)

    def turn_off(self, account: str, model: str) -> bool:
        """The gateway says that it does not serve this account this model; whether that is news."""
        news = (account, model) not in self._off
        self._off.add((account, model))
        return news

    def account(self, name: str | None) -> Account | None:
        """An account by its name; None for one that is gone."""
        own = (account for account in self._own.values() if account.name == name)
        return self._accounts.get(name or "") or self._ending.get(name or "") or next(own, None)

    def row_of(self, job: Job) -> Capability:
        """The row that a job is rendered by; of one whose account is gone, the likeliest."""
        account, model = self.account(job.account), job.request.model
        row = None if account is None else account.row(model)
        here = self.of(job.place.guild_id)
        return row or here.find(model) or here.default

    def title_of(self, model: str) -> str:
        """A model's name for people, also of one that is no longer offered."""
        found = (row for account in self.accounts if (row := account.row(model)))
        row = next(found, None)
        return model if row is None else row.title

    def account_title(self, name: str) -> str:
        """An account's name for people, also of one that is gone."""
        account = self.account(name)
        return name if account is None else account.title

    def _catalogue(self, guild_id: int | None) -> Catalogue:
        own = self._own.get(guild_id or 0)
        accounts = (*([own] if own else []), *self._accounts.values())
        only, default = self._choices.get(guild_id or 0, (frozenset[str](), None))
        is_there = any(row.model == default for account in accounts for row in account.rows)
        return Catalogue(
            accounts,
            default=default if default is not None and is_there else self._default,
            off=self._off,
            dearer_may_stand_in=guild_id in self._dearer,
            rates=self.rates,
            only=only,
        )
