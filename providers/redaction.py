"""Foreign text made fit for our log: one line, short, plain ASCII, without secrets."""

from __future__ import annotations

import re

SAMPLE_CHARACTERS = 200  # enough to recognise an answer, short enough for one log line
_READ_CHARACTERS = 4_000  # so that a large body costs no time

_SECRETS = (
    (re.compile(r"(?i)\bbearer\s+[^\s\"',]+"), "Bearer ***"),
    (re.compile(r"\b[0-9a-fA-F]{32}\.[0-9A-Za-z]{8,}"), "***"),  # this API family's keys
    (re.compile(r"\bsk-[0-9A-Za-z_-]{8,}"), "***"),  # resellers' keys
    (re.compile(r"\beyJ[0-9A-Za-z_-]{8,}(\.[0-9A-Za-z_-]*){0,2}"), "***"),  # a JWT
    (re.compile(r"data:[\w/+.-]{0,60};base64,[0-9A-Za-z+/=]*"), "data:***"),
    (re.compile(r"(https?://[^\s\"'?<>]*)\?[^\s\"'<>]*"), r"\1?***"),  # signatures of file links
)


def without_secrets(text: str) -> str:
    """The text, with what looks like a secret taken out. Never raises."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def sample(text: str) -> str:
    """A recognisable piece of foreign text. Never raises."""
    text = without_secrets(text[:_READ_CHARACTERS])
    text = " ".join(text.split()).encode("ascii", "backslashreplace").decode("ascii")
    text = "".join(character if character.isprintable() else "." for character in text)
    return text if len(text) <= SAMPLE_CHARACTERS else text[: SAMPLE_CHARACTERS - 3] + "..."
