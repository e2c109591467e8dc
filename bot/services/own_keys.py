"""Servers bring their own keys: tested, sealed, used for that server alone, and taken away."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.domain.account import Account
from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.errors import AccountError, ProviderError, StorageError
from bot.domain.language import _
from bot.domain.own_key import (
    KEPT_AFTER_REMOVAL,
    OwnKeyRefusedError,
    OwnKeysOffError,
    OwnKeyState,
    OwnKeyUntestedError,
    SealBrokenError,
    checked_key,
)
from providers.capabilities import rows_of
from providers.gateways import GATEWAYS
from providers.zhipu_codes import NO_BALANCE, USED_UP
from storage import account_pauses, audit, own_accounts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Collection
    from datetime import datetime

    from bot.clock import Clock
    from bot.domain.catalogues import Catalogues
    from bot.services.sealing import Sealer
    from providers.transport import ZhipuTransport
    from storage.database import Database
    from storage.own_accounts import OwnAccount

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedAccount:
    """A server's own account with its key, opened.

    Attributes:
        account: What it offers, and to which server.
        gateway: Whose key it is.
        key: The key. Goes to the gateway and nowhere else.
        takes_jobs: False for one that was taken away and only ends what it has.
    """

    account: Account
    gateway: str
    key: SecretStr
    takes_jobs: bool


class OwnKeys:
    """The servers' own accounts: the database has them sealed, the catalogues in use.

    Who may bring and take away is the caller's to know.
    """

    def __init__(  # noqa: PLR0913  # what the composition root hands over
        self,
        *,
        database: Database,
        clock: Clock,
        catalogues: Catalogues,
        sealer: Sealer | None,
        transport_of: Callable[[str, SecretStr], ZhipuTransport],
        keep_up: Callable[[Collection[OpenedAccount]], None],
        reroute: Callable[[int], Awaitable[None]],
    ) -> None:
        """Hold the tools; `load` comes next.

        Args:
            database: Has the sealed keys.
            clock: Says when.
            catalogues: What each server may use; changed with each key.
            sealer: None where the operator has set no secrets key.
            transport_of: A gateway's API with a key, to test it.
            keep_up: Told of all opened accounts after each change, before anything is awaited.
            reroute: Finds the ways of a server's waiting jobs anew.
        """
        self._database = database
        self._clock = clock
        self._catalogues = catalogues
        self._sealer = sealer
        self._transport_of = transport_of
        self._keep_up = keep_up
        self._reroute = reroute
        self._opened: dict[str, OpenedAccount] = {}
        self._changing = asyncio.Lock()  # what is in memory follows the order of the commits

    @property
    def gateways(self) -> dict[str, str]:
        """The gateways that a key may be for: each one's name for people, by its name."""
        return {gateway.name: gateway.title for gateway in GATEWAYS.values()}

    async def load(self) -> None:
        """Open every key that is kept. Before the engine starts.

        Raises:
            StorageError: The database cannot be read.
        """
        for kept in await self._database.read(own_accounts.all_own_accounts):
            try:
                key = await self._open(kept)
            except SealBrokenError as exc:
                log.error(  # noqa: TRY400  # the traceback would say no more
                    "server %d's own key cannot be opened, so it has to give it again: %s",
                    kept.guild_id,
                    exc,
                )
            else:
                self._use(kept, key)
        self._keep_up(self._opened.values())

    def check_possible(self) -> None:
        """Refuse before anybody types a key.

        Raises:
            OwnKeysOffError: The operator has set no secrets key.
        """
        self._require_sealer()

    async def bring(self, guild_id: int, gateway: str, typed: str, *, by: int) -> OwnKeyState:
        """Test a key by a free call, and keep it in place of the one that the server had.

        Args:
            guild_id: The server.
            gateway: One of `gateways`.
            typed: The key, as somebody typed it.
            by: Who.

        Raises:
            OwnKeysOffError: The operator has set no secrets key.
            OwnKeyFormError: It cannot be a key.
            OwnKeyRefusedError: The gateway refuses it.
            OwnKeyUntestedError: The gateway did not say.
        """
        sealer = self._require_sealer()
        key = SecretStr(checked_key(typed))
        await self._test(gateway, key)
        sealed = sealer.seal(key, use_of(guild_id, gateway))

        at = self._clock.now()

        def write(db: sqlite3.Connection) -> tuple[OwnAccount, list[str]]:
            kept = own_accounts.bring(
                db, guild_id, gateway=gateway, sealed_key=sealed, set_by=by, at=at
            )
            audit.append(db, _act(AuditAction.KEY_BROUGHT, guild_id, by, gateway), at=at)
            return kept, _forget_ended(db, at)

        async with self._changing:
            kept, forgotten = await self._database.write(write)
            self._retire(guild_id)
            self._use(kept, key)
            self._forget(forgotten)
        log.info("server %d brought its own key for %s", guild_id, GATEWAYS[gateway].title)
        await self._find_new_ways(guild_id)
        return self._state(kept, None)

    async def remove(self, guild_id: int, *, by: int) -> bool:
        """Take a server's key away, as somebody wants it; whether there was one.

        What is being made with it is still fetched, for a day at most; then it is deleted.
        """
        at = self._clock.now()

        def write(db: sqlite3.Connection) -> tuple[bool, list[str]]:
            was_there = own_accounts.remove(db, guild_id, at=at)
            if was_there:
                audit.append(db, _act(AuditAction.KEY_REMOVED, guild_id, by), at=at)
            return was_there, _forget_ended(db, at)

        async with self._changing:
            was_there, forgotten = await self._database.write(write)
            self._retire(guild_id)
            self._forget(forgotten)
        if was_there:
            log.info("server %d took its own key away", guild_id)
            await self._find_new_ways(guild_id)
        return was_there

    async def state(self, guild_id: int) -> OwnKeyState | None:
        """What there is to tell of a server's own key; None without one."""

        def read(db: sqlite3.Connection) -> OwnKeyState | None:
            kept = own_accounts.own_account_of(db, guild_id)
            if kept is None:
                return None
            return self._state(kept, account_pauses.paused_since(db, kept.name))

        return await self._database.read(read)

    async def forget_ended(self) -> None:
        """Delete the keys that were taken away and have nothing under way, or are so for a day."""
        at = self._clock.now()
        async with self._changing:
            self._forget(await self._database.write(lambda db: _forget_ended(db, at)))

    def _require_sealer(self) -> Sealer:
        if self._sealer is None:
            raise OwnKeysOffError
        return self._sealer

    async def _test(self, gateway: str, key: SecretStr) -> None:
        title = GATEWAYS[gateway].title
        try:
            await self._transport_of(gateway, key).check_key()
        except AccountError as exc:
            # Only its code: the gateway's words may quote a part of the key.
            log.info("%s refuses a key that a server brought (code %s)", title, exc.code)
            raise OwnKeyRefusedError(gateway=title, reason=_why_refused(exc.code)) from None
        except ProviderError as exc:
            log.warning("%s did not say whether it takes a key: %s", title, type(exc).__name__)
            raise OwnKeyUntestedError(gateway=title) from None

    async def _open(self, kept: OwnAccount) -> SecretStr:
        """The key of an account, sealed anew where an older secrets key had sealed it."""
        if self._sealer is None:
            raise SealBrokenError("COGREEL_SECRETS_KEY is not set")
        use = use_of(kept.guild_id, kept.gateway)
        key = self._sealer.open(kept.sealed_key, use)
        if not self._sealer.is_by_first(kept.sealed_key):
            sealed = self._sealer.seal(key, use)
            await self._database.write(
                lambda db: own_accounts.seal_anew(db, kept.own_account_id, sealed_key=sealed)
            )
        return key

    def _use(self, kept: OwnAccount, key: SecretStr) -> None:
        rows = rows_of(kept.gateway)
        account = Account(
            name=kept.name,
            title=f"{GATEWAYS[kept.gateway].title} (this server's own)",
            rows=rows,
            in_flight={row.model: row.in_flight for row in rows},
            guild_id=kept.guild_id,
        )
        self._opened[kept.name] = OpenedAccount(
            account=account, gateway=kept.gateway, key=key, takes_jobs=not kept.is_removed
        )
        if kept.is_removed:
            self._catalogues.remember(account)
        else:
            self._catalogues.set_own(kept.guild_id, account)

    def _retire(self, guild_id: int) -> None:
        """The account that a server had takes no more jobs."""
        former = self._catalogues.own_of(guild_id)
        self._catalogues.set_own(guild_id, None)
        if former is not None:
            self._opened[former.name] = replace(self._opened[former.name], takes_jobs=False)

    def _forget(self, names: list[str]) -> None:
        for name in names:
            self._opened.pop(name, None)
            self._catalogues.forget(name)
        self._keep_up(self._opened.values())

    async def _find_new_ways(self, guild_id: int) -> None:
        try:
            await self._reroute(guild_id)
        except StorageError:
            # The key is kept all the same, and that is what the person is told.
            log.exception("what waits on server %d finds its way at the next change", guild_id)

    def _state(self, kept: OwnAccount, paused_since: datetime | None) -> OwnKeyState:
        return OwnKeyState(
            gateway=GATEWAYS[kept.gateway].title,
            set_by=kept.set_by,
            set_at=kept.set_at,
            is_opened=kept.name in self._opened,
            paused_since=paused_since,
        )


def use_of(guild_id: int, gateway: str) -> dict[str, str | int]:
    """What a server's key is sealed for."""
    return {"guild_id": guild_id, "gateway": gateway}


def _forget_ended(db: sqlite3.Connection, at: datetime) -> list[str]:
    return own_accounts.forget_ended(db, removed_before=at - KEPT_AFTER_REMOVAL)


def _why_refused(code: str | None) -> str:
    if code in NO_BALANCE:
        return _("this account has no balance")
    if code in USED_UP:
        return _("this account's plan or limit is used up")
    return _("it does not accept this key")


def _act(action: AuditAction, guild_id: int, by: int, gateway: str | None = None) -> Act:
    """What is put on record: never anything of the key."""
    return Act(
        guild_id=guild_id,
        actor_id=by,
        action=action,
        subject_kind=SubjectKind.SERVER,
        subject_id=guild_id,
        detail={} if gateway is None else {"gateway": GATEWAYS[gateway].title},
    )
