"""What each model accepts and costs at its gateway. Data only: a further model is a further row.

A model that several gateways serve is written once, as the row of the first; the others say what
differs there.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.capability import Capability, ImageRules
from bot.domain.language import N_
from bot.domain.money import Money
from bot.domain.prompt_notes import PromptAdvice, PromptLanguage
from bot.domain.request import Mode

PRICES_OF = "2026-11-20"
"""The day on which these prices were looked up: a job keeps it with what it may cost."""
_DAY_S = 86_400
_ANY_FRAMES = (Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_AND_LAST_FRAME)
_ONE_FRAME = (Mode.TEXT, Mode.FIRST_FRAME)


# No row below has advice on prompts: of the models that these gateways serve, the makers document
# a longest prompt, and nothing that is handled badly. Of the checkpoints that anybody may run they
# do: this is for the row of a gateway that serves one.
OPEN_COGVIDEOX_PROMPTS = PromptAdvice(
    languages=(PromptLanguage.ENGLISH,),
    words=(7, 91),
    tokens_max=226,  # CogVideoX1.5 has 224
    sources=(
        "https://github.com/zai-org/CogVideo/blob/main/README.md",
        "https://github.com/zai-org/CogVideo/blob/main/inference/convert_demo.py",
    ),
    checked_on="2026-11-21",
)


def _price(micros: int, currency: str) -> Money:
    return Money(micros=micros, currency=currency)


# --- Z.AI -------------------------------------------------------------------------------------

_ZAI_SOURCES = (
    "https://docs.z.ai/api-reference/video/generate-video",
    "https://docs.z.ai/guides/overview/pricing",
    "https://docs.z.ai/api-reference/api-code",
    "https://z.ai/manage-apikey/rate-limits",
)

ZAI_COGVIDEOX_3 = Capability(
    gateway="zai",
    model="cogvideox-3",
    title="CogVideoX-3",
    modes=_ANY_FRAMES,
    prompt_max_characters=512,
    images=ImageRules(
        formats=("JPEG", "PNG"),
        max_bytes=5_000_000,  # "5 MB" is not said to mean MiB: the smaller reading
        list_lengths=(2,),  # one as a string is what every dialect takes
    ),
    sizes=(
        "1280x720",
        "720x1280",
        "1024x1024",
        "1920x1080",
        "1080x1920",
        "2048x1080",
        "3840x2160",
    ),
    durations_s=(5, 10),
    fps=(30, 60),
    qualities=("speed", "quality"),
    quality_by_mode=((Mode.FIRST_AND_LAST_FRAME, ("speed",)),),
    audio=True,
    price=_price(200_000, "USD"),  # flat: any size, length and quality
    in_flight=1,  # as the console shows it for a new account
    link_lifetime_s=_DAY_S,  # documented for this API's other models; assumed for this one
    repeat_is_safe=True,  # code 1231 names the first task
    render_median_s=90.0,  # observed for 5 s at 1080p; the vendor publishes none
    sources=("https://docs.z.ai/guides/video/cogvideox-3", *_ZAI_SOURCES),
)

_VIDU_IMAGE = ImageRules(formats=("JPEG", "PNG", "WEBP"), max_bytes=50_000_000, ratio_below=4.0)
_VIDU_FRAMES = replace(_VIDU_IMAGE, list_lengths=(1, 2), first_to_last=(0.8, 1.25))
_VIDU_RATIOS = ("16:9", "9:16", "1:1")
_VIDU_MOVEMENTS = ("auto", "small", "medium", "large")
_VIDU_ON_ZAI = N_("Z.AI's newer documents no longer list it.")

ZAI_VIDUQ1_IMAGE = Capability(
    gateway="zai",
    model="viduq1-image",
    title="Vidu Q1 image",
    modes=(Mode.FIRST_FRAME,),
    prompt_max_characters=512,
    images=_VIDU_IMAGE,
    sizes=("1920x1080",),
    durations_s=(5,),
    movements=_VIDU_MOVEMENTS,
    audio=True,  # background music
    price=_price(400_000, "USD"),
    in_flight=5,
    link_lifetime_s=_DAY_S,
    repeat_is_safe=True,
    render_median_s=90.0,  # nothing is published or observed: as CogVideoX-3
    note=_VIDU_ON_ZAI,
    sources=("https://docs.z.ai/guides/video/vidu-q1", *_ZAI_SOURCES),
)
ZAI_VIDUQ1_TEXT = replace(
    ZAI_VIDUQ1_IMAGE,
    model="viduq1-text",
    title="Vidu Q1 text",
    modes=(Mode.TEXT,),
    images=None,
    aspect_ratios=_VIDU_RATIOS,
    styles=("general", "anime"),
    audio=False,
)
ZAI_VIDUQ1_START_END = replace(
    ZAI_VIDUQ1_IMAGE,
    model="viduq1-start-end",
    title="Vidu Q1 start to end",
    modes=(Mode.FIRST_FRAME, Mode.FIRST_AND_LAST_FRAME),
    images=_VIDU_FRAMES,
)
ZAI_VIDU2_IMAGE = replace(
    ZAI_VIDUQ1_IMAGE,
    model="vidu2-image",
    title="Vidu 2 image",
    sizes=("1280x720",),
    durations_s=(4,),
    price=_price(200_000, "USD"),
    render_median_s=45.0,  # shorter and smaller than Q1: a guess until renders are seen
    sources=("https://docs.z.ai/guides/video/vidu2", *_ZAI_SOURCES),
)
ZAI_VIDU2_START_END = replace(
    ZAI_VIDU2_IMAGE,
    model="vidu2-start-end",
    title="Vidu 2 start to end",
    modes=(Mode.FIRST_FRAME, Mode.FIRST_AND_LAST_FRAME),
    images=_VIDU_FRAMES,
    sizes=("1280x720", "720x480"),  # the second from the vendor's own example call
)
ZAI_VIDU2_REFERENCE = replace(
    ZAI_VIDU2_IMAGE,
    model="vidu2-reference",
    title="Vidu 2 reference",
    modes=(Mode.REFERENCES,),
    needs_words=(Mode.REFERENCES,),
    images=replace(_VIDU_IMAGE, list_lengths=(1, 2, 3), side_min_px=128),
    aspect_ratios=_VIDU_RATIOS,
    price=_price(400_000, "USD"),
)

# --- BigModel ---------------------------------------------------------------------------------

_BIGMODEL_SOURCES = (
    "https://docs.bigmodel.cn/api-reference/模型-api/视频生成异步",
    "https://docs.bigmodel.cn/cn/api/api-code",
    "https://docs.bigmodel.cn/cn/api/rate-limit",
    "https://docs.bigmodel.cn/cn/guide/start/pricing",
)
_V0_IN_FLIGHT = 5  # tiers V1, V2 and V3 have 10, 15 and 20: COGREEL_ACCOUNT_IN_FLIGHT

BIGMODEL_COGVIDEOX_3 = replace(
    ZAI_COGVIDEOX_3,
    gateway="bigmodel",
    quality_by_mode=(),  # the note that two frames take speed only is Z.AI's
    watermark=True,
    price=_price(1_000_000, "CNY"),
    in_flight=_V0_IN_FLIGHT,
    sources=_BIGMODEL_SOURCES,
)
BIGMODEL_COGVIDEOX_2 = replace(
    BIGMODEL_COGVIDEOX_3,
    model="cogvideox-2",
    title="CogVideoX-2",
    modes=_ONE_FRAME,
    images=ImageRules(formats=("JPEG", "PNG"), max_bytes=5_000_000),
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
    durations_s=(),
    price=_price(500_000, "CNY"),
)
BIGMODEL_COGVIDEOX_FLASH = replace(
    BIGMODEL_COGVIDEOX_2,
    model="cogvideox-flash",
    title="CogVideoX-Flash",
    price=_price(0, "CNY"),
    note=N_("Its clips are about 6 s long, and it may not heed size and frame rate."),
)
BIGMODEL_COGVIDEOX = replace(
    BIGMODEL_COGVIDEOX_2,
    model="cogvideox",
    title="CogVideoX",
    sizes=(),
    fps=(),
    qualities=(),
    audio=False,
    watermark=False,
    price=None,  # gone from the price list
    note=N_("The first one: always 6 s, 1440x960, 16 fps."),
)


def _vidu_at_bigmodel(row: Capability, micros: int) -> Capability:
    return replace(
        row,
        gateway="bigmodel",
        watermark=True,
        price=_price(micros, "CNY"),
        in_flight=_V0_IN_FLIGHT,
        note="",
        sources=_BIGMODEL_SOURCES,
    )


BIGMODEL_VIDU2_START_END = replace(
    _vidu_at_bigmodel(ZAI_VIDU2_START_END, 1_250_000),
    sizes=(*ZAI_VIDU2_START_END.sizes, "480x360"),
)

# --- 302.AI -----------------------------------------------------------------------------------

_302_SOURCES = ("https://302.ai/product/detail/zhipu-cogvideox-2",)
_302_IN_FLIGHT = 5  # nothing is published; more would come back as "busy" and keep its place
_302_FRAMES = ImageRules(formats=("JPEG", "PNG"), max_bytes=5_000_000)

RESELLER_COGVIDEOX_3 = replace(
    ZAI_COGVIDEOX_3,
    gateway="302ai",
    modes=_ONE_FRAME,  # its pages know one image, as a string
    images=_302_FRAMES,
    quality_by_mode=(),
    price=None,  # its price list has cogvideox-2 only
    in_flight=_302_IN_FLIGHT,
    repeat_is_safe=False,  # nothing says that it passes request_id on
    sources=_302_SOURCES,
)
RESELLER_COGVIDEOX_2 = replace(
    BIGMODEL_COGVIDEOX_2,
    gateway="302ai",
    watermark=False,
    price=_price(100_000, "PTC"),
    in_flight=_302_IN_FLIGHT,
    repeat_is_safe=False,
    sources=_302_SOURCES,
)

CAPABILITIES: tuple[Capability, ...] = (
    ZAI_COGVIDEOX_3,
    ZAI_VIDUQ1_TEXT,
    ZAI_VIDUQ1_IMAGE,
    ZAI_VIDUQ1_START_END,
    ZAI_VIDU2_IMAGE,
    ZAI_VIDU2_START_END,
    ZAI_VIDU2_REFERENCE,
    BIGMODEL_COGVIDEOX_3,
    BIGMODEL_COGVIDEOX_2,
    BIGMODEL_COGVIDEOX_FLASH,
    BIGMODEL_COGVIDEOX,
    _vidu_at_bigmodel(ZAI_VIDUQ1_TEXT, 2_500_000),
    _vidu_at_bigmodel(ZAI_VIDUQ1_IMAGE, 2_500_000),
    _vidu_at_bigmodel(ZAI_VIDUQ1_START_END, 2_500_000),
    _vidu_at_bigmodel(ZAI_VIDU2_IMAGE, 1_250_000),
    BIGMODEL_VIDU2_START_END,
    _vidu_at_bigmodel(ZAI_VIDU2_REFERENCE, 2_500_000),
    RESELLER_COGVIDEOX_3,
    RESELLER_COGVIDEOX_2,
)


def capability_for(gateway: str, model: str) -> Capability:
    """The row of one model at one gateway.

    Raises:
        LookupError: There is none; names those that there are at this gateway.
    """
    rows = rows_of(gateway)
    for row in rows:
        if row.model == model:
            return row
    known = ", ".join(row.model for row in rows)
    raise LookupError(f"there is no model {model} at {gateway}; there is {known}")


def rows_of(gateway: str) -> tuple[Capability, ...]:
    """Every row of one gateway."""
    return tuple(row for row in CAPABILITIES if row.gateway == gateway)
