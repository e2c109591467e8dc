"""The letters that a chart is drawn with: Pillow's own font, then those of the system.

Pillow's has the letters of English alone. Where a system has none of the others, such a name is
drawn without its accents, and a name in other letters is not drawn at all.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import ImageFont

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

FONTS = Path("/usr/share/fonts")
# Where Debian, Fedora, Arch and Alpine put them; what a name needs is asked in this order.
SYSTEM_FONTS = (
    *("truetype/noto/NotoSans-Regular.ttf", "noto/NotoSans-Regular.ttf"),
    *("truetype/dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans.ttf", "TTF/DejaVuSans.ttf"),
    *("dejavu-sans-fonts/DejaVuSans.ttf", "truetype/liberation/LiberationSans-Regular.ttf"),
    *("opentype/noto/NotoSansCJK-Regular.ttc", "noto-cjk/NotoSansCJK-Regular.ttc"),
    *("noto/NotoSansCJK-Regular.ttc", "google-noto-cjk/NotoSansCJK-Regular.ttc"),
    *("truetype/droid/DroidSansFallbackFull.ttf", "droid/DroidSansFallbackFull.ttf"),
    *("truetype/wqy/wqy-microhei.ttc", "opentype/ipafont-gothic/ipag.ttf"),
)
CHINESE = "zh-CN"
CHINESE_FACE = 2  # of Noto Sans CJK's collection; the first one is Japanese
LONGEST = 120  # letters of one line; more have no room on any card
_NO_CHARACTER = "\uffff"
_DRAWN = ("L", "N", "P", "S")  # categories: no marks, no controls, nothing that turns the direction
_NEEDED = ("L", "N")
_LEFTWARD = ("R", "AL", "AN")  # letters that run to the left, and change with their neighbours


class Letters:
    """Draws text of one size, each letter in the first font that has it."""

    def __init__(self, fonts: list[FreeTypeFont]) -> None:
        self._fonts = fonts
        self._empty = [_shape(font, _NO_CHARACTER) for font in fonts]
        self._has: dict[tuple[int, str], bool] = {}

    def drawable(self, text: str) -> str | None:
        """The text as it can be drawn; None where a letter or a digit of it is missing.

        A symbol that is missing, such as an emoji, is left out.
        """
        kept: list[str] = []
        for letter in unicodedata.normalize("NFC", text):
            kind = unicodedata.category(letter)[0]
            base = unicodedata.normalize("NFD", letter)[0]
            if letter.isspace():
                kept.append(" ")
            elif unicodedata.bidirectional(letter) in _LEFTWARD:
                return None
            elif kind in _DRAWN and self._font_of(letter) is not None:
                kept.append(letter)
            elif kind in _DRAWN and self._font_of(base) is not None:
                kept.append(base)
            elif kind in _NEEDED:
                return None
        return " ".join("".join(kept).split()) or None

    def width(self, text: str) -> float:
        """How wide a drawable text is, in pixels."""
        return sum(self._fonts[font].getlength(run) for font, run in self._runs(text))

    def cut(self, text: str, width_px: float) -> str:
        """As much of a drawable text as is no wider."""
        text = text[:LONGEST]
        if self.width(text) <= width_px:
            return text
        while text and self.width(text + "…") > width_px:
            text = text[:-1]
        return text.rstrip() + "…"

    def draw(
        self, pen: ImageDraw, at: tuple[float, float], text: str, fill: str, *, align: float = 0
    ) -> None:
        """Draw a drawable text.

        Args:
            pen: Where.
            at: The left end of its baseline.
            text: What.
            fill: Its colour.
            align: How much of its width lies left of `at` instead: 0.5 is its middle, 1 its end.
        """
        x = at[0] - align * self.width(text)
        for font, run in self._runs(text):
            pen.text((x, at[1]), run, font=self._fonts[font], fill=fill, anchor="ls")
            x += self._fonts[font].getlength(run)

    def _runs(self, text: str) -> list[tuple[int, str]]:
        """The text in pieces of one font each: a word is in one, where one has all of it."""
        runs: list[tuple[int, str]] = []
        for word in re.split(r"( )", text):
            fonts = [self._font_of(letter) or 0 for letter in word]
            if fonts and self._has_all(max(fonts), word):
                fonts = [max(fonts)] * len(word)
            for font, letter in zip(fonts, word, strict=True):
                if runs and runs[-1][0] == font:
                    runs[-1] = font, runs[-1][1] + letter
                else:
                    runs.append((font, letter))
        return runs

    def _has_all(self, font: int, word: str) -> bool:
        return all(self._has_letter(font, letter) for letter in word)

    def _font_of(self, letter: str) -> int | None:
        fonts = range(len(self._fonts))
        return next((font for font in fonts if self._has_letter(font, letter)), None)

    def _has_letter(self, font: int, letter: str) -> bool:
        key = font, letter
        if key not in self._has:
            # Pillow does not tell which letters a font has: those that it has not, it draws alike.
            shape = _shape(self._fonts[font], letter)
            self._has[key] = letter == " " or shape != self._empty[font]
        return self._has[key]


def letters(size_px: int, language: str, *, system: tuple[Path, ...] | None = None) -> Letters:
    """The fonts that there are, in one size.

    Args:
        size_px: Of the letters.
        language: Whose letters are wanted where languages differ.
        system: The fonts that are asked after Pillow's own; None for those of this system.
    """
    paths = system_fonts() if system is None else system
    own = ImageFont.load_default(size_px)
    fonts = [own] if isinstance(own, ImageFont.FreeTypeFont) else []
    for path in paths:
        face = CHINESE_FACE if language == CHINESE and "CJK" in path.name else 0
        fonts.append(
            ImageFont.truetype(path, size_px, index=face, layout_engine=ImageFont.Layout.BASIC)
        )
    return Letters(fonts)


@cache
def system_fonts() -> tuple[Path, ...]:
    """Those of `SYSTEM_FONTS` that are there."""
    return tuple(path for name in SYSTEM_FONTS if (path := FONTS / name).is_file())


def _shape(font: FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask: Any = font.getmask(letter)  # Pillow gives it no type that has bytes
    return mask.size, bytes(mask)
