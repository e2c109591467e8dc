"""One request at a time into each of Discord's rate limits, so that none is one too many.

discord.py 2.7 waits for a limit that is used up, but counts wrongly while several requests of one
limit are under way: the answer to one gives back what the others have taken, and two tasks that
wait for the same reset each let a whole limit through. One at a time, it counts right.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from discord.http import HTTPClient, Route

    Send = Callable[..., Coroutine[Any, Any, Any]]


def take_turns(http: HTTPClient) -> None:
    """Let each request of this client wait for the one before it in its limit.

    Answers to interactions go through no such client, and wait for nothing.
    """
    # All of discord.py's calls go through this one method, and it has no setting for another.
    http.request = _in_turns(http.request)  # type: ignore[method-assign]


def _in_turns(send: Send) -> Send:
    turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def request(route: Route, **more: Any) -> Any:  # noqa: ANN401  # as discord.py has it
        bucket = route.key, route.major_parameters
        turn = turns.get(bucket)
        if turn is None:
            turns[bucket] = turn = asyncio.Lock()
        async with turn:
            return await send(route, **more)

    return request
