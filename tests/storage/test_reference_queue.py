"""The plain order of turns in the domain, held against the one that holds the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.fairness import TurnRules, TurnTerms
from tests.fair_queue import FairQueue, Waiting
from tests.storage.reference_queue import Door, Queued, ReferenceQueue

if TYPE_CHECKING:
    from collections.abc import Callable

FEW = st.integers(1, 3)
CAPS = st.sampled_from((None, None, 1, 2))
MODELS = ("m", "n")
PLACES = 100


class Both:
    """Whatever happens to one queue happens to the other."""

    def __init__(self, data: st.DataObject) -> None:
        self.draw = data.draw
        of_guild, of_member = self.draw(CAPS), self.draw(CAPS)
        shares = self.draw(st.dictionaries(FEW, st.integers(1, 4)))
        self.fair = FairQueue(
            TurnTerms(
                in_flight_per_guild=of_guild,
                in_flight_per_member=of_member,
                guild_weights=shares,
            )
        )
        self.reference = ReferenceQueue(
            doors={("a", model): Door(places=PLACES) for model in MODELS},
            most_of_guild=of_guild,
            most_of_member=of_member,
            guild_weights=shares,
            role_weights={(guild_id, role): role for guild_id in (1, 2, 3) for role in (1, 2, 3)},
        )
        self.joined = 0

    def join(self) -> None:
        self.joined += 1
        model, weight = self.draw(st.sampled_from(MODELS)), self.draw(FEW)
        guild_id, user_id = self.draw(FEW), self.draw(FEW)
        cost_ms = self.draw(st.sampled_from((1000, 1000, 7000)))
        job = Waiting(
            job_id=self.joined,
            guild_id=guild_id,
            user_id=user_id,
            model=model,
            route=f"{model} a",
            cost_ms=cost_ms,
        )
        self.fair.join(job, weight=weight)
        queued = Queued(
            job_id=self.joined,
            guild_id=guild_id,
            user_id=user_id,
            model=model,
            route=job.route,
            cost_ms=cost_ms,
        )
        self.reference.join(queued, role_ids=(weight,))

    def claim(self) -> None:
        job = self.fair.claim({f"{model} a" for model in MODELS})
        chosen = self.reference.claim()
        assert (job and job.job_id) == (chosen and chosen.job.job_id)

    def come_back(self) -> None:
        job_id = self.draw(st.sampled_from(sorted(self.fair.in_flight)))
        self.fair.give_back(job_id)
        self.reference.come_back(job_id)

    def end(self) -> None:
        job_id = self.draw(st.sampled_from(sorted(self.fair.in_flight)))
        self.fair.end(job_id)
        self.reference.away.remove(self.reference.away_job(job_id))

    def leave(self) -> None:
        job_id = self.draw(st.sampled_from(sorted(self.fair.waiting)))
        self.fair.leave(job_id)
        self.reference.leave(job_id)

    def put_first(self) -> None:
        job_id = self.draw(st.sampled_from(sorted(self.fair.waiting)))
        self.fair.put_first(job_id)
        self.reference.put_first(job_id)

    def decide(self) -> None:
        guild_id, by_number, most = self.draw(FEW), self.draw(st.booleans()), self.draw(CAPS)
        self.fair.rules[guild_id] = TurnRules(
            first_come_first_served=by_number, in_flight_per_member=most
        )
        by_numbers = self.reference.by_number
        (by_numbers.add if by_number else by_numbers.discard)(guild_id)
        self.reference.most_of_member_on[guild_id] = most


@settings(max_examples=200)
@given(st.data())
def test_two_tellings_of_the_order_are_one(data: st.DataObject) -> None:
    both = Both(data)
    for _ in range(data.draw(st.integers(1, 30))):
        can: list[Callable[[], None]] = [both.join, both.join, both.claim, both.claim, both.decide]
        can += [both.leave, both.put_first] if both.fair.waiting else []
        can += [both.come_back, both.end] if both.fair.in_flight else []
        data.draw(st.sampled_from(can))()
        for model in MODELS:
            assert both.fair.order(model) == both.reference.order(model)
