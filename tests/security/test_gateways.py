"""A gateway, or whoever speaks in its place, that lies."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import resource
import socket
import time
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.domain.errors import (
    ClipUnavailableError,
    ClipUnusableError,
    ProviderError,
    SubmissionUnknownError,
)
from media import addresses
from media.addresses import AddressPolicy, AddressRefusedError, CheckingResolver
from media.download import download, make_download_session
from media.worker import MediaWorker
from providers.credentials import Credentials
from providers.transport import ZhipuTransport
from providers.zhipu_wire import Rendering, read_create, read_poll
from tests.media.making import clip_maker
from tests.providers.raw_server import Answer, http_answer, raw_server

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK = AddressPolicy(loopback=True)
MIB = 1024 * 1024


async def taken(answer: Answer, folder: Path, *, total_s: float = 5.0) -> bytes:
    """What is on the disk after a download."""
    async with raw_server(answer) as host, make_download_session(LOOPBACK) as session:
        target = folder / "clip.mp4"
        await download(
            session, host.url, target, max_bytes=10 * MIB, total_s=total_s, allow=LOOPBACK
        )
    return await asyncio.to_thread(target.read_bytes)


async def drip(writer: asyncio.StreamWriter) -> None:
    """One byte at a time, for ever, each before anybody could call it silence."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    beats = asyncio.Event()
    while not writer.is_closing():
        writer.write(b"x")
        await writer.drain()
        try:
            async with asyncio.timeout(0.01):
                await beats.wait()
        except TimeoutError:
            continue


async def test_a_clip_that_drips_for_ever_ends_when_its_time_is_over(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(ClipUnavailableError):
        await taken(drip, tmp_path, total_s=0.4)
    assert time.monotonic() - began < 5
    assert await asyncio.to_thread(os.listdir, tmp_path) == []


async def test_a_clip_that_is_said_to_be_shorter_is_told_from_a_whole_one(tmp_path: Path) -> None:
    clip = clip_maker(tmp_path / "made.mp4")().read_bytes()

    async def short(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(clip) // 2}\r\n\r\n"
        writer.write(head.encode() + clip)

    worker = MediaWorker()

    async def looked_into() -> None:
        await taken(short, tmp_path)
        await worker.inspect_clip(tmp_path / "clip.mp4")

    try:
        # Where the rest comes at once, that alone is no HTTP; else the clip is found cut off.
        with pytest.raises((ClipUnavailableError, ClipUnusableError)):
            await looked_into()
    finally:
        await worker.close()


async def test_a_clip_that_would_inflate_is_taken_as_it_came_and_is_no_clip(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(200 * MIB))
    answer = http_answer(200, bomb, "Content-Encoding: gzip", "Content-Type: video/mp4")
    assert await taken(answer, tmp_path) == bomb
    worker = MediaWorker()
    try:
        with pytest.raises(ClipUnusableError):
            await worker.inspect_clip(tmp_path / "clip.mp4")
    finally:
        await worker.close()


async def test_an_answer_that_would_inflate_is_none() -> None:
    bomb = gzip.compress(b'{"id":"task-1","x":"' + bytes(200 * MIB) + b'"}')
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with (
        raw_server(http_answer(200, bomb, "Content-Encoding: gzip")) as host,
        aiohttp.ClientSession() as session,
    ):
        transport = ZhipuTransport(
            session,
            base_url=host.url,
            credentials=Credentials(SecretStr("key"), kind="raw", clock=SystemClock()),
        )
        with pytest.raises(SubmissionUnknownError):
            await transport.create(b"{}")
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    assert grown_mib < 50


class Rebinding(AbstractResolver):
    """A name that is at a public address first, and inside later."""

    def __init__(self) -> None:
        self._answers = [["1.1.1.1", "127.0.0.1"], ["127.0.0.1", "::ffff:10.0.0.1"]]

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=0)
            for each in self._answers.pop(0)
        ]

    async def close(self) -> None:
        pass


async def test_a_name_that_moves_inside_between_two_looks_is_connected_to_at_neither(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(addresses, "DefaultResolver", Rebinding)
    resolver = CheckingResolver(AddressPolicy())
    # A connection is made to what is given out here, and to nothing that was looked up elsewhere.
    assert [found["host"] for found in await resolver.resolve("moves.example", 443)] == ["1.1.1.1"]
    with pytest.raises(AddressRefusedError):
        await resolver.resolve("moves.example", 443)


CLIP = "https://h/clip.mp4"
DEEP = 100_000
ODD_ANSWERS = {
    "a list as deep as can be": b"[" * DEEP,
    "objects as deep as can be": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "no number": b'{"id":NaN,"task_status":NaN}',
    "more than any number": b'{"id":1e999999,"task_status":Infinity}',
    "a number of 100,000 digits": b'{"id":' + b"9" * 100_000 + b"}",
    "half a character": b'{"id":"\\ud800","task_status":"SUCCESS","video_result":"\\udfff"}',
    "an id of a megabyte": b'{"id":"' + b"x" * 1_000_000 + b'"}',
    "an id with a line of its own": b'{"id":"a\\nERROR forged","error":{"code":"\\n1301"}}',
    "no text": b"\xff\xfe\x00\x00",
    "a page": b"<html><script>alert(1)</script></html>",
    "two answers": b'{"id":"1"}{"id":"2"}',
    "wrong types": b'{"id":{},"task_status":[],"video_result":{"url":1},"error":[1]}',
    "a link that ends a link": b'{"task_status":"SUCCESS","video_result":'
    b'[{"url":"https://h/x>) [free](https://evil.example"}]}',
}


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("body", ODD_ANSWERS.values(), ids=ODD_ANSWERS.keys())
def test_no_odd_answer_becomes_a_task_a_clip_or_a_line_of_the_log(body: bytes, status: int) -> None:
    said = ""
    for read in (read_create, read_poll):
        try:
            found = read(status, body)
        except ProviderError as exc:
            said += str(exc)
        else:
            assert found == Rendering()
    assert said.isascii()
    assert said.isprintable()
    assert len(said) < 800


@pytest.mark.parametrize("status", ["DONE", "\u202eSSECCUS", "SUCCESSFUL", "0", "x" * 9_999])
def test_a_status_that_nobody_has_described_is_never_an_end(status: str) -> None:
    body = json.dumps({"id": "1", "task_status": status, "video_result": [{"url": CLIP}]})
    assert read_poll(200, body.encode()) == Rendering()


def test_of_a_field_that_comes_twice_the_last_counts() -> None:
    body = b'{"id":"one","id":"two","task_status":"FAIL","task_status":"PROCESSING"}'
    assert read_poll(200, body) == Rendering()
