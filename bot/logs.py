"""Logging: one line per event on standard error, secrets never."""

from __future__ import annotations

import logging
import re

import discord

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
# The path of an interaction or a webhook: whoever knows its token may speak for the bot.
_TOKEN = re.compile(r"(/(?:interactions|webhooks)/\d+/)[^/\s\"'?)]+")


class RedactingFormatter(logging.Formatter):
    """Takes tokens out of the finished text: message, traceback and all."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, without the tokens of interactions."""
        return _TOKEN.sub(r"\1<token>", super().format(record))


def set_up_logging(level: str) -> None:
    """Log our own packages at ``level``, the libraries at WARNING.

    discord.py logs whole requests and gateway payloads at DEBUG, tokens and prompts included,
    so no setting of ours turns that on.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # discord.py warns at each start that no voice library is installed; this bot never speaks.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    for ours in ("bot", "cogs", "storage", "providers", "media"):
        logging.getLogger(ours).setLevel(level)
