"""What the database says, held against what it should: each disagreement as a line of text."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from bot.domain.job import JobState
from bot.domain.quota import Measure, QuotaRule, Scope, Terms
from storage import quotas
from storage.balances import differences
from storage.job_queries import open_jobs_of_guild, unfinished_jobs, waiting_count
from storage.lanes import claim_next, waiting_routes
from storage.places import place_in_queue
from storage.recount import recount_lanes
from tests.storage.reference_queue import AFTER_ANOTHER
from tests.storage.whole_acts import OPEN, RATES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from tests.storage.whole_world import World

MANY = 1000
GOING = {JobState.SUBMITTING, JobState.RENDERING, JobState.FETCHED}
LONG_COOLDOWN = QuotaRule(  # nobody set it: it looks far back, past many a jump of the clock
    scope=Scope.MEMBER, subject_id=1, measure=Measure.COOLDOWN, limit=40 * 86_400
)
_ROUNDS = (["reserve"], ["reserve", "release"], ["reserve", "release", "settle"])


class _LookedError(Exception):
    """Undoes what looking did, and says what was seen."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self.seen = seen


def disagreements(world: World) -> list[str]:
    """Everything that is wrong; nothing where all is well."""
    (answer,) = world.database.write_together([partial(_look, world)])
    return answer.seen if isinstance(answer, _LookedError) else [f"looking raised {answer!r}"]


def _look(world: World, db: sqlite3.Connection) -> None:
    looks = (
        _of_jobs,
        _of_ledger,
        _of_limits,
        _of_lanes,
        _of_counts,
        _of_lists,
        _of_order,
        _of_what_waits_for_others,
        _of_service,
    )
    seen = [line for look in looks for line in look(world, db)]
    if world.database.off_at_start:
        seen.append(f"{world.database.off_at_start} counts were off when it was started")
    raise _LookedError([*seen, *_of_payment(world)])


def _of_jobs(world: World, db: sqlite3.Connection) -> Iterator[str]:
    """None lost, none more, each as it should be."""
    rows = db.execute(
        "SELECT job_id, state, guild_id, user_id, account, attempt, request_id,"
        " result_url IS NOT NULL, taken_down_at_ms IS NOT NULL, withdrawn_at_ms IS NOT NULL,"
        " erased_at_ms IS NOT NULL FROM job"
    ).fetchall()
    expected = [
        (
            life.job_id,
            life.state.value,
            life.guild_id,
            life.user_id,
            life.account,
            life.attempt,
            life.request_id,
            int(life.has_link),
            int(life.is_taken_down),
            int(life.is_withdrawn),
            int(life.is_erased),
        )
        for life in world.lives.values()
    ]
    yield from _differing("jobs", expected, rows)
    waiting = db.execute(
        "SELECT job_id, route, priority, cost_ms FROM job WHERE state = 'queued'"
    ).fetchall()
    yield from _differing(
        "waiting jobs",
        [(job.job_id, job.route, job.priority, job.cost_ms) for job in world.queue.waiting],
        waiting,
    )
    yield from _differing(
        "jobs that a start goes on with",
        [life.job_id for life in world.lives.values() if life.state in GOING],
        [job.job_id for job in unfinished_jobs(db)],
    )


