"""What members typed, shown by Discord as it was typed: no format, no link, no mention."""

from __future__ import annotations

import re

import discord

# Everything that begins or ends a format inside a line. "[", "]" and "<" also make links behind
# other words, timestamps, mentions and command links; "/" makes addresses, which Discord would
# link and unfurl, with or without "https:".
_INSIDE = re.compile(r"[\\*_~|`\[\]<>/]")
# What makes a heading, small print, a list or a quote of a line.
_AT_START = re.compile(r"^(?:[#>+-]|\d+(?=\.))")


def shown_plainly(text: str) -> str:
    """One line of typed text with its markup escaped; at most twice as long.

    The backslashes are seen by Discord alone. Those who are named are not notified either: that
    is closed where messages are sent.
    """
    escaped = _INSIDE.sub(lambda match: "\\" + match[0], " ".join(text.split()))
    escaped = _AT_START.sub(_escaped_start, escaped)
    return discord.utils.escape_mentions(escaped)


def _escaped_start(match: re.Match[str]) -> str:
    found = match[0]
    return found + "\\" if found.isdigit() else "\\" + found
