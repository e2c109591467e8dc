"""Server-sent events: what happens, as one person sees it happen."""

import asyncio
from collections.abc import Callable

import orjson
from aiohttp import web

from playground.people.views import (
    bot_view,
    channel_view,
    message_view,
    sees,
    sees_message,
)
from playground.world.events import (
    BotPresence,
    ChannelChanged,
    Event,
    InteractionAnswered,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    ReactionChanged,
    ThreadCreated,
    TypingStarted,
)
from playground.world.interactions import Answer, Interaction
from playground.world.model import Channel, Json, Message
from playground.world.world import World

KEEP_ALIVE_S = 15.0
WAITING_LIMIT = 2_000  # events a slow reader may be behind; then its stream ends and it reconnects
MAX_STREAMS = 200


class Streams:
    """All open event streams."""

    def __init__(self, world: World, interaction_view: Callable[[Interaction], Json]) -> None:
        self._world = world
        self._interaction_view = interaction_view
        self._queues: dict[asyncio.Queue[bytes | None], str] = {}
        world.listen(self.on_event)

    @property
    def full(self) -> bool:
        """Whether no more streams can be opened."""
        return len(self._queues) >= MAX_STREAMS

    def close(self) -> None:
        """End all streams."""
        for queue in list(self._queues):
            self._end(queue)

    async def serve(self, request: web.Request, user_id: str) -> web.StreamResponse:
        """Stream events to one person's page until it goes."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        )
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING_LIMIT + 1)
        self._queues[queue] = user_id
        try:
            await response.prepare(request)
            await response.write(b": hello\n\n")
            while (frame := await _next(queue)) is not None:
                await response.write(frame)
        except ConnectionError:
            return response
        finally:
            self._queues.pop(queue, None)
        return response

    def on_event(self, event: Event) -> None:
        """Tell every stream whose person sees what happened."""
        for queue, user_id in list(self._queues.items()):
            told = self._told(event, user_id)
            if told is not None:
                self._put(queue, *told)

    def tell_all(self, name: str, body: Json) -> None:
        """Tell every stream, whoever reads it."""
        for queue in list(self._queues):
            self._put(queue, name, body)

    def _put(self, queue: "asyncio.Queue[bytes | None]", name: str, body: Json) -> None:
        if queue.qsize() >= WAITING_LIMIT:
            self._end(queue)
        else:
            queue.put_nowait(b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(body)))

    def _end(self, queue: "asyncio.Queue[bytes | None]") -> None:
        self._queues.pop(queue, None)
        queue.put_nowait(None)  # the end of the stream

    def _told(  # noqa: PLR0911  # one flat case an event
        self, event: Event, user_id: str
    ) -> tuple[str, Json] | None:
        match event:
            case MessageCreated(message) | MessageEdited(message) | ReactionChanged(message):
                return self._message("message", message, user_id)
            case MessageDeleted(message):
                return self._message("message_delete", message, user_id)
            case ChannelChanged(channel) | ThreadCreated(channel):
                return self._channel(channel, user_id)
            case InteractionAnswered(interaction):
                return self._interaction(interaction, user_id)
            case TypingStarted(channel, typist):
                if not sees(self._world, user_id, channel):
                    return None
                name = self._world.users[typist].name
                return "typing", {"channel_id": channel.id, "person": {"id": typist, "name": name}}
            case BotPresence():
                return "bot", bot_view(self._world)
            case _:
                return None

    def _message(self, name: str, message: Message, user_id: str) -> tuple[str, Json] | None:
        if not sees_message(self._world, user_id, message):
            return None
        return name, message_view(self._world, message)

    def _channel(self, channel: Channel, user_id: str) -> tuple[str, Json] | None:
        if not sees(self._world, user_id, channel):
            return None
        return "channel", channel_view(self._world, channel)

    def _interaction(self, interaction: Interaction, user_id: str) -> tuple[str, Json] | None:
        if interaction.user_id != user_id or interaction.answer is Answer.CHOICES:
            return None
        return "interaction", self._interaction_view(interaction)


async def _next(queue: "asyncio.Queue[bytes | None]") -> bytes | None:
    try:
        async with asyncio.timeout(KEEP_ALIVE_S):
            return await queue.get()
    except TimeoutError:
        return b": still here\n\n"