def _of_ledger(world: World, db: sqlite3.Connection) -> Iterator[str]:
    if off := differences(db):
        yield f"{off} balances are not the ledger's sums"
    rows = db.execute(
        "SELECT scope, guild_id, user_id, span, abs(place_ms), currency, videos, micros"
        " FROM balance"
        " WHERE (videos <> 0 OR micros <> 0) AND NOT (scope = 'bot' AND span = 'grain')"
    ).fetchall()
    expected = world.books.counted()
    found = {((row[0], row[1], row[2]), row[3], row[4], row[5]): (row[6], row[7]) for row in rows}
    yield from _differing("balances", list(expected.items()), list(found.items()))
    kinds = db.execute(
        "SELECT job_id, kind FROM ledger WHERE job_id IS NOT NULL ORDER BY job_id, entry_id"
    ).fetchall()
    booked = {job_id: [kind for _, kind in of] for job_id, of in groupby(kinds, lambda row: row[0])}
    yield from _differing("jobs in the ledger", list(world.lives), list(booked))
    for job_id, of_job in booked.items():
        while of_job[:3] == ["reserve", "release", "reserve"]:  # it found another price
            del of_job[:2]
        if of_job not in _ROUNDS:
            yield f"job {job_id} is booked as {of_job}"
        video = world.books.videos.get(job_id)
        if video is not None and (of_job == ["reserve"]) != video.is_open:
            yield f"job {job_id} is booked as {of_job} and open: {video.is_open}"
        if video is not None and (of_job[-1] == "release") != video.is_free:
            yield f"job {job_id} is booked as {of_job} and free: {video.is_free}"
    left = db.execute("SELECT grant_id, videos_left FROM quota_grant").fetchall()
    expected_left = [(grant_id, world.books.left(grant_id)) for grant_id in world.books.grants]
    yield from _differing("grants", expected_left, left)


def _of_limits(world: World, db: sqlite3.Connection) -> Iterator[str]:
    """Every limit stands as the books add it up."""
    operators = tuple(world.books.operators)
    for guild_id in (1, 2):
        rules = quotas.rules_of_guild(db, guild_id)
        yield from _differing(f"limits of {guild_id}", world.books.limits.get(guild_id, []), rules)
        for user_id in (1, 2):
            asked = quotas.Asked(
                guild_id=guild_id,
                user_id=user_id,
                role_ids=(),
                at=world.now,
                terms=Terms(rules=operators, rates=RATES),
            )
            for standing in quotas.standings(db, asked, [*rules, *operators, LONG_COOLDOWN]):
                rule = standing.rule
                if rule.measure is Measure.CONCURRENT:
                    expected: int | None = world.under_way(guild_id, user_id)
                else:
                    expected = world.books.used(rule, guild_id, user_id, world.now)
                if standing.used != expected:
                    yield f"{rule} of {user_id} stands at {standing.used}, should at {expected}"


def _of_lanes(world: World, db: sqlite3.Connection) -> Iterator[str]:
    """Each has come as far as it should."""
    queue = world.queue
    for model, *clock in db.execute("SELECT model, vtime, served FROM model_clock").fetchall():
        if clock != [queue.clock.get((model,), 0), queue.served.get((model,), 0)]:
            yield f"the clock of {model} is at {clock}"
    guilds = db.execute(
        "SELECT model, guild_id, vtime, served, member_clock FROM guild_lane"
    ).fetchall()
    for model, guild_id, *lane in guilds:
        guild = (model, guild_id)
        times = [queue.time.get(guild, 0), queue.served.get(guild, 0), queue.clock.get(guild, 0)]
        if lane != times:
            yield f"the lane of {guild} is at {lane}, should at {times}"
    members = db.execute(
        "SELECT model, guild_id, user_id, vtime, served, weight FROM member_lane"
    ).fetchall()
    for model, guild_id, user_id, *lane in members:
        member, weight = (model, guild_id, user_id), queue.weights[guild_id, user_id]
        times = [queue.time.get(member, 0), queue.served.get(member, 0), weight]
        if lane != times:
            yield f"the lane of {member} is at {lane}, should at {times}"


def _of_counts(world: World, db: sqlite3.Connection) -> Iterator[str]:
    """In each waits what should."""
    waiting = world.queue.waiting
    counted: dict[str, Counter[tuple[int | str, ...]]] = {
        "guild_id, model, route, waiting FROM guild_lane": Counter(
            (job.guild_id, job.model, job.route) for job in waiting
        ),
        "guild_id, user_id, model, route, waiting FROM member_lane": Counter(
            (job.guild_id, job.user_id, job.model, job.route) for job in waiting
        ),
    }
    for lanes, expected in counted.items():
        rows = db.execute(f"SELECT {lanes} WHERE waiting > 0").fetchall()
        yield from _differing(lanes, [(*names, n) for names, n in expected.items()], rows)
    yield from _differing("routes", list({job.route for job in waiting}), waiting_routes(db))
    if off := recount_lanes(db):
        yield f"{off} lanes are off"


