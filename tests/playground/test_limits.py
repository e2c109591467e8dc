import asyncio

from playground.clock import Clock
from playground.rest.limits import Limits
from playground.world import seed
from tests.playground.driver import Driver
from tests.playground.sample_bot import SampleBot

LAB = f"/channels/{seed.VIDEO_LAB}/messages"


class StillClock(Clock):
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at_s = 100.0

    def steady_s(self) -> float:
        return self.at_s


async def test_the_sixth_message_at_once_is_a_429_that_tells_when_to_come_back(
    driver: Driver,
) -> None:
    answers = [await driver.rest("POST", LAB, {"content": str(n)}) for n in range(6)]
    elsewhere = await driver.rest(
        "POST", f"/channels/{seed.GENERAL}/messages", {"content": "other bucket"}
    )

    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert answers[4].headers["X-RateLimit-Remaining"] == "0"
    assert answers[0].headers["Content-Type"] == "application/json"
    last = answers[5]
    assert 0 < last.body["retry_after"] <= 5
    assert last.body["global"] is False
    assert last.headers["Via"]
    assert last.headers["X-RateLimit-Bucket"] == elsewhere.headers["X-RateLimit-Bucket"]
    assert elsewhere.status == 200


async def test_fifty_requests_a_second_are_the_bots_global_limit(driver: Driver) -> None:
    users = (seed.ALICE, seed.BOB)
    answers = await asyncio.gather(
        *(driver.rest("GET", f"/users/{users[n % 2]}") for n in range(60))
    )

    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert any(answer.body["global"] for answer in refused)
    assert "global" in {answer.headers["X-RateLimit-Scope"] for answer in refused}


async def test_the_real_client_waits_out_a_rate_limit(bot: SampleBot, driver: Driver) -> None:
    route = "POST /channels/{channel_id}/messages"
    await driver.knobs(faults=[{"route": route, "times": 2, "do": "rate_limit 0.01"}])

    await bot.text_channel(seed.VIDEO_LAB).send("patient")

    assert [message["content"] for message in await driver.alice.reads()] == ["patient"]


async def test_buckets_can_be_switched_off(driver: Driver) -> None:
    await driver.knobs(rate_limits=False)

    answers = [await driver.rest("POST", LAB, {"content": str(n)}) for n in range(8)]

    assert {answer.status for answer in answers} == {200}


def test_a_bucket_fills_again_after_its_window_and_each_token_has_its_own() -> None:
    clock = StillClock()
    limits = Limits(clock)
    route = "POST /webhooks/{webhook_id}/{webhook_token}"

    def go(token: str) -> bool:
        return limits.take(route, {"webhook_id": "1", "webhook_token": token})[0]

    assert [go("a") for _ in range(6)] == [True] * 5 + [False]
    assert go("b")
    clock.at_s += 2.0
    assert go("a")


def test_used_up_buckets_are_swept() -> None:
    clock = StillClock()
    limits = Limits(clock)
    for n in range(10_000):
        clock.at_s += 1
        limits.take("GET /channels/{channel_id}", {"channel_id": str(n)})

    assert limits.size < 5_000
