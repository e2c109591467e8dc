"""Why a limit does not let one more video pass, in the words of the one who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import QuotaExceededError
from bot.domain.language import N_, _, ngettext
from bot.domain.money import Money
from bot.domain.quota import Measure, Scope
from bot.domain.windows import window_name

if TYPE_CHECKING:
    from bot.domain.quota import QuotaRule, Standing

MINUTE_S = 60
_LIMITS = {
    Scope.MEMBER: N_("Your limit"),
    Scope.ROLE: N_("Your role's limit"),
    Scope.SERVER: N_("This server's limit"),
    Scope.BOT: N_("This bot's limit"),
}
_BUDGETS = {
    Scope.MEMBER: N_("Your budget"),
    Scope.ROLE: N_("Your role's budget"),
    Scope.SERVER: N_("This server's budget"),
    Scope.BOT: N_("This bot's budget"),
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
        text = _(
            "{limit} of {money} per {window} does not allow this video: {used} of it is used, and "
            "the video may cost {price}."
        ).format(limit=_limit(rule), money=rule.money, window=_window(rule), used=used, price=price)
        if need > rule.limit:
            said = [text, _("Choose a model that costs less; `/video models` lists them.")]
        else:
            said = [text, resets(standing), who_can_raise(standing)]
        super().__init__(standing, " ".join(filter(None, said)))


class PriceUnknownError(OtherLimitError):
    """A limit in money applies, and nobody can say how much of it the video takes."""

    def __init__(self, *, standing: Standing) -> None:
        rule = standing.rule
        super().__init__(
            standing,
            _(
                "{limit} of {money} per {window} cannot be compared with what this video may cost, "
                "or with what was paid before: a price or an exchange rate is not known. Choose "
                "another model, or ask the operator of this bot for the exchange rate."
            ).format(limit=_limit(rule), money=rule.money, window=_window(rule)),
        )


class CooldownError(OtherLimitError):
    """The member's last video was too short a time ago."""

    def __init__(self, *, standing: Standing) -> None:
        text = (
            _("{limit} is one video every {span}. Wait, then ask again.")
            if standing.resets_at is None
            else _("{limit} is one video every {span}. Wait until {when}, then ask again.")
        )
        super().__init__(
            standing,
            text.format(
                limit=_(_LIMITS[standing.rule.scope]),
                span=span_text(standing.rule.limit),
                when=moment(standing),
            ),
        )


class TooManyAtOnceError(OtherLimitError):
    """The member has as many videos under way as they may."""

    def __init__(self, *, standing: Standing) -> None:
        used, limit = standing.used or 0, standing.rule.limit
        super().__init__(
            standing,
            _(
                "You have {videos} under way, and {limit} at once is the most here. Wait until one "
                "is done, or cancel one that waits with `/video cancel`."
            ).format(videos=videos(used), limit=limit)
            if limit
            else _("No video may be under way for you here at present. {next_step}").format(
                next_step=who_can_raise(standing)
            ),
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
            text = _("{videos} per {window}")
            return text.format(videos=videos(rule.limit), window=_window(rule))
        case Measure.MONEY:
            return _("{money} per {window}").format(money=rule.money, window=_window(rule))
        case Measure.COOLDOWN:
            return _("one video every {span}").format(span=span_text(rule.limit))
        case Measure.CONCURRENT:
            return _("{count} at once").format(count=rule.limit)


def resets(standing: Standing) -> str:
    """When there is room again, as a sentence; empty where waiting changes nothing."""
    if standing.resets_at is None:
        return ""
    return _("It resets {when}.").format(when=moment(standing))


def moment(standing: Standing) -> str:
    """When that is, as Discord counts it down."""
    at = standing.resets_at
    return "" if at is None else f"<t:{int(at.timestamp())}:R>"


def who_can_raise(standing: Standing) -> str:
    """Whom to ask for more."""
    if standing.rule.scope is Scope.BOT:
        return _("Ask the operator of this bot to raise it.")
    if standing.rule.is_budget:
        return _("A moderator can raise it with `/budget set`.")
    return _("A moderator can raise it with `/quota set`.")


def videos(count: int) -> str:
    """``1 video``, ``2 videos``."""
    return ngettext("{count} video", "{count} videos", count).format(count=count)


def span_text(seconds: int) -> str:
    """``90 s``, ``10 min``."""
    minutes, rest = divmod(seconds, MINUTE_S)
    if minutes and not rest:
        return _("{count} min").format(count=minutes)
    return _("{count} s").format(count=seconds)


def _limit(rule: QuotaRule) -> str:
    return _((_BUDGETS if rule.is_budget else _LIMITS)[rule.scope])


def _window(rule: QuotaRule) -> str:
    return "" if rule.window is None else window_name(rule.window)
