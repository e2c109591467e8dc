"""Downloads that break off: they go on where it is certain that the file is the same."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

import pytest

from bot.clock import SystemClock
from bot.domain.errors import ClipLinkExpiredError, ClipUnavailableError, ClipUnusableError
from media.addresses import AddressPolicy
from media.download import RESUMES_MAX, Downloaded, download, make_download_session
from tests.media.file_host import (
    CONTENT,
    SIZE,
    Turn,
    asked_from,
    file_host,
    plain,
    rest,
    then_silence,
    whole,
)
from tests.providers.raw_server import endless

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import aiohttp

    from tests.providers.raw_server import RawServer

LOOPBACK = AddressPolicy(loopback=True)
OTHER = b"another file" * 1_000
TAGGED = 'ETag: "9f86d081"'
ANSWERED = "Date: Tue, 03 Mar 2026 10:00:00 GMT"
DATED = "Last-Modified: Tue, 03 Mar 2026 09:59:00 GMT"


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    async with make_download_session(LOOPBACK) as opened:
        yield opened


async def fetch(
    session: aiohttp.ClientSession,
    host: RawServer,
    folder: Path,
    *,
    max_bytes: int = 2_000_000,
    total_s: float = 10.0,
) -> Downloaded:
    got = await download(
        session,
        f"{host.url}/f.mp4?Signature=a%2Fb%3D",
        folder / "clip.mp4",
        max_bytes=max_bytes,
        total_s=total_s,
        allow=LOOPBACK,
    )
    assert names(folder) == ["clip.mp4"]
    assert got == digest_of((folder / "clip.mp4").read_bytes())
    return got


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def digest_of(content: bytes) -> Downloaded:
    return Downloaded(len(content), hashlib.sha256(content).hexdigest())


# --- going on ---------------------------------------------------------------------------------


@pytest.mark.parametrize("validator", [(TAGGED,), (DATED, ANSWERED)], ids=["ETag", "date"])
async def test_a_cut_download_goes_on_from_what_is_on_the_disk(
    session: aiohttp.ClientSession, tmp_path: Path, validator: tuple[str, ...]
) -> None:
    async with file_host(whole(*validator, sends=600_000), rest(*validator)) as host:
        assert await fetch(session, host, tmp_path) == digest_of(CONTENT)
    first, second = host.heads
    assert asked_from(first) is None
    assert 0 < (asked_from(second) or 0) <= 600_000
    assert first.splitlines()[0] == second.splitlines()[0]  # the signature survives
    said = validator[0].partition(": ")[2].encode()
    assert b"\r\nIf-Range: " + said + b"\r\n" in second


async def test_it_may_break_off_several_times(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    cuts = [rest(TAGGED, sends=100_000) for _ in range(RESUMES_MAX - 1)]
    async with file_host(whole(TAGGED, sends=100_000), *cuts, rest(TAGGED)) as host:
        assert await fetch(session, host, tmp_path) == digest_of(CONTENT)


async def test_it_goes_on_after_a_silence(
    session: aiohttp.ClientSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media.download.SILENCE_S", 0.5)
    silent = then_silence(whole(TAGGED, sends=600_000))
    async with file_host(silent, rest(TAGGED)) as host:
        assert await fetch(session, host, tmp_path) == digest_of(CONTENT)


async def test_a_slow_connection_is_left_for_a_fresh_one(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    clock = SystemClock()

    async def trickle(writer: asyncio.StreamWriter, start: int | None) -> None:
        await (whole(TAGGED, sends=0) if start is None else rest(TAGGED, sends=0))(writer, start)
        for place in range(start or 0, SIZE):
            writer.write(CONTENT[place : place + 1])
            await writer.drain()
            await clock.sleep(0)  # others go on

    async with file_host(trickle, trickle, rest(TAGGED)) as host:
        assert await fetch(session, host, tmp_path, total_s=2.0) == digest_of(CONTENT)
    _, first, second = (asked_from(head) or 0 for head in host.heads)
    assert 0 < first < second < SIZE


async def test_a_slow_connection_that_brings_the_last_byte_is_done(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    clock, loop = SystemClock(), asyncio.get_running_loop()

    async def late(writer: asyncio.StreamWriter, start: int | None) -> None:
        await whole(TAGGED, content=OTHER, sends=len(OTHER) - 1)(writer, start)
        slow_at_s = loop.time() + 0.6
        while loop.time() < slow_at_s:
            await clock.sleep(0)  # others go on
        writer.write(OTHER[-1:])

    async with file_host(late) as host:
        assert await fetch(session, host, tmp_path, total_s=2.0) == digest_of(OTHER)


async def test_the_rest_is_asked_for_where_the_file_lay_after_redirects(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with file_host(whole(TAGGED, sends=600_000), rest(TAGGED)) as last:
        redirect = plain(302, b"", f"Location: {last.url}/there.mp4")
        async with file_host(redirect) as first:
            assert await fetch(session, first, tmp_path) == digest_of(CONTENT)
    assert [head.split()[1] for head in last.heads] == [b"/there.mp4", b"/there.mp4"]


# --- where it is not certain ------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ('ETag: W/"9f86d081"',),
        ('ETag: W/"9f86d081"', DATED, ANSWERED),
        ("ETag: 9f86d081",),
        ('ETag: ""',),
        (DATED,),
        ("Last-Modified: Tue, 03 Mar 2026 09:59:01 GMT", ANSWERED),
        ("Last-Modified: yesterday GMT", ANSWERED),
        ("Last-Modified: Tue, 99 Mar 2026 09:59:00 GMT", ANSWERED),
        (f"Last-Modified: Tue, 03 Mar {'9' * 30} 09:59:00 GMT", ANSWERED),
        ("Last-Modified: Tue, 03 Mar 2026 09:59:00 -0000", ANSWERED),
        (TAGGED, "Accept-Ranges: none"),
    ],
)
async def test_a_file_that_cannot_be_told_from_another_is_not_gone_on_with(
    session: aiohttp.ClientSession, tmp_path: Path, headers: tuple[str, ...]
) -> None:
    async with file_host(whole(*headers, sends=600_000)) as host:
        with pytest.raises(ClipUnavailableError):
            await fetch(session, host, tmp_path)
    assert names(tmp_path) == []


async def test_a_file_of_unknown_length_is_not_gone_on_with(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async def chunked(writer: asyncio.StreamWriter, _: int | None) -> None:
        head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{TAGGED}\r\n\r\n"
        writer.write(head.encode() + f"{SIZE:x}\r\n".encode() + CONTENT[:600_000])

    async with file_host(chunked) as host:
        with pytest.raises(ClipUnavailableError):
            await fetch(session, host, tmp_path)


async def chunked_rest(writer: asyncio.StreamWriter, start: int | None, *further: str) -> None:
    """The right extent, and then more than it, held to no length."""
    lines = (
        "HTTP/1.1 206 X",
        *further,
        f"Content-Range: bytes {start}-{SIZE - 1}/{SIZE}",
        TAGGED,
        "Transfer-Encoding: chunked",
    )
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


LIES: dict[str, Turn] = {
    "another offset": rest(TAGGED, extent="{before}-{last}/{size}"),
    "from the beginning": rest(TAGGED, extent="0-{last}/{size}"),
    "another end": rest(TAGGED, extent="{start}-{size}/{size}"),
    "another size": rest(TAGGED, extent="{start}-{last}/9999999"),
    "a size that is not known": rest(TAGGED, extent="{start}-{last}/*"),
    "no extent": rest(TAGGED, extent="*/{size}"),
    "an endless extent": rest(TAGGED, extent="{start}-" + "9" * 5_000 + "/{size}"),
    "an extent in words": rest(TAGGED, extent="some"),
    "more than the extent": rest(TAGGED, extra=1),
    "another file's tag": rest('ETag: "other"'),
    "a weak tag": rest('ETag: W/"9f86d081"'),
    "no tag": rest(),
    "an unasked 206": plain(206, CONTENT, TAGGED),
    "several ranges": rest(TAGGED, "Content-Type: multipart/byteranges; boundary=b"),
    "no length": chunked_rest,
    "no such range": plain(416, b"", f"Content-Range: bytes */{SIZE}"),
    "a redirect": plain(302, b"", "Location: http://10.0.0.1/"),
    "nothing": plain(204, b""),
    "a failure": plain(503, b"busy"),
    "the rest as a failure": rest(TAGGED, status=500),
    "the rest as the whole": rest(TAGGED, status=200),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_what_is_not_surely_the_rest_is_thrown_away_and_all_is_asked_for_once_more(
    session: aiohttp.ClientSession, tmp_path: Path, lie: Turn
) -> None:
    async with file_host(whole(TAGGED, sends=600_000), lie, whole(TAGGED)) as host:
        assert await fetch(session, host, tmp_path) == digest_of(CONTENT)
    assert asked_from(host.heads[2]) is None
    assert b"If-Range" not in host.heads[2]


@pytest.mark.parametrize("content", [OTHER, CONTENT, CONTENT + OTHER, b""])
async def test_a_whole_file_in_answer_to_a_range_takes_the_place_of_the_part(
    session: aiohttp.ClientSession, tmp_path: Path, content: bytes
) -> None:
    async with file_host(
        whole(TAGGED, sends=600_000), whole('ETag: "new"', content=content, sends=len(content))
    ) as host:
        assert await fetch(session, host, tmp_path) == digest_of(content)


async def test_no_more_than_the_rest_is_taken(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async def beyond(writer: asyncio.StreamWriter, start: int | None) -> None:
        await rest(TAGGED)(writer, start)
        writer.write(b"and more, which the connection was not to carry")

    async with file_host(whole(TAGGED, sends=600_000), beyond) as host:
        assert await fetch(session, host, tmp_path) == digest_of(CONTENT)


# --- where it ends ----------------------------------------------------------------------------


async def unavailable(
    session: aiohttp.ClientSession, tmp_path: Path, *turns: Turn, total_s: float = 10.0
) -> None:
    async with file_host(*turns) as host:
        with pytest.raises(ClipUnavailableError):
            await fetch(session, host, tmp_path, total_s=total_s)
    assert names(tmp_path) == []


async def test_a_resume_that_brings_nothing_is_the_last(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    await unavailable(session, tmp_path, whole(TAGGED, sends=600_000), rest(TAGGED, sends=0))


async def test_a_host_that_gives_a_little_each_time_is_left_after_some(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    bits = [rest(TAGGED, sends=1_000) for _ in range(RESUMES_MAX)]
    await unavailable(session, tmp_path, whole(TAGGED, sends=1_000), *bits)


async def test_an_answer_with_two_lengths_is_the_last(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async def both(writer: asyncio.StreamWriter, start: int | None) -> None:
        await chunked_rest(writer, start, f"Content-Length: {SIZE - (start or 0)}")

    await unavailable(session, tmp_path, whole(TAGGED, sends=600_000), both)


async def test_what_was_begun_anew_is_not_gone_on_with(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    longer = whole(TAGGED, sends=900_000)
    await unavailable(session, tmp_path, whole(TAGGED, sends=600_000), longer)


async def test_resuming_does_not_lengthen_the_time(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    silent = then_silence(rest(TAGGED, sends=100_000))
    await unavailable(session, tmp_path, whole(TAGGED, sends=600_000), silent, total_s=1.5)


async def test_the_cap_holds_for_a_file_that_was_changed_on_the_way(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async def without_end(writer: asyncio.StreamWriter, _: int | None) -> None:
        await endless(writer)

    for grown in (without_end, whole(TAGGED, content=CONTENT * 3, sends=0)):
        async with file_host(whole(TAGGED, sends=600_000), grown) as host:
            with pytest.raises(ClipUnusableError):
                await fetch(session, host, tmp_path)
        assert names(tmp_path) == []


async def test_a_link_that_dies_on_the_way_is_told_apart(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with file_host(
        whole(TAGGED, sends=600_000), plain(403, b"expired"), plain(403, b"expired")
    ) as host:
        with pytest.raises(ClipLinkExpiredError):
            await fetch(session, host, tmp_path)
    assert names(tmp_path) == []


async def test_a_download_that_is_cancelled_while_it_goes_on_leaves_nothing_behind(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    resumed = asyncio.Event()

    async def last(writer: asyncio.StreamWriter, start: int | None) -> None:
        await rest(TAGGED, sends=100_000)(writer, start)
        await writer.drain()
        resumed.set()
        await asyncio.Event().wait()

    async with file_host(whole(TAGGED, sends=600_000), last) as host, asyncio.timeout(5):
        fetching = asyncio.create_task(fetch(session, host, tmp_path))
        await resumed.wait()
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching
    assert names(tmp_path) == []
