"""Why a limit does not let one more video pass, in the words of the one who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import QuotaExceededError
from bot.domain.money import Money
from bot.domain.quota import Measure, Scope

if TYPE_CHECKING:
    from bot.domain.quota import QuotaRule, Standing

MINUTE_S = 60
_WHOSE = {
    Scope.MEMBER: "Your",
    Scope.ROLE: "Your role's",
    Scope.SERVER: "This server's",
    Scope.BOT: "This bot's",
}


class OtherLimitError(QuotaExceededError):
    """A limit on something else than videos in a window.

    Attributes:
        rule: The limit.
    """

    def __init__(self, standing: Standing, text: str) -> None:
        rule = self.rule = standing.rule
        super().__init__(
            scope=rule.scope,
            subject_id=rule.subject_id,
            limit=rule.limit,
            used=standing.used or 0,
            window=rule.window or rule.measure,
            resets_at=standing.resets_at,
        )
        self.args = (text,)


class MoneyUsedUpError(OtherLimitError):
    """A limit in money has no room for what the video may cost."""

    def __init__(self, *, standing: Standing, need: int) -> None:
        rule = standing.rule
        currency = rule.currency or ""
        used = Money(micros=standing.used or 0, currency=currency)
        price = Money(micros=need, currency=currency)
        text = (
            f"{_WHOSE[rule.scope]} {'budget' if rule.is_budget else 'limit'} of {rule.money} per "
            f"{rule.window} does not allow this video: {used} of it is used, and the video may "
            f"cost {price}. "
        )
        if need > rule.limit:
            text += "Choose a model that costs less; `/video models` lists them."
        else:
            text += resets(standing) + who_can_raise(standing)
        super().__init__(standing, text)


class PriceUnknownError(OtherLimitError):
    """A limit in money applies, and nobody can say how much of it the video takes."""

    def __init__(self, *, standing: Standing) -> None:
        rule = standing.rule
        super().__init__(
            standing,
            f"{_WHOSE[rule.scope]} {'budget' if rule.is_budget else 'limit'} of {rule.money} per "
            f"{rule.window} cannot be compared with what this video may cost, or with what was "
            "paid before: a price or an exchange rate is not known. Choose another model, or ask "
            "the operator of this bot for the exchange rate.",
        )


class CooldownError(OtherLimitError):
    """The member's last video was too short a time ago."""

    def __init__(self, *, standing: Standing) -> None:
        again = "" if standing.resets_at is None else f" until {moment(standing)}"
        super().__init__(
            standing,
            f"{_WHOSE[standing.rule.scope]} limit is one video every "
            f"{span_text(standing.rule.limit)}. Wait{again}, then ask again.",
        )


class TooManyAtOnceError(OtherLimitError):
    """The member has as many videos under way as they may."""

    def __init__(self, *, standing: Standing) -> None:
        used, limit = standing.used or 0, standing.rule.limit
        super().__init__(
            standing,
            f"You have {videos(used)} under way, and {limit} at once is the most here. "
            "Wait until one is done, or cancel one that waits with `/video cancel`."
            if limit
            else f"No video may be under way for you here at present. {who_can_raise(standing)}",
        )


def refusal_of(standing: Standing, need: int | None) -> QuotaExceededError:
    """The error that a limit refuses with.

    Args:
        standing: The limit that decides.
        need: What the video would take of it; None where nobody knows.
    """
    rule = standing.rule
    match rule.measure:
        case Measure.COOLDOWN:
            return CooldownError(standing=standing)
        case Measure.CONCURRENT:
            return TooManyAtOnceError(standing=standing)
        case Measure.MONEY:
            if need is None or standing.used is None:
                return PriceUnknownError(standing=standing)
            return MoneyUsedUpError(standing=standing, need=need)
        case Measure.VIDEOS:
            return QuotaExceededError(
                scope=rule.scope,
                subject_id=rule.subject_id,
                limit=rule.limit,
                used=standing.used or 0,
                window=rule.window or "",
                resets_at=standing.resets_at if rule.limit else None,  # waiting changes nothing
            )


def rule_text(rule: QuotaRule) -> str:
    """What a limit allows: ``5 videos per day``, ``one video every 10 min``, ``2 at once``."""
    match rule.measure:
        case Measure.VIDEOS:
            return f"{videos(rule.limit)} per {rule.window}"
        case Measure.MONEY:
            return f"{rule.money} per {rule.window}"
        case Measure.COOLDOWN:
            return f"one video every {span_text(rule.limit)}"
        case Measure.CONCURRENT:
            return f"{rule.limit} at once"


def resets(standing: Standing) -> str:
    """When there is room again, as a sentence; empty where waiting changes nothing."""
    return "" if standing.resets_at is None else f"It resets {moment(standing)}. "


def moment(standing: Standing) -> str:
    """When that is, as Discord counts it down."""
    at = standing.resets_at
    return "" if at is None else f"<t:{int(at.timestamp())}:R>"


def who_can_raise(standing: Standing) -> str:
    """Whom to ask for more."""
    if standing.rule.scope is Scope.BOT:
        return "Ask the operator of this bot to raise it."
    command = "/budget set" if standing.rule.is_budget else "/quota set"
    return f"A moderator can raise it with `{command}`."


def videos(count: int) -> str:
    """``1 video``, ``2 videos``."""
    return f"{count} video" if count == 1 else f"{count} videos"


def span_text(seconds: int) -> str:
    """``90 s``, ``10 min``."""
    minutes, rest = divmod(seconds, MINUTE_S)
    return f"{minutes} min" if minutes and not rest else f"{seconds} s"
