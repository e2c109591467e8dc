"""Logging: one line per event on standard error, secrets never."""

from __future__ import annotations

import logging

import discord

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


def set_up_logging(level: str) -> None:
    """Log our own packages at ``level``, the libraries at WARNING.

    discord.py logs whole requests and gateway payloads at DEBUG, tokens and prompts included,
    so no setting of ours turns that on.
    """
    logging.basicConfig(level=logging.WARNING, format=FORMAT)
    # discord.py warns at each start that no voice library is installed; this bot never speaks.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    for ours in ("bot", "cogs", "storage", "providers", "media"):
        logging.getLogger(ours).setLevel(level)
