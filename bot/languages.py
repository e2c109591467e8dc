"""The translations in ``locale/``, read once, and who is spoken to in which language."""

from __future__ import annotations

import gettext
import io
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.domain.language import Language, spoken

if TYPE_CHECKING:
    from collections.abc import Generator

FOLDER = Path(__file__).parents[1] / "locale"
DOMAIN = "cogreel"


def po_path(language: Language) -> Path:
    """Where the translations into a language are; English has none."""
    return FOLDER / language.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def translations_into(language: Language) -> gettext.NullTranslations:
    """The translations into a language. Reads a file the first time: see `load_languages`."""
    if language is Language.ENGLISH:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with po_path(language).open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def load_languages() -> None:
    """Read all translations, so that nobody has to wait for a disk later."""
    for language in Language:
        translations_into(language)


def speak(language: Language) -> None:
    """From here on, everything in this task is said in this language."""
    spoken.set(translations_into(language))


@contextmanager
def speaking(language: Language) -> Generator[None]:
    """Inside, everything is said in this language."""
    before = spoken.set(translations_into(language))
    try:
        yield
    finally:
        spoken.reset(before)
