"""What was used and what may be, said a second time: a list of videos, added up when asked.

Windows are told by the calendar on the wall of the server, amounts by fractions. Nothing here is
shared with ``storage``; of ``bot/domain`` only the words.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from bot.domain.quota import Measure, QuotaRule, Scope
from bot.domain.windows import Window
from tests.storage.reference_prices import Price, in_currency, in_fractions, most

Holder = tuple[str, int, int]
"""As in the table of balances: the scope, the server or 0, the member or 0."""

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
ROLLING = {
    Window.LAST_DAY: DAY,
    Window.LAST_WEEK: 7 * DAY,
    Window.LAST_MONTH: 30 * DAY,
}


@dataclass(kw_only=True)
class Video:
    """A job, as the books see it."""

    job_id: int
    guild_id: int
    user_id: int
    at: datetime
    prices: dict[str, Price | None]
    grant_id: int | None
    price: Price | None
    is_operators: bool
    is_open: bool = True
    is_free: bool = False
    is_forgiven: bool = False


@dataclass(kw_only=True)
class Pool:
    """A grant."""

    guild_id: int
    user_id: int
    videos: int
    expires_at: datetime


@dataclass
class ReferenceBooks:
    """Every video that there ever was, every grant, and the limits as they are now."""

    videos: dict[int, Video] = field(default_factory=dict[int, Video])
    grants: dict[int, Pool] = field(default_factory=dict[int, Pool])
    limits: dict[int, list[QuotaRule]] = field(default_factory=dict[int, list[QuotaRule]])
    operators: list[QuotaRule] = field(default_factory=list[QuotaRule])
    zones: dict[int, str] = field(default_factory=dict[int, str])

    # --- what happens ------------------------------------------------------------------------

    def reserve(
        self,
        job_id: int,
        *,
        guild_id: int,
        user_id: int,
        prices: dict[str, Price | None],
        at: datetime,
    ) -> None:
        """A job comes."""
        self.videos[job_id] = Video(
            job_id=job_id,
            guild_id=guild_id,
            user_id=user_id,
            at=at,
            prices=prices,
            grant_id=self.usable_grant(guild_id, user_id, at),
            price=most(prices),
            is_operators=_is_operators(prices),
        )

    def reprice(
        self, job_id: int, *offers: dict[str, Price | None]
    ) -> dict[str, Price | None] | None:
        """A job may go elsewhere; an account that it could go to before asks what it asked.

        The first offer that the budgets and the operator's limits allow; it has to end where none
        is.
        """
        return next((one for one in offers if self._reprice(job_id, one)), None)

    def _reprice(self, job_id: int, prices: dict[str, Price | None]) -> bool:
        video = self.videos[job_id]
        prices = {name: video.prices.get(name, price) for name, price in prices.items()}
        if prices == video.prices:
            return True
        was, is_operators = video.price, _is_operators(prices)
        asked = [
            rule
            for rule in self.limits.get(video.guild_id, [])
            if rule.scope is Scope.SERVER and rule.measure is Measure.MONEY
        ] + (self.operators if is_operators else [])
        # As if it had never been asked for, and came now with these prices.
        video.is_free = True
        passes = all(
            self._has_room(rule, video, most(prices))
            for rule in asked
            if _takes_more(rule, was, most(prices), pays_anew=not video.is_operators)
        )
        video.is_free = False
        if passes:
            video.prices, video.price, video.is_operators = prices, most(prices), is_operators
        return passes

    def _has_room(self, rule: QuotaRule, video: Video, price: Price | None) -> bool:
        used = self.used(rule, video.guild_id, video.user_id, video.at)
        if rule.currency is None:
            return (used or 0) < rule.limit
        need = None if price is None else in_currency([price], rule.currency)
        return need == 0 or (need is not None and used is not None and used + need <= rule.limit)

    def pay(self, job_id: int, account: str) -> None:
        """A job was made; whether anybody sees it is of no matter."""
        video = self.videos[job_id]
        video.is_open = False
        video.price = video.prices[account] or video.price
        video.is_operators = not account.startswith("own-")

    def give_back(self, job_id: int) -> None:
        """A job came to nothing."""
        self.videos[job_id].is_open = False
        self.videos[job_id].is_free = True

    def forgive(self, guild_id: int, user_id: int, *, since: datetime) -> int:
        """A member begins anew; how many videos that takes back."""
        forgiven = [
            video
            for video in self.videos.values()
            if (video.guild_id, video.user_id) == (guild_id, user_id)
            and video.at >= since
            and not (video.is_open or video.is_free or video.is_forgiven)
            and video.grant_id is None
        ]
        for video in forgiven:
            video.is_forgiven = True
        return len(forgiven)

    def limit(self, guild_id: int, rule: QuotaRule) -> None:
        """Set a limit in place of the one like it."""
        self.unlimit(guild_id, rule)
        self.limits.setdefault(guild_id, []).append(rule)

    def unlimit(self, guild_id: int, rule: QuotaRule) -> None:
        """Take a limit away, where there is one like it."""
        kept = [one for one in self.limits.get(guild_id, []) if _place(one) != _place(rule)]
        self.limits[guild_id] = kept

    # --- what follows from it ----------------------------------------------------------------

    def left(self, grant_id: int) -> int:
        """What is left of a grant."""
        spent = [
            video
            for video in self.videos.values()
            if video.grant_id == grant_id and not video.is_free
        ]
        return self.grants[grant_id].videos - len(spent)

    def usable_grant(self, guild_id: int, user_id: int, at: datetime) -> int | None:
        """What a member's next video is made of, besides the limits."""
        usable = [
            (pool.expires_at, grant_id)
            for grant_id, pool in self.grants.items()
            if (pool.guild_id, pool.user_id) == (guild_id, user_id)
            and at < pool.expires_at
            and self.left(grant_id) > 0
        ]
        return min(usable)[1] if usable else None

    def counted(self) -> dict[tuple[Holder, str, int, str], tuple[int, int]]:
        """Videos and micros, as the table of balances has them; what is nothing is not there.

        Nobody asks for the quarters of the bot: its limits have the calendar of UTC.
        """
        videos: Counter[tuple[Holder, str, int, str]] = Counter()
        micros: Counter[tuple[Holder, str, int, str]] = Counter()
        for video in self.videos.values():
            amount, currency = video.price or (0, "")
            for holder in _holders(video):
                for span, length in (("grain", QUARTER), ("day", DAY)):
                    if (holder[0], span) in {("member", "day"), ("bot", "grain")}:
                        continue
                    key = (holder, span, _ms(_floored(video.at, length)), currency)
                    videos[key] += 1
                    micros[key] += amount
        return {key: (number, micros[key]) for key, number in videos.items()}

    def used(self, rule: QuotaRule, guild_id: int, user_id: int, at: datetime) -> int | None:
        """How much of a limit is used; None where an exchange rate is missing."""
        if rule.measure is Measure.COOLDOWN:
            return self._still_to_wait_s(rule.limit, guild_id, user_id, at)
        if rule.measure is Measure.CONCURRENT:
            raise ValueError("the books do not know what is on hold")
        holder = {
            Scope.BOT: ("bot", 0, 0),
            Scope.SERVER: ("server", guild_id, 0),
        }.get(rule.scope, ("member", guild_id, user_id))
        zone = "UTC" if rule.scope is Scope.BOT else self.zones.get(guild_id, "UTC")
        assert rule.window is not None
        within = [
            video
            for video in self.videos.values()
            if holder in _holders(video) and is_in(rule.window, video.at, at, zone)
        ]
        if rule.currency is None:
            return len(within)
        return in_currency([video.price for video in within if video.price], rule.currency)

    def refusing(
        self,
        prices: dict[str, Price | None],
        *,
        guild_id: int,
        user_id: int,
        role_ids: tuple[int, ...],
        under_way: int,
        at: datetime,
    ) -> list[QuotaRule]:
        """The limits that do not let one more video pass."""
        is_granted = self.usable_grant(guild_id, user_id, at) is not None
        price = most(prices)
        found: list[QuotaRule] = []
        for rule in self.deciding(guild_id, user_id, role_ids, prices):
            of_member = rule.scope in {Scope.MEMBER, Scope.ROLE}
            if rule.measure is Measure.COOLDOWN:
                passes = self.used(rule, guild_id, user_id, at) == 0
            elif rule.measure is Measure.CONCURRENT:
                passes = under_way < rule.limit
            elif is_granted and of_member:
                passes = True
            elif rule.currency is None:
                passes = (self.used(rule, guild_id, user_id, at) or 0) < rule.limit
            else:
                need = None if price is None else in_currency([price], rule.currency)
                used = self.used(rule, guild_id, user_id, at)
                passes = need == 0 or (
                    need is not None and used is not None and used + need <= rule.limit
                )
            if not passes:
                found.append(rule)
        return found

    def deciding(
        self,
        guild_id: int,
        user_id: int,
        role_ids: tuple[int, ...],
        prices: dict[str, Price | None],
    ) -> list[QuotaRule]:
        """The limits that apply: of the member's roles the most generous, and all the others.

        The operator's apply where the operator pays.
        """
        found = [
            rule
            for rule in self.limits.get(guild_id, [])
            if rule.scope is Scope.SERVER
            or (rule.scope is Scope.MEMBER and rule.subject_id == user_id)
        ]
        of_roles = [
            rule
            for rule in self.limits.get(guild_id, [])
            if rule.scope is Scope.ROLE and rule.subject_id in role_ids
        ]
        for measure, window in {(rule.measure, rule.window) for rule in of_roles}:
            alike = [rule for rule in of_roles if (rule.measure, rule.window) == (measure, window)]
            alike.sort(key=lambda rule: (-_generosity(rule), rule.subject_id))
            found.append(alike[0])
        return found + (self.operators if _is_operators(prices) else [])

    def _still_to_wait_s(self, limit_s: int, guild_id: int, user_id: int, at: datetime) -> int:
        """After the member's latest video, but for those that came to nothing."""
        own = [
            video
            for video in self.videos.values()
            if (video.guild_id, video.user_id) == (guild_id, user_id)
            and not video.is_free
            and video.at <= at
        ]
        if not own:
            return 0
        wait = max(video.at for video in own) + timedelta(seconds=limit_s) - at
        return max(0, math.ceil(wait / timedelta(seconds=1)))


