"""Letters that look like a Latin one, and what they are read as.

The rule is that of Unicode UTS #39, section 4 (https://www.unicode.org/reports/tr39/), and most
pairs are those of its data file confusables.txt. Taken are the scripts that keyboards and copied
"fancy" texts bring: Cyrillic, Greek, Armenian, Cherokee, Latin's own variants and small capitals.
Two things differ from the file, because whole words are compared here, without regard to case:
letters that look like a small capital (Cyrillic "т", "н") count as that letter, and a capital
that looks like another letter than its small one (Greek "Η", "η") is read before case is folded.
What Unicode itself calls a form of a letter (full width, bold, circled) needs no line here.
"""
# ruff: noqa: RUF001, RUF002  # letters that are easily taken for others are all there is here

from __future__ import annotations


def _pairs(looks: str, read_as: str) -> dict[int, str]:
    return {ord(look): letter for look, letter in zip(looks, read_as, strict=True)}


# Letters that folding case would turn into one that looks like something else: read before it.
BEFORE_CASE = _pairs("ΗΜΝΥΖςՏ", "hmnyzcs")

# Read after case is folded; Cherokee folds to its capitals.
LETTERS = (
    # Cyrillic
    _pairs("авԁегһіјӏкԛмнорѕстухѵѡԝүьҽ", "abderhijlkqmhopsctyxvwwybe")
    # Greek
    | _pairs("αβγεηικμνορστυχωϳϝ", "abyenikuvopotuxwjf")
    # Armenian
    | _pairs("քցհոռօգզսա", "fghnnoqquw")
    # Cherokee
    | _pairs("ᎪᏴᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷᏢᎡᏒᏚᏕᎢᏙᎳᏔᎩᎽᏃ", "abcdeghijklmprrsstvwwyyz")
    # Latin: small capitals, letters with a stroke or a hook, other shapes of the same letter
    | _pairs("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz")
    | _pairs("ɑɓƀđɗɛƒɡɠħɨıɩƙłƚɲŋøɵƥþƽŧʋɯɣƶ", "abbddefgghiiikllnnooppstuwyz")
    | {ord("æ"): "ae", ord("œ"): "oe"}
    # Letters by category, apostrophes by their look
    | dict.fromkeys(map(ord, "ʼʻʹˈˊˋ"), "'")
)

# Letters that are signs to Unicode: regional indicators, white letters on black discs and squares.
SIGNS = {
    first + number: chr(ord("a") + number)
    for first in (0x1F1E6, 0x1F150, 0x1F170)
    for number in range(26)
}
