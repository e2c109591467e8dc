"""Brings the translations in ``locale/`` up to the texts in the code: ``make texts``.

A text that is new stands there untranslated afterwards, and one that is gone, is gone.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.client import INTENTS, add_commands
from bot.domain.language import Language
from bot.languages import FOLDER, po_path
from cogs.command_words import CHOICE, CommandWords
from cogs.services import ServiceBot

if TYPE_CHECKING:
    from collections.abc import Callable

    import discord
    from discord import app_commands

PACKAGES = ("bot", "cogs", "media", "providers")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "N_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
WIDTH = 100


class _Listener(CommandWords):
    """Hears every text of a command, and translates none."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> None:
        """Put it among the texts."""
        del locale
        if self.is_translated(context):
            said_of = CHOICE if self.is_choice(context) else None
            self._catalog.add(string.message, context=said_of, locations=[("cogs", 0)])


async def texts_in_code() -> Catalog:
    """Every text of the bot, in English: those in the code, and those of its commands."""
    found = await asyncio.to_thread(_texts_in_sources)
    async with ServiceBot(command_prefix=(), intents=INTENTS) as bot:
        await add_commands(bot)
        for command in bot.tree.get_commands():
            await command.get_translated_payload(bot.tree, _Listener(found))
    return found


def _texts_in_sources() -> Catalog:
    found = Catalog(charset="utf-8")
    for package in PACKAGES:
        for name, _line, text, comments, context in extract_from_dir(
            str(FOLDER.parent / package), [("**.py", "python")], keywords=KEYWORDS
        ):
            # Without a line, so that nothing moves here when something moves there.
            place = (f"{package}/{name}", 0)
            found.add(text, None, [place], auto_comments=comments, context=context)
    return found


def update(language: Language, texts: Catalog) -> int:
    """Bring a language's file up to the texts; how many of them are not translated."""
    path = po_path(language)
    locale = language.replace("-", "_")
    with path.open("rb") as file:
        catalog = read_po(file, locale=locale)
    catalog.update(texts, no_fuzzy_matching=True, update_creation_date=False)
    catalog.fuzzy = False
    for message in catalog:
        message.flags.discard("python-format")  # no text is one; a percentage looks like it
    with path.open("wb") as file:
        write_po(
            file,
            catalog,
            width=WIDTH,
            sort_by_file=True,
            include_lineno=False,
            ignore_obsolete=True,
        )
    return sum(not all(_forms(message.string)) for message in catalog if message.id)


def _forms(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (string or "",) if isinstance(string, str | None) else tuple(string)


async def update_all(say: Callable[[str], None]) -> int:
    """Bring all languages up to the code. 0, or 1 where something is left to translate."""
    texts = await texts_in_code()
    missing = {
        language: update(language, texts)
        for language in Language
        if language is not Language.ENGLISH
    }
    for language, count in missing.items():
        say(f"{po_path(language).relative_to(FOLDER.parent)}: {count} to translate")
    return int(any(missing.values()))
