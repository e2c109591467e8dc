"""The languages of the bot, and the one that is spoken at this moment.

The English text in the code is what the translations are found by. Which language is spoken is a
matter of the context: `bot.languages` sets it where somebody acts, or where something is posted.
"""

from __future__ import annotations

import gettext
from contextvars import ContextVar
from enum import StrEnum


class Language(StrEnum):
    """What the bot speaks, by Discord's name of it."""

    ENGLISH = "en"
    CHINESE = "zh-CN"
    JAPANESE = "ja"


OWN_NAMES = {
    Language.ENGLISH: "English",
    Language.CHINESE: "简体中文",
    Language.JAPANESE: "日本語",
}

spoken: ContextVar[gettext.NullTranslations] = ContextVar(
    "spoken",
    default=gettext.NullTranslations(),  # noqa: B039  # it is never changed
)
"""The translations into the language that is spoken. Without any, English."""


def language_of(locale: str | None) -> Language | None:
    """The language of a locale of Discord's; None for one that the bot does not speak."""
    if locale is None:
        return None
    if locale.partition("-")[0] == Language.ENGLISH:
        return Language.ENGLISH
    return next((each for each in Language if each == locale), None)


def _(text: str) -> str:
    """The text in the language that is spoken."""
    return spoken.get().gettext(text) if text else ""  # of nothing, gettext gives its header


def ngettext(one: str, many: str, count: int) -> str:
    """The form of a text that goes with so many, in the language that is spoken."""
    return spoken.get().ngettext(one, many, count)


def pgettext(context: str, text: str) -> str:
    """As `_`, for a text that means different things in different places."""
    return spoken.get().pgettext(context, text)


def N_(text: str) -> str:  # noqa: N802  # what every reader of gettext programs knows it by
    """Mark a text that is put into words later: where it is shown, `_` is called on it."""
    return text
