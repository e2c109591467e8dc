"""A host of one file, whose every answer a test decides."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.providers.raw_server import RawServer, http_answer, raw_server

CONTENT = b"".join(number.to_bytes(4) for number in range(250_000))  # each part tells its place
SIZE = len(CONTENT)

# Writes one answer; told from which byte on the file was asked for, None for all of it.
Turn = Callable[[asyncio.StreamWriter, int | None], Awaitable[None]]


@asynccontextmanager
async def file_host(*turns: Turn) -> AsyncGenerator[RawServer]:
    """A host that answers each request in its own way, and is asked exactly so often."""
    left = list(turns)

    async def answer(writer: asyncio.StreamWriter) -> None:
        await left.pop(0)(writer, asked_from(host.heads[-1]))

    async with raw_server(answer) as host:
        yield host
    assert len(host.heads) == len(turns)


def asked_from(head: bytes) -> int | None:
    found = re.search(rb"\r\nRange: bytes=([0-9]+)-\r\n", head)
    return None if found is None else int(found[1])


def send(
    writer: asyncio.StreamWriter, status: int, headers: tuple[str, ...], length: int, body: bytes
) -> None:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {length}", *headers]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def whole(*headers: str, content: bytes = CONTENT, sends: int = SIZE) -> Turn:
    """The file, of which ``sends`` bytes come before the connection ends."""

    async def turn(writer: asyncio.StreamWriter, _: int | None) -> None:
        send(writer, 200, headers, len(content), content[:sends])

    return turn


def rest(
    *headers: str,
    status: int = 206,
    sends: int = SIZE,
    extent: str = "{start}-{last}/{size}",
    extra: int = 0,
) -> Turn:
    """What is missing of the file, of which ``sends`` bytes come; said to be of some extent."""

    async def turn(writer: asyncio.StreamWriter, start: int | None) -> None:
        assert start is not None
        said = extent.format(start=start, before=start - 1, last=SIZE - 1, size=SIZE)
        lines = (f"Content-Range: bytes {said}", *headers)
        send(writer, status, lines, SIZE - start + extra, CONTENT[start:][:sends] + b"x" * extra)

    return turn


def then_silence(turn: Turn) -> Turn:
    async def silent(writer: asyncio.StreamWriter, start: int | None) -> None:
        await turn(writer, start)
        await writer.drain()
        await asyncio.Event().wait()

    return silent


def plain(status: int, body: bytes, *headers: str) -> Turn:
    """An answer that does not depend on what was asked for."""

    async def turn(writer: asyncio.StreamWriter, _: int | None) -> None:
        await http_answer(status, body, *headers)(writer)

    return turn
