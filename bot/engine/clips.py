"""A clip, as it is recorded, from what was found by looking into its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.job import Clip

if TYPE_CHECKING:
    from media.answers import ClipFacts


def clip_of(facts: ClipFacts, *, artifact_id: str, size_bytes: int) -> Clip:
    """What is recorded of a file that could be looked into; its digest is its id."""
    return Clip(
        artifact_id=artifact_id,
        size_bytes=size_bytes,
        width_px=facts.width_px,
        height_px=facts.height_px,
        duration_s=facts.duration_s,
        fps=facts.fps,
        has_audio=facts.has_audio,
        attachable=facts.attachable,
        picture_plays=facts.picture_plays,
    )
