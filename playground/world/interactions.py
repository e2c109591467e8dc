"""Interactions: from a person's action to the bot's answer, and how long each may take."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from playground.world.model import Json

KEPT = 20_000  # interactions remembered; the oldest go first


class InteractionKind(IntEnum):
    """Discord's interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Answer(StrEnum):
    """What the bot's first answer was, in the words of the people API."""

    MESSAGE = "message"
    DEFERRED = "deferred"
    UPDATE = "update"
    DEFERRED_UPDATE = "deferred_update"
    MODAL = "modal"
    CHOICES = "choices"
    NONE = "none"


@dataclass(slots=True)
class Interaction:
    """One use of a command, component or modal. ``data`` is the payload's own ``data``.

    ``went_on`` is set once the bot used the token after its first answer.
    """

    id: str
    token: str = field(repr=False)
    kind: InteractionKind
    user_id: str
    channel_id: str
    guild_id: str | None
    started_s: float
    data: Json
    command: str | None = None
    message_id: str | None = None
    triggered_by: "Interaction | None" = None
    answer: Answer | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    went_on: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    dead: bool = False
    original_id: str | None = None
    message_ids: set[str] = field(default_factory=set[str])
    followup_id: str | None = None
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list[Json])


class InteractionBook:
    """All interactions that can still be answered, by id and by token."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, Interaction] = OrderedDict()
        self._by_token: dict[str, Interaction] = {}

    def add(self, interaction: Interaction) -> None:
        """Remember an interaction; past ``KEPT`` the oldest is forgotten."""
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        while len(self._by_id) > KEPT:
            _, oldest = self._by_id.popitem(last=False)
            del self._by_token[oldest.token]

    def by_id(self, interaction_id: str) -> Interaction | None:
        """Find by id."""
        return self._by_id.get(interaction_id)

    def by_token(self, token: str) -> Interaction | None:
        """Find by token."""
        return self._by_token.get(token)
