"""The vendor's own client, unchanged, makes videos with the emulator."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest
import zai
from zai.core import APIAuthenticationError, APIReachLimitError, APIRequestFailedError

from emulator.server import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from tests.emulator.conftest import Probe

Client = Any  # the vendor's package ships no types
PATIENCE_POLLS = 600
BEAT_S = 0.05


@pytest.fixture
def client(served: dict[str, str]) -> Iterator[Client]:
    client: Client = zai.ZaiClient(
        api_key=served["api_key"], base_url=served["api_base"], max_retries=0
    )
    yield client
    client.close()


def make(client: Client, *, model: str = "cogvideox-3", **fields: object) -> bytes:
    """Create, poll and download."""
    task = client.videos.generations(model=model, **fields)
    assert task.task_status == "PROCESSING"
    pause = threading.Event()
    done = task
    for _ in range(PATIENCE_POLLS):
        if done.task_status != "PROCESSING":
            break
        pause.wait(BEAT_S)
        done = client.videos.retrieve_videos_result(id=task.id)
    assert done.task_status == "SUCCESS"
    assert httpx.get(done.video_result[0].cover_image_url).content[:2] == b"\xff\xd8"
    return httpx.get(done.video_result[0].url).content


def test_a_prompt_becomes_a_clip_with_sound(
    client: Client, probe: Callable[[bytes], Probe]
) -> None:
    found = probe(make(client, prompt="sunset over the sea", size="1280x720", with_audio=True))
    assert (found.codec, found.profile, found.pix_fmt) == ("h264", "High", "yuv420p")
    assert (found.size, found.fps, found.frames, found.duration_s) == ((1280, 720), 30, 150, 5)
    assert found.index_first
    assert found.audio_codec == "aac"
    assert found.loudness > 0.02


def test_one_image_becomes_a_camera_move_that_begins_with_it(
    client: Client,
    probe: Callable[[bytes], Probe],
    frame: Callable[[bytes, int], Any],
    make_picture: Callable[..., bytes],
    as_data_uri: Callable[..., str],
) -> None:
    image = as_data_uri(make_picture(colour="teal", width=800, height=800))
    clip = make(client, prompt="slowly closer", image_url=image, size="720x1280", quality="speed")
    found = probe(clip)
    assert (found.size, found.frames, found.audio_codec) == ((720, 1280), 150, None)
    assert np.allclose(frame(clip, 0)[:600].mean(axis=(0, 1)), (0, 128, 128), atol=4)


def test_two_images_become_a_transition_from_the_first_to_the_last(
    client: Client,
    probe: Callable[[bytes], Probe],
    frame: Callable[[bytes, int], Any],
    make_picture: Callable[..., bytes],
    as_data_uri: Callable[..., str],
) -> None:
    images = [
        as_data_uri(make_picture(colour="navy")),
        as_data_uri(make_picture(colour="orange", kind="JPEG"), "jpeg"),
    ]
    clip = make(client, prompt="day breaks", image_url=images, size="1280x720", fps=30, duration=5)
    assert probe(clip).frames == 150
    assert np.allclose(frame(clip, 0)[:600].mean(axis=(0, 1)), (0, 0, 128), atol=4)
    assert np.allclose(frame(clip, 149)[:600].mean(axis=(0, 1)), (255, 165, 0), atol=4)
    middle = frame(clip, 78)[:600].astype(int)
    blue, orange = (middle[..., 2] > 100).mean(), (middle[..., 0] > 200).mean()
    assert blue > 0.1
    assert orange > 0.1


def test_refusals_reach_the_client_as_its_own_errors(
    client: Client, served: dict[str, str]
) -> None:
    with pytest.raises(APIRequestFailedError) as refused:
        client.videos.generations(model="cogvideox-3", prompt="x" * 513)
    assert refused.value.response.json()["error"]["code"] == "1261"

    order = {"faults": [{"on": "create", "do": "error 429 1113"}]}
    assert httpx.post(served["knobs"], content=json.dumps(order)).status_code == 200
    with pytest.raises(APIReachLimitError):
        client.videos.generations(model="cogvideox-3", prompt="x")


# The vendor's keys are that short.
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_wrong_key_is_refused_and_a_signed_token_is_accepted(served: dict[str, str]) -> None:
    with (
        zai.ZaiClient(api_key="1.2", base_url=served["api_base"], max_retries=0) as stranger,
        pytest.raises(APIAuthenticationError),
    ):
        stranger.videos.retrieve_videos_result(id="1")
    with (
        zai.ZaiClient(
            api_key=served["api_key"],
            base_url=served["api_base"],
            max_retries=0,
            disable_token_cache=False,
        ) as signing,
        pytest.raises(APIRequestFailedError) as refused,
    ):
        signing.videos.retrieve_videos_result(id="1")
    assert refused.value.response.json()["error"]["code"] == "1233"


FIRST, LAST = "https://example.com/1.png", "https://example.com/2.png"
MODES: dict[str, dict[str, Any]] = {
    "words": {"model": "cogvideox-3", "prompt": "a boat", "size": "1280x720", "fps": 60},
    "one image": {"model": "cogvideox-3", "image_url": FIRST, "quality": "quality"},
    "first and last": {"model": "cogvideox-3", "image_url": [FIRST, LAST], "quality": "speed"},
    "Vidu, words": {
        "model": "viduq1-text",
        "prompt": "a boat",
        "style": "anime",
        "aspect_ratio": "9:16",
        "movement_amplitude": "large",
    },
    "Vidu, one image": {"model": "viduq1-image", "image_url": FIRST, "duration": 5},
    "Vidu, frames": {"model": "viduq1-start-end", "image_url": [FIRST, LAST]},
    "Vidu 2, one image": {"model": "vidu2-image", "image_url": FIRST, "with_audio": True},
    "Vidu 2, frames": {"model": "vidu2-start-end", "image_url": [FIRST, LAST], "off_peak": False},
    "Vidu 2, references": {
        "model": "vidu2-reference",
        "prompt": "they meet",
        "image_url": [FIRST, LAST, FIRST],
        "aspect_ratio": "1:1",
    },
}
BIGMODEL_MODES = MODES | {
    "CogVideoX-2": {"model": "cogvideox-2", "prompt": "a boat", "watermark_enabled": True},
    "Flash": {"model": "cogvideox-flash", "prompt": "a boat", "with_audio": True},
    "the first API": {"model": "cogvideox", "prompt": "a boat"},
}


@pytest.fixture
async def idle() -> AsyncIterator[Emulator]:
    """One whose renders nobody waits for: they end with it."""
    async with Emulator(in_flight_limit=100) as emulator:
        yield emulator


@pytest.mark.parametrize(
    ("make_client", "gateway", "modes"),
    [
        pytest.param(zai.ZaiClient, "zai", MODES, id="ZaiClient"),
        pytest.param(zai.ZhipuAiClient, "bigmodel", BIGMODEL_MODES, id="ZhipuAiClient"),
        pytest.param(
            zai.ZhipuAiClient,
            "302ai",
            {name: mode for name, mode in MODES.items() if not name.startswith("Vidu")},
            id="302.AI",
        ),
    ],
)
async def test_the_vendors_clients_are_accepted_in_every_mode_that_they_offer(
    idle: Emulator,
    make_client: Callable[..., Client],
    gateway: str,
    modes: dict[str, dict[str, Any]],
) -> None:
    def call_all() -> list[str]:
        with make_client(
            api_key=idle.keys[gateway], base_url=idle.base_of(gateway), max_retries=0
        ) as client:
            tasks = [client.videos.generations(**fields) for fields in modes.values()]
            return [client.videos.retrieve_videos_result(id=task.id).task_status for task in tasks]

    assert await asyncio.to_thread(call_all) == ["PROCESSING"] * len(modes)
    assert [entry.model for entry in idle.ledger] == [mode["model"] for mode in modes.values()]


def test_references_become_a_clip_in_the_asked_aspect_with_sound(
    served: dict[str, str],
    probe: Callable[[bytes], Probe],
    make_picture: Callable[..., bytes],
    as_data_uri: Callable[..., str],
) -> None:
    picture = as_data_uri(make_picture(colour="red", kind="WEBP"), "webp")
    with zai.ZhipuAiClient(
        api_key=served["bigmodel_key"], base_url=served["bigmodel_base"], max_retries=0
    ) as client:
        clip = make(
            client,
            model="vidu2-reference",
            prompt="a fox by the sea",
            image_url=[picture, FIRST],
            aspect_ratio="9:16",
            with_audio=True,
        )
    found = probe(clip)
    assert (found.size, found.fps, found.frames) == ((720, 1280), 24, 96)
    assert found.audio_codec == "aac"
