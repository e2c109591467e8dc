"""Every model, gateway and mode: what our check lets through, the API takes."""

from __future__ import annotations

import base64
import io
import json
from functools import cache
from itertools import count, product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.domain.capability import Capability, Choice, Picture, images_taken
from bot.domain.errors import InvalidOptionError, UnusableImageError
from bot.domain.request import Mode, VideoRequest
from bot.domain.validation import check_pictures, check_request
from emulator.errors import ApiError
from emulator.gateways import GATEWAYS as EMULATED
from emulator.requests import CreateRequest, Rules, parse_create
from emulator.server import Emulator
from providers.capabilities import CAPABILITIES
from providers.credentials import Credentials
from providers.gateways import GATEWAYS
from providers.transport import ZhipuTransport
from providers.zhipu_create import Dialect, create_body

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp

MODES = [
    (row, mode, images)
    for row in CAPABILITIES
    for mode in row.modes
    for images in range(images_taken(row, mode)[0], images_taken(row, mode)[1] + 1)
]
EVERY_MODE = pytest.mark.parametrize(
    ("row", "mode", "images"),
    [
        pytest.param(row, mode, images, id=f"{row.gateway}-{row.model}-{mode}-{images}")
        for row, mode, images in MODES
    ],
)
# What one gateway or another takes, and what none does.
ANY: dict[Choice, tuple[Any, ...]] = {
    choice: (None, *dict.fromkeys(value for row in CAPABILITIES for value in row.values(choice)))
    for choice in Choice
}
ODD: dict[Choice, tuple[Any, ...]] = {
    Choice.SIZE: ("1x1", "1280X720", ""),
    Choice.DURATION: (0, -5, 7),
    Choice.FPS: (0, 24, 29),
    Choice.QUALITY: ("best", "SPEED"),
    Choice.ASPECT_RATIO: ("4:3", "16/9"),
    Choice.STYLE: ("noir",),
    Choice.MOVEMENT: ("wild",),
}
FIELDS = {Choice.DURATION: "duration_s"}
AS_UPSTREAM, AS_TEXT = Dialect(), Dialect(types_as_text=True)
STRICT = Rules(first_last_quality="reject")
numbers = count(1)


def wish(
    row: Capability,
    mode: Mode,
    images: int,
    prompt: str = "A calm sea",
    **more: Any,  # noqa: ANN401  # each option has its own type
) -> VideoRequest:
    inputs = tuple(f"artifact-{number}" for number in range(images))
    references = mode is Mode.REFERENCES
    return VideoRequest(
        model=row.model,
        prompt=prompt,
        images=() if references else inputs,
        references=inputs if references else (),
        **more,
    )


def dialects(row: Capability) -> tuple[Dialect, ...]:
    return (AS_UPSTREAM, AS_TEXT) if GATEWAYS[row.gateway].takes_text else (AS_UPSTREAM,)


def options(chosen: dict[Choice, Any]) -> dict[str, Any]:
    return {FIELDS.get(choice, choice.value): value for choice, value in chosen.items()}


