"""A database of every earlier schema, with something in each table, works after the upgrade."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.errors import MigrationError
from bot.domain.job import JobState
from storage import audit, job_queries, steps
from storage.balances import differences
from storage.database import Database
from storage.enqueue import enqueue
from storage.lanes import claim_next, reroute
from storage.migrate import Migration, known_migrations, schema_version, statements
from storage.own_accounts import all_own_accounts
from storage.recount import recount_lanes
from tests.accounts import rooms, route

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.domain.job import NewJob

MODEL = "cogvideox-3"
LATEST = len(known_migrations())
IMAGE, CLIP = "a" * 64, "c" * 64
STATES = tuple(JobState)
AT_MS = 1_700_000_000_000


def request(*images: str) -> str:
    """A request as the first version stored it."""
    words: dict[str, object] = {"version": 1, "model": MODEL, "prompt": "A cat", "images": images}
    words |= {"size": "1280x720", "duration_s": 5, "quality": None, "fps": None}
    return json.dumps(words | {"with_audio": False})


def jobs_of_the_first(db: sqlite3.Connection) -> None:
    """One job in each state, as the first version knew them, and what belongs to it."""
    db.execute("INSERT INTO installation VALUES (1, '0123456789ab', 7)")
    for artifact_id, kind, name in ((IMAGE, "image", "jpg"), (CLIP, "clip", "mp4")):
        db.execute(
            "INSERT INTO artifact VALUES (?, ?, ?, 7, 'x/y', ?)",
            (artifact_id, kind, f"{artifact_id}.{name}", AT_MS),
        )
    db.execute("INSERT INTO clip VALUES (?, 1280, 720, 5, 30, 0, 1)", (CLIP,))
    for number, state in enumerate(STATES, 1):
        submitted = state not in {JobState.QUEUED, JobState.CANCELLED}
        has_task = submitted and state not in {JobState.SUBMITTING, JobState.HELD, JobState.FAILED}
        has_clip = state in {JobState.FETCHED, JobState.DELIVERED}
        no_clip = state in {JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED, JobState.HELD}
        db.execute(
            "INSERT INTO job (job_id, state, state_at_ms, created_at_ms, guild_id, user_id,"
            " request, model, duration_s, origin, origin_key, channel_id, in_thread,"
            " status_message_id, result_message_id, attempt, request_id, submitted_at_ms,"
            " provider_task_id,"
            " clip_artifact_id, fetched_at_ms, reason)"
            " VALUES (?, ?, ?, ?, 1, 10, ?, ?, 5, 'command', ?, 5, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                state.value,
                AT_MS,
                AT_MS,
                request(IMAGE),
                MODEL,
                f"interaction:{number}",
                100 + number,
                200 + number if state is JobState.DELIVERED else None,
                int(submitted),
                f"cogreel-0123456789ab-{number}-1" if submitted else None,
                AT_MS if submitted else None,
                f"task-{number}" if has_task else None,
                CLIP if has_clip else None,
                AT_MS if has_clip else None,
                "submission_unknown" if no_clip else None,
            ),
        )
        held = {JobState.DELIVERED: "settled"}.get(
            state, "released" if no_clip and state is not JobState.HELD else "reserved"
        )
        db.execute("INSERT INTO reservation VALUES (?, 1, 10, ?, ?)", (number, AT_MS, held))
        db.execute("INSERT INTO job_image VALUES (?, 0, ?)", (number, IMAGE))
        if submitted:
            db.execute(
                "INSERT INTO job_attempt (job_id, attempt, request_id, claimed_at_ms)"
                " VALUES (?, 1, ?, ?)",
                (number, f"cogreel-0123456789ab-{number}-1", AT_MS),
            )
    db.execute("INSERT INTO guild_lane VALUES (1, 1, 3)")
    db.execute("INSERT INTO member_lane VALUES (1, 10, 1, 3)")
    db.execute("INSERT INTO quota_rule VALUES (1, 'server', 1, 'day', 50, 9, ?)", (AT_MS,))
    db.execute("INSERT INTO command_sync VALUES (77, 'abc', ?)", (AT_MS,))


def _audit(db: sqlite3.Connection) -> None:
    act = Act(
        guild_id=1,
        actor_id=9,
        action=AuditAction.QUOTA_SET,
        subject_kind=SubjectKind.SERVER,
        subject_id=1,
        detail={"limit": 50},
    )
    audit.append(db, act, at=datetime(2026, 1, 1, tzinfo=UTC))


def _sql(*lines: str) -> Callable[[sqlite3.Connection], None]:
    def run(db: sqlite3.Connection) -> None:
        for line in lines:
            db.execute(line)

    return run


# What a program of each schema wrote into the tables that were new then.
WRITTEN: dict[int, Callable[[sqlite3.Connection], None]] = {
    1: jobs_of_the_first,
    2: _sql("UPDATE job SET shown_state = 'rendering' WHERE state = 'expired'"),
    3: _sql("INSERT INTO render_times VALUES ('zai', 'cogvideox-3', '5', '[1]')"),
    5: _sql(
        "UPDATE job SET route = 'cogvideox-3 main' WHERE state = 'queued'",
        "UPDATE route_lane SET route = 'cogvideox-3 main'",
        "INSERT INTO account_pause VALUES ('main', 5, 'no balance')",
        "INSERT INTO guild_setting (guild_id, dearer_may_stand_in) VALUES (1, 1)",
        "INSERT INTO own_account (guild_id, gateway, sealed_key, set_by, set_at_ms)"
        " VALUES (1, 'zai', 'sealed', 9, 5)",
    ),
    6: _sql("INSERT INTO notice (key, text, added_at_ms) VALUES ('k', 'Something', 5)"),
    7: _audit,
    8: _sql("INSERT INTO word_rule VALUES (1, 'word', 'vile', 9, 5)"),
    9: _sql("INSERT INTO role_weight VALUES (1, 33, 3)"),
    10: _sql(
        "INSERT INTO quota_grant (guild_id, user_id, videos, videos_left, expires_at_ms, given_by,"
        " given_at_ms) VALUES (1, 10, 5, 5, 9000000000000, 9, 5)",
        "INSERT INTO ledger (at_ms, kind, guild_id, user_id, grant_id, videos, micros, currency,"
        " counts_at_ms, for_operator, by_user_id) VALUES (5, 'grant', 1, 10, 1, 5, 0, '', 5, 0, 9)",
    ),
    11: _sql("INSERT INTO member_block VALUES (1, 11, 9, 5, NULL, 'spam')"),
    12: _sql("INSERT INTO guild_choice VALUES (1, 'channel', '5')"),
    13: _sql("INSERT INTO log_cursor VALUES (1, 0, NULL, NULL)"),
    14: _sql("UPDATE job SET taken_down_at_ms = 5 WHERE state = 'delivered'"),
    15: _sql(
        "UPDATE job SET withdrawn_at_ms = 6 WHERE state = 'delivered'",
        "UPDATE guild_setting SET keep_days = 30",
        "INSERT INTO guild_departure VALUES (2, 5)",
    ),
    17: _sql(
        "UPDATE guild_setting SET in_flight_per_member = 98, waiting_per_member = 99",
        "UPDATE word_rule SET age_restricted = 1",
    ),
    18: _sql(
        "UPDATE guild_setting SET confirm_above_micros = 5, confirm_above_currency = 'USD'",
        "INSERT INTO confirmation VALUES (1, 'interaction:99', 1, 10, '{}', 'command', NULL, 5, 0,"
        " 7, 'USD', 9000000000000, NULL)",
        "INSERT INTO confirmation_input"
        " SELECT 1, 0, artifact_id FROM artifact WHERE kind = 'image'",
    ),
    20: _sql(
        "UPDATE job SET late_at_ms = 5 WHERE state = 'rendering'",
        "UPDATE job SET parent_channel_id = 4, parked_at_ms = 5, parked_why = 'it is locked',"
        " post_again_at_ms = 6, claimed_into = 8 WHERE state = 'fetched'",
        "UPDATE job SET result_is_direct = 1 WHERE state = 'delivered'",
        "INSERT INTO post_try SELECT job_id, 5, 'channel', '', 5 FROM job WHERE state = 'fetched'",
    ),
    21: _sql(
        "INSERT INTO parcel (job_id, fit_limit_bytes, fit_tries, at_most_bytes, link_until_ms)"
        " SELECT job_id, 100, 1, 100, 9000000000000 FROM job WHERE state = 'fetched'",
        "INSERT INTO link_key VALUES (1, hex(zeroblob(32)))",
    ),
    25: _sql("UPDATE confirmation SET takes = 3"),
    26: _sql("INSERT INTO member_default (user_id, size, set_at_ms) VALUES (10, '1280x720', 5)"),
    28: _sql(
        "INSERT INTO storyboard (storyboard_id, guild_id, user_id, channel_id, in_thread, request,"
        " changed_at_ms) VALUES (1, 1, 10, 5, 0, '{}', 5)",
        "INSERT INTO shot (storyboard_id, position, prompt, image_id, is_chained)"
        " SELECT 1, 0, 'A kite', artifact_id, 0 FROM artifact WHERE kind = 'image'",
        "INSERT INTO guild_look VALUES (1, 'noir', 'Film noir', '', '', '', '', '', 9, 5)",
    ),
    29: _sql(
        "UPDATE job SET tell_by = 'mention', tell_tried_at_ms = 5, told_at_ms = 6"
        " WHERE state = 'delivered'",
    ),
    30: _sql(
        "UPDATE guild_setting SET board_channel_id = 5",
        "INSERT INTO board VALUES (1, 5, 6, 7)",
    ),
    31: _sql(
        "UPDATE guild_setting SET gallery_channel_id = 5, gallery_stars = 2, reactions = '{}'",
        "INSERT INTO favourite SELECT 11, 1, job_id, 5 FROM job WHERE state = 'delivered'",
        "INSERT INTO further_post (job_id, guild_id, kind, wanted_at_ms, channel_id, tried_at_ms,"
        " message_id) SELECT job_id, 1, 'gallery', 5, 5, 5, 999 FROM job WHERE state = 'delivered'",
    ),
    32: _sql("UPDATE storyboard SET tell_by = 'mention', tell_tried_at_ms = 5"),
}


def applied(db: sqlite3.Connection, migration: Migration) -> None:
    for statement in statements(migration.script):
        db.execute(statement)
    db.execute("INSERT INTO migration VALUES (?, ?, ?)", (migration.version, migration.name, AT_MS))


def made_by(version: int, path: Path) -> None:
    """A database as it grew through the programs up to one of this schema."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for migration in known_migrations()[:version]:
            applied(db, migration)
            WRITTEN.get(migration.version, _sql())(db)


