from __future__ import annotations

import json

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
)


@given(requests)
def test_a_request_comes_back_as_it_was(request: VideoRequest) -> None:
    text = encode_request(request)
    assert text.isascii()
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
