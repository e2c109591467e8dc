"""Visitors of the bot's two web servers: the one of signed links, and the one of monitoring."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiohttp import web

from bot.domain.clip_links import LinkSigner
from bot.door import listening
from bot.link_server import EXPIRED
from bot.settings import Settings
from tests.services.test_link_server import CONTENT, LIFETIME, Served, serving

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

ANSWERED_WITHIN_S = 20.0
MIB = 1024 * 1024


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncGenerator[Served]:
    async with serving(tmp_path) as running:
        yield running


async def said(port: int, *pieces: bytes) -> bytes:
    """Send bytes as they are; all that comes back until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            answer = await reader.read()
    except ConnectionError:
        pass  # it hung up before it had read everything
    finally:
        writer.close()
    return answer


def get(path: str, *lines: str) -> bytes:
    head = [f"GET {path} HTTP/1.1", "Host: x", "Connection: close", *lines]
    return "\r\n".join([*head, "", ""]).encode()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def path_of(served: Served) -> str:
    return "/" + served.url.split("/", 3)[3]


@pytest.mark.parametrize(
    "path",
    [
        "/clips/../db",
        "/clips/../../../../etc/passwd",
        "/clips/%2e%2e/%2e%2e/db",
        "/clips/..%2f..%2fdb/1/x.mp4",
        "/clips/1/2/..%2f..%2fdb.mp4",
        "/clips/1/2/%2e%2e%2fdb%00.mp4",
        "/clips/1/2/\\..\\..\\db.mp4",
        "//etc/passwd",
        "/db",
        "http://elsewhere/db",
        "file:///etc/passwd",
        "*",
    ],
)
async def test_no_path_leads_out_of_the_clips(served: Served, path: str) -> None:
    answer = await said(served.port, get(path))
    assert status(answer) in {400, 404}
    assert b"SQLite format" not in answer
    assert b"root:" not in answer


async def test_a_forged_link_gives_nothing_and_an_expired_one_says_so(served: Served) -> None:
    now, own = served.clock.now(), served.signer
    foreign = LinkSigner(key=b"another key of 32 bytes. another", public_url="", lifetime=LIFETIME)
    longer = LinkSigner(key=own.key, public_url="", lifetime=LIFETIME * 2)
    signature = own.link(served.job_id, now=now).url.rsplit("/", 1)[1]
    later = longer.link(served.job_id, now=now).url.rsplit("/", 1)[0]
    other = own.link(served.job_id + 1, now=now).url.rsplit("/", 1)[1]
    good = own.link(served.job_id, now=now).url
    for forged in (
        foreign.link(served.job_id, now=now).url,
        f"{later}/{signature}",  # of an earlier end
        f"{good.rsplit('/', 1)[0]}/{other}",  # of another video
        good.replace(".mp4", "=.mp4"),
        good.replace("/clips/", "/clips/0"),
        good.lower(),
    ):
        answer = await said(served.port, get(forged))
        assert status(answer) == 404, forged
        assert CONTENT[:64] not in answer
    past = own.link(served.job_id, now=now - LIFETIME - timedelta(seconds=1)).url
    answer = await said(served.port, get(past))
    assert (status(answer), answer.endswith(EXPIRED.encode())) == (410, True)


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-0,-1",
        "bytes=" + ",".join(f"{n}-{n}" for n in range(1_000)),
        "bytes=9-1",
        "bytes=-0",
        "bytes=--1",
        "bytes=" + "9" * 400 + "-",
        "bytes=0-" + "9" * 400,
        "bytes=-" + "9" * 400,
        "bytes=0x10-0x20",
        "bytes=\u0661-\u0662",
        "clips=0-1",
        "bytes",
    ],
)
async def test_an_absurd_range_gives_a_part_of_the_clip_or_a_refusal(
    served: Served, asked: str
) -> None:
    answer = await said(served.port, get(path_of(served), f"Range: {asked}"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert status(answer) in {200, 206, 400, 416}
    assert len(body) <= len(CONTENT)
    assert b"Traceback" not in answer
    if status(answer) in {200, 206}:
        assert body in CONTENT
        assert f"Content-Length: {len(body)}".encode() in head
    assert CONTENT in await said(served.port, get(path_of(served))), "others are served"


@pytest.mark.parametrize(
    "flood",
    [
        [b"GET / HTTP/1.1\r\n", *[b"X: " + b"a" * 1000 + b"\r\n"] * 10_000],
        [b"GET / HTTP/1.1\r\nX: ", *[b"a" * 65_536] * 160],
        [b"GET /", *[b"a" * 65_536] * 160],
        [b"\x16\x03\x01\x02\x00" * 2000, b"\r\n\r\n"],
    ],
    ids=["many headers", "a long header", "a long path", "no HTTP"],
)
async def test_a_flood_of_headers_is_cut_off(served: Served, flood: list[bytes]) -> None:
    answer = await said(served.port, *flood)
    assert answer == b"" or status(answer) in {400, 431}
    assert CONTENT in await said(served.port, get(path_of(served))), "others are served"


async def test_a_body_without_end_is_not_read(served: Served) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n"
    async with asyncio.timeout(ANSWERED_WITHIN_S):
        answer = await said(served.port, head, *[b"a" * 65_536] * 64)
    assert answer == b"" or status(answer) in {404, 405}


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_connection_that_trickles_is_closed_also_after_its_first_request(
    tmp_path: Path, begun: bytes
) -> None:
    async with serving(tmp_path, keep_alive_s=0.2) as served:
        first = get("/").replace(b"Connection: close\r\n", b"")
        answer = await said(served.port, first, begun)  # which reads until it is closed
        assert status(answer) == 404


async def answer_well(_: web.Request) -> web.Response:
    return web.Response(text="well")


async def test_monitoring_that_is_silent_or_too_many_is_turned_away() -> None:
    app = web.Application()
    app.router.add_get("/healthz", answer_well)
    async with listening(app, "127.0.0.1", 0, connections_max=2, request_within_s=0.3) as (
        host,
        port,
    ):
        assert host == "127.0.0.1"
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        assert await said(port, get("/healthz")) == b"", "there is no room"
        for reader, writer in silent:
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                assert await reader.read() == b""
            writer.close()
        assert (await said(port, get("/healthz"))).endswith(b"well")


def test_monitoring_listens_on_this_machine_alone_unless_told_otherwise() -> None:
    fields = Settings.model_fields
    assert fields["health_host"].default == "127.0.0.1"
    assert fields["link_address"].default == "127.0.0.1"