def is_in(window: Window, counted: datetime, now: datetime, zone: str) -> bool:
    """Whether what was counted then is in the window that it is now."""
    if window in ROLLING:
        return _floored(counted, QUARTER) >= _floored(now, QUARTER) - ROLLING[window]
    days = [_day(at, ZoneInfo(zone)) for at in (counted, now)]
    if window is Window.WEEK:
        days = [day - timedelta(days=day.weekday()) for day in days]
    if window is Window.MONTH:
        days = [day.replace(day=1) for day in days]
    return days[0].date() == days[1].date()


def _day(at: datetime, zone: ZoneInfo) -> datetime:
    """The latest date that the wall has shown: one that comes a second time is over."""
    shown = [(at - hours * timedelta(hours=1)).astimezone(zone) for hours in (0, 1, 2)]
    return max(shown, key=lambda wall: wall.date())


def _takes_more(
    rule: QuotaRule, was: Price | None, price: Price | None, *, pays_anew: bool
) -> bool:
    """Whether what a video takes of a limit grows: the operator may not have paid for it before."""
    if rule.scope is Scope.BOT and pays_anew:
        return True
    if rule.currency is None:
        return False
    before = None if was is None else in_currency([was], rule.currency)
    need = None if price is None else in_currency([price], rule.currency)
    return before is None or need is None or need > before


def _holders(video: Video) -> list[Holder]:
    if video.is_free:
        return []
    found: list[Holder] = [("server", video.guild_id, 0)]
    if video.grant_id is None and not video.is_forgiven:
        found.append(("member", video.guild_id, video.user_id))
    if video.is_operators:
        found.append(("bot", 0, 0))
    return found


def _is_operators(prices: dict[str, Price | None]) -> bool:
    return not prices or not all(name.startswith("own-") for name in prices)


def _place(rule: QuotaRule) -> tuple[object, ...]:
    return rule.scope, rule.subject_id, rule.measure, rule.window


def _generosity(rule: QuotaRule) -> Fraction:
    if rule.measure is Measure.COOLDOWN:
        return Fraction(-rule.limit)
    if rule.currency is None:
        return Fraction(rule.limit)
    worth = in_fractions((rule.limit, rule.currency), "USD")
    return Fraction(-1) if worth is None else worth


def _floored(at: datetime, length: timedelta) -> datetime:
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return at - since % length


def _ms(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
