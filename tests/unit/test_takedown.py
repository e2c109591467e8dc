"""How a moderator names what is to be taken down."""

from __future__ import annotations

import pytest

from bot.domain.takedown import NoVideoThereError, TakedownTarget, target_of

MESSAGE = 1_310_000_000_000_000_002


@pytest.mark.parametrize("typed", ["12", "#12", " 12 "])
def test_a_small_number_is_a_videos(typed: str) -> None:
    assert target_of(typed) == TakedownTarget(job_id=12)


@pytest.mark.parametrize(
    "typed",
    [
        str(MESSAGE),
        f"https://discord.com/channels/1/2/{MESSAGE}",
        f"https://canary.discord.com/channels/1/2/{MESSAGE}/ ",
        f"https://discordapp.com/channels/1/2/{MESSAGE}",
    ],
)
def test_a_link_or_a_large_number_is_a_messages(typed: str) -> None:
    assert target_of(typed) == TakedownTarget(message_id=MESSAGE)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "the boat",
        "-12",
        "1.5",
        "9" * 19,
        "https://discord.com.evil.example/channels/1/2/3",
        "http://discord.com/channels/1/2/3",
        "https://discord.com/channels/1/2",
    ],
)
def test_anything_else_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(NoVideoThereError, match="Use the link of the message"):
        target_of(typed)
