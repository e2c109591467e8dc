"""A prompt where others read it: as it was typed, on one line, and doing nothing."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.job import Job

NAME_MAX_CHARACTERS = 100  # Discord's


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A calm sea", "A calm sea"),
        ("  A  calm\n\tsea ", "A calm sea"),
        ("\u202eA calm sea\u202c", "A calm sea"),  # right-to-left override
        ("A\u200bcalm\u200d\ufeff sea\u2066\u2069", "Acalm sea"),  # zero-width, isolates
        ("A\u00a0calm\u2003sea\u2028!", "A calm sea !"),  # other spaces, a line separator
        ("A calm\x00\x07\x1b[31m sea", "A calm[31m sea"),
        ("bell\ud800", "bell"),  # a lone surrogate
        ("cafe\u0301", "caf\u00e9"),
        ("A calm 🌊", "A calm 🌊"),
        ("\u200b\u200d\u202e\u2060", "Video #12"),
        ("", "Video #12"),
        (" \n\t", "Video #12"),
        ("@everyone <@1> `x`", "@everyone <@1> `x`"),  # names are never formatted, and ping nobody
    ],
)
def test_a_thread_is_named_by_what_can_be_seen_of_the_prompt(
    make_job: Callable[..., Job], prompt: str, name: str
) -> None:
    assert texts.thread_name(make_job(prompt=prompt)) == name


@given(prompt=st.text(max_size=200))
def test_no_prompt_makes_a_name_that_discord_or_a_reader_chokes_on(
    make_job: Callable[..., Job], prompt: str
) -> None:
    name = texts.thread_name(make_job(prompt=prompt))
    assert 1 <= len(name) <= NAME_MAX_CHARACTERS
    assert name == name.strip()
    assert not [char for char in name if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"}]


@pytest.mark.parametrize("character", ["a", "ü", "🌊", "\u0301"])
def test_a_prompt_of_5000_characters_is_cut(make_job: Callable[..., Job], character: str) -> None:
    name = texts.thread_name(make_job(prompt=character * 5000))
    assert len(name) == texts.THREAD_NAME_MAX_CHARACTERS
    assert name.endswith("…")


@pytest.mark.parametrize(
    "prompt",
    [
        "@everyone",
        "@here look",
        "<@123456789012345678>",
        "<@!12345678901234567>",
        "<@&1234567890123456789>",
    ],
)
def test_a_quoted_prompt_mentions_nobody(prompt: str) -> None:
    quoted = texts.quoted_prompt(prompt)
    assert prompt not in quoted
    assert "@everyone" not in quoted
    assert "<@1" not in quoted
    assert "<@&" not in quoted


@pytest.mark.parametrize(
    ("prompt", "quoted"),
    [
        ("**loud** _soft_ ~~no~~", r"> \*\*loud\*\* \_soft\_ \~\~no\~\~"),
        ("`code` ```block```", r"> \`code\` \`\`\`block\`\`\`"),
        ("a\n# big\n> quote\n- list", r"> a # big \> quote - list"),
        ("||spoiler||", r"> \|\|spoiler\|\|"),
        ("  ", "> (no words, only the image)"),
    ],
)
def test_a_quoted_prompt_formats_nothing(prompt: str, quoted: str) -> None:
    assert texts.quoted_prompt(prompt) == quoted


@pytest.mark.parametrize(
    "prompt", ["# big", "## big", "### big", "- item", "* item", "> deep", "-# small"]
)
def test_a_prompt_at_the_start_of_its_quote_is_no_heading_list_or_quote(prompt: str) -> None:
    shown = texts.quoted_prompt(prompt).removeprefix("> ")
    assert shown.startswith("\\"), shown


HOSTILE = [
    "[a](https://b.c) [Free](https://evil.example)",
    "[[a](https://b.c)](https://evil.example)",
    "[a]\n(https://evil.example)",
    "[a](<https://evil.example>)",
    "[a](discord://-/channels/@me)",
    "<https://evil.example>",
    "https://evil.example/track.png?who=you_and_me",
    "http://evil.example",
    "steam://run/1",
    "discord.gg/evil",
    "@everyone <@&1234567890123456789>",
    "# big",
    "## big",
    "-# small",
    "- item",
    "+ item",
    "1. item",
    "> deep",
    ">>> deeper",
    "||spoiler||",
    "<t:1:R>",
    "</create:123456789012345678>",
    "<#123456789012345678>",
    "<:smile:123456789012345678>",
    "<id:customize>",
    "\\[a](https://evil.example)",
    "\\\\[a](https://evil.example)",
    "\\`[a](https://evil.example)`",
]
# What begins a format, a link or a mention in Discord's clients and its unfurler.
LIVE = re.compile(r"[*_~|`\[\]<>]|\w/\w|://|^(#{1,3}|-#|[-+]|\d+\.) |@(everyone|here)")


def seen(escaped: str) -> str:
    """What Discord shows of an escaped text."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", escaped).replace("@\u200b", "@")


@pytest.mark.parametrize("prompt", HOSTILE)
def test_a_hostile_prompt_is_shown_as_it_was_typed_and_does_nothing(prompt: str) -> None:
    quoted = texts.quoted_prompt(prompt).removeprefix("> ")
    assert seen(quoted) == " ".join(prompt.split())
    without_escaped = re.sub(r"\\[^0-9A-Za-z\s]", "\u2007", quoted)
    assert not LIVE.search(without_escaped), quoted


@given(st.text(alphabet="\\[]()<>*_`~|#-+>1./:@ah\n", max_size=60))
def test_any_mixture_of_markup_is_shown_as_it_was_typed_and_does_nothing(prompt: str) -> None:
    quoted = texts.quoted_prompt(prompt).removeprefix("> ")
    assert len(quoted) <= max(2 * len(prompt), len("(no words, only the image)"))
    if prompt.split():
        assert seen(quoted) == " ".join(prompt.split())
        assert not LIVE.search(re.sub(r"\\[^0-9A-Za-z\s]", "\u2007", quoted)), quoted


@given(st.text(max_size=700))
def test_a_quoted_prompt_is_one_line(prompt: str) -> None:
    assert len(texts.quoted_prompt(prompt).splitlines()) == 1


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a boat on a lake", "a boat on…"),
        ("aboatonalake", "aboatonal…"),
        ("a boat, a " + "\U0001f468\u200d\U0001f469", "a boat, a…"),
        ("boats, e" + "\u0301" * 9, "boats,…"),
        ("\u0301" * 20, "\u0301" * 9 + "…"),
    ],
)
def test_a_prompt_is_cut_between_words_and_never_inside_a_sign(
    make_job: Callable[..., Job], typed: str, shown: str
) -> None:
    assert texts.short_prompt(make_job(prompt=typed), 10) == shown
