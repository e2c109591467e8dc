"""What runs often finds its rows by index, however many jobs there ever were."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.cost import UNPRICED
from bot.domain.fairness import TurnRules, TurnTerms
from bot.domain.job import Job, JobState, NewJob
from bot.domain.quota import Measure, QuotaRule, Scope, Terms
from bot.domain.windows import Window
from storage import (
    audit,
    confirmations,
    favourites,
    further_posts,
    held,
    holdings,
    job_queries,
    notices,
    own_accounts,
    parking,
    quotas,
    steps,
    telling,
    turn_rules,
)
from storage.artifacts import is_on_record, unreferenced
from storage.figures import figures
from storage.lanes import claim_next
from tests.accounts import rooms

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from storage.artifacts import ArtifactKind

CAPPED = TurnTerms(in_flight_per_guild=1000, in_flight_per_member=1000)
AT = datetime(2026, 1, 14, 12, tzinfo=UTC)
SCANS = (
    "SCAN job",
    "SCAN further",
    "SCAN favourite",
    "SCAN guild",
    "SCAN member",
    "SCAN audit_entry",
    "SCAN confirmation",
    "SCAN storyboard",
)
REFUSED = Act(
    guild_id=1,
    actor_id=10,
    action=AuditAction.REFUSED_QUEUE_FULL,
    subject_kind=SubjectKind.MEMBER,
    subject_id=10,
    detail={},
)
ASKED = quotas.Asked(guild_id=1, user_id=10, role_ids=(), at=AT, terms=Terms())


def plan_of(db: sqlite3.Connection, function: Callable[[sqlite3.Connection], object]) -> list[str]:
    """The plans of all queries that a function runs, but for the look-up of one row by its id."""
    queries: list[str] = []
    db.set_trace_callback(queries.append)
    function(db)
    db.set_trace_callback(None)
    lines = [
        str(row[3])
        for query in queries
        for row in db.execute("EXPLAIN QUERY PLAN " + query).fetchall()
    ]
    return [line for line in lines if "PRIMARY KEY" not in line and "sqlite_autoindex" not in line]


def by_number(db: sqlite3.Connection, then: Callable[[sqlite3.Connection], object]) -> object:
    """The same where a guild is served first come, first served."""
    turn_rules.save(db, 1, TurnRules(first_come_first_served=True))
    return then(db)


@pytest.mark.parametrize(
    ("function", "indexes"),
    [
        (
            partial(claim_next, rooms=rooms({"cogvideox-3": 9}), at=AT),
            {"job_in_flight", "guild_lane_turn", "member_lane_turn", "job_waiting"},
        ),
        (
            partial(claim_next, rooms=rooms({"cogvideox-3": 9}), terms=CAPPED, at=AT),
            {"job_in_flight", "guild_lane_turn", "member_lane_turn", "job_waiting"},
        ),
        (
            partial(by_number, then=partial(claim_next, rooms=rooms({"cogvideox-3": 9}), at=AT)),
            {"job_in_flight", "guild_lane_turn", "job_waiting_by_number", "job_waiting"},
        ),
        (
            partial(job_queries.place_in_queue, job_id=2),
            {"job_waiting", "guild_lane_of_model", "member_lane_of_model"},
        ),
        (
            partial(by_number, then=partial(job_queries.place_in_queue, job_id=2)),
            {"job_waiting", "job_waiting_by_number", "guild_lane_of_model"},
        ),
        (
            partial(job_queries.open_jobs_of_guild, guild_id=1, limit=9),
            {"job_claimed", "job_waiting", "member_lane_of_model", "member_lane_turn"},
        ),
        (job_queries.unfinished_jobs, {"job_claimed"}),
        (partial(own_accounts.forget_ended, removed_before=AT), {"job_claimed"}),
        (job_queries.taken_by_account, {"job_in_flight"}),
        (
            partial(job_queries.job_for_message, message_id=1),
            {
                "one_job_per_status_message",
                "one_job_per_result_message",
                "one_further_post_per_message",
            },
        ),
        (
            partial(job_queries.jobs_of_member, guild_id=1, user_id=10, limit=9, open_only=False),
            {"job_of_member"},
        ),
        (
            partial(job_queries.jobs_of_member, guild_id=1, user_id=10, limit=9, open_only=True),
            {"job_waiting", "job_claimed"},
        ),
        (
            partial(job_queries.newest_to_cancel, guild_id=1, user_id=10),
            {"job_waiting", "job_claimed"},
        ),
        (
            partial(job_queries.newest_to_cancel, guild_id=1, user_id=99),
            {"job_waiting", "job_claimed", "job_of_member"},
        ),
        (partial(job_queries.oldest_waiting, limit=9), {"job_queued"}),
        (
            partial(job_queries.waiting_after, job_id=1, guild_id=None, limit=9),
            {"job_queued"},
        ),
        (
            partial(job_queries.newest_waiting_take, parent_job_id=1, user_id=None),
            {"job_takes"},
        ),
        (partial(job_queries.takes_of, job_id=1, limit=9), {"job_takes"}),
        (
            partial(job_queries.at_rest_unshown, since=AT, before=AT, limit=9),
            {"job_not_shown"},
        ),
        (partial(notices.unsent, limit=9), {"notice_unsent"}),
        (partial(notices.forget_old, older_than=AT), {"notice_age"}),
        (
            partial(job_queries.open_of_members, guild_id=1),
            {"job_claimed"},
        ),
        (
            partial(quotas.check, asked=ASKED, cost=UNPRICED),
            {"grant_with_something_left", "job_claimed", "job_of_member"},
        ),
        (partial(parking.due, at=AT, limit=9), {"job_parked"}),
        (partial(parking.unclaimed, parked_before=AT, limit=9), {"job_parked"}),
        (partial(parking.any_waits, guild_id=1), {"job_claimed"}),
        (partial(parking.try_again_now, guild_id=1, at=AT), {"job_claimed"}),
        (partial(parking.parked_of_member, guild_id=1, user_id=10, limit=9), {"job_claimed"}),
        (partial(parking.late_of_member, guild_id=1, user_id=10, limit=9), {"job_claimed"}),
        (partial(held.held_jobs, limit=9), {"job_held"}),
        (partial(telling.untold, limit=9), {"job_to_tell"}),
        (partial(telling.without_film, limit=9), {"storyboard_to_tell"}),
        (partial(audit.entries_of_guild, guild_id=1, limit=9), {"audit_of_guild"}),
        (partial(figures, at=AT), {"job_claimed", "job_queued"}),
        (partial(audit.append_refusal, act=REFUSED, at=AT), {"audit_of_actor"}),
        (partial(confirmations.ended, at=AT, limit=9), {"confirmation_ended"}),
        (
            partial(further_posts.wanted_in_galleries, after=0, limit=9),
            {"gallery_post_wanted"},
        ),
        (partial(further_posts.count_since, user_id=10, since=AT), {"further_post_of_member"}),
        (partial(further_posts.of_job, job_id=1), {"further_post_of_job"}),
        (partial(favourites.forget_of_job, job_id=1), {"favourite_of_job"}),
        (partial(audit.is_on_record, act=REFUSED), {"audit_of_actor"}),
        (partial(audit.count_since, act=REFUSED, since=AT), {"audit_of_actor"}),
    ],
)
def test_a_frequent_query_walks_no_table(
    function: Callable[[sqlite3.Connection], object],
    indexes: set[str],
    db: sqlite3.Connection,
    put: Callable[..., Job],
    job_in: Callable[[JobState], Job],
) -> None:
    job_in(JobState.FETCHED)
    put()
    for scope, subject in ((Scope.MEMBER, 10), (Scope.SERVER, 1)):
        rule = QuotaRule(scope=scope, subject_id=subject, window=Window.DAY, limit=9)
        quotas.set_rule(db, 1, rule, set_by=9, at=AT)
    for measure, limit in ((Measure.CONCURRENT, 99), (Measure.COOLDOWN, 0)):
        pace = QuotaRule(scope=Scope.SERVER, subject_id=1, measure=measure, limit=limit)
        quotas.set_rule(db, 1, pace, set_by=9, at=AT)
    plan = plan_of(db, function)
    used = {index for index in indexes if any(f" {index}" in line for line in plan)}
    assert used == indexes, plan
    for line in plan:
        assert not line.startswith(SCANS) or "INDEX" in line, plan
        assert "job_of_member" not in line or "job_of_member" in indexes, plan


@pytest.mark.parametrize("kind", holdings.KINDS)
def test_what_is_kept_of_one_member_is_found_without_a_walk_through_everybodys(
    kind: str, db: sqlite3.Connection, put: Callable[..., Job]
) -> None:
    put()
    plan = plan_of(db, lambda db: holdings.page(db, 10, kind, after=-1, limit=9))
    plan += plan_of(db, lambda db: (holdings.videos(db, 10), holdings.with_words(db, 10)))
    small = {"limits", "blocks", "grants"}  # as many as moderators typed
    assert kind in small or not [line for line in plan if line.startswith(SCANS)], plan


def test_enqueueing_walks_no_table(db: sqlite3.Connection, put: Callable[..., Job]) -> None:
    plan = plan_of(db, lambda _: put(parent_job_id=put().job_id))
    walked = [line for line in plan if line.startswith("SCAN") and "CONSTANT ROW" not in line]
    assert not walked, plan


def test_whoever_waits_already_enqueues_in_a_dozen_statements(
    db: sqlite3.Connection, put: Callable[..., Job]
) -> None:
    for scope, subject in ((Scope.MEMBER, 10), (Scope.SERVER, 1)):
        for window in Window:
            rule = QuotaRule(scope=scope, subject_id=subject, window=window, limit=9)
            quotas.set_rule(db, 1, rule, set_by=9, at=AT)
    put()
    statements: list[str] = []
    db.set_trace_callback(statements.append)
    put()
    db.set_trace_callback(None)
    # One that fires a trigger is told twice.
    assert len(set(statements)) <= 12, statements


def test_asking_about_a_cost_walks_no_table(
    db: sqlite3.Connection, new_job: Callable[..., NewJob]
) -> None:
    plan = plan_of(db, lambda db: confirmations.ask(db, new_job(), price=None, at=AT))
    assert not [line for line in plan if line.startswith("SCAN")], plan


def test_looking_for_unreferenced_files_walks_no_jobs(db: sqlite3.Connection) -> None:
    plan = plan_of(db, partial(unreferenced, older_than=AT))
    assert not [line for line in plan if line.startswith("SCAN job")], plan


@pytest.mark.parametrize("kind", ["image", "clip"])
def test_whether_a_file_is_on_record_is_looked_up(
    db: sqlite3.Connection, kind: ArtifactKind
) -> None:
    plan = plan_of(db, partial(is_on_record, artifact_id="a" * 64, kind=kind))
    assert not [line for line in plan if line.startswith("SCAN")], plan


def test_a_step_walks_no_table(db: sqlite3.Connection, job_in: Callable[[JobState], Job]) -> None:
    job = job_in(JobState.SUBMITTING)
    step = partial(steps.requeue, job_id=job.job_id, at=AT, fresh_request=False)
    assert not [line for line in plan_of(db, step) if line.startswith("SCAN")]
