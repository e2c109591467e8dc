"""The bot's own web server: it gives out clips to whoever has a signed link, and nothing else.

It is meant to stand behind a web server that speaks TLS, and bounds itself all the same.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from bot.domain.clip_links import PATH, LinkVerdict
from bot.domain.errors import StartupError, StorageError
from bot.door import CONNECTIONS_MAX, KEEP_ALIVE_S, REQUEST_WITHIN_S, listening
from storage import artifacts, job_queries

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from aiohttp.abc import AbstractStreamWriter

    from bot.clock import Clock
    from bot.domain.clip_links import LinkSigner
    from storage.database import Database

DOWNLOAD_MAX_S = 3600.0  # 100 MiB at 233 kbit/s
HEADERS = {
    "Server": "cogreel",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; media-src 'self'",
}
EXPIRED = "This link has expired. Ask in Discord for the video to be made again."
GONE = "This video is no longer here."
NOT_FOUND = "There is no such video."
NOT_NOW = "This video cannot be read just now. Try again in a minute."


class _Download(web.FileResponse):
    """A file, whole or the range that was asked for; for an hour at most."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        try:
            async with asyncio.timeout(DOWNLOAD_MAX_S):
                return await super().prepare(request)
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("the download took too long") from None


class LinkServer:
    """Answers links. Reads the database, and the files of the jobs that links are signed for."""

    def __init__(
        self, *, database: Database, signer: LinkSigner, clock: Clock, files_dir: Path
    ) -> None:
        self._database = database
        self._signer = signer
        self._clock = clock
        self._files_dir = files_dir

    @asynccontextmanager
    async def serving(
        self,
        address: str,
        port: int,
        *,
        connections_max: int = CONNECTIONS_MAX,
        request_within_s: float = REQUEST_WITHIN_S,
        keep_alive_s: float = KEEP_ALIVE_S,
    ) -> AsyncGenerator[int]:
        """Answer until the block ends; the port, which is a free one where 0 was given.

        Raises:
            StartupError: The address cannot be used.
        """
        app = web.Application()
        app.router.add_get(PATH + "/{job_id}/{expires}/{signature}.mp4", self._serve)
        app.on_response_prepare.append(_add_headers)
        async with AsyncExitStack() as stack:
            try:
                # A link is as good as the clip: no request is written down.
                _, chosen = await stack.enter_async_context(
                    listening(
                        app,
                        address,
                        port,
                        connections_max=connections_max,
                        request_within_s=request_within_s,
                        keep_alive_s=keep_alive_s,
                    )
                )
            except OSError as exc:
                raise StartupError(
                    f"COGREEL_LINK_ADDRESS and COGREEL_LINK_PORT: {address}, port {port} cannot be "
                    f"listened on: {exc.strerror}."
                ) from exc
            yield chosen

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        parts, now = request.match_info, self._clock.now()
        verdict = self._signer.verdict(
            job_id=parts["job_id"],
            expires=parts["expires"],
            signature=parts["signature"],
            now=now,
        )
        if verdict is LinkVerdict.NOT_OURS:
            return web.Response(status=HTTPStatus.NOT_FOUND, text=NOT_FOUND)
        if verdict is LinkVerdict.EXPIRED:
            return web.Response(status=HTTPStatus.GONE, text=EXPIRED)
        job_id = int(parts["job_id"])
        try:
            job = await self._database.read(lambda db: job_queries.get_job(db, job_id))
        except StorageError:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text=NOT_NOW)
        if (
            job is None
            or job.clip is None
            or job.taken_down_at is not None
            or job.erased_at is not None
        ):
            return web.Response(status=HTTPStatus.GONE, text=GONE)
        path = self._files_dir / artifacts.clip_file_name(job.clip.artifact_id)
        if not await asyncio.to_thread(path.is_file):
            return web.Response(status=HTTPStatus.GONE, text=GONE)
        left_s = int(parts["expires"]) - int(now.timestamp())
        return _Download(
            path,
            headers={
                "Content-Type": "video/mp4",
                "Content-Disposition": f'inline; filename="cogreel-{job_id}.mp4"',
                "Cache-Control": f"private, max-age={min(left_s, 3600)}, no-transform",
            },
        )


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
