"""Logging: one event per line on standard error, for people or for machines; secrets never.

Modules log through `logging` as any other; structlog sees to what a line looks like, and to whom it
belongs: what `structlog.contextvars` holds (a job, a server, an interaction) is on every line.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import TYPE_CHECKING, Literal

import discord
import structlog

from providers.redaction import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from structlog.typing import EventDict, Processor, WrappedLogger

LogFormat = Literal["auto", "text", "json"]

# The path of an interaction or a webhook: whoever knows its token may speak for the bot.
_TOKEN = re.compile(r"(/(?:interactions|webhooks)/\d+/)[^/\s\"'?)]+")
_SHORTEST_SECRET = 8  # shorter ones would be any word


class Redactor:
    """Takes secrets out of everything that a line holds: message, context and traceback.

    It stands after the traceback was made text, and before the line is.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        """Hold what must never be shown.

        Args:
            secrets: The operator's own, as they are; besides, what looks like one is taken out.
        """
        parts = {part for secret in secrets for part in (secret, secret.rpartition(".")[2])}
        long_first = sorted(filter(_is_long, parts), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, long_first))) if long_first else None

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """The event with plain values only, and without secrets."""
        return {key: self._value(value) for key, value in event.items()}

    def _value(self, value: object) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        text = value if isinstance(value, str) else repr(value)
        if self._known is not None:
            text = self._known.sub("***", text)
        return without_secrets(_TOKEN.sub(r"\1<token>", text))


def formatter(
    *, as_json: bool, colors: bool = False, secrets: Iterable[str] = ()
) -> logging.Formatter:
    """What makes a line of a record, ours or a library's."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_json)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            Redactor(secrets),
            renderer,
        ],
    )


def set_up_logging(level: str, *, log_format: LogFormat, secrets: Iterable[str]) -> None:
    """Log our own packages at ``level``, the libraries at WARNING.

    discord.py logs whole requests and gateway payloads at DEBUG, tokens and prompts included,
    so no setting of ours turns that on.

    Args:
        level: A name of `logging`'s.
        log_format: ``auto`` is text on a terminal and JSON otherwise.
        secrets: What must be in no line, whatever it looks like.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(
        formatter(
            as_json=log_format == "json" or (log_format == "auto" and not _is_terminal(sys.stderr)),
            colors=_is_terminal(sys.stderr),
            secrets=secrets,
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.captureWarnings(capture=True)
    # discord.py warns at each start that no voice library is installed; this bot never speaks.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    for ours in ("bot", "cogs", "storage", "providers", "media"):
        logging.getLogger(ours).setLevel(level)


def _is_long(secret: str) -> bool:
    return len(secret) >= _SHORTEST_SECRET


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _json(event: EventDict, **_more: object) -> str:
    return json.dumps(event, ensure_ascii=False)
