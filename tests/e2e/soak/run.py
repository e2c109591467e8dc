"""The soak: many jobs while the program is killed again and again, and everything fails at times.

People ask, cancel, react, press Again, have their videos deleted, take down and settle; the program
gets SIGKILL at random; of the calls to the video API a tenth fails, of those to Discord a
twentieth. At the end the database, the video API, Discord and the disk must agree about every job.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import aiohttp

from bot.fault_points import FaultPoint
from emulator.server import Emulator
from playground.knobs import Fault
from playground.person import PeopleApi
from playground.server import Playground
from tests.e2e.crash_house import CrashHouse, ForgetfulClock, until
from tests.e2e.soak.people import Crowd
from tests.e2e.soak.tally import Tally
from tests.e2e.whole_books import WholeBooks, read_whole_books

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playground.rest.dispatcher import RestRecord
    from tests.e2e.crash_house import Running

GATEWAY_FAULTS = 0.10  # of calls to the video API
DISCORD_FAULTS = 0.05  # of calls to Discord
PLAN_CALLS = 200  # planned ahead for each kind of call
IN_FLIGHT = 12
AT_A_POINT = 0.5  # of the lives that are killed
AWAY = 1  # the exit code where Discord does not let it in; it is started again
WAITING_AT_MOST = 150  # asked ahead of what is done, so that lines are long
LONGEST_LIFE_S = 5.0  # of a program, between connecting and its kill
AT_REST_WITHIN_S = 900.0

FAULTS = {
    "create": (
        "error 429 1302",
        "error 503 1305",
        "error 500 500",
        "html 502",
        "lost_answer",
        "malformed",
        "empty",
        "hang_after",
        "fail",
        "error 400 1301",
    ),
    "poll": ("error 500 500", "html 502", "lost_answer", "empty", "unknown_status", "no_link"),
    "file": ("error 500", "html 502", "lost_answer", "truncate"),
}
DISCORD = ("status 500", "status 503", "lost_answer", "rate_limit 0.2")
STATES = "SELECT count(*), coalesce(sum(state IN ('queued', 'submitting', 'rendering', 'fetched'))\
, 0) FROM job"
OPEN = """SELECT count(*) FROM job WHERE state NOT IN
('delivered', 'failed', 'cancelled', 'expired', 'held') OR shown_state IS NOT state
OR (taken_down_at_ms IS NOT NULL AND takedown_done_at_ms IS NULL)"""


class Soak:
    """One run."""

    def __init__(
        self, house: CrashHouse, crowd: Crowd, chance: random.Random, longest_life_s: float
    ) -> None:
        self._longest_life_s = longest_life_s
        self._house = house
        self._crowd = crowd
        self._chance = chance
        self._is_calm = False
        self._wanted = self._kills = 0
        self._points: set[FaultPoint] = set()  # at which it was killed
        self.tally = Tally()

    def observe(self, record: RestRecord) -> None:
        """Let one in twenty requests of the bot be followed by one of the same kind that fails."""
        self.tally.discord_calls += 1
        route = f"{record.method} {record.route}"
        knobs = self._house.playground.knobs
        if not self._is_calm and self._chance.random() < DISCORD_FAULTS and route in knobs.routes:
            knobs.play(Fault(route=route, times=1, do=self._chance.choice(DISCORD)))
            self.tally.discord_faults += 1

    async def run(self, jobs: int, kills: int) -> None:
        """Have all jobs asked for, and the program killed as often; then let it end its work."""
        self._kills = kills
        asking = asyncio.create_task(self._ask(jobs))
        failing = asyncio.create_task(self._fail())
        try:
            while self.tally.kills < kills or not asking.done():
                await self._one_life(kill=self.tally.kills < kills)
                if asking.done():
                    asking.result()
        finally:
            for task in (asking, failing):
                task.cancel()
            await asyncio.gather(asking, failing, return_exceptions=True)
        await self._calm_end()

    async def _one_life(self, *, kill: bool) -> None:
        house, chance = self._house, self._chance
        settings: dict[str, str] = {}
        point = chance.choice(list(FaultPoint))
        if kill and chance.random() < AT_A_POINT:
            settings["fault_point"] = f"{point}:{chance.randint(1, 4)}"
        await house.launch_bot(
            stderr=None,
            account_in_flight=str(IN_FLIGHT),
            in_flight_per_guild=str(IN_FLIGHT - 4),
            max_waiting_per_member="500",
            **settings,
        )
        bot = house.bot
        assert bot is not None
        if not kill:
            await self._until_asked(bot)
            return
        with suppress(TimeoutError):
            if chance.random() < 0.8:  # else it is killed as it starts
                await until(
                    lambda: house.playground.world.bot_connected or bot.returncode is not None
                )
            async with asyncio.timeout(chance.uniform(0.1, self._longest_life_s)):
                await bot.wait()
        if bot.returncode is None:
            bot.kill()
        elif bot.returncode == -signal.SIGKILL:
            self.tally.kills_at_points += 1
            self._points.add(point)
            self.tally.points = len(self._points)
        code = await bot.wait()
        assert code in {-signal.SIGKILL, AWAY}, f"the program ended by itself, with {code}"
        if code == AWAY:
            self.tally.ended_for_discord += 1
        else:
            self.tally.kills += 1
        house.emulator.release()
        await until(lambda: not house.playground.world.bot_connected)

    async def _until_asked(self, bot: Running) -> None:
        """The kills are done, and people ask still."""
        await until(lambda: self._is_calm or self._jobs()[0] >= self._wanted, AT_REST_WITHIN_S)
        bot.kill()
        await bot.wait()
        await until(lambda: not self._house.playground.world.bot_connected)

    async def _calm_end(self) -> None:
        self._is_calm = True
        house = self._house
        house.order()
        house.emulator.release()
        house.playground.knobs.faults.clear()
        house.playground.knobs.release_hangs()
        await house.start_bot(account_in_flight=str(IN_FLIGHT))
        await until(lambda: not house.count(OPEN), AT_REST_WITHIN_S)
        await self._crowd.settle_all()
        await until(lambda: not house.count(OPEN), AT_REST_WITHIN_S)
        assert house.bot is not None
        house.bot.terminate()
        assert await house.bot.wait() == 0, "it did not stop as it should"

    def _jobs(self) -> tuple[int, int]:
        """How many there are, and how many of them are open."""
        rows = self._house.rows(STATES)
        return (int(rows[0][0]), int(rows[0][1])) if rows else (0, 0)

    async def _ask(self, jobs: int) -> None:
        self._wanted = jobs
        while True:
            made, under_way = await asyncio.to_thread(self._jobs)
            if made >= jobs:
                return
            # Spread over the kills, so that each of them strikes work.
            by_now = jobs * (self.tally.kills + 1) // max(1, self._kills)
            is_enough = made >= by_now or under_way >= WAITING_AT_MOST
            if is_enough or not self._house.playground.world.bot_connected:
                await asyncio.sleep(0.05)  # noqa: TID251  # people, who live in real time
                continue
            await self._crowd.act()

    async def _fail(self) -> None:
        """Plan the video API's faults anew each second."""
        house, chance = self._house, self._chance
        planned = 0
        while True:
            left = _faulty(house.emulator.knobs.faults.to_list())
            self.tally.video_api_faults += planned - left
            orders = [
                {"on": on, "do": chance.choice(kinds), "times": 1}
                if chance.random() < GATEWAY_FAULTS
                else {"on": on, "do": "nothing", "times": 1}
                for on, kinds in FAULTS.items()
                for _ in range(PLAN_CALLS)
            ]
            planned = _faulty(orders)
            house.order(*orders)
            house.emulator.knobs.update({"render_delay_s": 0.3})
            await asyncio.sleep(1.0)  # noqa: TID251  # real time, as above


