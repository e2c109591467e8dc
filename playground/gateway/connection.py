"""One WebSocket connection to the gateway, from HELLO to its close code."""

import asyncio
import hmac
from collections import deque

from aiohttp import WSMsgType, web

from playground.form import Faults, Form, is_list, is_object
from playground.gateway.frames import BadFrameError, Encoder, decode, dump, encoder_for
from playground.gateway.hub import Hub
from playground.gateway.intents import ALL_INTENTS, Intent
from playground.gateway.members import members_chunk
from playground.gateway.session import Outbox, Session
from playground.log import Log
from playground.world.model import Json
from playground.world.world import World

HEARTBEAT_INTERVAL_MS = 41_250
_SILENCE_S = HEARTBEAT_INTERVAL_MS / 1000 * 1.5  # a client silent for longer is gone
_FRAMES_PER_MINUTE = 120
_GONE_FOR_GOOD = {1000, 1001}  # close codes of a client that end its session too

# Opcodes: https://docs.discord.com/developers/topics/opcodes-and-status-codes
HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME = 1, 2, 3, 4, 6
RECONNECT, REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 7, 8, 9, 10, 11

UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED = 4001, 4002, 4003, 4004
ALREADY_AUTHENTICATED, INVALID_SEQUENCE, RATE_LIMITED, INVALID_SHARD = 4005, 4007, 4008, 4010
INVALID_INTENTS = 4013


class CloseError(Exception):
    """The client broke a rule: close with a code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Connection:
    """Speaks the gateway protocol with one client."""

    def __init__(self, world: World, hub: Hub, log: Log) -> None:
        self._world = world
        self._hub = hub
        self._log = log
        self._outbox = Outbox()
        self._session: Session | None = None
        self._frame_times: deque[float] = deque(maxlen=_FRAMES_PER_MINUTE)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one client until it, or this side, closes."""
        socket = web.WebSocketResponse(max_msg_size=1024 * 1024, compress=False)
        await socket.prepare(request)
        encoder = encoder_for(request.query.get("compress"))
        self._reply(HELLO, {"heartbeat_interval": HEARTBEAT_INTERVAL_MS})
        writer = asyncio.create_task(self._write(socket, encoder))
        try:
            await self._read(socket)
        finally:
            self._detach(socket.close_code)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return socket

    async def _read(self, socket: web.WebSocketResponse) -> None:
        try:
            while True:
                async with asyncio.timeout(_SILENCE_S):
                    message = await socket.receive()
                if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    return
                self._take(message.data)
        except CloseError as error:
            await socket.close(code=error.code)
        except TimeoutError:
            await socket.close(code=4000)

    async def _write(self, socket: web.WebSocketResponse, encoder: Encoder) -> None:
        try:
            while not isinstance(frame := await self._outbox.frames.get(), int):
                encoded = encoder.encode(frame)
                if isinstance(encoded, str):
                    await socket.send_str(encoded)
                else:
                    await socket.send_bytes(encoded)
            await socket.close(code=frame)
        except ConnectionError:
            return  # the reader notices too and cleans up

    def _detach(self, close_code: int | None) -> None:
        session = self._session
        if session is not None and session.outbox is self._outbox:
            session.outbox = None
            session.detached_at_s = self._world.clock.steady_s()
            # A close that this side began may be resumed whatever its code.
            if close_code in _GONE_FOR_GOOD and not self._outbox.closing:
                self._hub.end(session)
        self._outbox.closing = True
        self._hub.note_presence()

    def _take(self, frame: str | bytes) -> None:
        self._count()
        try:
            op, data = decode(frame)
        except BadFrameError:
            raise CloseError(DECODE_ERROR) from None
        self._log.received(op, data)
        match op:
            case 1:
                self._reply(HEARTBEAT_ACK, None)
            case 2:
                self._identify(_object(data))
            case 6:
                self._resume(_object(data))
            case 3 | 4 | 8 if self._session is None:
                raise CloseError(NOT_AUTHENTICATED)
            case 3 | 4:
                pass  # presence and voice have no effect here
            case 8 if self._session is not None:
                self._members(self._session, _object(data))
            case _:
                raise CloseError(UNKNOWN_OPCODE)

    def _count(self) -> None:
        now = self._world.clock.steady_s()
        full = len(self._frame_times) == _FRAMES_PER_MINUTE
        if full and now - self._frame_times[0] < 60:  # noqa: PLR2004  # a minute
            raise CloseError(RATE_LIMITED)
        self._frame_times.append(now)

    def _identify(self, data: Json) -> None:
        if self._session is not None:
            raise CloseError(ALREADY_AUTHENTICATED)
        self._authenticate(data)
        intents: object = data.get("intents")
        if not isinstance(intents, int) or isinstance(intents, bool) or intents & ~ALL_INTENTS:
            raise CloseError(INVALID_INTENTS)
        self._session = self._hub.open(Intent(intents), _shard(data.get("shard")))
        self._session.outbox = self._outbox
        self._hub.greet(self._session)
        self._hub.note_presence()

    def _resume(self, data: Json) -> None:
        if self._session is not None:
            raise CloseError(ALREADY_AUTHENTICATED)
        self._authenticate(data)
        faults = Faults()
        form = Form(data, faults)
        session_id = form.text("session_id", most=100, required=True)
        sequence = form.whole("seq", required=True)
        if faults or session_id is None or sequence is None:
            raise CloseError(INVALID_SEQUENCE)
        session = self._hub.resumable(session_id)
        missed = session.missed_since(sequence) if session else None
        if session is None or missed is None:
            self._reply(INVALID_SESSION, data=False)
            return
        if session.outbox is not None:
            session.outbox.close(4000)  # the older connection has lost its session to this one
        session.outbox, session.detached_at_s = self._outbox, None
        self._session = session
        for frame in missed:
            self._outbox.put(frame)
        self._hub.send(session, "RESUMED", {})
        self._hub.note_presence()

    def _authenticate(self, data: Json) -> None:
        token: object = data.get("token")
        given = token.removeprefix("Bot ") if isinstance(token, str) else ""
        if not hmac.compare_digest(given.encode(), self._world.bot_token.encode()):
            raise CloseError(AUTHENTICATION_FAILED)

    def _members(self, session: Session, data: Json) -> None:
        chunk = members_chunk(self._world, data)
        if chunk is not None:
            self._hub.send(session, "GUILD_MEMBERS_CHUNK", chunk)

    def _reply(self, op: int, data: object) -> None:
        self._outbox.put(dump({"op": op, "d": data, "s": None, "t": None}))


def _object(data: object) -> Json:
    if not is_object(data):
        raise CloseError(DECODE_ERROR)
    return data


def _shard(value: object) -> tuple[int, int]:
    if value is None:
        return 0, 1
    match value:
        case [int(shard), int(count)] if is_list(value) and 0 <= shard < count:
            return shard, count
        case _:
            raise CloseError(INVALID_SHARD)
