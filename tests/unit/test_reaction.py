"""What a reaction does is each server's choice, in whatever form its emoji comes."""

from __future__ import annotations

import pytest

from bot.domain.reaction import (
    USUAL_EMOJI,
    EmojiNotUsableError,
    EmojiTwiceError,
    ReactionAct,
    act_of,
    chosen_emoji,
)

USUAL = dict(USUAL_EMOJI)


@pytest.mark.parametrize("emoji", ["✉️", "✉"])
def test_an_emoji_is_known_with_and_without_its_variation(emoji: str) -> None:
    assert act_of({}, emoji) is ReactionAct.SEND


def test_what_was_switched_off_does_nothing() -> None:
    chosen = chosen_emoji(USUAL | {ReactionAct.AGAIN: "", ReactionAct.CANCEL: " 👎 "})
    assert chosen == {ReactionAct.AGAIN: "", ReactionAct.CANCEL: "👎"}
    assert act_of(chosen, "🔁") is None
    assert act_of(chosen, "❌") is None
    assert act_of(chosen, "👎") is ReactionAct.CANCEL
    assert act_of(chosen, "⭐") is ReactionAct.FAVOURITE
    assert act_of(chosen, "") is None


def test_a_servers_own_emoji_is_known_by_its_id() -> None:
    chosen = chosen_emoji(USUAL | {ReactionAct.SEND: "<a:blob:123456789012345678>"})
    assert act_of(chosen, "<:renamed:123456789012345678>") is ReactionAct.SEND


@pytest.mark.parametrize("emoji", ["👍🏽", "1️⃣", "👨‍👩‍👧", "🇩🇪", "↩️", "<:blob:123456789012345678>"])
def test_emoji_are_taken(emoji: str) -> None:
    assert chosen_emoji(USUAL | {ReactionAct.AGAIN: emoji})[ReactionAct.AGAIN] == emoji


@pytest.mark.parametrize(
    "text", ["hello", "a", "#", "<:b:1>", "<@123456789012345678>", "⭐star", "`"]
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(EmojiNotUsableError):
        chosen_emoji(USUAL | {ReactionAct.AGAIN: text})


def test_one_emoji_does_one_thing() -> None:
    with pytest.raises(EmojiTwiceError):
        chosen_emoji(USUAL | {ReactionAct.AGAIN: "✉"})
