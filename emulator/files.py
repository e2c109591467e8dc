"""Result files behind signed links that expire, as an object store serves them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from aiohttp import web

from emulator.answers import Held, cut, dribble, html, instead, pause_s
from emulator.stored_file import StoredFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.clock import Clock
    from emulator.faults import Fault
    from emulator.knobs import Knobs
    from emulator.tasks import Task, TaskBook

_VIDEO, _COVER = "_0.mp4", "_cover_0.jpeg"
_TYPES = {_VIDEO: "video/mp4", _COVER: "image/jpeg"}
_PIECE = 64 * 1024
_ENDLESS_BYTES = 8 * 1024**3  # where even an endless file ends
_NOT_A_VIDEO = b"<html><body>This is not the file you are looking for.</body></html>"


class ResultFiles:
    """Makes the links and serves what is behind them."""

    def __init__(
        self, *, base: Callable[[], str], tasks: TaskBook, clock: Clock, knobs: Knobs, held: Held
    ) -> None:
        self._base = base
        self._tasks = tasks
        self._clock = clock
        self._knobs = knobs
        self._held = held
        self._secret = secrets.token_bytes(32)

    def links(self, task: Task) -> dict[str, str]:
        """One item of ``video_result``; the first call starts the links' life."""
        if task.expires_at is None or self._knobs.renew_links:
            task.expires_at = int(self._clock.now_s() + self._knobs.link_lifetime_s)
        return {
            "url": self._link(task.file_id + _VIDEO, task.expires_at),
            "cover_image_url": self._link(task.file_id + _COVER, task.expires_at),
        }

    def _is_valid(self, name: str, expires: str, signature: str) -> bool:
        """Whether a link is one of ours and still alive."""
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):  # noqa: PLR2004  # year 33658
            return False
        expected = self._sign(name, expires)
        return hmac.compare_digest(signature.encode(errors="replace"), expected.encode()) and (
            int(expires) > self._clock.now_s()
        )

    def _link(self, name: str, expires_at: int) -> str:
        signature = self._sign(name, str(expires_at))
        return f"{self._base()}/files/{name}?Expires={expires_at}&Signature={signature}"

    def _sign(self, name: str, expires: str) -> str:
        message = f"{name}\n{expires}".encode(errors="replace")
        return hmac.digest(self._secret, message, hashlib.sha256).hex()[:40]

    async def serve(self, request: web.Request) -> web.StreamResponse:  # noqa: PLR0911  # one per answer
        """``GET /files/{name}``: 401 for a dead or foreign link, 404 for a dropped file."""
        name = request.match_info["name"]
        if not self._is_valid(
            name, request.query.get("Expires", ""), request.query.get("Signature", "")
        ):
            return web.Response(status=401, text="link expired or signature invalid")
        suffix = _VIDEO if name.endswith(_VIDEO) else _COVER
        task = self._tasks.find_by_file(name.removesuffix(suffix))
        if task is None:
            return html(404)
        if suffix == _VIDEO and self._knobs.result_file is not None:
            return web.FileResponse(
                self._knobs.result_file, headers={"Content-Type": _TYPES[suffix]}
            )
        path = task.render.video if suffix == _VIDEO else task.render.cover
        try:
            stored = await asyncio.to_thread(StoredFile.read, path, _TYPES[suffix])
        except FileNotFoundError:
            return html(404)
        fault = self._knobs.faults.take_before("file", task.gateway)
        if fault is not None:
            return await instead(fault, request, held=self._held, clock=self._clock)
        fault = self._knobs.faults.take_after("file", task.gateway)
        if fault is not None and fault.kind != "nothing":
            return await self._spoil(fault, request, stored)
        status, headers, body = self._answer(request, stored)
        return web.Response(status=status, headers=headers, body=body)

    def _answer(
        self, request: web.Request, stored: StoredFile
    ) -> tuple[int, dict[str, str], bytes]:
        return stored.answer(request, answers_ranges=self._knobs.file_ranges == "answer")

    async def _spoil(
        self, fault: Fault, request: web.Request, stored: StoredFile
    ) -> web.StreamResponse:
        content, content_type = stored.content, stored.content_type
        match fault.kind:
            case "lost_answer":
                return cut(request)
            case "not_mp4":
                return web.Response(body=_NOT_A_VIDEO, content_type=content_type)
            case "empty":
                return web.Response(body=b"", content_type=content_type)
            case "endless":
                return await self._endless(request, content, content_type)
            case "slow":
                return await dribble(request, content, pause_s(fault), self._clock, content_type)
            case _:
                return await self._begin(fault, request, *self._answer(request, stored))

    async def _endless(
        self, request: web.Request, content: bytes, content_type: str
    ) -> web.StreamResponse:
        """Send the file and then more of it, without a length, until the caller has had enough."""
        response = web.StreamResponse(headers={"Content-Type": content_type})
        await response.prepare(request)
        sent = 0
        while sent < _ENDLESS_BYTES:
            place = sent % len(content)
            await response.write(content[place : place + _PIECE])
            sent += min(_PIECE, len(content) - place)
            await self._clock.pause(0)  # others are served meanwhile
        return response

    async def _begin(
        self,
        fault: Fault,
        request: web.Request,
        status: int,
        headers: dict[str, str],
        body: bytes,
    ) -> web.StreamResponse:
        """Promise all of an answer and send its beginning; then hang up, or keep the rest back."""
        length = {"Content-Length": str(len(body))}
        response = web.StreamResponse(status=status, headers={**headers, **length})
        await response.prepare(request)
        sent_bytes = int(fault.arguments[0]) if fault.arguments else len(body) // 2
        await response.write(body[:sent_bytes])
        if fault.kind == "hang_after":
            await self._held.wait()
            await response.write(body[sent_bytes:])
        elif request.transport is not None:
            request.transport.close()  # once what was written has left
        return response
