"""A host of attachments on loopback, as Discord's CDN is to the bot."""

from __future__ import annotations

import io
from itertools import count
from typing import Protocol, Self

from aiohttp import web
from PIL import Image

from bot.services.intake import Attachment


class Attach(Protocol):
    """See `AttachmentHost.attach`."""

    def __call__(
        self,
        option: str,
        content: bytes | None = None,
        *,
        status: int = 200,
        claimed_bytes: int | None = None,
    ) -> Attachment: ...


def picture(colour: str = "teal", kind: str = "PNG", size: tuple[int, int] = (640, 360)) -> bytes:
    """A small valid picture."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


class AttachmentHost:
    """Serves what was attached until the block ends."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[int, bytes]] = {}
        self._names = count(1)
        self._runner: web.AppRunner | None = None
        self._url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([web.get("/{name}", self._serve)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def attach(
        self,
        option: str,
        content: bytes | None = None,
        *,
        status: int = 200,
        claimed_bytes: int | None = None,
    ) -> Attachment:
        """Attach a file, a picture if left out, that is answered with this status."""
        content = picture() if content is None else content
        name = f"{next(self._names)}.png"
        self._files[name] = (status, content)
        size_bytes = len(content) if claimed_bytes is None else claimed_bytes
        return Attachment(option=option, url=f"{self._url}/{name}", size_bytes=size_bytes)

    async def _serve(self, request: web.Request) -> web.Response:
        status, content = self._files[request.match_info["name"]]
        return web.Response(status=status, body=content)
