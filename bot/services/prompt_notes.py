"""Which notes a member is told of a prompt, and that they are told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.prompt_notes import notes_on

if TYPE_CHECKING:
    from bot.domain.capability import Capability
    from bot.domain.request import VideoRequest

REMEMBERED_MAX = 10_000
"""Prompts, of all members; the oldest is forgotten first, and told of once more."""


class PromptNotes:
    """Remembers in memory alone: after a restart somebody is told once more, which costs nothing.

    Not the words are remembered but a number made of them, which leads back to nobody.
    """

    def __init__(self) -> None:
        self._told: dict[int, None] = {}

    def on(
        self,
        request: VideoRequest,
        row: Capability,
        *,
        user_id: int,
        before: VideoRequest | None = None,
    ) -> tuple[str, ...]:
        """What a member should know of their prompt, and was not told yet.

        Args:
            request: What they ask for.
            row: Of the model.
            user_id: The member.
            before: What it is made of: with its words and its model there is nothing new to know.
        """
        is_same = before is not None and (
            (before.prompt, before.model) == (request.prompt, request.model)
        )
        if is_same or _number(request, user_id) in self._told:
            return ()
        return notes_on(request.prompt, row)

    def told(self, request: VideoRequest, *, user_id: int) -> None:
        """The member was told all that there is to know of this prompt."""
        self._told[_number(request, user_id)] = None
        if len(self._told) > REMEMBERED_MAX:
            del self._told[next(iter(self._told))]


def _number(request: VideoRequest, user_id: int) -> int:
    return hash((user_id, request.model, request.prompt))
