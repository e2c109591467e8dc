"""The option of a command by which its member says how they are told that the video is done."""

from __future__ import annotations

from typing import Literal

from bot.domain.job import TellBy
from bot.domain.language import N_

Notify = Literal["mention", "direct message"]
NOTIFY_FILM = N_("How you are told when the film is done, or when none comes.")
NOTIFY = N_("How you are told when it is done; a button in its status does so too.")


def tell_by(notify: Notify | None) -> TellBy | None:
    """What they chose; None where they left it out."""
    return None if notify is None else TellBy(notify)
