"""What the operator decided for everybody, as the settings describe it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.accounts import rates_of
from bot.domain.errors import StartupError
from bot.domain.money import MICROS, Money, money_from
from bot.domain.quota import BOT_ID, Measure, QuotaRule, Scope, Terms
from bot.domain.windows import Window
from bot.settings import PREFIX

if TYPE_CHECKING:
    from bot.settings import Settings


def terms_of(settings: Settings) -> Terms:
    """The limits of the whole bot, and what currencies are worth.

    Raises:
        StartupError: A budget is no amount, or in a currency without a rate.
    """
    rates = rates_of(settings)
    rules: list[QuotaRule] = []
    for window, videos in (
        (Window.DAY, settings.videos_per_day),
        (Window.MONTH, settings.videos_per_month),
    ):
        if videos is not None:
            rules.append(QuotaRule(scope=Scope.BOT, subject_id=BOT_ID, window=window, limit=videos))
    for window, amount in (
        (Window.DAY, settings.budget_per_day),
        (Window.MONTH, settings.budget_per_month),
    ):
        if amount is None:
            continue
        name = f"{PREFIX}BUDGET_PER_{window}".upper()
        money = money_from(amount, currency="USD")
        if money is None:
            raise StartupError(f"{name}: must be an amount such as 20 USD")
        if rates.in_usd(Money(micros=MICROS, currency=money.currency)) is None:
            raise StartupError(
                f"{name}: {PREFIX}EXCHANGE_RATES does not say what {money.currency} is worth"
            )
        rules.append(
            QuotaRule(
                scope=Scope.BOT,
                subject_id=BOT_ID,
                window=window,
                limit=money.micros,
                measure=Measure.MONEY,
                currency=money.currency,
            )
        )
    return Terms(rules=tuple(rules), rates=rates)