def _faulty(orders: list[dict[str, Any]]) -> int:
    return sum(order["times"] for order in orders if order["do"] != "nothing")


async def soak(
    folder: Path,
    *,
    jobs: int,
    kills: int,
    seed: int,
    say: Callable[[str], None],
    longest_life_s: float = LONGEST_LIFE_S,
) -> tuple[WholeBooks, Tally]:
    """Run one soak in an empty folder; what everybody says at its end."""
    chance = random.Random(seed)  # noqa: S311  # chance that can be repeated, no secret
    begun_s = time.monotonic()
    clock = ForgetfulClock()
    state_dir = folder / "state"
    state_dir.mkdir()
    observers: list[Soak] = []

    def observe(record: RestRecord) -> None:
        for each in observers:
            each.observe(record)

    async with (
        Emulator(in_flight_limit=IN_FLIGHT * 2) as emulator,
        Playground(clock=clock, observer=observe, rate_limits=False, log=False) as playground,
        aiohttp.ClientSession() as session,
    ):
        house = CrashHouse(emulator, playground, clock, state_dir)
        house.forks = True
        crowd = await Crowd.gathered(house, PeopleApi(session, playground.people_api), chance)
        run = Soak(house, crowd, chance, longest_life_s)
        observers.append(run)
        telling = asyncio.create_task(_tell(run, house, say))
        try:
            await run.run(jobs, kills)
        finally:
            telling.cancel()
            if house.bot is not None and house.bot.returncode is None:
                await house.kill_bot()
        entries = [entry.request_id for entry in emulator.ledger]
        books = await asyncio.to_thread(read_whole_books, state_dir, entries, playground.world)
    run.tally.count(books, state_dir)
    run.tally.seconds = round(time.monotonic() - begun_s)
    return books, run.tally


async def _tell(run: Soak, house: CrashHouse, say: Callable[[str], None]) -> None:
    while True:
        await asyncio.sleep(15.0)  # noqa: TID251  # real time, as above
        rows = await asyncio.to_thread(house.rows, "SELECT state, count(*) FROM job GROUP BY state")
        say(f"{run.tally.kills} kills; {dict(rows)}")
