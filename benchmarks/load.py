"""People who use ``/video create`` at a given rate, and when the bot first answered each of them.

They act inside the playground's process, so that both ends of a time are read from one clock, and
no HTTP of a person's stands between.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING, Any

from benchmarks.programs import CLOCK, until
from playground.world.events import InteractionStarted
from playground.world.interactions import Interaction, InteractionKind
from playground.world.seed import (
    ALICE,
    BACK_ROOM,
    BOB,
    CHEN,
    DARKROOM,
    GENERAL,
    LOBBY,
    MARA,
    VIDEO_LAB,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playground.rest.dispatcher import RestRecord
    from playground.server import Playground

CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
SEED = 1
FIRST_EDIT = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
ANSWER_WITHIN_S = 3.0  # Discord's; later than this is lost
ALL_ANSWERED_WITHIN_S = 60.0
TOO_MANY = 429

# Who is where, and the channels that they write in.
_MEMBERS = {DARKROOM: (ALICE, BOB, CHEN, MARA), BACK_ROOM: (BOB, MARA)}
_CHANNELS = ((DARKROOM, GENERAL), (DARKROOM, VIDEO_LAB), (BACK_ROOM, LOBBY))


@dataclass(slots=True)
class Answers:
    """Notes each first answer; the playground's observer.

    Attributes:
        ack_s: Seconds from just before an interaction was encoded to its answer's arrival.
        refused: Answers that the playground refused, because they came late or twice.
        filled: Answers that were turned into the job's status.
        other_requests: Everything that the bot asked of the playground beside answering.
        limited: How often it asked for more than a rate limit allows.
    """

    sent_s: dict[str, float] = field(default_factory=dict[str, float])
    ack_s: dict[str, float] = field(default_factory=dict[str, float])
    refused: int = 0
    filled: int = 0
    other_requests: int = 0
    limited: int = 0

    def __call__(self, record: RestRecord) -> None:
        """Take one request of the bot."""
        self.limited += record.status == TOO_MANY
        if record.route != CALLBACK:
            self.other_requests += 1
            self.filled += record.route == FIRST_EDIT
            return
        interaction_id = record.path_params["interaction_id"]
        if record.status not in {200, 204} or interaction_id not in self.sent_s:
            self.refused += 1
            return
        self.ack_s[interaction_id] = record.arrived_s - self.sent_s[interaction_id]

    def clear(self) -> None:
        """Begin a new round."""
        self.sent_s.clear()
        self.ack_s.clear()
        self.refused = self.filled = self.other_requests = 0


class Crowd:
    """Everybody uses the command everywhere, in turn."""

    def __init__(self, playground: Playground, answers: Answers) -> None:
        self._world = playground.world
        self._answers = answers
        self._places = _places(_CHANNELS)

    async def ask(self, count: int, *, per_s: float, prompt: str, size: str = "1280x720") -> None:
        """Ask ``count`` times with Poisson arrivals, then wait until each was answered.

        Raises:
            BenchmarkError: Not all were.
        """
        arrivals = random.Random(SEED)  # noqa: S311  # the same arrivals in each round
        due_s = self._world.clock.steady_s()
        for _ in range(count):
            due_s += arrivals.expovariate(per_s)
            late_s = self._world.clock.steady_s() - due_s
            if late_s < 0:
                await CLOCK.sleep(-late_s)
            self.ask_once(prompt, size)

        async def all_answered() -> bool:
            answers = self._answers
            return len(answers.ack_s) + answers.refused >= len(answers.sent_s)

        await until(all_answered, within_s=ALL_ANSWERED_WITHIN_S, what="all are answered")

    def move_into_threads(self) -> int:
        """Ask in the threads that there are from now on; how many those are."""
        threads = [
            (channel.guild_id, channel.id)
            for channel in self._world.channels.values()
            if channel.is_thread and channel.guild_id is not None
        ]
        self._places = _places(threads)
        return len(threads)

    def ask_once(self, prompt: str, size: str) -> None:
        """One person uses the command, now."""
        user_id, guild_id, channel_id = next(self._places)
        world = self._world
        interaction = Interaction(
            id=world.ids.next(),
            token=secrets.token_urlsafe(48),
            kind=InteractionKind.COMMAND,
            user_id=user_id,
            channel_id=channel_id,
            guild_id=guild_id,
            started_s=world.clock.now_s(),
            data=_command(prompt, size),
            command="video create",
        )
        world.interactions.add(interaction)
        self._answers.sent_s[interaction.id] = world.clock.steady_s()
        world.publish(InteractionStarted(interaction))


def _places(channels: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Member, server and channel of each use, for ever."""
    return cycle(
        (user_id, guild_id, channel_id)
        for guild_id, channel_id in channels
        for user_id in _MEMBERS[guild_id]
    )


def _command(prompt: str, size: str) -> dict[str, Any]:
    options = [
        {"name": "prompt", "type": 3, "value": prompt},
        {"name": "size", "type": 3, "value": size},
    ]
    create = {"name": "create", "type": 1, "options": options}
    return {"id": "1500000000000000000", "name": "video", "type": 1, "options": [create]}
