"""Cooldowns, what is under way at once, and windows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import QuotaExceededError
from bot.domain.quota import Measure, QuotaRule, Scope
from bot.domain.routing import Room
from bot.domain.windows import Window
from storage import (
    parking,
    quotas,
    steps,
    takedowns,
)
from storage.guild_settings import set_time_zone
from storage.job_queries import open_of_members
from storage.lanes import claim_next
from tests.storage.ledger_world import (
    ALICE,
    GUILD,
    cancel,
    make,
    withdraw,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from bot.domain.job import Clip, Job


def test_a_cooldown_is_each_members_own_and_forgets_what_came_to_nothing(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    quotas.set_rule(db, GUILD, pace(Measure.COOLDOWN, 600), set_by=9, at=at)
    job = ask()
    ask(user_id=11)
    soon, later = at + timedelta(seconds=599.5), at + timedelta(seconds=600)
    with pytest.raises(QuotaExceededError, match="one video every 10 min") as caught:
        ask(when=soon)
    assert (caught.value.used, caught.value.resets_at) == (1, later)
    ask(when=at - timedelta(hours=1))  # the clock was set back: nobody waits for its old time
    cancel(db, job, at)
    ask(when=soon)
    with pytest.raises(QuotaExceededError):
        ask(when=later)
    ask(when=soon + timedelta(seconds=600))


def test_a_cooldown_begins_with_the_latest_video_though_the_clock_was_set_back_meanwhile(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    quotas.set_rule(db, GUILD, pace(Measure.COOLDOWN, 600), set_by=9, at=at)
    ask()
    ask(when=at - timedelta(hours=1))
    with pytest.raises(QuotaExceededError) as caught:
        ask(when=at + timedelta(seconds=300))
    assert caught.value.resets_at == at + timedelta(seconds=600)
    ask(when=at + timedelta(seconds=600))


@pytest.mark.parametrize("take_down", [takedowns.take_down, withdraw])
def test_a_video_that_was_made_and_then_withheld_causes_a_cooldown_as_it_was_counted(
    db: sqlite3.Connection,
    at: datetime,
    ask: Callable[..., Job],
    clip: Clip,
    take_down: Callable[..., object],
) -> None:
    quotas.set_rule(db, GUILD, pace(Measure.COOLDOWN, 600), set_by=9, at=at)
    job = ask()
    claim_next(db, rooms={("main", "cogvideox-3"): Room(limit=1)}, at=at)
    steps.record_task(db, job.job_id, provider_task_id="task", at=at)
    steps.record_fetched(db, job.job_id, clip=clip, at=at)
    take_down(db, job.job_id, at=at)
    takedowns.withhold(db, job.job_id, at=at)
    with pytest.raises(QuotaExceededError) as caught:
        ask(when=at + timedelta(seconds=599))
    assert caught.value.resets_at == at + timedelta(seconds=600)


def test_so_many_at_once_are_each_members_own_and_end_with_the_video(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job], clip: Clip
) -> None:
    quotas.set_rule(db, GUILD, pace(Measure.CONCURRENT, 2), set_by=9, at=at)
    ask()
    ask()
    ask(user_id=11)
    with pytest.raises(QuotaExceededError, match="2 at once is the most"):
        ask()
    make(db, at, clip)
    ask()


def test_a_clip_that_waits_for_its_member_is_not_under_way(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job], clip: Clip
) -> None:
    quotas.set_rule(db, GUILD, pace(Measure.CONCURRENT, 1), set_by=9, at=at)
    job = ask()
    claim_next(db, rooms={("main", "cogvideox-3"): Room(limit=9)}, at=at)
    steps.record_task(db, job.job_id, provider_task_id="task", at=at)
    steps.record_fetched(db, job.job_id, clip=clip, at=at)
    with pytest.raises(QuotaExceededError, match="1 at once is the most"):
        ask()
    parking.park(db, job.job_id, why="nobody may write there", again_at=at, at=at)
    assert open_of_members(db, GUILD) == {}
    ask()


def test_the_windows_are_those_of_the_servers_time_zone(
    db: sqlite3.Connection, ask: Callable[..., Job]
) -> None:
    night = datetime(2026, 3, 28, 22, 59, tzinfo=UTC)  # 23:59 in Berlin
    daily = QuotaRule(scope=Scope.SERVER, subject_id=GUILD, limit=1, window=Window.DAY)
    quotas.set_rule(db, GUILD, daily, set_by=9, at=night)
    set_time_zone(db, GUILD, "Europe/Berlin")
    ask(when=night)
    with pytest.raises(QuotaExceededError) as caught:
        ask(when=night)
    assert caught.value.resets_at == night + timedelta(minutes=1)
    ask(when=night + timedelta(minutes=1))
    with pytest.raises(QuotaExceededError) as caught:
        ask(when=night + timedelta(hours=2))
    # A day of 23 hours.
    assert caught.value.resets_at == datetime(2026, 3, 29, 22, tzinfo=UTC)
    set_time_zone(db, GUILD, "UTC")
    with pytest.raises(QuotaExceededError):  # what was made at 23:59 and 00:00 is one day there
        ask(when=night)
    ask(when=datetime(2026, 3, 29, 0, tzinfo=UTC))


def test_a_rolling_limit_says_when_it_has_room_again(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    rolling = QuotaRule(scope=Scope.MEMBER, subject_id=ALICE, limit=3, window=Window.LAST_DAY)
    quotas.set_rule(db, GUILD, rolling, set_by=9, at=at)
    for hours in (0, 1, 2):
        ask(when=at + timedelta(hours=hours))
    with pytest.raises(QuotaExceededError, match="per 24 hours") as caught:
        ask(when=at + timedelta(hours=3))
    room_at = caught.value.resets_at
    assert room_at is not None
    assert room_at == at + timedelta(days=1, minutes=15)
    with pytest.raises(QuotaExceededError):
        ask(when=room_at - timedelta(milliseconds=1))
    ask(when=room_at)
    quotas.set_rule(db, GUILD, replace(rolling, limit=1), set_by=9, at=at)
    with pytest.raises(QuotaExceededError) as caught:
        ask(when=room_at)
    assert caught.value.resets_at == room_at + timedelta(days=1, minutes=15)


def test_a_clock_set_back_makes_nothing_of_what_a_rolling_window_holds(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    rolling = QuotaRule(scope=Scope.MEMBER, subject_id=ALICE, limit=1, window=Window.LAST_DAY)
    quotas.set_rule(db, GUILD, rolling, set_by=9, at=at)
    ask()
    with pytest.raises(QuotaExceededError):
        ask(when=at - timedelta(days=2))


def pace(measure: Measure, limit: int) -> QuotaRule:
    return QuotaRule(scope=Scope.SERVER, subject_id=GUILD, limit=limit, measure=measure)
