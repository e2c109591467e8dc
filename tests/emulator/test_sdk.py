"""The vendor's own client, unchanged, makes videos with the emulator."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest
import zai
from zai.core import APIAuthenticationError, APIReachLimitError, APIRequestFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


def make(client: Client, **fields: object) -> bytes:
    """Create, poll and download."""
    task = client.videos.generations(model="cogvideox-3", **fields)
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
