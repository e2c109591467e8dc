"""Telling a Unicode emoji from other text."""

import unicodedata

_LONGEST = 16  # code points; families with skin tones have about a dozen
_KEYCAP = "\u20e3"
_JOINERS = {"\u200d", "\ufe0f", _KEYCAP}
_KEYCAP_BASES = set("0123456789#*")
_PICTURES = {"So", "Sk", "Sm"}  # categories of single emoji, skin tones, and a few arrows
_LOW = 0xA0  # below it only keycap bases are part of emoji
_TAGS = range(0xE0020, 0xE0080)  # spell the flags of regions


def is_emoji(text: str) -> bool:
    """Whether a text can be one emoji: pictures, joiners and keycaps only."""
    if not 0 < len(text) <= _LONGEST:
        return False
    pictures = [each for each in text if _is_picture(each)]
    others = [each for each in text if not _is_picture(each)]
    if _KEYCAP in text:
        return not pictures and all(each in _JOINERS | _KEYCAP_BASES for each in others)
    return bool(pictures) and all(each in _JOINERS or ord(each) in _TAGS for each in others)


def _is_picture(character: str) -> bool:
    category = unicodedata.category(character)
    return ord(character) > _LOW and (category in _PICTURES or character in "\u203c\u2049\u3030")
