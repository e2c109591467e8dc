"""What each model accepts and costs at its gateway. Data only: a further model is a further row."""

from __future__ import annotations

from bot.domain.capability import Capability, Money
from bot.domain.request import Mode

CAPABILITIES: tuple[Capability, ...] = (
    Capability(
        gateway="zai",
        model="cogvideox-3",
        title="CogVideoX-3",
        modes=(Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_AND_LAST_FRAME),
        prompt_max_characters=512,
        image_formats=("JPEG", "PNG"),
        image_max_bytes=5_000_000,  # "5 MB" is not said to mean MiB: the smaller reading
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
        price=Money(micros=200_000, currency="USD"),  # flat: any size, length and quality
        in_flight=1,  # as the console shows it for a new account
        link_lifetime_s=86_400,  # documented for this API's other models; assumed for this one
        repeat_is_safe=True,  # code 1231 names the first task
        render_median_s=90.0,  # observed for 5 s at 1080p; the vendor publishes none
        sources=(
            "https://docs.z.ai/api-reference/video/generate-video",
            "https://docs.z.ai/guides/video/cogvideox-3",
            "https://docs.z.ai/guides/overview/pricing",
            "https://docs.z.ai/api-reference/api-code",
            "https://z.ai/manage-apikey/rate-limits",
        ),
    ),
)


def capability_for(gateway: str, model: str) -> Capability:
    """The row of one model at one gateway.

    Raises:
        LookupError: There is none; names those that there are.
    """
    for capability in CAPABILITIES:
        if (capability.gateway, capability.model) == (gateway, model):
            return capability
    known = ", ".join(f"{row.model} at {row.gateway}" for row in CAPABILITIES)
    raise LookupError(f"there is no model {model} at {gateway}; there is {known}")
