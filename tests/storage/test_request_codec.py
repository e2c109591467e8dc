from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import StorageError
from bot.domain.request import VideoRequest
from storage.request_codec import decode_request, encode_request

any_text = st.text(st.characters(exclude_categories=()))  # lone surrogates too
requests = st.builds(
    VideoRequest,
    model=any_text,
    prompt=any_text,
    images=st.lists(any_text, max_size=2).map(tuple),
    size=st.none() | any_text,
    duration_s=st.none() | st.integers(),
    quality=st.none() | any_text,
    fps=st.none() | st.integers(),
    with_audio=st.booleans(),
    aspect_ratio=st.none() | any_text,
    style=st.none() | any_text,
    movement=st.none() | any_text,
)
references = st.lists(any_text, min_size=1, max_size=3).map(tuple)


@given(requests | st.builds(replace, requests, images=st.just(()), references=references))
def test_a_request_comes_back_as_it_was(request: VideoRequest) -> None:
    text = encode_request(request)
    text.encode()  # what is no UTF-8 cannot be stored
    assert decode_request(text) == request


@pytest.mark.parametrize(
    "change",
    [
        {"version": 3},
        {"version": True},
        {"version": None},
        {"prompt": 5},
        {"prompt": None},
        {"with_audio": 1},
        {"fps": True},
        {"fps": 30.0},
        {"images": "ab"},
        {"images": ["a", "b", "c"]},
        {"references": ["a", "b", "c", "d"]},
        {"references": None},
        {"images": ["a"], "references": ["b"]},
        {"style": 1},
        {"images": [1]},
        {"surprise": 1},
    ],
)
def test_anything_else_is_refused(change: dict[str, object]) -> None:
    fields = json.loads(encode_request(VideoRequest(model="m", prompt="p")))
    with pytest.raises(StorageError):
        decode_request(json.dumps(fields | change))


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "{"])
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(StorageError):
        decode_request(text)


def test_what_the_first_version_wrote_is_still_read() -> None:
    text = (
        '{"version":1,"model":"cogvideox-3","prompt":"p","images":["a","b"],"size":"1280x720",'
        '"duration_s":5,"quality":null,"fps":30,"with_audio":true}'
    )
    assert decode_request(text) == VideoRequest(
        model="cogvideox-3",
        prompt="p",
        images=("a", "b"),
        size="1280x720",
        duration_s=5,
        fps=30,
        with_audio=True,
    )
