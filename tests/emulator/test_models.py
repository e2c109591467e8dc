"""What each model accepts at each gateway, and what comes of it: the documents as a table."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any, cast

import pytest

from emulator.errors import ApiError
from emulator.gateways import GATEWAYS
from emulator.images import read_images
from emulator.models import VIDU2_IMAGE
from emulator.requests import CreateRequest, Rules, parse_create

if TYPE_CHECKING:
    from collections.abc import Callable

Fields = dict[str, Any]
ONE, TWO = "https://example.com/1.png", "https://example.com/2.png"
THREE = [ONE, TWO, "https://example.com/3.png"]
VIDU_1080 = (1920, 1080, 24, 5)
VIDU_720 = (1280, 720, 24, 4)
FIRST_API = (1440, 960, 16, 6)

# Gateway, model, what is sent, and the clip's width, height, rate and seconds.
ACCEPTED: list[tuple[str, str, Fields, tuple[int, int, int, int]]] = [
    ("zai", "cogvideox-3", {"prompt": "x"}, (1920, 1080, 30, 5)),
    ("zai", "cogvideox-3", {"image_url": ONE, "fps": 60, "duration": 10}, (1920, 1080, 60, 10)),
    ("zai", "cogvideox-3", {"image_url": [ONE], "size": "2048x1080"}, (2048, 1080, 30, 5)),
    ("zai", "cogvideox-3", {"image_url": [ONE, TWO]}, (1920, 1080, 30, 5)),
    ("zai", "viduq1-text", {"prompt": "x"}, VIDU_1080),
    ("zai", "viduq1-text", {"prompt": "x", "aspect_ratio": "9:16"}, (1080, 1920, 24, 5)),
    ("zai", "viduq1-text", {"prompt": "x", "aspect_ratio": "1:1"}, (1080, 1080, 24, 5)),
    ("zai", "viduq1-text", {"prompt": "x", "style": "anime"}, VIDU_1080),
    ("zai", "viduq1-image", {"image_url": ONE, "movement_amplitude": "large"}, VIDU_1080),
    ("zai", "viduq1-image", {"image_url": ONE, "size": "1920x1080", "duration": 5}, VIDU_1080),
    ("zai", "viduq1-start-end", {"image_url": [ONE, TWO]}, VIDU_1080),
    ("zai", "viduq1-start-end", {"image_url": [ONE]}, VIDU_1080),
    ("zai", "vidu2-image", {"image_url": ONE, "prompt": "x", "duration": 4}, VIDU_720),
    ("zai", "vidu2-start-end", {"image_url": [ONE, TWO]}, VIDU_720),
    ("zai", "vidu2-start-end", {"image_url": [ONE, TWO], "size": "720x480"}, (720, 480, 24, 4)),
    ("zai", "vidu2-reference", {"prompt": "x", "image_url": ONE}, VIDU_720),
    ("zai", "vidu2-reference", {"prompt": "x", "image_url": THREE}, VIDU_720),
    (
        "zai",
        "vidu2-reference",
        {"prompt": "x", "image_url": THREE, "aspect_ratio": "9:16"},
        (720, 1280, 24, 4),
    ),
    ("bigmodel", "cogvideox-3", {"image_url": [ONE, TWO], "size": "1280x720"}, (1280, 720, 30, 5)),
    ("bigmodel", "cogvideox-3", {"image_url": ONE, "duration": 10}, (1920, 1080, 30, 10)),
    ("bigmodel", "cogvideox-2", {"prompt": "x"}, (1920, 1080, 30, 5)),
    ("bigmodel", "cogvideox-2", {"prompt": "x", "size": "720x480", "fps": 60}, (720, 480, 60, 5)),
    ("bigmodel", "cogvideox-2", {"image_url": ONE, "duration": 10}, (1920, 1080, 30, 5)),
    ("bigmodel", "cogvideox-flash", {"prompt": "x"}, FIRST_API),
    ("bigmodel", "cogvideox-flash", {"prompt": "x", "size": "1280x960", "fps": 60}, FIRST_API),
    ("bigmodel", "cogvideox", {"prompt": "x", "size": "any", "fps": 7}, FIRST_API),
    ("bigmodel", "cogvideox", {"image_url": ONE}, FIRST_API),
    ("bigmodel", "viduq1-text", {"prompt": "x"}, VIDU_1080),
    ("bigmodel", "viduq1-image", {"image_url": ONE}, VIDU_1080),
    ("bigmodel", "viduq1-start-end", {"image_url": [ONE, TWO]}, VIDU_1080),
    ("bigmodel", "vidu2-image", {"image_url": ONE}, VIDU_720),
    (
        "bigmodel",
        "vidu2-start-end",
        {"image_url": [ONE, TWO], "size": "480x360"},
        (480, 360, 24, 4),
    ),
    ("bigmodel", "vidu2-reference", {"prompt": "x", "image_url": [ONE]}, VIDU_720),
    ("302ai", "cogvideox-2", {"prompt": "x", "size": "720x480", "fps": "30"}, (720, 480, 30, 5)),
    ("302ai", "cogvideox-3", {"prompt": "x", "fps": "60", "duration": "10"}, (1920, 1080, 60, 10)),
    ("302ai", "cogvideox-3", {"image_url": ONE, "fps": 60, "duration": 10}, (1920, 1080, 60, 10)),
    ("302ai", "cogvideox-3", {"prompt": "x", "quality": True}, (1920, 1080, 30, 5)),
]

# What is sent, the code, and the word of the message that says where.
REFUSED: list[tuple[str, str, Fields, str, str]] = [
    ("zai", "cogvideox-2", {"prompt": "x"}, "1211", "Model"),
    ("zai", "cogvideox-flash", {"prompt": "x"}, "1211", "Model"),
    ("zai", "viduq1-reference", {"prompt": "x"}, "1211", "Model"),
    ("zai", "vidu2-text", {"prompt": "x"}, "1211", "Model"),
    ("zai", "cogvideox-3", {"image_url": THREE}, "1214", "image_url"),
    ("zai", "viduq1-text", {}, "1214", "prompt"),
    ("zai", "viduq1-text", {"prompt": " "}, "1214", "prompt"),
    ("zai", "viduq1-text", {"prompt": "x", "image_url": ONE}, "1215", "image_url"),
    ("zai", "viduq1-text", {"prompt": "x" * 513}, "1261", "prompt"),
    ("zai", "viduq1-text", {"prompt": "x", "aspect_ratio": "4:3"}, "1214", "aspect_ratio"),
    ("zai", "viduq1-text", {"prompt": "x", "style": "oil"}, "1214", "style"),
    ("zai", "viduq1-text", {"prompt": "x", "duration": 4}, "1214", "duration"),
    ("zai", "viduq1-text", {"prompt": "x", "size": "1280x720"}, "1214", "size"),
    ("zai", "viduq1-image", {"prompt": "x"}, "1214", "image_url"),
    ("zai", "viduq1-image", {"image_url": [ONE]}, "1214", "a string"),
    ("zai", "viduq1-image", {"image_url": [ONE, TWO]}, "1214", "image_url"),
    ("zai", "viduq1-image", {"image_url": ONE, "with_audio": 1}, "1214", "with_audio"),
    (
        "zai",
        "viduq1-image",
        {"image_url": ONE, "movement_amplitude": "huge"},
        "1214",
        "movement_amplitude",
    ),
    ("zai", "viduq1-start-end", {"image_url": THREE}, "1214", "at most 2"),
    ("zai", "vidu2-image", {"image_url": ONE, "duration": 5}, "1214", "duration"),
    ("zai", "vidu2-image", {"image_url": ONE, "size": "1920x1080"}, "1214", "size"),
    ("zai", "vidu2-start-end", {"image_url": [ONE, TWO], "size": "480x360"}, "1214", "size"),
    ("zai", "vidu2-reference", {"image_url": THREE}, "1214", "prompt"),
    ("zai", "vidu2-reference", {"prompt": "x"}, "1214", "image_url"),
    ("zai", "vidu2-reference", {"prompt": "x", "image_url": [*THREE, ONE]}, "1214", "at most 3"),
    ("bigmodel", "cogvideox-3", {"image_url": [ONE]}, "1214", "list of 2"),
    ("bigmodel", "cogvideox-3", {"prompt": "x", "size": "720x480"}, "1214", "size"),
    ("bigmodel", "cogvideox-2", {"prompt": "x", "size": "1280x720"}, "1214", "size"),
    ("bigmodel", "cogvideox-2", {"image_url": [ONE, TWO]}, "1214", "at most 1"),
    ("bigmodel", "cogvideox-2", {"prompt": "x", "fps": "30"}, "1214", "fps"),
    ("bigmodel", "cogvideox-2", {"prompt": "x", "quality": True}, "1214", "quality"),
    ("bigmodel", "cogvideox-flash", {"prompt": "x", "fps": 24}, "1214", "fps"),
    ("bigmodel", "cogvideox-flash", {"image_url": [ONE]}, "1214", "a string"),
    ("bigmodel", "cogvideox", {"prompt": "x" * 513}, "1261", "prompt"),
    ("bigmodel", "cogvideox", {}, "1214", "empty"),
    ("302ai", "cogvideox-3", {"prompt": "x", "fps": "31"}, "1214", "fps"),
    ("302ai", "cogvideox-3", {"prompt": "x", "duration": "5.0"}, "1214", "duration"),
    ("302ai", "cogvideox-2", {"prompt": "x", "quality": "best"}, "1214", "quality"),
    ("302ai", "cogvideox-2", {"image_url": [ONE, TWO]}, "1214", "at most 1"),
    ("302ai", "vidu2-image", {"image_url": ONE}, "-10008", "channel"),
]


def name_of(part: object) -> str:
    """A case is named by what is sent; images are counted."""
    if not isinstance(part, dict):
        return part if isinstance(part, str) else "ok"
    fields = cast("Fields", part)
    shown = [
        f"{name}={len(value) if len(str(value)) > 12 else value}" for name, value in fields.items()
    ]
    return ",".join(shown) or "nothing"


def parsed(gateway: str, model: str, fields: Fields, rules: Rules | None = None) -> CreateRequest:
    body = json.dumps({"model": model, **fields}).encode()
    return parse_create(body, rules or Rules(), GATEWAYS[gateway])


@pytest.mark.parametrize(("gateway", "model", "fields", "clip"), ACCEPTED, ids=name_of)
def test_a_documented_create_becomes_a_clip_of_the_documented_measures(
    gateway: str, model: str, fields: Fields, clip: tuple[int, int, int, int]
) -> None:
    picture = parsed(gateway, model, fields).picture
    assert (picture.width, picture.height, picture.fps, picture.duration_s) == clip


@pytest.mark.parametrize(("gateway", "model", "fields", "code", "word"), REFUSED, ids=name_of)
def test_anything_else_is_refused_with_the_code_and_the_field(
    gateway: str, model: str, fields: Fields, code: str, word: str
) -> None:
    with pytest.raises(ApiError) as refused:
        parsed(gateway, model, fields)
    assert refused.value.code == code
    assert word in refused.value.message


def test_every_offer_of_every_gateway_is_in_the_table_above() -> None:
    offered = {
        (gateway.name, offer.model.name)
        for gateway in GATEWAYS.values()
        for offer in gateway.offers
    }
    assert {(gateway, model) for gateway, model, _, _ in ACCEPTED} == offered


def test_fields_that_a_model_lacks_are_ignored() -> None:
    lacking = {"quality": "any", "fps": 1, "style": "any", "aspect_ratio": "any"}
    plain = parsed("zai", "vidu2-image", {"image_url": ONE})
    assert parsed("zai", "vidu2-image", {"image_url": ONE, **lacking}).digest == plain.digest


@pytest.mark.parametrize(
    ("model", "sounds"),
    [
        ("cogvideox-2", True),
        ("cogvideox-flash", True),
        ("cogvideox", False),
        ("viduq1-image", False),
        ("vidu2-image", True),
        ("vidu2-start-end", True),
    ],
)
def test_only_models_with_sound_give_it(model: str, sounds: bool) -> None:
    fields = {"image_url": ONE, "with_audio": True}
    assert parsed("bigmodel", model, fields).picture.with_audio is sounds


def test_the_vendors_mark_goes_only_where_the_account_has_signed_for_it() -> None:
    without = {"prompt": "x", "watermark_enabled": False}
    assert parsed("bigmodel", "cogvideox-2", {"prompt": "x"}).picture.watermark
    with pytest.raises(ApiError, match="watermark_enabled"):
        parsed("bigmodel", "cogvideox-2", without)
    signed = Rules(watermark_removal_signed=True)
    assert not parsed("bigmodel", "cogvideox-2", without, signed).picture.watermark
    assert not parsed("zai", "cogvideox-3", without).picture.watermark


def test_two_images_at_best_quality_are_z_ais_open_question_alone() -> None:
    fields = {"image_url": [ONE, TWO], "quality": "quality"}
    strict = Rules(first_last_quality="reject")
    with pytest.raises(ApiError, match="quality"):
        parsed("zai", "cogvideox-3", fields, strict)
    parsed("zai", "cogvideox-3", fields)
    parsed("bigmodel", "cogvideox-3", fields, strict)


def test_every_setting_that_changes_the_clip_changes_the_digest() -> None:
    fields: list[Fields] = [
        {},
        {"aspect_ratio": "1:1"},
        {"movement_amplitude": "small"},
        {"style": "anime"},
    ]
    requests = [parsed("zai", "viduq1-text", {"prompt": "x", **extra}) for extra in fields]
    marked = parsed("bigmodel", "viduq1-text", {"prompt": "x"})
    assert len({request.digest for request in (*requests, marked)}) == len(fields) + 1


# Width and height of each picture that is sent.
PICTURES: dict[str, tuple[str, list[tuple[int, int]], str]] = {
    "nearly four to one": ("viduq1-image", [(399, 100)], ""),
    "four to one": ("viduq1-image", [(400, 100)], "ratio"),
    "one to four": ("vidu2-image", [(100, 400)], "ratio"),
    "wide, for CogVideoX": ("cogvideox-3", [(400, 10)], ""),
    "frames alike": ("vidu2-start-end", [(160, 100), (200, 100)], ""),
    "frames just as alike": ("vidu2-start-end", [(200, 100), (160, 100)], ""),
    "last frame too large": ("vidu2-start-end", [(158, 100), (200, 100)], "resolution"),
    "first frame too large": ("viduq1-start-end", [(200, 100), (158, 100)], "resolution"),
    "frames of any size, for CogVideoX": ("cogvideox-3", [(100, 100), (400, 400)], ""),
    "small references": ("vidu2-reference", [(128, 128), (300, 128)], ""),
    "a reference too small": ("vidu2-reference", [(200, 200), (300, 127)], "128x128"),
}


@pytest.mark.parametrize(("model", "sizes", "word"), PICTURES.values(), ids=PICTURES.keys())
def test_pictures_are_measured_as_the_documents_say(
    make_picture: Callable[..., bytes],
    as_data_uri: Callable[..., str],
    model: str,
    sizes: list[tuple[int, int]],
    word: str,
) -> None:
    images = [as_data_uri(make_picture(width=width, height=height)) for width, height in sizes]
    fields = {"prompt": "x", "image_url": images if len(images) > 1 else images[0]}
    if word:
        with pytest.raises(ApiError, match=word) as refused:
            parsed("zai", model, fields)
        assert refused.value.code == "1214"
    else:
        assert len(parsed("zai", model, fields).images) == len(sizes)


@pytest.mark.parametrize(
    ("model", "taken"), [("vidu2-image", True), ("viduq1-image", True), ("cogvideox-3", False)]
)
def test_webp_is_for_vidu(
    make_picture: Callable[..., bytes], as_data_uri: Callable[..., str], model: str, taken: bool
) -> None:
    webp = as_data_uri(make_picture(kind="WEBP"), "webp")
    for image in (webp, webp.partition(",")[2]):
        if taken:
            assert parsed("zai", model, {"image_url": image}).images[0].content
        else:
            with pytest.raises(ApiError, match="image_url"):
                parsed("zai", model, {"image_url": image})


def test_vidu_takes_images_of_50_mb(
    make_picture: Callable[..., bytes], as_data_uri: Callable[..., str]
) -> None:
    rules = VIDU2_IMAGE.images
    assert rules is not None
    whole = make_picture()
    largest = whole + bytes(50 * 1024 * 1024 - len(whole))  # decoders ignore what follows a PNG
    uri = as_data_uri(largest)
    assert read_images([uri], rules)
    with pytest.raises(ApiError, match="50 MB"):
        read_images([uri.rstrip("=") + "AAAAAAAA"], rules)


def test_any_mix_of_odd_values_is_refused_or_accepted_and_nothing_else() -> None:
    rng = random.Random(11)  # noqa: S311  # repeatable
    odd: list[Any] = [None, True, 0, 4, 5, "5", "1:1", "large", "anime", 10**400, "", [], {}, ONE]
    odd += [[ONE], [ONE, TWO], THREE, [None], "\ud800", "data:image/webp;base64,AAAA", 1.5]
    names = ["prompt", "image_url", "quality", "size", "fps", "duration", "with_audio", "style"]
    names += ["aspect_ratio", "movement_amplitude", "watermark_enabled", "request_id", "user_id"]
    accepted = refused = 0
    for gateway in GATEWAYS.values():
        for offer in gateway.offers:
            for _ in range(200):
                fields = {name: rng.choice(odd) for name in rng.sample(names, 4)}
                try:
                    parsed(gateway.name, offer.model.name, {"prompt": "x", **fields})
                    accepted += 1
                except ApiError as error:
                    assert error.status == 400  # noqa: PT017  # either outcome is fine
                    refused += 1
    assert accepted > 20
    assert refused > 1000
