"""What a create may say: bytes in, a checked request or an ApiError out. Performs no I/O."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from emulator.errors import ApiError, ResellerError
from emulator.fields import Fields
from emulator.gateways import ZAI, Gateway, Offer
from emulator.images import GivenImage, read_images
from emulator.picture import Picture, read_picture, read_watermark

if TYPE_CHECKING:
    from emulator.models import ModelSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the vendor's documents leave open, or to the account, as the knobs have settled it.

    Attributes:
        prompt_too_long_code: Answer to an over-long prompt.
        first_last_quality: Whether two images may come with ``quality: "quality"``; the documents
            of Z.AI say no, an official example does it.
        vidu_on_zai: Whether Z.AI still serves the models that its newer documents leave out.
        watermark_removal_signed: Whether the account may have clips without the vendor's mark.
    """

    prompt_too_long_code: Literal["1261", "1214"] = "1261"
    first_last_quality: Literal["accept", "reject"] = "accept"
    vidu_on_zai: Literal["accept", "1211"] = "accept"
    watermark_removal_signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequest:
    """One accepted form of ``POST /videos/generations``; defaults are filled in.

    Attributes:
        gateway: Who was asked.
        offer: The model, and what it costs there.
        request_id: The caller's, or None.
        prompt: May be empty where there are images.
        images: None, the first frame, the first and the last, or references.
        picture: How the clip is to look.
        digest: SHA-256 of all that decides the clip, in hex: equal requests have equal ones.
    """

    gateway: Gateway
    offer: Offer
    request_id: str | None
    prompt: str
    images: tuple[GivenImage, ...]
    picture: Picture
    digest: str

    @property
    def model(self) -> ModelSpec:
        """The model's row."""
        return self.offer.model

    @property
    def images_are_references(self) -> bool:
        """Whether the images show subjects, not frames."""
        return self.model.images is not None and self.model.images.are_references


def parse_create(body: bytes, rules: Rules, gateway: Gateway = ZAI) -> CreateRequest:
    """Read a create as the vendor does: ``null`` is absent, unknown keys are ignored.

    Decodes the images, so it belongs in a thread.

    Raises:
        ApiError: 1210 to 1215 or 1261, as the table of codes says.
    """
    fields = Fields(_object(body), lenient=gateway.reseller)
    offer = _offer(fields, gateway, rules)
    model = offer.model
    prompt = _prompt(fields, model, rules)
    addresses = _addresses(fields, model)
    if not prompt.strip() and not addresses:
        raise ApiError("1214", "Input cannot be empty: prompt or image_url is required")
    quality = fields.quality(model.qualities) if "quality" in model.options else None
    strict = gateway.first_last_speed_only and rules.first_last_quality == "reject"
    if strict and len(addresses) > 1 and quality == "quality":
        raise ApiError("1214", "quality: first and last frame support only speed")
    fields.text("user_id", shortest=6, longest=128)
    request_id = fields.text("request_id", shortest=6, longest=64)
    watermark = gateway.watermark and read_watermark(
        fields, removal_signed=rules.watermark_removal_signed
    )
    images = read_images(addresses, model.images) if model.images else ()
    picture = read_picture(fields, model, images, watermark=watermark)
    decisive = [model.name, prompt, [i.digest for i in images], quality, asdict(picture)]
    return CreateRequest(
        gateway=gateway,
        offer=offer,
        request_id=request_id,
        prompt=prompt,
        images=images,
        picture=picture,
        digest=hashlib.sha256(json.dumps(decisive).encode()).hexdigest(),
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (
        ValueError,
        RecursionError,
    ):  # ValueError covers bad UTF-8, bad JSON and numbers without end
        raise ApiError("1210", "The body is not valid JSON") from None
    if not isinstance(value, dict):
        raise ApiError("1210", "The body must be a JSON object")
    return cast("dict[str, Any]", value)


def _offer(fields: Fields, gateway: Gateway, rules: Rules) -> Offer:
    name = fields.text("model", longest=128)
    if not name:
        raise ApiError("1213", "model: the parameter was not received")
    offer = gateway.find(name)
    if offer is None or (offer.withdrawn and rules.vidu_on_zai == "1211"):
        raise ResellerError("-10008") if gateway.reseller else ApiError("1211")
    return offer


def _prompt(fields: Fields, model: ModelSpec, rules: Rules) -> str:
    prompt = fields.text("prompt", longest=None) or ""
    if model.prompt_required and not prompt.strip():
        raise ApiError("1214", "prompt: Input cannot be empty")
    if len(prompt) > model.prompt_limit:
        raise ApiError(
            rules.prompt_too_long_code, f"prompt: at most {model.prompt_limit} characters"
        )
    return prompt


def _addresses(fields: Fields, model: ModelSpec) -> list[str]:
    """The images, as many and in the form that the model documents."""
    given = fields.addresses("image_url")
    if model.images is None:
        if given:
            raise ApiError("1215", "prompt and image_url: this model takes no image")
        return []
    addresses = given if isinstance(given, list) else [given] if given else []
    if len(addresses) > model.images.most:
        raise ApiError("1214", f"image_url: at most {model.images.most} images")
    if isinstance(given, list) and len(given) not in model.images.list_lengths:
        lengths = " or ".join(map(str, model.images.list_lengths))
        raise ApiError("1214", f"image_url: a string{lengths and f', or a list of {lengths}'}")
    if len(addresses) < model.images.least:
        raise ApiError("1214", "image_url: Input cannot be empty")
    return addresses