@cache
def picture(width_px: int = 160, height_px: int = 160) -> str:
    file = io.BytesIO()
    Image.new("RGB", (width_px, height_px), "teal").save(file, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def body(
    request: VideoRequest,
    row: Capability,
    dialect: Dialect = AS_UPSTREAM,
    images: tuple[str, ...] | None = None,
) -> bytes:
    return create_body(
        request,
        image_data_uris=(picture(),) * len(request.inputs) if images is None else images,
        request_id=f"cogreel-test-{next(numbers)}",
        user_id="pseudonym",
        capability=row,
        dialect=dialect,
    )


def taken(sent: bytes, row: Capability) -> CreateRequest:
    return parse_create(sent, STRICT, EMULATED[row.gateway])


@EVERY_MODE
def test_every_combination_of_the_table_passes_our_check_and_theirs(
    row: Capability, mode: Mode, images: int
) -> None:
    choices = [choice for choice in Choice if row.values(choice, mode)]
    values: list[tuple[Any, ...]] = [(None, *row.values(choice, mode)) for choice in choices]
    # One by one with all others at their last value, and all at their first: the product of all
    # would be thousands of the same.
    picked = {tuple(each[place] for each in values) for place in (0, -1)}
    picked |= {
        tuple(value if place == at else others[-1] for place, others in enumerate(values))
        for at, each in enumerate(values)
        for value in each
    }
    for dialect, chosen, with_audio in product(dialects(row), picked, {False, row.audio}):
        request = wish(
            row,
            mode,
            images,
            with_audio=with_audio,
            **options(dict(zip(choices, chosen, strict=True))),
        )
        check_request(request, row)
        accepted = taken(body(request, row, dialect), row)
        assert accepted.offer.model.name == row.model
        assert len(accepted.images) == images


@EVERY_MODE
def test_a_clip_is_made_as_it_was_asked_for(row: Capability, mode: Mode, images: int) -> None:
    for choice, attribute in (
        (Choice.DURATION, "duration_s"),
        (Choice.FPS, "fps"),
        (Choice.STYLE, "style"),
        (Choice.MOVEMENT, "movement"),
    ):
        for value in row.values(choice, mode):
            accepted = taken(body(wish(row, mode, images, **options({choice: value})), row), row)
            if accepted.offer.model.fixed is None:
                assert getattr(accepted.picture, attribute) == value


@given(st.data())
def test_whatever_our_check_lets_through_the_api_takes(data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(CAPABILITIES))
    mode = data.draw(st.sampled_from(Mode))
    least, most = {Mode.TEXT: (0, 0), Mode.FIRST_FRAME: (1, 1), Mode.REFERENCES: (1, 3)}.get(
        mode, (2, 2)
    )
    request = wish(
        row,
        mode,
        data.draw(st.integers(least, most)),
        data.draw(st.sampled_from(("", "x", "x" * 512, "x" * 513)) | st.text(max_size=40)).strip(),
        with_audio=data.draw(st.booleans()),
        **options(
            {
                choice: data.draw(
                    st.none()
                    | st.sampled_from((*row.values(choice), None))
                    | st.sampled_from((*ANY[choice], *ODD[choice]))
                )
                for choice in Choice
            }
        ),
    )
    try:
        check_request(request, row)
    except InvalidOptionError:
        return
    taken(body(request, row, data.draw(st.sampled_from(dialects(row)))), row)


@given(
    row=st.sampled_from([row for row in CAPABILITIES if row.images]),
    first=st.tuples(st.integers(64, 400), st.integers(64, 400)),
    last=st.tuples(st.integers(64, 400), st.integers(64, 400)),
)
@example(row=CAPABILITIES[3], first=(100, 100), last=(80, 100))
@example(row=CAPABILITIES[3], first=(80, 100), last=(100, 100))
@example(row=CAPABILITIES[6], first=(128, 127), last=(128, 128))
@example(row=CAPABILITIES[2], first=(400, 100), last=(400, 100))
def test_images_are_refused_before_they_are_sent_where_the_api_would_refuse_them(
    row: Capability, first: tuple[int, int], last: tuple[int, int]
) -> None:
    for mode in row.modes:
        if mode is Mode.TEXT:
            continue
        sizes = [first, last][: images_taken(row, mode)[1]]
        pictures = {
            f"image{place}": Picture(width_px=size[0], height_px=size[1])
            for place, size in enumerate(sizes)
        }
        sent = body(
            wish(row, mode, len(sizes)), row, images=tuple(picture(*size) for size in sizes)
        )
        try:
            check_pictures(pictures, mode, row)
        except UnusableImageError:
            with pytest.raises(ApiError):
                taken(sent, row)
        else:
            taken(sent, row)


@pytest.mark.parametrize("row", CAPABILITIES, ids=lambda row: f"{row.gateway}-{row.model}")
def test_the_table_and_the_emulators_agree_on_price_and_room(row: Capability) -> None:
    offer = EMULATED[row.gateway].find(row.model)
    assert offer is not None
    if row.price is not None:
        assert row.price.micros == round(float(offer.price) * 1_000_000)
        assert row.price.currency == EMULATED[row.gateway].currency
    assert offer.in_flight_limit in (None, row.in_flight)


def test_the_vendors_mark_is_left_off_only_where_that_can_be_asked_for() -> None:
    without = Dialect(watermark=False)
    for row in CAPABILITIES:
        images = images_taken(row, row.modes[0])[1]
        sent = json.loads(body(wish(row, row.modes[0], images), row, without))
        assert sent.get("watermark_enabled") is (False if row.watermark else None)


# --- over HTTP --------------------------------------------------------------------------------


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(in_flight_limit=1_000, render_delay_s=3600) as running:
        yield running


def client(
    emulator: Emulator,
    session: aiohttp.ClientSession,
    gateway: str,
    *,
    kind: Any = "raw",  # noqa: ANN401  # a literal
) -> ZhipuTransport:
    key = SecretStr(emulator.keys[gateway])
    return ZhipuTransport(
        session,
        base_url=emulator.base_of(gateway),
        credentials=Credentials(key, kind=kind, clock=SystemClock()),
    )


async def test_each_mode_of_each_model_is_accepted_and_charged_once(
    emulator: Emulator, session: aiohttp.ClientSession
) -> None:
    expected: list[tuple[str, str]] = []
    for row, mode, images in MODES:
        transport = client(emulator, session, row.gateway)
        for dialect in dialects(row):
            await transport.create(body(wish(row, mode, images), row, dialect))
            expected.append((row.gateway, row.model))
    assert [(entry.gateway, entry.model) for entry in emulator.ledger] == expected


@pytest.mark.parametrize("gateway", ["zai", "bigmodel"])
async def test_a_token_opens_what_the_key_opens(
    emulator: Emulator, session: aiohttp.ClientSession, gateway: str
) -> None:
    row = next(row for row in CAPABILITIES if row.gateway == gateway)
    transport = client(emulator, session, gateway, kind="jwt")
    created = await transport.create(body(wish(row, Mode.TEXT, 0), row))
    await transport.poll(created.task_id)
