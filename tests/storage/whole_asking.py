"""A job comes to the database and the references, or is refused by both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.errors import QueueFullError, QuotaExceededError, TakeAlreadyOpenError
from bot.domain.job import Job, NewJob, Origin, Place
from bot.domain.quota import Measure, Scope, Terms
from bot.domain.request import VideoRequest
from storage.enqueue import enqueue
from storage.quotas import Asked, explain
from tests.accounts import setting
from tests.storage.reference_queue import AFTER_ANOTHER, Queued
from tests.storage.whole_acts import OPEN, RATES, Act, Both, Life, Offer

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from tests.storage.reference_prices import Price

MOST_OF_MEMBER, MOST_OF_GUILD = 6, 9


@dataclass(frozen=True)
class Enqueued:
    """What asking gave."""

    job: Job
    cost_ms: int


class Asking(Both):
    """What members ask for."""

    def ask(
        self,
        offer: Offer,
        *,
        key: str,
        guild_id: int = 1,
        user_id: int = 1,
        role_ids: tuple[int, ...] = (),
        median_s: float = 90.0,
        parent: int | None = None,
        after_another: bool = False,
    ) -> None:
        """Ask for a video; a key that was used before is the same click once more."""
        at = self.now
        new = NewJob(
            request=VideoRequest(model=offer.model, prompt="p"),
            user_id=user_id,
            role_ids=role_ids,
            place=Place(guild_id=guild_id, channel_id=1, in_thread=False),
            origin=Origin.COMMAND if parent is None else Origin.AGAIN,
            origin_key=key,
            parent_job_id=parent,
            route=AFTER_ANOTHER if after_another else offer.route,
            setting=setting(offer.model, median_s=median_s),
            cost=offer.cost,
        )

        terms = Terms(rules=tuple(self.books.operators), rates=RATES)
        asked = Asked(guild_id=guild_id, user_id=user_id, role_ids=role_ids, at=at, terms=terms)
        explained: list[bool] = []

        def run(db: sqlite3.Connection) -> Enqueued:
            explained[:] = [explain(db, asked, offer.cost).verdict.passes]
            job = enqueue(
                db,
                new,
                at=at,
                max_waiting_per_member=MOST_OF_MEMBER,
                max_waiting_per_guild=MOST_OF_GUILD,
                terms=terms,
            )
            (cost_ms,) = db.execute(
                "SELECT cost_ms FROM job WHERE job_id = ?", (job.job_id,)
            ).fetchone()
            return Enqueued(job, cost_ms)

        learn = partial(self._learn_asked, new=new, prices=offer.prices, at=at, explained=explained)
        self.perform(Act(run, learn))

    def _learn_asked(
        self,
        answer: object,
        *,
        new: NewJob,
        prices: dict[str, Price | None],
        at: datetime,
        explained: list[bool],
    ) -> None:
        guild_id, user_id = new.place.guild_id, new.user_id
        known = [life for life in self.lives.values() if life.key == new.origin_key]
        if known:
            assert isinstance(answer, Enqueued), answer
            assert answer.job.job_id == known[0].job_id
            assert answer.job.state is known[0].state
            return
        takes = [
            life
            for life in self.lives.values()
            if new.parent_job_id is not None
            and (life.parent, life.user_id) == (new.parent_job_id, user_id)
            and life.state in OPEN
        ]
        if takes:
            assert isinstance(answer, TakeAlreadyOpenError), answer
            return
        of_guild = [job for job in self.queue.waiting if job.guild_id == guild_id]
        of_member = [job for job in of_guild if job.user_id == user_id]
        decided = self.queue.most_waiting_on.get(guild_id)
        most = MOST_OF_MEMBER if decided is None or decided > MOST_OF_MEMBER else decided
        if len(of_member) >= most or len(of_guild) >= MOST_OF_GUILD:
            assert isinstance(answer, QueueFullError), answer
            limits = (MOST_OF_GUILD, True) if len(of_member) < most else (most, False)
            assert (answer.limit, answer.of_server) == limits
            return
        refusing = self.books.refusing(
            prices,
            guild_id=guild_id,
            user_id=user_id,
            role_ids=new.role_ids,
            under_way=self.under_way(guild_id, user_id),
            at=at,
        )
        if refusing:
            assert isinstance(answer, QuotaExceededError), (answer, refusing)
            said = (answer.scope, answer.subject_id, answer.limit)
            assert said in [(one.scope, one.subject_id, one.limit) for one in refusing]
            assert explained == [False], "what is explained is what happens"
            return
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Enqueued), answer
        assert explained == [True], "what is explained is what happens"
        job, cost_ms = answer.job, answer.cost_ms
        assert job.job_id == len(self.lives) + 1, "numbers are given one after another"
        assert 0.8 < cost_ms / (new.setting.assumed.quantile_s(0.5) * 1000) < 1.2
        granted = self.books.usable_grant(guild_id, user_id, at) is not None
        self.books.reserve(job.job_id, guild_id=guild_id, user_id=user_id, prices=prices, at=at)
        self._nothing_is_passed(new, prices, at, granted=granted)
        self.lives[job.job_id] = Life(
            job_id=job.job_id,
            guild_id=guild_id,
            user_id=user_id,
            model=new.request.model,
            parent=new.parent_job_id,
            key=new.origin_key or "",
        )
        queued = Queued(
            job_id=job.job_id,
            guild_id=guild_id,
            user_id=user_id,
            model=new.request.model,
            route=new.route,
            cost_ms=cost_ms,
        )
        self.queue.join(queued, role_ids=new.role_ids)

    def _nothing_is_passed(
        self, new: NewJob, prices: dict[str, Price | None], at: datetime, *, granted: bool
    ) -> None:
        """With the new video in the books, no limit that it had to pass is below what is used."""
        guild_id, user_id = new.place.guild_id, new.user_id
        for rule in self.books.deciding(guild_id, user_id, new.role_ids, prices):
            of_member = rule.scope in {Scope.MEMBER, Scope.ROLE}
            is_free = rule.measure is Measure.MONEY and all(
                price is not None and price[0] == 0 for price in prices.values()
            )
            if rule.window is None or is_free or (granted and of_member):
                continue
            used = self.books.used(rule, guild_id, user_id, at)
            assert used is not None
            assert used <= rule.limit, rule
