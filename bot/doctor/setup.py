"""The settings, as far as they can be judged without asking anybody."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.accounts import catalogues_of, credentials_of, dialect_of
from bot.doctor.finding import Finding, fault, note, ok
from bot.domain.errors import StartupError
from bot.own_accounts import sealer_of
from bot.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.clock import Clock
    from bot.settings import Settings

RATES_OLD = timedelta(days=90)
HOW = ".env.example explains every setting; docs/operating.md says more."


def unreadable(error: StartupError) -> Iterator[Finding]:
    """Settings that could not even be read: a fault for each line of what was said."""
    first, *lines = str(error).splitlines()
    for line in lines or [first]:
        yield fault("settings", line.strip(), f"Change it in .env or the environment. {HOW}")


def setup(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """What the start would refuse, and what grows old."""
    refused = [str(exc) for check in _checks(settings, clock) if (exc := _refusal(check))]
    for said in refused:
        yield fault("settings", said, HOW)
    if not refused:
        yield ok("settings", f"complete, with accounts: {', '.join(settings.all_accounts)}")
    yield from _rates(settings, clock)


def _checks(settings: Settings, clock: Clock) -> Iterator[Callable[[], object]]:
    yield lambda: settings.all_accounts
    yield lambda: catalogues_of(settings)
    yield lambda: terms_of(settings)
    yield lambda: sealer_of(settings)
    yield lambda: [
        (credentials_of(name, each, clock), dialect_of(name, each))
        for name, each in settings.all_accounts.items()
    ]


def _refusal(check: Callable[[], object]) -> StartupError | None:
    try:
        check()
    except StartupError as exc:
        return exc
    return None


def _rates(settings: Settings, clock: Clock) -> Iterator[Finding]:
    chosen = "exchange_rates" in settings.model_fields_set
    if not chosen:
        return
    mend = "Look the rates up, and set COGREEL_EXCHANGE_RATES and COGREEL_EXCHANGE_RATES_OF."
    if settings.exchange_rates_of is None:
        yield note("exchange rates", "nobody knows how old they are", mend)
        return
    age = clock.now().date() - settings.exchange_rates_of
    if age > RATES_OLD:
        yield fault(
            "exchange rates",
            f"they are {age.days} days old, and budgets and the order of accounts follow them",
            mend,
        )
    else:
        yield ok("exchange rates", f"they are {age.days} days old")
