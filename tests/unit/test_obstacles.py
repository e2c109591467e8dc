"""Why a result cannot go to a place: on record in English, and said in any language."""

from __future__ import annotations

import pytest

from bot.domain.destination import DestinationKind
from bot.domain.errors import DestinationGoneError, MissingPermissionsError
from bot.domain.language import Language
from bot.languages import speaking
from cogs.obstacles import LOCKED, in_words, why_not

MISSING = MissingPermissionsError(("send_messages_in_threads", "attach_files"))


@pytest.mark.parametrize("language", Language)
def test_what_is_in_the_way_is_put_on_record_in_english(language: Language) -> None:
    with speaking(language):
        why = why_not(MISSING, DestinationKind.THREAD)
    assert why == "**Send Messages in Threads** and **Attach Files** are missing for me there"


def test_what_is_on_record_is_said_in_the_language_that_is_spoken() -> None:
    gone = why_not(DestinationGoneError("it is gone"), DestinationKind.CHANNEL)
    why = "; ".join((why_not(MISSING, DestinationKind.THREAD), gone, LOCKED))
    assert in_words(why) == why
    with speaking(Language.CHINESE):
        assert in_words(why) == (
            "我在那里缺少权限 **在子区内发送消息**和**附加文件**; 频道已不存在; 子区已锁定"
        )


def test_permissions_are_known_without_their_markup() -> None:
    plain = why_not(MISSING, DestinationKind.THREAD).replace("**", "")
    with speaking(Language.JAPANESE):
        assert in_words(plain) == in_words(why_not(MISSING, DestinationKind.THREAD))


def test_what_nobody_knows_stays_as_it_is() -> None:
    with speaking(Language.JAPANESE):
        assert in_words("another version said so") == "another version said so"
