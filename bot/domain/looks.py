"""Looks: named patterns of prompts, which show how a prompt is built and are changed at will."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.errors import MemberError
from bot.domain.language import N_, _
from bot.domain.request import prompt_from

if TYPE_CHECKING:
    from collections.abc import Sequence

FIELD_MAX_CHARACTERS = 300
LOOKS_MAX = 15
"""Of one server's own: with everybody's, what Discord shows of suggestions."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One pattern. Its words are English: that is what every model here was trained on most.

    Attributes:
        name: As people type it.
        title: As people read it.
        style: How the prompt begins.
        subject: Who or what is seen.
        action: What it does.
        setting: Where and when.
        camera: How it is looked at.
        light: Light and mood.
    """

    name: str
    title: str
    style: str
    subject: str
    action: str
    setting: str
    camera: str
    light: str


LOOKS = (
    Look(
        name="photo",
        title=N_("Photographic"),
        style="Photorealistic, natural colours, fine detail",
        subject="an old fisherman in a yellow coat",
        action="pulls a net into a small wooden boat",
        setting="on a calm bay before sunrise",
        camera="slow push in at eye level, 35 mm lens",
        light="soft morning light, quiet",
    ),
    Look(
        name="3d",
        title=N_("3D animation"),
        style="Stylised 3D animation, rounded shapes, rich materials",
        subject="a small round robot with one blue eye",
        action="waters a single flower and looks up",
        setting="on a rooftop garden above a busy city",
        camera="slow orbit from left to right",
        light="warm afternoon light, cheerful",
    ),
    Look(
        name="ink-wash",
        title=N_("Ink wash"),
        style="Chinese ink wash painting in motion, brush strokes on rice paper",
        subject="a lone crane",
        action="lifts off and glides over the reeds",
        setting="by a misty lake below steep mountains",
        camera="still wide shot",
        light="pale mist, calm",
    ),
    Look(
        name="anime",
        title=N_("Anime"),
        style="Hand-drawn anime, clean lines, soft shading",
        subject="a girl with a red scarf on a bicycle",
        action="rides downhill, the scarf flying behind her",
        setting="along a coast road in early summer",
        camera="tracking shot from the side",
        light="bright sun, clear sky, carefree",
    ),
    Look(
        name="turntable",
        title=N_("Product turntable"),
        style="Studio product film, sharp focus, seamless background",
        subject="a matte black ceramic teapot",
        action="turns once around on a round plinth",
        setting="in an empty light grey studio",
        camera="locked off, macro lens, the whole object in the frame",
        light="large softbox from the left, gentle reflections",
    ),
    Look(
        name="postcard",
        title=N_("Travel postcard"),
        style="Cinematic travel film, saturated colours",
        subject="a white village on a cliff",
        action="boats pass slowly below it, flags move in the wind",
        setting="above a turquoise sea",
        camera="aerial shot, slowly flying forward",
        light="golden hour, inviting",
    ),
)


class UnknownLookError(MemberError):
    """There is no look of this name."""

    def __init__(self, looks: Sequence[Look] = LOOKS) -> None:
        names = ", ".join(f"`{look.name}`" for look in looks)
        super().__init__(
            _("There is no such look. Choose one of these: {names}.").format(names=names)
            if names
            else _("This server has no look of its own. See `/video looks` for those that it has.")
        )


class LookNameError(MemberError):
    """A look cannot be called so."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This is no name for a look of this server's own. Use small letters, digits and "
                "hyphens, 30 at most, and no name that every server has."
            )
        )


class TooManyLooksError(MemberError):
    """A server has as many looks of its own as it may have."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This server has {most} looks of its own, which is the most. "
                "Use `/cogreel looks remove` first."
            ).format(most=LOOKS_MAX)
        )


def look_named(typed: str, looks: Sequence[Look] = LOOKS) -> Look:
    """The look that somebody means.

    Raises:
        UnknownLookError: There is none.
    """
    name = typed.strip().lower()
    found = next((look for look in looks if name in {look.name, look.title.lower()}), None)
    if found is None:
        raise UnknownLookError(looks)
    return found


def own_look(look: Look) -> Look:
    """A look as a server keeps it: its words on one line each.

    Raises:
        LookNameError: Its name is none, or everybody's.
    """
    name = look.name.strip().lower()
    if not _NAME.fullmatch(name) or name in {each.name for each in LOOKS}:
        raise LookNameError
    fields = {
        field: " ".join(prompt_from(getattr(look, field)).split())[:FIELD_MAX_CHARACTERS]
        for field in ("style", "subject", "action", "setting", "camera", "light")
    }
    return Look(name=name, title=name, **fields)


def prompt_of(look: Look) -> str:
    """The words that a look, as it is filled in, gives a model; what is left empty is left out."""
    what = " ".join(filter(None, (look.subject, look.action, look.setting)))
    parts = (look.style, what, look.camera, look.light)
    return ". ".join(part.strip().rstrip(".") for part in parts if part.strip()) + "."
