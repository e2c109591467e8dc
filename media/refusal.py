"""Why the decoding child does not take a file."""

from __future__ import annotations

ANOTHER_PICTURE = "Attach another picture."
STILL_PICTURE = "Attach a still PNG, JPEG or WebP picture."


class FileRefusedError(Exception):
    """The file cannot be used.

    Attributes:
        reason: For an image in a member's words, as the end of "The image ... ".
        next_step: What the member can do.
    """

    def __init__(self, reason: str, next_step: str = ANOTHER_PICTURE) -> None:
        self.reason, self.next_step = reason, next_step
        super().__init__(reason)
