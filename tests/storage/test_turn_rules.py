from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import QueueFullError
from bot.domain.fairness import NO_RULES, TurnRules
from storage import steps, turn_rules
from storage.guild_settings import set_time_zone, time_zone_of
from storage.lanes import claim_next
from tests.accounts import rooms

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.job import Job

SERVER, ROLE = 1, 70
RULES = TurnRules(first_come_first_served=True, in_flight_per_member=2, waiting_per_member=3)


def test_rules_are_of_one_server_and_leave_its_other_settings(db: sqlite3.Connection) -> None:
    set_time_zone(db, SERVER, "Europe/Berlin")
    assert turn_rules.rules_of_guild(db, SERVER) == NO_RULES
    turn_rules.save(db, SERVER, RULES)
    assert turn_rules.rules_of_guild(db, SERVER) == RULES
    assert turn_rules.rules_of_guild(db, 2) == NO_RULES
    assert time_zone_of(db, SERVER) == "Europe/Berlin"
    turn_rules.save(db, SERVER, NO_RULES)
    assert turn_rules.rules_of_guild(db, SERVER) == NO_RULES


def test_a_member_may_have_no_more_waiting_than_their_server_says(
    db: sqlite3.Connection, put: Callable[..., Job]
) -> None:
    turn_rules.save(db, SERVER, RULES)
    for _ in range(3):
        put()
    with pytest.raises(QueueFullError) as refused:
        put()
    assert (refused.value.limit, refused.value.of_server) == (3, False)
    put(user_id=11)
    for _ in range(4):
        put(guild_id=2)


def test_the_ordinary_share_is_no_row(db: sqlite3.Connection) -> None:
    turn_rules.set_role_weight(db, SERVER, ROLE, 4)
    assert turn_rules.role_weights(db, SERVER) == {ROLE: 4}
    assert turn_rules.role_weight(db, SERVER, ROLE) == 4
    assert turn_rules.member_weight(db, SERVER, (SERVER, ROLE)) == 4
    turn_rules.set_role_weight(db, SERVER, ROLE, 1)
    assert turn_rules.role_weights(db, SERVER) == {}
    assert turn_rules.role_weight(db, SERVER, ROLE) == 1


def test_what_comes_back_to_the_queue_goes_by_what_its_server_chose_meanwhile(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job]
) -> None:
    places = rooms({"cogvideox-3": 1000})
    by_number = TurnRules(first_come_first_served=True)
    first = put()
    for rules in (by_number, NO_RULES, by_number):
        put(user_id=11)
        assert claim_next(db, rooms=places, at=at) is not None
        turn_rules.save(db, SERVER, rules)
        steps.requeue(db, first.job_id, at=at, fresh_request=True)
        claimed = claim_next(db, rooms=places, at=at)
        assert claimed is not None
        assert claimed.job_id == first.job_id
        steps.requeue(db, first.job_id, at=at, fresh_request=True)
