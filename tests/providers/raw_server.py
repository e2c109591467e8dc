"""A loopback server below HTTP: it reads whole requests and answers with what a test writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawServer:
    """What it was asked.

    Attributes:
        port: Where it listens on 127.0.0.1.
        heads: Request line and headers of each request, as they came.
        bodies: Their bodies.
        asked: Set when the first whole request is there.
        left: Set when a client has hung up.
    """

    port: int
    heads: list[bytes] = field(default_factory=list[bytes])
    bodies: list[bytes] = field(default_factory=list[bytes])
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def raw_server(answer: Answer, *, greeting: bytes = b"") -> AsyncGenerator[RawServer]:
    """Serve on a free port; every connection is closed at the end.

    Args:
        answer: Writes the answer to each request.
        greeting: Written before anything was asked.
    """
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            writer.write(greeting)
            head = await reader.readuntil(b"\r\n\r\n")
            told.bodies.append(await reader.readexactly(_content_length(head)))
            told.heads.append(head)
            told.asked.set()
            await answer(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            told.left.set()  # the client hung up, or the test is over
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    told = RawServer(server.sockets[0].getsockname()[1])
    try:
        yield told
    finally:
        server.close()
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def http_answer(status: int, body: bytes, *headers: str) -> Answer:
    """An answer of a status, a body and further header lines."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return answer


async def never(_: asyncio.StreamWriter) -> None:
    """Answer nothing."""
    await asyncio.Event().wait()


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close the connection without an answer."""
    writer.close()


async def endless(writer: asyncio.StreamWriter) -> None:
    """Answer 200 with a body that has no end."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = b"x" * 65_536
    while True:
        writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await writer.drain()
