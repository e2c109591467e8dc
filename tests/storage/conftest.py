"""Real SQLite: in memory for the functions of one connection, a file for the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest

from bot.domain.job import Clip, Job, JobState, NewJob, Origin, OutcomeReason, Place
from bot.domain.request import VideoRequest
from storage import steps
from storage.artifacts import register
from storage.backup import write_backup
from storage.database import Database
from storage.enqueue import enqueue
from storage.installation import ensure_installation
from storage.lanes import claim_next
from storage.migrate import migrate
from tests.accounts import rooms, setting
from tests.accounts import route as route_of
from tests.storage.installed import install
from tests.storage.ledger_world import CHEAP, TERMS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from bot.domain.cost import Cost
    from bot.domain.quota import Terms

IMAGES = ("a" * 64, "b" * 64)


@pytest.fixture
def at() -> datetime:
    """A Wednesday noon."""
    return datetime(2026, 1, 14, 12, tzinfo=UTC)


@pytest.fixture
def db(at: datetime) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, at=at)
        ensure_installation(connection)
        for image in IMAGES:
            register(connection, image, kind="image", size_bytes=7, at=at)
        yield connection


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(tmp_path / "cogreel.sqlite3", busy_timeout_s=0.02) as opened:
        yield opened


@pytest.fixture
def clip() -> Clip:
    return Clip(
        artifact_id="c" * 64,
        size_bytes=1234,
        width_px=1280,
        height_px=720,
        duration_s=5.0,
        fps=30.0,
        has_audio=True,
        attachable=True,
    )


@pytest.fixture
def new_job() -> Callable[..., NewJob]:
    numbers = count(1)

    def make(
        *,
        guild_id: int = 1,
        user_id: int = 10,
        role_ids: tuple[int, ...] = (),
        origin: Origin = Origin.COMMAND,
        origin_key: str | None = "",
        parent_job_id: int | None = None,
        images: tuple[str, ...] = (),
        duration_s: int | None = 5,
        model: str = "cogvideox-3",
        median_s: float = 90.0,
        route: str | None = None,
    ) -> NewJob:
        return NewJob(
            request=VideoRequest(model=model, prompt="A cat", images=images, duration_s=duration_s),
            user_id=user_id,
            role_ids=role_ids,
            place=Place(guild_id=guild_id, channel_id=5, in_thread=False),
            origin=origin,
            origin_key=f"interaction-{next(numbers)}" if origin_key == "" else origin_key,
            parent_job_id=parent_job_id,
            route=route_of(model) if route is None else route,
            setting=setting(model, median_s=median_s),
        )

    return make


@pytest.fixture
def put(db: sqlite3.Connection, at: datetime, new_job: Callable[..., NewJob]) -> Callable[..., Job]:
    """Enqueue a job described in words of `new_job`."""

    def enqueued(**words: object) -> Job:
        return enqueue(db, new_job(**words), at=at, max_waiting_per_member=100)

    return enqueued


@pytest.fixture
def job_in(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job], clip: Clip
) -> Callable[[JobState], Job]:
    """Bring a fresh job into a state by the steps that lead there."""

    def begun(state: JobState) -> Job:
        job = put()
        if state in {JobState.QUEUED, JobState.CANCELLED}:
            return job
        claimed = claim_next(db, rooms=rooms({"cogvideox-3": 1000}), at=at)
        assert claimed is not None
        assert claimed.job_id == job.job_id
        if state in {JobState.SUBMITTING, JobState.FAILED, JobState.HELD}:
            return claimed
        return steps.record_task(db, job.job_id, provider_task_id=f"task-{job.job_id}", at=at)

    def make(state: JobState) -> Job:
        job = begun(state)
        number = job.job_id
        match state:
            case JobState.FETCHED:
                return steps.record_fetched(db, number, clip=clip, at=at)
            case JobState.DELIVERED:
                steps.record_fetched(db, number, clip=clip, at=at)
                return steps.record_delivered(
                    db, number, result_message_id=900 + number, thread_id=77, at=at
                )
            case JobState.FAILED | JobState.CANCELLED | JobState.EXPIRED | JobState.HELD:
                reason = OutcomeReason.CANCELLED_BY_MEMBER
                return steps.finish(
                    db, number, expected=job.state, state=state, reason=reason, at=at
                )
            case _:
                return job

    return make


@pytest.fixture
def ask(db: sqlite3.Connection, at: datetime, new_job: Callable[..., NewJob]) -> Callable[..., Job]:
    """Enqueue what costs so much, at an instant, under the operator's terms."""

    def asked(
        cost: Cost = CHEAP, *, when: datetime = at, terms: Terms = TERMS, **words: object
    ) -> Job:
        legs = ",".join(name + ("!" if name == "dear" else "") for name in cost.by_account)
        new = replace(new_job(**words), cost=cost, route=f"cogvideox-3 {legs}")
        return enqueue(db, new, at=when, max_waiting_per_member=1000, terms=terms)

    return asked


@pytest.fixture
async def state_dir(tmp_path: Path, new_job: Callable[..., NewJob], at: datetime) -> Path:
    """Where `install` has put three jobs."""
    folder = tmp_path / "state"
    await install(folder, new_job, at)
    return folder


@pytest.fixture
def backup(state_dir: Path, tmp_path: Path, at: datetime) -> Path:
    """Of `state_dir`."""
    target = tmp_path / "backup.tar"
    write_backup(state_dir, target, at=at)
    return target
