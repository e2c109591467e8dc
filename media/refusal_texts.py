"""Why an image cannot be used, in the language of the one who attached it.

The child says it in English, as it knows nobody's language; and it may be under the control of a
hostile file. So what it says is looked for among what it is known to say, and never taken as a
form to be filled in.
"""

from __future__ import annotations

import re

from bot.domain.language import N_, _

TEXTS = (
    N_("needs too much memory to open"),
    N_("is damaged or cut off"),
    N_("is animated"),
    N_("is an empty file"),
    N_("has {given} megapixels; the most is {most}"),
    N_("is {size}, smaller than {least} pixels on a side"),
    N_("is too long and narrow: {size}, and the ratio may be {most}:1 at most"),
    N_("is larger than {most} MB even as a small JPEG"),
    N_("is not a PNG, JPEG, WebP or GIF"),
    N_("is not a PNG, JPEG, WebP or GIF; it looks like {kind}"),
    N_("Attach another picture."),
    N_("Attach a still PNG, JPEG or WebP picture."),
    N_("Attach a still picture."),
    N_("Attach a larger picture."),
    N_("Save it again, or attach another picture."),
    N_("Make it smaller."),
    N_("Crop it."),
)
KINDS = (
    N_("a PDF"),
    N_("a ZIP or an office document"),
    N_("a RAR archive"),
    N_("a BMP picture"),
    N_("a TIFF picture"),
    N_("a Photoshop file"),
    N_("a WebM or Matroska video"),
    N_("an Ogg file"),
    N_("an MP3"),
    N_("a program"),
    N_("an AVIF picture"),
    N_("a HEIC picture"),
    N_("a video"),
    N_("a web page"),
    N_("an SVG or XML file"),
    N_("text"),
)
_PLACEHOLDER = re.compile(r"\\\{([a-z]+)\\\}")
_FORMS = tuple(
    (text, re.compile(_PLACEHOLDER.sub(r"(?P<\1>[\\w. ]{1,40})", re.escape(text))))
    for text in TEXTS
)


def in_words(told: str) -> str:
    """What the child said, in the language that is spoken; as it is where nobody knows it."""
    for text, form in _FORMS:
        found = form.fullmatch(told)
        if found is not None:
            values = found.groupdict()
            return _(text).format_map(
                {name: _(value) if value in KINDS else value for name, value in values.items()}
            )
    return told
