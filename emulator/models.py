"""What each model accepts, whoever serves it: one row each. Who serves it is in ``gateways.py``."""

from __future__ import annotations

from dataclasses import dataclass, replace

MOVEMENTS = ("auto", "small", "medium", "large")
STYLES = ("general", "anime")
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRules:
    """What ``image_url`` may hold. A plain string is one image, wherever one image is enough.

    Attributes:
        least: Images needed.
        list_lengths: How long a list may be; empty where only a string is documented.
        bytes_limit: Of each image, decoded.
        formats: As Pillow names them.
        ratio_limit: Width over height, and height over width, stay below it; None for any.
        pair_ratio: Pixels of the first image over those of the last, least and most.
        least_side_px: Of each side.
        are_references: They show subjects, not frames of the clip.
    """

    least: int = 0
    list_lengths: tuple[int, ...] = ()
    bytes_limit: int = 5 * _MB
    formats: tuple[str, ...] = ("PNG", "JPEG")
    ratio_limit: float | None = None
    pair_ratio: tuple[float, float] | None = None
    least_side_px: int = 1
    are_references: bool = False

    @property
    def most(self) -> int:
        """Images that are accepted."""
        return max((1, *self.list_lengths))


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedClip:
    """What a model makes of every request, whatever its settings say."""

    width: int
    height: int
    fps: int
    duration_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """What the vendor says one model accepts.

    Attributes:
        name: As requests and create answers spell it; matched without regard to case.
        canonical_name: As the result of a finished task spells it.
        options: Names of the optional fields that exist; any other field is ignored.
        prompt_limit: Characters.
        prompt_required: Whether images alone are not enough.
        images: None where the model takes none.
        qualities: Accepted values; the first is the default.
        sizes: Accepted values of ``size``.
        default_short_side: Pixels, where ``size`` is absent; the ratio is the first image's.
            None: the first size is the default.
        aspect_ratios: Accepted values, which turn the size; the first is the default.
        fps: Accepted values; the first is the default, also where the field does not exist.
        durations_s: Likewise.
        fixed: The clip that always comes out; None where the settings count.
        sound: Whether ``with_audio`` has an effect.
    """

    name: str
    canonical_name: str
    options: tuple[str, ...] = ()
    prompt_limit: int = 512
    prompt_required: bool = False
    images: ImageRules | None = None
    qualities: tuple[str, ...] = ("speed", "quality")
    sizes: tuple[str, ...] = ()
    default_short_side: int | None = None
    aspect_ratios: tuple[str, ...] = ()
    fps: tuple[int, ...] = (30, 60)
    durations_s: tuple[int, ...] = (5,)
    fixed: FixedClip | None = None
    sound: bool = True


# Fields: docs.z.ai/guides/video/cogvideox-3 and its OpenAPI document, autumn 2026.
COGVIDEOX_3 = ModelSpec(
    name="cogvideox-3",
    canonical_name="CogVideoX-3",
    options=("quality", "with_audio", "size", "fps", "duration"),
    images=ImageRules(list_lengths=(1, 2)),
    sizes=(
        "1280x720",
        "720x1280",
        "1024x1024",
        "1920x1080",
        "1080x1920",
        "2048x1080",
        "3840x2160",
    ),
    default_short_side=1080,
    durations_s=(5, 10),
)

# docs.bigmodel.cn, October 2026: no duration, one image, and sizes of its own.
COGVIDEOX_2 = ModelSpec(
    name="cogvideox-2",
    canonical_name="CogVideoX-2",
    options=("quality", "with_audio", "size", "fps"),
    images=ImageRules(),
    sizes=(
        "720x480",
        "1024x1024",
        "1280x960",
        "960x1280",
        "1920x1080",
        "1080x1920",
        "2048x1080",
        "3840x2160",
    ),
    default_short_side=1080,
)

# The first API of 2024: nothing to choose.
COGVIDEOX = ModelSpec(
    name="cogvideox",
    canonical_name="CogVideoX",
    images=ImageRules(),
    fixed=FixedClip(width=1440, height=960, fps=16, duration_s=6),
    sound=False,
)

# Documented like CogVideoX-2. Clients report clips of about 6 s whatever they ask for; that these
# have the measures of the first API's clips is a guess.
COGVIDEOX_FLASH = replace(
    COGVIDEOX_2, name="cogvideox-flash", canonical_name="CogVideoX-Flash", fixed=COGVIDEOX.fixed
)

# docs.z.ai guides of January 2026 and docs.bigmodel.cn, October 2026.
_VIDU_IMAGES = ImageRules(
    least=1, bytes_limit=50 * _MB, formats=("PNG", "JPEG", "WEBP"), ratio_limit=4.0
)
_VIDU_FRAMES = replace(_VIDU_IMAGES, list_lengths=(1, 2), pair_ratio=(0.8, 1.25))
_VIDU_RATIOS = ("16:9", "9:16", "1:1")

VIDUQ1_IMAGE = ModelSpec(
    name="viduq1-image",
    canonical_name="viduq1-image",
    options=("with_audio", "size", "duration", "movement_amplitude"),
    images=_VIDU_IMAGES,
    sizes=("1920x1080",),
    fps=(24,),
    sound=False,  # the documents promise music to clips of 4 s only
)
VIDUQ1_START_END = replace(
    VIDUQ1_IMAGE, name="viduq1-start-end", canonical_name="viduq1-start-end", images=_VIDU_FRAMES
)
VIDUQ1_TEXT = replace(
    VIDUQ1_IMAGE,
    name="viduq1-text",
    canonical_name="viduq1-text",
    options=("size", "duration", "movement_amplitude", "aspect_ratio", "style"),
    prompt_required=True,
    images=None,
    aspect_ratios=_VIDU_RATIOS,
)
VIDU2_IMAGE = replace(
    VIDUQ1_IMAGE,
    name="vidu2-image",
    canonical_name="vidu2-image",
    sizes=("1280x720",),
    durations_s=(4,),
    sound=True,
)
VIDU2_START_END = replace(
    VIDU2_IMAGE,
    name="vidu2-start-end",
    canonical_name="vidu2-start-end",
    images=_VIDU_FRAMES,
    sizes=("1280x720", "720x480"),  # the second from the vendor's own example call
)
VIDU2_REFERENCE = replace(
    VIDU2_IMAGE,
    name="vidu2-reference",
    canonical_name="vidu2-reference",
    options=(*VIDU2_IMAGE.options, "aspect_ratio"),
    prompt_required=True,
    images=replace(_VIDU_IMAGES, list_lengths=(1, 2, 3), least_side_px=128, are_references=True),
    aspect_ratios=_VIDU_RATIOS,
)
