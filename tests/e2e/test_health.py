"""/healthz says which part is ill, and /metrics what there is to watch."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.clock import SystemClock

if TYPE_CHECKING:
    from datetime import datetime

    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


class ClockAhead(SystemClock):
    """Real time that a test moves forward; who waits goes on waiting."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


class Monitor:
    """What an operator's monitoring sees."""

    def __init__(self, house: House, port: int) -> None:
        self.house, self.base = house, f"http://127.0.0.1:{port}"

    async def health(self) -> tuple[int, dict[str, Any]]:
        async with self.house.session.get(self.base + "/healthz") as answer:
            return answer.status, (await answer.json())["parts"]

    async def metrics(self) -> dict[str, float]:
        """Every sample by its name and labels, as they are written."""
        async with self.house.session.get(self.base + "/metrics") as answer:
            assert answer.status == 200
            text = await answer.text()
        return {
            sample.name
            + "".join(
                f" {name}={value}" for name, value in sorted(sample.labels.items())
            ): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@pytest.fixture
def port() -> int:
    return free_port()


async def watched(house: House, port: int) -> Monitor:
    await house.start_bot(health=True, health_port=port)
    return Monitor(house, port)


async def test_a_bot_that_works_is_well_in_every_part(empty_house: House, port: int) -> None:
    monitor = await watched(empty_house, port)
    assert await monitor.health() == (
        200,
        {"database": "ok", "loop": "ok", "discord": "ok", "scheduler": "ok"},
    )


async def test_a_lost_connection_to_discord_is_told_and_its_return_too(
    empty_house: House, port: int
) -> None:
    monitor = await watched(empty_house, port)
    assert empty_house.bot is not None
    # As discord.py tells it; the playground takes a dropped connection up again at once.
    await empty_house.bot.on_disconnect()
    status, parts = await monitor.health()
    assert (status, parts["discord"]) == (503, "not connected")
    assert (await monitor.metrics())["cogreel_discord_connected"] == 0
    await empty_house.bot.on_resumed()
    assert (await monitor.health())[0] == 200


async def test_a_database_that_cannot_be_written_is_told(empty_house: House, port: int) -> None:
    monitor = await watched(empty_house, port)

    def locked() -> sqlite3.Connection:
        db = sqlite3.connect(
            empty_house.state_dir / "cogreel.sqlite3", isolation_level=None, check_same_thread=False
        )
        db.execute("BEGIN IMMEDIATE")
        return db

    with closing(await asyncio.to_thread(locked)):
        status, parts = await monitor.health()
    assert status == 503
    assert "written" in parts["database"]
    assert (await monitor.health())[0] == 200


async def test_a_scheduler_that_stopped_looking_is_told(empty_house: House, port: int) -> None:
    clock = empty_house.clock = ClockAhead()
    monitor = await watched(empty_house, port)
    assert (await monitor.metrics())["cogreel_healthy part=scheduler"] == 1
    clock.ahead = timedelta(minutes=5)
    status, parts = await monitor.health()
    assert status == 503
    assert "has not looked at the queue for 30" in parts["scheduler"]
    assert (await monitor.metrics())["cogreel_healthy part=scheduler"] == 0


async def test_what_happens_to_jobs_is_counted(empty_house: House, port: int) -> None:
    monitor = await watched(empty_house, port)
    before = await monitor.metrics()

    def rise(after: dict[str, float], name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    await empty_house.video()
    empty_house.hold_renders()
    await empty_house.reads(await empty_house.ask(), "is rendering")
    empty_house.emulator.knobs.update(
        {"faults": [{"on": "create", "do": "error 429 1302", "times": 1}]}
    )
    await empty_house.reads(await empty_house.ask(empty_house.people.bob), "is waiting")
    after = await monitor.metrics()
    host = "host=127.0.0.1"
    assert rise(after, "cogreel_jobs_ended_total reason= state=delivered") == 1
    assert rise(after, f"cogreel_gateway_calls_total call=create {host}") >= 2
    assert rise(after, "cogreel_answer_seconds_count") == 3
    assert rise(after, "cogreel_poll_delay_seconds_count") >= 1
    assert rise(after, "cogreel_database_write_seconds_count") > 5
    assert after["cogreel_jobs_open state=rendering"] == 1
    assert after["cogreel_jobs_open state=queued"] == 1
    assert after["cogreel_queue_age_seconds"] > 0
    assert after["cogreel_spend currency=USD window=day"] > 0
    assert after["cogreel_disk_free_bytes"] > 0
    assert after["cogreel_discord_connected"] == 1
    assert after["cogreel_discord_servers"] == 2


async def test_no_label_holds_what_people_or_servers_choose(empty_house: House, port: int) -> None:
    monitor = await watched(empty_house, port)
    await empty_house.video()
    names = " ".join(await monitor.metrics())
    guilds = empty_house.playground.world.guilds
    for free in (*guilds, "paper boat", empty_house.people.alice.id, "secret"):
        assert free not in names


async def test_a_port_that_is_taken_stops_no_video(
    empty_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        await empty_house.start_bot(health=True, health_port=taken.getsockname()[1])
        await empty_house.video()
    assert "COGREEL_HEALTH_PORT: cannot listen" in caplog.text