def _of_lists(world: World, db: sqlite3.Connection) -> Iterator[str]:
    """What people see has every open job, those at the front that are made by now."""
    lives = world.lives
    if waiting_count(db) != len(world.queue.waiting):
        yield f"{waiting_count(db)} are said to wait"
    listed = {guild_id: _listed(db, guild_id) for guild_id in (1, 2)}
    open_ones = [life.job_id for life in lives.values() if life.state in OPEN]
    yield from _differing("open jobs", open_ones, [*listed[1], *listed[2]])
    for guild_id, numbers in listed.items():
        made = [n for n in sorted(numbers) if lives[n].state in GOING]
        if numbers[: len(made)] != made:
            yield f"on {guild_id} is listed {numbers}, and made by now {made}"


def _of_order(world: World, db: sqlite3.Connection) -> Iterator[str]:
    """The lists that people see are in the order of service."""
    queue, lives = world.queue, world.lives
    listed = {guild_id: _listed(db, guild_id) for guild_id in (1, 2)}
    for model in {job.model for job in queue.waiting}:
        order = queue.order(model)
        for guild_id, numbers in listed.items():
            expected = [number for number in order if lives[number].guild_id == guild_id]
            if [number for number in numbers if number in expected] != expected:
                yield f"{model} on {guild_id} is listed as {numbers}, served as {expected}"
        if world.equal_costs:
            places = [place_in_queue(db, number, terms=world.turn_terms) for number in order]
            if places != list(range(1, len(order) + 1)):
                yield f"{model} is served as {order}, and their places are {places}"


def _of_what_waits_for_others(world: World, db: sqlite3.Connection) -> Iterator[str]:
    """It has no place in line, and is listed after all that have one."""
    later = {job.job_id for job in world.queue.waiting if job.route == AFTER_ANOTHER}
    in_line = {job.job_id for job in world.queue.waiting} - later
    for number in sorted(later | in_line):
        place = place_in_queue(db, number, terms=world.turn_terms)
        if (place is None) != (number in later):
            yield f"job {number} has the place {place}, and {sorted(later)} wait for others"
    for guild_id in (1, 2):
        waiting = [number for number in _listed(db, guild_id) if number in later | in_line]
        if waiting != sorted(waiting, key=later.__contains__):
            yield f"{waiting} are listed so, and {sorted(later)} of them wait for others"


def _of_payment(world: World) -> Iterator[str]:
    """The gateway was asked for each job once."""
    for job_id, times in Counter(world.paid.values()).items():
        if times > 1:
            yield f"job {job_id} was paid {times} times at the gateway"
    for life in world.lives.values():
        if life.state is JobState.DELIVERED and life.request_id not in world.paid:
            yield f"job {life.job_id} is delivered under a request that was never sent"


def _of_service(world: World, db: sqlite3.Connection) -> Iterator[str]:
    """Whom the next claims serve, and with which accounts, until no more have room."""
    claim = partial(claim_next, rooms=world.rooms, terms=world.turn_terms, at=world.now)
    served: list[tuple[int, str | None]] = []
    while (job := claim(db)) is not None:
        served.append((job.job_id, job.account))
    queue = deepcopy(world.queue)
    expected: list[tuple[int, str | None]] = []
    while (chosen := queue.claim()) is not None:
        expected.append((chosen.job.job_id, chosen.account))
    if served != expected:
        yield f"next are {served}, should be {expected}"


def _listed(db: sqlite3.Connection, guild_id: int) -> list[int]:
    return [job.job_id for job in open_jobs_of_guild(db, guild_id, limit=MANY)]


def _differing(what: str, expected: Sequence[object], found: Sequence[object]) -> Iterator[str]:
    """Both as heaps: what is in one of them more often than in the other."""
    missing, more = Counter(map(repr, expected)), Counter(map(repr, found))
    if missing != more:
        yield f"{what}: missing {list(missing - more)}, too many {list(more - missing)}"
