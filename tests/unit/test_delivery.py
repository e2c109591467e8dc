"""The ladder: whatever a clip is and wherever it goes, it ends playable or as a link."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import delivery
from bot.domain.delivery import (
    DEFAULT_LIMIT_BYTES,
    MIB,
    LinkReason,
    Plan,
    Rung,
    encode_plan,
    limit_after_refusal,
    plan,
)
from bot.domain.job import Clip, unknown_clip

CLIP = Clip(
    artifact_id="c" * 64,
    size_bytes=5 * MIB,
    width_px=1920,
    height_px=1080,
    duration_s=10.0,
    fps=30.0,
    has_audio=False,
    attachable=True,
    picture_plays=True,
)
MOOV_LAST = replace(CLIP, attachable=False)
HEVC = replace(CLIP, attachable=False, picture_plays=False)

SIZES_MIB = (9.9, 10.1, 49, 60, 101)
LIMITS_MIB = (10, 50, 100)
FRAMES = ((1920, 1080), (3840, 2160), (1080, 1920), (2160, 3840), (1281, 721))
KINDS = (CLIP, MOOV_LAST, HEVC)  # H.264 moov first, moov last, and HEVC or AV1


@pytest.mark.parametrize(
    ("clip", "limit_bytes", "may_attach", "expected"),
    [
        (CLIP, 5 * MIB, True, Plan(rung=Rung.ATTACH)),
        (MOOV_LAST, 5 * MIB, True, Plan(rung=Rung.REMUX)),
        (CLIP, 5 * MIB, False, Plan(rung=Rung.LINK, why_link=LinkReason.FILES_NOT_PERMITTED)),
        (CLIP, 0, True, Plan(rung=Rung.LINK, why_link=LinkReason.TOO_LARGE)),
        (
            unknown_clip("c" * 64, 5),
            5 * MIB,
            True,
            Plan(rung=Rung.LINK, why_link=LinkReason.NOT_AT_HAND),
        ),
    ],
    ids=["fits", "moov last", "not permitted", "no file at all", "unknown"],
)
def test_the_best_rung_is_taken(
    clip: Clip, limit_bytes: int, may_attach: bool, expected: Plan
) -> None:
    assert plan(clip, limit_bytes=limit_bytes, may_attach=may_attach) == expected


@pytest.mark.parametrize("clip", [HEVC, replace(CLIP, size_bytes=5 * MIB + 1)])
def test_what_does_not_play_or_fit_is_encoded_once(clip: Clip) -> None:
    assert plan(clip, limit_bytes=5 * MIB, may_attach=True).rung is Rung.ENCODE


@pytest.mark.parametrize(
    ("kind", "size_mib", "limit_mib", "frame", "fps", "has_audio"),
    list(product(KINDS, SIZES_MIB, LIMITS_MIB, FRAMES, (30.0, 60.0), (True, False))),
)
def test_every_result_of_a_model_is_posted_as_a_file_that_fits(
    kind: Clip,
    size_mib: float,
    limit_mib: int,
    frame: tuple[int, int],
    fps: float,
    has_audio: bool,
) -> None:
    clip = replace(
        kind,
        size_bytes=int(size_mib * MIB),
        width_px=frame[0],
        height_px=frame[1],
        fps=fps,
        has_audio=has_audio,
    )
    limit_bytes = limit_mib * MIB
    found = plan(clip, limit_bytes=limit_bytes, may_attach=True)
    fits = clip.size_bytes <= limit_bytes
    if kind is CLIP and fits:
        assert found.rung is Rung.ATTACH
    elif kind is MOOV_LAST and fits:
        assert found.rung is Rung.REMUX
    else:
        assert found.rung is Rung.ENCODE
        assert_bound_to_fit(clip, found, limit_bytes)
    # And where Discord refuses what its limit allowed: one rung down each time, at most twice.
    sizes = {Rung.ATTACH: clip.size_bytes, Rung.REMUX: clip.size_bytes}
    after = limit_after_refusal(
        sizes.get(found.rung, limit_bytes), was_encoded=found.rung is Rung.ENCODE
    )
    second = plan(clip, limit_bytes=min(after, limit_bytes), may_attach=True)
    if found.rung is Rung.ENCODE:
        assert second.rung is Rung.LINK
    else:
        assert second.rung is Rung.ENCODE
        assert_bound_to_fit(clip, second, after)
        assert limit_after_refusal(after, was_encoded=True) == 0


def assert_bound_to_fit(clip: Clip, found: Plan, limit_bytes: int) -> None:
    encode = found.encode
    assert encode is not None
    sound_bps = delivery.AUDIO_BPS if clip.has_audio else 0
    # A rate buffer of one second adds 0.9 s at the most.
    bits = encode.picture_bps * (clip.duration_s + 0.9) + sound_bps * clip.duration_s
    assert bits <= limit_bytes * 8
    assert encode.width_px % 2 == encode.height_px % 2 == 0
    assert max(encode.width_px, encode.height_px) <= 1920
    assert min(encode.width_px, encode.height_px) <= 1080
    assert encode.fps <= 60
    assert encode.width_px / encode.height_px == pytest.approx(
        clip.width_px / clip.height_px, rel=0.01
    )


@pytest.mark.parametrize(
    ("frame", "limit_mib", "fitted"),
    [
        ((3840, 2160), 10, (1920, 1080)),  # never above 1080p
        ((1080, 1920), 10, (1080, 1920)),
        ((1920, 1080), 4, (1920, 1080)),  # 0.054 bits a pixel of one frame
        ((1920, 1080), 2, (1280, 720)),
        ((1920, 1080), 1, (960, 540)),
        ((1280, 720), 100, (1280, 720)),  # and never larger than it was
        ((1281, 721), 10, (1280, 720)),
    ],
)
def test_fewer_pixels_only_where_too_few_bits_are_left_for_each(
    frame: tuple[int, int], limit_mib: int, fitted: tuple[int, int]
) -> None:
    clip = replace(HEVC, width_px=frame[0], height_px=frame[1])
    encode = encode_plan(clip, limit_bytes=limit_mib * MIB).encode
    assert encode is not None
    assert (encode.width_px, encode.height_px) == fitted


def test_what_would_have_less_than_60_kbit_a_second_is_a_link() -> None:
    clip = replace(CLIP, duration_s=1400.0, size_bytes=60 * MIB)
    assert encode_plan(clip, limit_bytes=10 * MIB) == Plan(
        rung=Rung.LINK, why_link=LinkReason.TOO_LARGE
    )
    assert encode_plan(replace(clip, duration_s=1300.0), limit_bytes=10 * MIB).rung is Rung.ENCODE


@pytest.mark.parametrize(
    ("size_bytes", "was_encoded", "limit_bytes"),
    [
        (60 * MIB, False, DEFAULT_LIMIT_BYTES),
        (DEFAULT_LIMIT_BYTES, False, 8 * MIB),
        (8 * MIB, False, 0),
        (20_000, False, 0),
        (60 * MIB, True, 0),
    ],
)
def test_a_refused_size_leads_one_rung_down(
    size_bytes: int, was_encoded: bool, limit_bytes: int
) -> None:
    assert limit_after_refusal(size_bytes, was_encoded=was_encoded) == limit_bytes


@given(
    width=st.integers(1, 20_000),
    height=st.integers(1, 20_000),
    duration_s=st.floats(0.001, 1e9),
    fps=st.floats(0, 1e6),
    limit_bytes=st.integers(0, 2**40),
    has_audio=st.booleans(),
)
def test_no_clip_makes_a_plan_that_cannot_be_carried_out(
    width: int, height: int, duration_s: float, fps: float, limit_bytes: int, has_audio: bool
) -> None:
    clip = replace(
        HEVC,
        width_px=width,
        height_px=height,
        duration_s=duration_s,
        fps=fps,
        has_audio=has_audio,
    )
    found = plan(clip, limit_bytes=limit_bytes, may_attach=True)
    if found.rung is Rung.LINK:
        assert found.why_link is LinkReason.TOO_LARGE
        return
    assert found.encode is not None
    assert 2 <= found.encode.width_px <= 1920
    assert 2 <= found.encode.height_px <= 1920
    assert 0 < found.encode.fps <= 60
