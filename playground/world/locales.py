"""The languages of people's Discord, and which of a command's texts each of them shows.

https://docs.discord.com/developers/reference#locales
"""

from playground.world.model import Json

LOCALES = (
    *("ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr"),
    *("he", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro"),
    *("ru", "sv-SE", "th", "tr", "uk", "vi", "zh-CN", "zh-TW"),
)
_INSTEAD = {"en-US": "en-GB", "en-GB": "en-US", "es-419": "es-ES"}


def shown(thing: Json, field: str, locale: str) -> str:
    """Give a name or a description of a command, an option or a choice as one language has it."""
    texts: dict[str, str] = thing.get(f"{field}_localizations") or {}
    for each in (locale, _INSTEAD.get(locale, locale)):
        if each in texts:
            return texts[each]
    return str(thing[field])
