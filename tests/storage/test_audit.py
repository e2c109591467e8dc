"""The audit in real SQLite: nothing is kept of an act alone, and no change goes unseen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.audit import Act, AuditAction, AuditEntry, Fault, SubjectKind, Verdict
from bot.domain.errors import MigrationError, StorageError, StorageFullError
from storage import audit, migrate
from storage.database import Database
from storage.installation import ensure_installation
from storage.proof import opened_for_proof

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 1, 14, 12, tzinfo=UTC)
MODERATOR, MEMBER, GUILD = 9, 10, 1
INT64 = st.integers(-(2**63), 2**63 - 1)
NUMBERS = ("seq", "at_ms", "guild_id", "actor_id", "subject_id")
TEXTS = ("action", "subject_kind", "detail", "previous_hash", "own_hash")


def act(limit: int = 3, *, guild_id: int = GUILD, member_id: int = MEMBER) -> Act:
    return Act(
        guild_id=guild_id,
        actor_id=MODERATOR,
        action=AuditAction.QUOTA_SET,
        subject_kind=SubjectKind.MEMBER,
        subject_id=member_id,
        detail={"limit": limit, "window": "day", "note": None},
    )


REFUSED = replace(act(), actor_id=MEMBER, action=AuditAction.REFUSED_QUOTA)


def newest(db: sqlite3.Connection, guild_id: int = GUILD) -> list[AuditEntry]:
    return audit.entries_of_guild(db, guild_id, limit=100)


def unguarded(db: sqlite3.Connection) -> sqlite3.Connection:
    """As somebody with the file and any SQL shell has it."""
    for (trigger,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
        db.execute(f"DROP TRIGGER {trigger}")
    db.execute("PRAGMA ignore_check_constraints = ON")
    return db


@pytest.fixture
def recorded(db: sqlite3.Connection) -> list[AuditEntry]:
    return [audit.append(db, act(limit), at=AT) for limit in range(5)]


def test_an_act_is_read_as_it_was_recorded(db: sqlite3.Connection) -> None:
    at = AT + timedelta(microseconds=1999)
    entry = audit.append(db, act(), at=at)
    assert entry == AuditEntry(seq=1, at=AT + timedelta(milliseconds=1), act=act())
    assert newest(db) == [entry]


def test_a_server_sees_its_own_entries_newest_first_page_by_page(db: sqlite3.Connection) -> None:
    for number in range(6):
        audit.append(db, act(number, guild_id=1 + number % 2), at=AT)
    assert [entry.seq for entry in newest(db, 1)] == [5, 3, 1]
    page = audit.entries_of_guild(db, 2, limit=2)
    assert [entry.seq for entry in page] == [6, 4]
    assert [e.seq for e in audit.entries_of_guild(db, 2, limit=2, before=page[-1].seq)] == [2]


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor_id = 0 WHERE seq = 2",
        "DELETE FROM audit_entry WHERE seq = 5",
        "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE seq = 3",
    ],
)
def test_an_entry_is_neither_changed_nor_removed(db: sqlite3.Connection, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="the audit is append-only"):
        db.execute(statement)
    assert audit.prove(db).fault is None


async def test_an_act_that_is_undone_leaves_no_entry(database: Database) -> None:
    class UndoneError(Exception):
        pass

    def undone(db: sqlite3.Connection) -> None:
        audit.append(db, act(), at=AT)
        raise UndoneError

    with pytest.raises(UndoneError):
        await database.write(undone)
    assert await database.read(newest) == []
    entry = await database.write(lambda db: audit.append(db, act(), at=AT))
    assert entry.seq == 1
    assert (await database.read(audit.prove)).fault is None


async def test_a_restart_goes_on_with_the_same_chain(tmp_path: Path) -> None:
    path = tmp_path / "cogreel.sqlite3"
    for seq in (1, 2, 3):
        async with await Database.open(path) as opened:
            await opened.write(lambda db: audit.append(db, act(), at=AT))
            verdict = await opened.read(audit.prove)
        assert (verdict.sound.seq, verdict.fault) == (seq, None)


def test_equal_refusals_within_a_minute_are_one_entry(db: sqlite3.Connection) -> None:
    minute = audit.SAME_REFUSAL_WITHIN
    moments = [AT + minute * step / 10 for step in range(25)]
    kept = [audit.append_refusal(db, REFUSED, at=at) for at in moments]
    assert [entry.at for entry in kept if entry] == [AT, AT + minute, AT + 2 * minute]
    assert len(newest(db)) == 3


def test_another_refusal_is_an_entry_of_its_own(db: sqlite3.Connection) -> None:
    others = [
        REFUSED,
        replace(REFUSED, actor_id=MEMBER + 1),
        replace(REFUSED, guild_id=GUILD + 1),
        replace(REFUSED, action=AuditAction.REFUSED_QUEUE_FULL),
        replace(REFUSED, subject_kind=SubjectKind.ROLE),
        replace(REFUSED, subject_id=77),
    ]
    assert all(audit.append_refusal(db, one, at=AT) for one in others)


def test_a_clock_that_was_set_back_silences_no_refusal(db: sqlite3.Connection) -> None:
    assert audit.append_refusal(db, REFUSED, at=AT)
    assert audit.append_refusal(db, REFUSED, at=AT - timedelta(hours=1))


@given(st.sampled_from(NUMBERS), st.integers(1, 4), INT64)
def test_any_other_number_in_any_row_is_found_and_the_row_is_named(
    column: str, seq: int, value: int
) -> None:
    if column == "seq" and 1 <= value <= 4:  # a row's number is unique
        return
    with fresh(rows=4) as db:
        if put(unguarded(db), column, seq, value):
            # A number below all others comes first.
            first = 1 if column == "seq" and value < 1 else seq
            assert_broken(audit.prove(db), at=first)


@given(st.sampled_from(TEXTS), st.integers(1, 4), st.text())
def test_any_other_text_in_any_row_is_found_and_the_row_is_named(
    column: str, seq: int, value: str
) -> None:
    with fresh(rows=4) as db:
        if put(unguarded(db), column, seq, value):
            assert_broken(audit.prove(db), at=seq)


def put(db: sqlite3.Connection, column: str, seq: int, value: int | str) -> bool:
    """Write another value into a row; whether it is another."""
    changed = db.execute(
        f"UPDATE audit_entry SET {column} = :value WHERE seq = :seq AND {column} <> :value",  # noqa: S608  # our columns
        {"value": value, "seq": seq},
    )
    return changed.rowcount == 1


def assert_broken(verdict: Verdict, *, at: int) -> None:
    assert verdict.fault is not None
    assert verdict.broken_seq == at


@given(st.integers(1, 4), st.integers(0, 200), st.integers(0, 255))
def test_any_other_byte_in_a_detail_is_found(seq: int, position: int, byte: int) -> None:
    with fresh(rows=4) as db:
        ((detail,),) = db.execute("SELECT detail FROM audit_entry WHERE seq = ?", (seq,))
        changed = bytearray(detail.encode())
        changed[position % len(changed)] = byte
        if changed == detail.encode():
            return
        unguarded(db).execute(
            "UPDATE audit_entry SET detail = CAST(? AS TEXT) WHERE seq = ?", (changed, seq)
        )
        db.text_factory = as_it_is
        assert_broken(audit.prove(db), at=seq)


@given(st.permutations(range(1, 6)))
def test_rows_in_another_order_are_found(order: list[int]) -> None:
    with fresh(rows=5) as db:
        unguarded(db).execute("UPDATE audit_entry SET seq = -seq")
        db.executemany(
            "UPDATE audit_entry SET seq = ? WHERE seq = ?",
            zip(order, range(-1, -6, -1), strict=True),
        )
        misplaced = [new for old, new in enumerate(order, 1) if old != new]
        if misplaced:
            assert_broken(audit.prove(db), at=min(misplaced))
        else:
            assert audit.prove(db).fault is None


@given(st.sets(st.integers(1, 5), min_size=1))
def test_removed_rows_are_missed(removed: set[int]) -> None:
    with fresh(rows=5) as db:
        unguarded(db)
        db.executemany("DELETE FROM audit_entry WHERE seq = ?", [(seq,) for seq in removed])
        assert_broken(audit.prove(db), at=min(removed))


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("statement", "fault", "broken_seq"),
    [
        ("DELETE FROM audit_head", Fault.WRONG_HEAD, 5),
        ("UPDATE audit_head SET seq = 4", Fault.WRONG_HEAD, 5),
        ("UPDATE audit_head SET seq = 6", Fault.CUT_OFF, 6),
        ("UPDATE audit_head SET own_hash = previous_hash FROM audit_entry", Fault.WRONG_HEAD, 5),
        ("UPDATE installation SET installation_id = '000000000000'", Fault.WRONG_PREVIOUS, 1),
    ],
)
def test_a_changed_end_or_beginning_is_found(
    db: sqlite3.Connection, statement: str, fault: Fault, broken_seq: int
) -> None:
    db.execute(statement)
    verdict = audit.prove(db)
    assert (verdict.fault, verdict.broken_seq) == (fault, broken_seq)


@pytest.mark.usefixtures("recorded")
def test_a_chain_written_anew_is_found_by_a_noted_head_alone(db: sqlite3.Connection) -> None:
    noted = audit.prove(db).sound.own_hash
    audit.append(db, act(99), at=AT)
    assert audit.prove(db, noted_hash=noted).fault is None
    unguarded(db).execute("DELETE FROM audit_entry")
    db.execute("DELETE FROM audit_head")
    for limit in range(6):
        audit.append(db, act(limit + 100), at=AT)
    assert audit.prove(db).fault is None
    assert audit.prove(db, noted_hash=noted).fault is Fault.NOT_AS_NOTED


def test_a_detail_written_otherwise_is_another_detail(
    db: sqlite3.Connection, recorded: list[AuditEntry]
) -> None:
    spaced = json.dumps(dict(recorded[1].act.detail), indent=1)
    unguarded(db).execute("UPDATE audit_entry SET detail = ? WHERE seq = 2", (spaced,))
    assert newest(db)[-2] == recorded[1]
    assert_broken(audit.prove(db), at=2)


def test_a_proof_needs_no_lock_and_sees_one_state(tmp_path: Path) -> None:
    path = tmp_path / "cogreel.sqlite3"
    with asyncio.Runner() as runner, contextlib.ExitStack() as stack:
        running = runner.run(Database.open(path))
        stack.callback(lambda: runner.run(running.close()))

        def record() -> int:
            return runner.run(running.write(lambda db: audit.append(db, act(), at=AT))).seq

        assert record() == 1
        with opened_for_proof(path) as db:
            assert audit.prove(db).sound.seq == 1
            assert record() == 2
            assert audit.prove(db).sound.seq == 1
        with opened_for_proof(path) as db:
            assert audit.prove(db).sound.seq == 2


def test_a_proof_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cogreel.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        migrate.migrate(writer, at=AT)
    with pytest.raises(StorageFullError, match="readonly"), opened_for_proof(path) as db:
        db.execute("DELETE FROM audit_head")


def test_a_byte_that_is_no_text_is_named_and_not_stumbled_over(tmp_path: Path) -> None:
    path = tmp_path / "cogreel.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        migrate.migrate(writer, at=AT)
        ensure_installation(writer)
        for _ in range(3):
            audit.append(writer, act(), at=AT)
        unguarded(writer).execute(
            "UPDATE audit_entry SET action = CAST(x'ff' AS TEXT) WHERE seq = 2"
        )
    with opened_for_proof(path) as db:
        assert_broken(audit.prove(db), at=2)


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such file"), opened_for_proof(tmp_path / "none"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_cannot_be_proved(tmp_path: Path) -> None:
    path = tmp_path / "cogreel.sqlite3"
    path.write_text("no database, " * 100)
    with pytest.raises(StorageError, match="not a database"), opened_for_proof(path):
        pass


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM migration WHERE version > 1", "start the bot once"),
        ("INSERT INTO migration VALUES (99, 'future', 0)", "use a newer one"),
    ],
)
def test_another_version_of_the_schema_cannot_be_proved(
    tmp_path: Path, statement: str, told: str
) -> None:
    path = tmp_path / "cogreel.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        migrate.migrate(other, at=AT)
        other.execute(statement)
    with pytest.raises(MigrationError, match=told), opened_for_proof(path):
        pass


def fresh(*, rows: int) -> closing[sqlite3.Connection]:
    """A new database for each example."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate.migrate(db, at=AT)
    ensure_installation(db)
    for limit in range(rows):
        audit.append(db, act(limit), at=AT)
    return closing(db)


def as_it_is(text: bytes) -> str:
    """As `opened_for_proof` has it."""
    return text.decode("utf-8", "surrogateescape")
