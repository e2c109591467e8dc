from __future__ import annotations

import dataclasses
import json

from bot.domain.request import VideoRequest
from providers.capabilities import capability_for
from providers.zhipu_create import Dialect, create_body

ROW = capability_for("zai", "cogvideox-3")


def sent(request: VideoRequest, *images: str) -> dict[str, object]:
    body = create_body(
        request,
        image_data_uris=images,
        request_id="cogreel-1-1",
        user_id="member-pseudonym",
        capability=ROW,
        dialect=Dialect(),
    )
    fields: dict[str, object] = json.loads(body)
    return fields


def test_unset_options_are_left_out() -> None:
    assert sent(VideoRequest(model="cogvideox-3", prompt="a fox")) == {
        "model": "cogvideox-3",
        "prompt": "a fox",
        "request_id": "cogreel-1-1",
        "user_id": "member-pseudonym",
    }


def test_every_option_goes_out_under_the_vendors_name_and_type() -> None:
    request = VideoRequest(
        model="cogvideox-3",
        prompt="a fox",
        size="1280x720",
        duration_s=10,
        quality="quality",
        fps=60,
        with_audio=True,
    )
    fields = sent(request)
    assert fields["size"] == "1280x720"
    assert fields["duration"] == 10
    assert fields["quality"] == "quality"
    assert fields["fps"] == 60
    assert fields["with_audio"] is True


def test_one_image_is_a_string_and_two_are_an_array_in_their_order() -> None:
    one = VideoRequest(model="cogvideox-3", prompt="", images=("a",))
    assert sent(one, "data:image/jpeg;base64,AA")["image_url"] == "data:image/jpeg;base64,AA"
    assert "prompt" not in sent(one, "data:image/jpeg;base64,AA")
    two = VideoRequest(model="cogvideox-3", prompt="x", images=("a", "b"))
    assert sent(two, "data:first", "data:last")["image_url"] == ["data:first", "data:last"]


def test_what_the_models_row_lacks_is_never_sent() -> None:
    bare = dataclasses.replace(
        ROW, model="other", sizes=(), durations_s=(), fps=(), qualities=(), audio=False
    )
    request = VideoRequest(
        model="other",
        prompt="x",
        size="1x1",
        duration_s=5,
        fps=30,
        quality="speed",
        with_audio=True,
    )
    body = create_body(
        request,
        image_data_uris=(),
        request_id="123456",
        user_id="123456",
        capability=bare,
        dialect=Dialect(),
    )
    assert json.loads(body).keys() == {"model", "prompt", "request_id", "user_id"}


def test_the_body_is_compact_raw_utf_8_and_the_same_each_time() -> None:
    request = VideoRequest(model="cogvideox-3", prompt="雪の狐")
    bodies = {
        create_body(
            request,
            image_data_uris=(),
            request_id="abcdef",
            user_id="abcdef",
            capability=ROW,
            dialect=Dialect(),
        )
        for _ in range(3)
    }
    assert bodies == {
        '{"model":"cogvideox-3","prompt":"雪の狐","request_id":"abcdef","user_id":"abcdef"}'.encode()
    }
