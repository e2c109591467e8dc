"""Answers as the service and its gateway give them, and the ways in which the faults spoil them."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta, timezone
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aiohttp import web

from emulator.errors import KNOWN, RESET_S, ApiError, ResellerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.clock import Clock
    from emulator.faults import Fault

_SLOW_S = 2.0  # where the fault names no time
_SLOW_STEPS = 20
_VENDOR_ZONE = timezone(timedelta(hours=8))  # a guess: its messages name times without a zone
_HELD_LIMIT_S = 3600.0  # a held answer is let go after this, should nobody release it


class Held:
    """Answers that are kept back until they are released."""

    def __init__(self) -> None:
        self._gate = asyncio.Event()
        self._count = 0

    @property
    def count(self) -> int:
        """How many are being kept back now."""
        return self._count

    def release(self) -> int:
        """Let all go, and say how many there were."""
        self._gate.set()
        self._gate = asyncio.Event()
        return self._count

    async def wait(self) -> None:
        """Keep one answer back."""
        self._count += 1
        try:
            async with asyncio.timeout(_HELD_LIMIT_S):
                await self._gate.wait()
        except TimeoutError:
            pass
        finally:
            self._count -= 1


def envelope(error: ApiError) -> web.Response:
    """A refusal by the service itself."""
    return web.json_response(error.body(), status=error.status)


def gateway_error(path: str, now_s: float, status: int = 404) -> web.Response:
    """The gateway's refusal: ``error`` is a string, and the path begins after ``/api/paas``."""
    stamp = datetime.fromtimestamp(now_s, UTC).isoformat(timespec="milliseconds")
    shown = path.partition("/api/paas")[2] or path
    return web.json_response(
        {"timestamp": stamp, "status": status, "error": _phrase(status), "path": shown},
        status=status,
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def html(status: int) -> web.Response:
    """The page a reverse proxy makes up."""
    phrase = _phrase(status)
    text = (
        f"<html>\r\n<head><title>{status} {phrase}</title></head>\r\n<body>\r\n"
        f"<center><h1>{status} {phrase}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return web.Response(text=text, status=status, content_type="text/html")


async def instead(fault: Fault, request: web.Request, *, held: Held, clock: Clock) -> web.Response:
    """The answer of a fault that strikes before the request takes effect."""
    words = fault.arguments
    match fault.kind:
        case "error" | "error302" | "flat":
            return _coded(fault, clock.now_s())
        case "string_error":
            return gateway_error(request.path, clock.now_s(), int(words[0]) if words else 404)
        case "html":
            return html(int(words[0]) if words else 502)
        case "code500":
            return web.json_response({"code": 500, "msg": "Internal error", "success": False})
        case _:  # hang_before: a released caller learns that nothing has happened
            await held.wait()
            return html(504)


def _coded(fault: Fault, now_s: float) -> web.Response:
    """A refusal with a code, in the envelope that the order names."""
    words = fault.arguments
    if fault.kind == "error302":
        code, *status = words
        return envelope(ResellerError(code, status=int(status[0]) if status else None))
    error = _ordered(words, now_s)
    if fault.kind == "error":
        return envelope(error)
    # As one of Z.AI's own schemas has it: no wrapper, and the code a number.
    body = {"code": int(error.code), "message": error.message}
    return web.json_response(body, status=error.status)


def _ordered(words: tuple[str, ...], now_s: float) -> ApiError:
    """The error that an order names: HTTP status, code, and seconds until a plan's reset."""
    status, code = int(words[0]), words[1] if len(words) > 1 else "500"
    error = ApiError(code, status=status)
    if code not in RESET_S:
        return error
    wait_s = float(words[2]) if len(words) > 2 else RESET_S[code]  # noqa: PLR2004  # the third word
    reset = datetime.fromtimestamp(now_s + wait_s, _VENDOR_ZONE).strftime("%Y-%m-%d %H:%M:%S")
    return ApiError(code, KNOWN[code][1].format(reset=reset), status=status)


async def spoiled(
    fault: Fault | None,
    request: web.Request,
    payload: Mapping[str, Any],
    *,
    held: Held,
    clock: Clock,
) -> web.StreamResponse:
    """The answer ``payload``, or what a fault makes of it after the request has taken effect."""
    body = json.dumps(payload).encode()
    match fault.kind if fault else "":
        case "hang_after":
            await held.wait()
        case "lost_answer":
            return cut(request)
        case "malformed":
            body = body[: len(body) // 2]
        case "empty":
            body = b""
        case "slow":
            return await dribble(request, body, pause_s(fault), clock)
        case _:
            pass
    return web.Response(body=body, content_type="application/json")


def cut(request: web.Request) -> web.Response:
    """Close the connection in the caller's face."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def pause_s(fault: Fault | None) -> float:
    """How long a slow answer takes."""
    return float(fault.arguments[0]) if fault and fault.arguments else _SLOW_S


async def dribble(
    request: web.Request,
    body: bytes,
    seconds: float,
    clock: Clock,
    content_type: str = "application/json",
) -> web.StreamResponse:
    """Send a body in small pieces over some seconds."""
    response = web.StreamResponse(
        headers={"Content-Length": str(len(body)), "Content-Type": content_type}
    )
    await response.prepare(request)
    step = max(1, -(-len(body) // _SLOW_STEPS))
    for start in range(0, len(body), step):
        await clock.pause(seconds / _SLOW_STEPS)
        await response.write(body[start : start + step])
    await response.write_eof()
    return response
