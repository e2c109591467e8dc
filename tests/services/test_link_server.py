"""The bot's own web server: a signed link gives its clip, to whoever has it, until it expires."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.clip_links import LinkSigner, LinkVerdict
from bot.domain.errors import StartupError
from bot.link_server import EXPIRED, HEADERS, LinkServer
from storage import artifacts, erasure, link_key, parcels, steps, takedowns
from storage.database import Database
from tests.services.fake_clock import START, FakeClock
from tests.services.test_housekeeping import CLIP, fetched_job, housekeeper

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

CONTENT = bytes(range(256)) * 400
LIFETIME = timedelta(days=7)


class Served:
    """A database with one fetched job, and the server on it."""

    def __init__(
        self, database: Database, clock: FakeClock, folder: Path, job_id: int, key: bytes
    ) -> None:
        self.database, self.clock, self.folder, self.job_id = database, clock, folder, job_id
        self.signer = LinkSigner(key=key, public_url="", lifetime=LIFETIME)
        self.path = folder / artifacts.clip_file_name(CLIP)
        self.port = 0
        self.server = LinkServer(
            database=database, signer=self.signer, clock=clock, files_dir=folder
        )

    @property
    def url(self) -> str:
        """A link that works, from now on for its lifetime."""
        path = self.signer.link(self.job_id, now=self.clock.now()).url
        return f"http://127.0.0.1:{self.port}{path}"


@asynccontextmanager
async def serving(tmp_path: Path, **bounds: float) -> AsyncGenerator[Served]:
    clock = FakeClock()
    async with await Database.open(tmp_path / "db") as database:
        job_id = await database.write(lambda db: fetched_job(db, clock))
        key = await database.write(link_key.ensure_link_key)
        served = Served(database, clock, tmp_path, job_id, key)
        await asyncio.to_thread(served.path.write_bytes, CONTENT)
        async with served.server.serving("127.0.0.1", 0, **bounds) as port:  # type: ignore[arg-type]
            served.port = port
            yield served


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncGenerator[Served]:
    async with serving(tmp_path) as running:
        yield running


@pytest_asyncio.fixture
async def browser() -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_link_gives_the_clip_with_headers_that_keep_it_harmless(
    served: Served, browser: aiohttp.ClientSession
) -> None:
    async with browser.get(served.url) as answer:
        assert answer.status == 200
        assert await answer.read() == CONTENT
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["Content-Disposition"] == (
            f'inline; filename="cogreel-{served.job_id}.mp4"'
        )
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert HEADERS.items() <= dict(answer.headers).items()
        assert "aiohttp" not in str(answer.headers).lower()


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=100-", 100, len(CONTENT)),
        ("bytes=-100", len(CONTENT) - 100, len(CONTENT)),
        ("bytes=100-999999999", 100, len(CONTENT)),
    ],
)
async def test_a_player_gets_the_part_that_it_asks_for(
    served: Served, browser: aiohttp.ClientSession, asked: str, start: int, end: int
) -> None:
    async with browser.get(served.url, headers={"Range": asked}) as answer:
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(CONTENT)}"
        assert await answer.read() == CONTENT[start:end]


async def test_a_part_beyond_the_end_is_refused(
    served: Served, browser: aiohttp.ClientSession
) -> None:
    beyond = {"Range": f"bytes={len(CONTENT)}-"}
    async with browser.get(served.url, headers=beyond) as answer:
        assert answer.status == 416
        assert answer.headers["Content-Range"] == f"bytes */{len(CONTENT)}"


async def test_head_gives_the_length_alone_and_what_is_known_already_is_not_sent_again(
    served: Served, browser: aiohttp.ClientSession
) -> None:
    async with browser.head(served.url) as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(CONTENT)))
        assert await answer.read() == b""
        known = {"If-None-Match": answer.headers["ETag"]}
    async with browser.get(served.url, headers=known) as answer:
        assert answer.status == 304
    # A part of another file than the one that was begun with is of no use.
    another = {"Range": "bytes=5-9", "If-Range": "Wed, 14 Jan 2015 12:00:00 GMT"}
    async with browser.get(served.url, headers=another) as answer:
        assert answer.status == 200


async def test_an_expired_link_says_what_to_do(
    served: Served, browser: aiohttp.ClientSession
) -> None:
    url = served.url
    served.clock.advance(LIFETIME.total_seconds())
    async with browser.get(url) as answer:
        assert (answer.status, await answer.text()) == (410, EXPIRED)


async def test_a_link_that_somebody_changed_is_none(
    served: Served, browser: aiohttp.ClientSession
) -> None:
    head, job_id, expires, signature = served.url.rsplit("/", 3)
    for changed in (
        f"{head}/{int(job_id) + 1}/{expires}/{signature}",
        f"{head}/{job_id}/{int(expires) + 1}/{signature}",
        f"{head}/{job_id}/{expires}/{'A' + signature[1:]}",
        f"{head}/{job_id}/{expires}/.mp4",
        f"{head}/0{job_id}/{expires}/{signature}",
        f"{head}/{job_id}/{expires}/%00{signature}",
        f"{head}/..%2f..%2fdb/{expires}/{signature}",
        f"{head}/{job_id}/",
        f"{head}/",
        f"http://127.0.0.1:{served.port}/",
        f"http://127.0.0.1:{served.port}/clips/../../db",
    ):
        async with browser.get(changed) as answer:
            assert answer.status == 404, changed
            assert len(await answer.read()) < 100
    async with browser.post(served.url) as answer:
        assert answer.status == 405


async def test_another_key_ends_every_link(served: Served, browser: aiohttp.ClientSession) -> None:
    url = served.url
    await served.database.write(link_key.renew_link_key)
    key = await served.database.write(link_key.ensure_link_key)
    renewed = LinkServer(
        database=served.database,
        signer=LinkSigner(key=key, public_url="", lifetime=LIFETIME),
        clock=served.clock,
        files_dir=served.folder,
    )
    async with (
        renewed.serving("127.0.0.1", 0) as port,
        browser.get(url.replace(str(served.port), str(port))) as answer,
    ):
        assert answer.status == 404


async def test_a_video_that_was_taken_down_or_is_gone_is_given_to_nobody(
    served: Served, browser: aiohttp.ClientSession
) -> None:
    await asyncio.to_thread(served.path.rename, served.folder / "elsewhere")
    async with browser.get(served.url) as answer:
        assert answer.status == 410
    await asyncio.to_thread((served.folder / "elsewhere").rename, served.path)
    at = served.clock.now()
    await served.database.write(lambda db: takedowns.take_down(db, served.job_id, at=at))
    async with browser.get(served.url) as answer:
        assert (answer.status, await answer.text()) == (410, "This video is no longer here.")


async def test_a_video_whose_words_were_deleted_is_given_to_nobody(
    served: Served, browser: aiohttp.ClientSession
) -> None:
    at, until = served.clock.now(), served.clock.now() + LIFETIME
    url = served.url
    await served.database.write(lambda db: parcels.record_link(db, served.job_id, until=until))
    await served.database.write(
        lambda db: steps.record_delivered(
            db, served.job_id, result_message_id=1, thread_id=None, at=at
        )
    )
    await served.database.write(lambda db: erasure.erase(db, served.job_id, at=at))
    async with browser.get(url) as answer:
        assert answer.status == 410


async def test_housekeeping_leaves_a_clip_as_long_as_its_link_works(served: Served) -> None:
    keeper = housekeeper(
        served.database,
        served.clock,
        served.folder,
        keep_clips=timedelta(days=1),
        min_free_bytes=10**18,  # a disk that is full, for all that it knows
    )
    at, until = served.clock.now(), served.clock.now() + LIFETIME
    os.utime(served.path, (at.timestamp(), at.timestamp()))
    await served.database.write(lambda db: parcels.record_link(db, served.job_id, until=until))
    await served.database.write(
        lambda db: steps.record_delivered(
            db, served.job_id, result_message_id=1, thread_id=None, at=at
        )
    )
    served.clock.advance(LIFETIME.total_seconds())
    assert await keeper.sweep() == 0
    served.clock.advance(1)
    assert await keeper.sweep() == 1


async def test_too_many_connections_are_turned_away_and_the_others_are_served(
    tmp_path: Path, browser: aiohttp.ClientSession
) -> None:
    async with serving(tmp_path, connections_max=3) as served:
        idle = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(3)]
        with pytest.raises(aiohttp.ClientConnectionError):
            await browser.get(served.url)
        for _, writer in idle:
            writer.close()
            await writer.wait_closed()
        async with asyncio.timeout(10):
            while True:  # until the server has noticed, too
                try:
                    async with browser.get(served.url) as answer:
                        assert await answer.read() == CONTENT
                    break
                except aiohttp.ClientConnectionError:
                    continue


async def test_a_connection_that_asks_for_nothing_is_closed(tmp_path: Path) -> None:
    async with serving(tmp_path, request_within_s=0.1) as served:
        for begun in (b"", b"GET /clips/1/2/3.mp4 HTTP/1.1\r\nHost: x\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(begun)
            async with asyncio.timeout(10):
                assert await reader.read() == b""
            writer.close()
            await writer.wait_closed()


async def test_an_address_in_use_is_said_to_the_operator(served: Served) -> None:
    with pytest.raises(StartupError, match="COGREEL_LINK_PORT"):
        async with served.server.serving("127.0.0.1", served.port):
            pass


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=60))
def test_nothing_that_anybody_makes_up_is_a_link(job_id: str, expires: str, signature: str) -> None:
    signer = LinkSigner(key=b"k" * 32, public_url="", lifetime=LIFETIME)
    verdict = signer.verdict(job_id=job_id, expires=expires, signature=signature, now=START)
    assert verdict is LinkVerdict.NOT_OURS


def test_the_key_is_not_shown() -> None:
    signer = LinkSigner(key=b"secret" * 6, public_url="https://x.example", lifetime=LIFETIME)
    assert "secret" not in repr(signer)
