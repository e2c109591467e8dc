"""Results that Discord would not take, or not play, on their way through the whole product."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from bot.domain.delivery import MIB
from playground.person import words
from tests.e2e.house import LINKED, link_of
from tests.media.making import clip_maker, pad

if TYPE_CHECKING:
    from pathlib import Path

    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def result(
    house: House,
    path: Path,
    size_bytes: int | None = None,
    codec: str = "libx264",
    *,
    noise: bool = False,
) -> Json:
    """Ask for a video, which the video service makes to be this; the message with it."""
    await asyncio.to_thread(lambda: clip_maker(path)(codec=codec, audio="aac", noise=noise))
    if size_bytes is not None:
        await asyncio.to_thread(pad, path, size_bytes)
    house.emulator.knobs.update({"result_file": str(path)})
    status = await house.reads(await house.ask(), "is done")
    return await house.people.alice.see(
        status["thread"]["id"], lambda seen: bool(seen["attachments"])
    )


async def refusals(house: House) -> int:
    return len([entry for entry in await house.log() if entry["status"] == 413])


@pytest.mark.parametrize("codec", ["libx265", "libsvtav1"])
async def test_a_result_that_discord_would_not_play_is_posted_as_one_that_plays(
    house: House, tmp_path: Path, codec: str
) -> None:
    message = await result(house, tmp_path / "result.mp4", codec=codec)
    clip = await house.clip(message)
    assert (clip.codec, clip.pixel_format, clip.sounds) == ("h264", "yuv420p", True)
    assert "Encoded anew, so that it plays here. As it was made: [" in words(message)
    assert house.paid == 1


async def test_a_result_over_the_servers_limit_is_made_to_fit(house: House, tmp_path: Path) -> None:
    message = await result(house, tmp_path / "result.mp4", 10 * MIB + 1)
    assert message["attachments"][0]["size"] < 10 * MIB
    assert (await house.clip(message)).codec == "h264"
    assert await refusals(house) == 0, "it was known before the upload"


async def test_a_server_with_boosts_gets_the_file_as_it_is(
    empty_house: House, tmp_path: Path
) -> None:
    house = empty_house
    await boost(house, tier=2, limit_bytes=50 * MIB)
    message = await result(house, tmp_path / "result.mp4", 49 * MIB)
    assert message["attachments"][0]["size"] == 49 * MIB
    assert "anew" not in words(message)


async def boost(house: House, *, tier: int, limit_bytes: int) -> None:
    """Boost every server, so that it says to take so much; and what it does take."""
    for guild in house.playground.world.guilds.values():
        guild.premium_tier = tier
    await house.knobs(attachment_limit_bytes=limit_bytes)
    await house.start_bot()


async def test_what_discord_refuses_though_its_limit_allowed_it_goes_one_rung_down(
    empty_house: House, tmp_path: Path
) -> None:
    house = empty_house
    await boost(house, tier=2, limit_bytes=10 * MIB)
    message = await result(house, tmp_path / "result.mp4", 12 * MIB)
    assert message["attachments"][0]["size"] < 10 * MIB
    assert (await house.clip(message)).codec == "h264"
    assert await refusals(house) == 1


async def test_what_discord_refuses_twice_becomes_a_link_with_a_picture(
    empty_house: House, tmp_path: Path
) -> None:
    house = empty_house
    await boost(house, tier=2, limit_bytes=150_000)
    message = await result(house, tmp_path / "result.mp4", 12 * MIB, noise=True)
    assert message["attachments"][0]["filename"] == "cogreel-1.jpg"
    assert "larger than can be posted here" in words(message)
    assert LINKED in words(message)
    assert await refusals(house) == 2
    url = link_of(message)
    assert len(await house.download(url)) == 12 * MIB
    alice = house.people.alice
    await alice.command(message["channel_id"], "video show", job=1)
    again = await alice.see(
        message["channel_id"], lambda seen: words(seen).startswith("📌 **Video #1**")
    )
    assert again["attachments"][0]["filename"] == "cogreel-1.jpg"
    assert link_of(again) == url
    assert await refusals(house) == 2, "it is known what Discord does not take"


async def test_with_a_public_address_the_link_is_the_bots_own_and_lives_as_long_as_it_says(
    empty_house: House,
) -> None:
    house, port = empty_house, free_port()
    address = f"http://127.0.0.1:{port}"
    await house.knobs(bot_permissions={house.lab: ["ATTACH_FILES"]})
    await house.start_bot(public_url=address + "/", link_port=port, link_days=3)
    status = await house.reads(await house.ask(), "is done")
    message = await house.says(status["thread"]["id"], LINKED)
    assert "**Attach Files** is missing" in words(message)
    assert "until <t:" in words(message)
    assert "Download it to keep it." in words(message)
    url = link_of(message)
    assert url.startswith(f"{address}/clips/1/"), "not the gateway's link"
    assert (await house.download(url))[4:8] == b"ftyp"
    await house.restart_bot(public_url=address, link_port=port)
    assert (await house.download(url))[4:8] == b"ftyp", "also after a restart"


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
