"""A script tells what it does, and waits until it was read."""

import asyncio

import pytest

from playground.world import seed
from tests.playground.driver import PATIENCE_S, Driver, Json


async def tell(driver: Driver, says: str, **more: object) -> Json:
    body = {"title": "1. A step", "says": says, **more}
    answer = await driver.people("POST", "/caption", body)
    assert answer.status == 200, answer
    return dict(answer.body)


async def go_on(driver: Driver, after: int) -> Json:
    return dict((await driver.people("POST", "/next-caption", {"after": after})).body)


async def test_a_caption_is_shown_when_somebody_goes_on_to_it(driver: Driver) -> None:
    assert await tell(driver, "a video, please", who="Alice") == {
        "shown": 0,
        "last": 1,
        "caption": None,
    }
    shown = await go_on(driver, 0)
    assert (shown["shown"], shown["caption"]["says"]) == (1, "a video, please")
    assert await go_on(driver, 0) == shown, "a second window asked for the same"
    assert await go_on(driver, 1) == shown, "there is no other yet"


async def test_a_script_waits_until_its_caption_is_shown(driver: Driver) -> None:
    await tell(driver, "first")
    waiting = asyncio.create_task(driver.people("GET", "/captions", query={"shown": 1}))
    async with asyncio.timeout(PATIENCE_S):
        while not waiting.done():
            await go_on(driver, 0)
        answer = await waiting
    assert answer.body["shown"] == 1


async def test_every_page_is_told_of_captions(driver: Driver) -> None:
    url = f"{driver.playground.people_api}/events"
    async with (
        asyncio.timeout(PATIENCE_S),
        driver.session.get(url, params={"as": seed.BOB}) as events,
    ):
        await tell(driver, "hear this")
        async for line in events.content:
            if line.startswith(b"event: caption"):
                return


async def test_a_caption_is_seen_by_somebody_who_sees_its_place(driver: Driver) -> None:
    await tell(driver, "in the lab", channel=seed.VIDEO_LAB, **{"as": seed.ALICE})
    await tell(driver, "where members are not", channel=seed.LOBBY)
    first = (await go_on(driver, 0))["caption"]
    second = (await go_on(driver, 1))["caption"]
    assert (first["as"], first["guild"]) == (seed.ALICE, seed.DARKROOM)
    assert (second["as"], second["guild"]) == (seed.MARA, seed.BACK_ROOM)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": "x", "says": ""},
        {"title": "x" * 201, "says": "x"},
        {"title": "x", "says": "x" * 2001},
        {"title": "x", "says": "x", "as": "5"},
    ],
    ids=range(5),
)
async def test_a_bad_caption_is_refused(driver: Driver, body: Json) -> None:
    answer = await driver.people("POST", "/caption", body)
    assert 400 <= answer.status < 500
    assert (await driver.people("GET", "/captions")).body["last"] == 0
