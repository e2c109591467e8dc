"""What moderators do, in the database and in the references."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from bot.domain.quota import Grant, Scope
from storage import ledger, quotas, turn_rules
from storage.balances import Holder
from storage.guild_settings import set_time_zone
from tests.storage.reference_books import Pool
from tests.storage.whole_acts import Act
from tests.storage.whole_draws import FEW, ROLE_IDS, TURN_RULES, ZONES, rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.storage.whole_world import World


def limit(world: World, data: st.DataObject) -> None:
    at, guild_id = world.now, data.draw(FEW)
    new = data.draw(rules(guild_id))
    world.perform(
        Act(
            lambda db: quotas.set_rule(db, guild_id, new, set_by=9, at=at),
            lambda answer: _done(answer, partial(world.books.limit, guild_id, new)),
        )
    )


def unlimit(world: World, data: st.DataObject) -> None:
    limits = world.books.limits
    guild_id = data.draw(st.sampled_from([guild_id for guild_id, of in limits.items() if of]))
    gone = data.draw(st.sampled_from(limits[guild_id]))

    def learn(answer: object) -> None:
        before = list(limits[guild_id])
        world.books.unlimit(guild_id, gone)
        assert answer == (before != limits[guild_id])

    clear = partial(
        quotas.clear_rule,
        guild_id=guild_id,
        scope=gone.scope,
        subject_id=gone.subject_id,
        window=gone.window,
        measure=gone.measure,
    )
    world.perform(Act(clear, learn))


def grant(world: World, data: st.DataObject) -> None:
    at = world.now
    guild_id, user_id, videos = data.draw(FEW), data.draw(FEW), data.draw(st.integers(1, 3))
    expires_at = at + timedelta(hours=data.draw(st.sampled_from((1, 24, 400))))

    def learn(answer: object) -> None:
        assert isinstance(answer, Grant), answer
        world.books.grants[answer.grant_id] = Pool(
            guild_id=guild_id, user_id=user_id, videos=videos, expires_at=expires_at
        )

    give = partial(
        ledger.give,
        member=Holder(Scope.MEMBER, guild_id, user_id),
        videos=videos,
        expires_at=expires_at,
        given_by=9,
        at=at,
    )
    world.perform(Act(give, learn))


def reset(world: World, data: st.DataObject) -> None:
    at, guild_id, user_id = world.now, data.draw(FEW), data.draw(FEW)
    since = at - timedelta(days=33)

    def learn(answer: object) -> None:
        assert answer == world.books.forgive(guild_id, user_id, since=since)

    member = Holder(Scope.MEMBER, guild_id, user_id)
    world.perform(Act(lambda db: ledger.reset(db, member, since=since, reset_by=9, at=at), learn))


def move(world: World, data: st.DataObject) -> None:
    guild_id, zone = data.draw(FEW), data.draw(st.sampled_from(ZONES))
    learn = partial(world.books.zones.update, {guild_id: zone})
    world.perform(
        Act(
            lambda db: set_time_zone(db, guild_id, zone),
            lambda answer: _done(answer, learn),
        )
    )


def weigh_role(world: World, data: st.DataObject) -> None:
    guild_id, role_id = data.draw(FEW), data.draw(st.sampled_from(ROLE_IDS))
    weight = data.draw(st.integers(1, 4))
    learn = partial(world.queue.role_weights.update, {(guild_id, role_id): weight})
    world.perform(
        Act(
            lambda db: turn_rules.set_role_weight(db, guild_id, role_id, weight),
            lambda answer: _done(answer, learn),
        )
    )


def decide_turns(world: World, data: st.DataObject) -> None:
    """Of turns, and of how many a member may have at once, in flight and waiting."""
    queue, guild_id, decided = world.queue, data.draw(FEW), data.draw(TURN_RULES)

    def learn() -> None:
        by_number = decided.first_come_first_served
        (queue.by_number.add if by_number else queue.by_number.discard)(guild_id)
        queue.most_of_member_on[guild_id] = decided.in_flight_per_member
        queue.most_waiting_on[guild_id] = decided.waiting_per_member

    world.perform(
        Act(
            lambda db: turn_rules.save(db, guild_id, decided),
            lambda answer: _done(answer, learn),
        )
    )


def _done(answer: object, learn: Callable[[], None]) -> None:
    assert answer is None, answer
    learn()


MODERATORS: dict[str, Callable[[World, st.DataObject], None]] = {
    act.__name__: act for act in (limit, unlimit, grant, reset, move, weigh_role, decide_turns)
}
