import io

import discord
from PIL import Image

from playground.world import seed
from tests.playground.driver import Driver, Json
from tests.playground.sample_bot import SampleBot


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


async def upload(driver: Driver, bot: SampleBot, name: str, data: bytes) -> Json:
    await bot.text_channel(seed.VIDEO_LAB).send(file=discord.File(io.BytesIO(data), name))
    attachment: Json = (await driver.alice.reads())[-1]["attachments"][0]
    return attachment


async def test_a_range_of_a_file_is_served_for_seeking(bot: SampleBot, driver: Driver) -> None:
    data = bytes(range(256)) * 10
    url = (await upload(driver, bot, "a.mp4", data))["url"]

    async with driver.session.get(url, headers={"Range": "bytes=10-19"}) as response:
        assert (response.status, await response.read()) == (206, data[10:20])
        assert response.headers["Content-Range"] == f"bytes 10-19/{len(data)}"
        assert response.content_type == "video/mp4"


async def test_an_images_size_is_told(bot: SampleBot, driver: Driver) -> None:
    picture = await upload(driver, bot, "a.png", png(30, 20))
    liar = await upload(driver, bot, "b.png", b"no picture")

    assert (picture["width"], picture["height"]) == (30, 20)
    assert (liar["width"], liar["height"]) == (None, None)


async def test_a_forged_or_changed_link_is_not_found(bot: SampleBot, driver: Driver) -> None:
    url = (await upload(driver, bot, "a.png", b"x"))["url"]
    plain = url.split("?")[0]

    for wrong in (plain, url + "0", url.replace("ex=", "ex=f"), url.replace("a.png", "b.png")):
        async with driver.session.get(wrong) as response:
            assert response.status == 404, wrong


async def test_a_link_ends_after_its_lifetime(bot: SampleBot, driver: Driver) -> None:
    await driver.knobs(attachment_url_lifetime_s=0)
    url = (await upload(driver, bot, "a.png", b"x"))["url"]

    async with driver.session.get(url) as response:
        assert response.status == 404


async def test_what_a_browser_could_run_comes_as_a_download(bot: SampleBot, driver: Driver) -> None:
    url = (await upload(driver, bot, "a.html", b"<script>"))["url"]

    async with driver.session.get(url) as response:
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
