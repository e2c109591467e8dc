"""A line of the log says who, when and whose, to people or to machines, and never a secret."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from structlog.contextvars import bound_contextvars

from bot.logs import formatter

TOKEN = "MTIzNDU2Nzg5MDEy.GrandM.made-up-hmac-of-a-token"
KEY = "a-key-of-no-known-shape"


def record(
    message: str, *args: object, name: str = "bot.engine", error: bool = False
) -> logging.LogRecord:
    found = sys.exc_info() if error else None
    return logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, found)


def line(made: logging.LogRecord, *, as_json: bool) -> str:
    return formatter(as_json=as_json, secrets=[TOKEN, KEY]).format(made)


def test_for_machines_a_line_is_an_object() -> None:
    with bound_contextvars(job=7, guild=42):
        read = json.loads(line(record("job %d waits", 7), as_json=True))
    assert read.pop("timestamp").endswith("Z")
    assert read == {
        "event": "job 7 waits",
        "level": "warning",
        "logger": "bot.engine",
        "job": 7,
        "guild": 42,
    }


def test_for_people_a_line_says_the_same_in_words() -> None:
    with bound_contextvars(job=7, guild=42):
        text = line(record("job %d waits", 7), as_json=False)
    for part in ("warning", "job 7 waits", "bot.engine", "job=7", "guild=42"):
        assert part in text
    assert "\x1b" not in text, "colours are for a terminal"


def refuse() -> None:
    raise RuntimeError(f"refused {TOKEN} and Bearer {KEY} of {KEY}")


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("name", ["bot.app", "discord.http", "aiohttp.client", "asyncio"])
def test_secrets_are_in_no_line_of_ours_and_of_no_library(name: str, *, as_json: bool) -> None:
    try:
        refuse()
    except RuntimeError:
        found = (TOKEN, {"key": KEY}, "made-up-hmac-of-a-token")
        made = record("%s, %r and %s", *found, name=name, error=True)
    else:
        pytest.fail("nothing was refused")
    with bound_contextvars(seen=KEY, list=[TOKEN]):
        text = line(made, as_json=as_json)
    assert "RuntimeError" in text
    assert "Traceback" in text
    for secret in (TOKEN, KEY, "made-up-hmac"):
        assert secret not in text


def test_what_only_looks_like_a_secret_goes_too() -> None:
    foreign = "0123456789abcdef0123456789abcdef.serversserversse"
    text = line(record("a server typed %s", foreign), as_json=True)
    assert json.loads(text)["event"] == "a server typed ***"


def test_a_line_break_in_foreign_text_makes_no_second_line_for_machines() -> None:
    assert "\n" not in line(record("said %s", "a\nb\r\n{}"), as_json=True)
