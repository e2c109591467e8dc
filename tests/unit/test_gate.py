"""The account's gate: backpressure that grows, and an outage that is told once."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import AccountError, ProviderBusyError, ProviderUnavailableError
from bot.engine.gate import ACCOUNT_PAUSE_S, BROKEN_AFTER, AccountGate

if TYPE_CHECKING:
    from bot.domain.errors import ProviderError

BUSY, AWAY = ProviderBusyError("busy", code="1302"), ProviderUnavailableError("away")
NO_BALANCE = AccountError("no balance", code="1113")


class StillClock:
    """A `Clock` that stands still until it is set, and on which nobody may wait."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 14, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nothing here waits, but {seconds} s were asked for")


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def gate(clock: StillClock) -> AccountGate:
    return AccountGate(clock, name="main", pace=1.0)


def test_it_is_open_until_something_is_refused(gate: AccountGate) -> None:
    assert gate.closed_for_s() == 0
    assert gate.account_error is None


def test_each_refusal_in_a_row_closes_it_for_longer(gate: AccountGate, clock: StillClock) -> None:
    pauses: list[float] = []
    for _ in range(9):
        gate.refused(AWAY, model="m")
        pauses.append(gate.closed_for_s())
        clock.at += timedelta(seconds=pauses[-1])
    assert pauses == [2, 4, 8, 16, 32, 64, 120, 120, 120]


def test_it_opens_by_itself_when_the_pause_is_over(gate: AccountGate, clock: StillClock) -> None:
    gate.refused(AWAY, model="m")
    clock.at += timedelta(seconds=1.5)
    assert gate.closed_for_s() == pytest.approx(0.5)
    clock.at += timedelta(seconds=10)
    assert gate.closed_for_s() == 0


def test_an_accepted_job_opens_it_and_forgets(gate: AccountGate) -> None:
    for refusal in (AWAY, BUSY, NO_BALANCE):
        gate.refused(refusal, model="m")
    gate.accepted("m")
    assert (gate.closed_for_s(), gate.closed_for_s("m"), gate.account_error) == (0, 0, None)
    gate.refused(AWAY, model="m")
    assert gate.closed_for_s() == 2


def test_refusals_of_calls_that_were_under_way_together_count_as_one(
    gate: AccountGate, clock: StillClock
) -> None:
    for _ in range(BROKEN_AFTER):
        gate.refused(AWAY, model="m")
        clock.at += timedelta(seconds=0.1)
    assert gate.closed_for_s() == pytest.approx(1.9)
    assert not gate.room("m", limit=5).is_broken


def test_no_later_refusal_shortens_a_pause(gate: AccountGate) -> None:
    gate.refused(NO_BALANCE, model="m")
    gate.refused(AWAY, model="m")
    assert gate.closed_for_s() == ACCOUNT_PAUSE_S


def test_a_busy_model_holds_up_none_of_the_others(gate: AccountGate) -> None:
    gate.refused(BUSY, model="m")
    assert gate.closed_for_s("m") == 2
    assert (gate.closed_for_s(), gate.closed_for_s("n")) == (0, 0)
    gate.accepted("n")
    assert gate.closed_for_s("m") == 2


def test_a_refused_account_is_not_asked_again_within_a_minute(gate: AccountGate) -> None:
    gate.refused(NO_BALANCE, model="m")
    assert gate.closed_for_s() == ACCOUNT_PAUSE_S
    assert gate.account_error == "no balance (code 1113)"


@pytest.mark.parametrize(
    ("refusal", "level"), [(NO_BALANCE, "ERROR"), (BUSY, "WARNING"), (AWAY, "WARNING")]
)
def test_an_outage_is_logged_when_it_begins_and_when_it_ends(
    gate: AccountGate, caplog: pytest.LogCaptureFixture, refusal: ProviderError, level: str
) -> None:
    caplog.set_level(logging.INFO, "bot.engine.gate")
    for _ in range(20):
        gate.refused(refusal, model="m")
    gate.accepted("m")
    gate.accepted("m")
    assert [record.levelname for record in caplog.records] == [level, "INFO"]


def test_at_a_stand_in_that_renders_in_seconds_pauses_are_as_much_shorter(
    clock: StillClock,
) -> None:
    gate = AccountGate(clock, name="main", pace=0.01)
    gate.refused(NO_BALANCE, model="m")
    assert gate.closed_for_s() == pytest.approx(ACCOUNT_PAUSE_S / 100)


def test_a_clock_that_is_set_back_a_day_closes_it_for_no_day(
    gate: AccountGate, clock: StillClock
) -> None:
    gate.refused(AWAY, model="m")
    clock.at -= timedelta(days=1)
    assert gate.closed_for_s() == 0
    gate.refused(AWAY, model="m")
    assert gate.closed_for_s() == 4


def test_a_clock_that_is_set_ahead_opens_it(gate: AccountGate, clock: StillClock) -> None:
    gate.refused(NO_BALANCE, model="m")
    clock.at += timedelta(days=1)
    assert gate.closed_for_s() == 0
