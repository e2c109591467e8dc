"""What Discord shows of the commands before one is used, in the languages of the bot.

Descriptions and the names of choices are translated. The names of commands and options are not:
they are what people tell each other to type, and what every reply names.
"""

from __future__ import annotations

import discord
from discord import app_commands

from bot.domain.language import Language, _, language_of, pgettext
from bot.languages import speaking

CHOICE = "choice"  # the context of the names of choices in the translations
_DESCRIPTIONS = frozenset(
    {
        app_commands.TranslationContextLocation.command_description,
        app_commands.TranslationContextLocation.group_description,
        app_commands.TranslationContextLocation.parameter_description,
    }
)
_CHOICE_NAME = app_commands.TranslationContextLocation.choice_name


class CommandWords(app_commands.Translator):
    """discord.py asks it about every text of a command, in every locale of Discord's."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """The text in a locale; None where it stays as it is."""
        language = language_of(str(locale))
        if language is None or language is Language.ENGLISH or not self.is_translated(context):
            return None
        with speaking(language):
            if self.is_choice(context):
                return pgettext(CHOICE, string.message)
            return _(string.message)

    @staticmethod
    def is_translated(context: app_commands.TranslationContextTypes) -> bool:
        """Whether it is read, and not typed."""
        in_menu = isinstance(context.data, app_commands.ContextMenu)
        return context.location in {*_DESCRIPTIONS, _CHOICE_NAME} or in_menu

    @staticmethod
    def is_choice(context: app_commands.TranslationContextTypes) -> bool:
        """Whether it is the name of a choice."""
        return context.location is _CHOICE_NAME