def states_in(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [state for (state,) in db.execute("SELECT state FROM job ORDER BY job_id")]


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return schema_version(db)


@pytest.mark.parametrize("version", range(1, LATEST + 1))
async def test_a_database_of_any_schema_works_after_the_upgrade(
    version: int, tmp_path: Path, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    path = tmp_path / "cogreel.sqlite3"
    await asyncio.to_thread(made_by, version, path)

    def check(db: sqlite3.Connection) -> None:
        assert schema_version(db) == LATEST
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert differences(db) == 0
        assert recount_lanes(db) == 0
        for number, state in enumerate(STATES, 1):
            job = job_queries.get_job(db, number)
            assert job is not None
            assert (job.state, job.request.prompt, job.request.images) == (state, "A cat", (IMAGE,))
        assert [kept.guild_id for kept in all_own_accounts(db)] == ([1] if version >= 5 else [])
        assert audit.prove(db, noted_hash=None).fault is None

    def work(db: sqlite3.Connection) -> None:
        waiting = 1 + STATES.index(JobState.QUEUED)
        reroute(db, waiting, route(MODEL))
        claimed = claim_next(db, rooms=rooms({MODEL: 99}), at=at)
        assert claimed is not None
        assert claimed.job_id == waiting
        steps.record_task(db, waiting, provider_task_id="new", at=at)
        fetched = 1 + STATES.index(JobState.FETCHED)
        steps.record_delivered(db, fetched, result_message_id=999, thread_id=None, at=at)
        assert enqueue(db, new_job(), at=at, max_waiting_per_member=9).job_id == len(STATES) + 1
        assert differences(db) == 0

    async with await Database.open(path) as database:
        await database.write(check)
        await database.write(work)


@pytest.mark.parametrize("version", [1, LATEST - 1])
async def test_no_upgrade_gives_a_number_twice(
    version: int, tmp_path: Path, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    path = tmp_path / "cogreel.sqlite3"
    await asyncio.to_thread(made_by, version, path)

    def last_one_goes() -> None:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("UPDATE sqlite_sequence SET seq = 77 WHERE name = 'job'")

    await asyncio.to_thread(last_one_goes)
    async with await Database.open(path) as database:
        made = await database.write(
            lambda db: enqueue(db, new_job(), at=at, max_waiting_per_member=9)
        )
    assert made.job_id == 78


@pytest.mark.parametrize("version", [1, LATEST - 1])
async def test_the_database_from_before_an_upgrade_is_kept_beside_it(
    version: int, tmp_path: Path
) -> None:
    path = tmp_path / "cogreel.sqlite3"
    await asyncio.to_thread(made_by, version, path)
    async with await Database.open(path):
        pass
    [copy] = await asyncio.to_thread(lambda: list(tmp_path.glob("*before-upgrade*")))
    assert copy.name == f"cogreel.sqlite3.before-upgrade-from-{version:04}"
    assert await asyncio.to_thread(version_of, copy) == version
    assert await asyncio.to_thread(states_in, copy) == [state.value for state in STATES]


async def test_the_copy_of_one_upgrade_is_kept_and_without_an_upgrade_none_is_made(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cogreel.sqlite3"
    await asyncio.to_thread(made_by, LATEST - 1, path)
    path.with_name(f"{path.name}.before-upgrade-from-0001").write_bytes(b"of an earlier one")
    for _ in range(2):
        async with await Database.open(path):
            pass
        copies = await asyncio.to_thread(lambda: list(tmp_path.glob("*before-upgrade*")))
        assert [copy.name for copy in copies] == [
            f"cogreel.sqlite3.before-upgrade-from-{LATEST - 1:04}"
        ]


async def test_a_new_database_needs_no_copy(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "cogreel.sqlite3"):
        pass
    assert not await asyncio.to_thread(lambda: list(tmp_path.glob("*before-upgrade*")))


async def test_without_a_copy_nothing_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "cogreel.sqlite3"
    await asyncio.to_thread(made_by, 1, path)
    # A folder in the way stands for every reason why the copy cannot be written.
    await asyncio.to_thread((tmp_path / f"{path.name}.before-upgrade-from-0001").mkdir)
    with pytest.raises(MigrationError, match="room for"):
        await Database.open(path)
    assert await asyncio.to_thread(version_of, path) == 1


def test_an_upgrade_of_every_schema_is_tried_with_something_in_its_tables(
    db: sqlite3.Connection, tmp_path: Path
) -> None:
    """A new table needs a row in `WRITTEN`, or its upgrades are tried on nothing."""
    path = tmp_path / "cogreel.sqlite3"
    made_by(LATEST, path)
    tables = [
        name
        for (name,) in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
    ]
    filled_by_use = {"model_clock", "budget_warning"}
    with closing(sqlite3.connect(path)) as filled:
        empty = {
            name
            for name in tables
            if not filled.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()  # noqa: S608
        }
    assert empty <= filled_by_use
