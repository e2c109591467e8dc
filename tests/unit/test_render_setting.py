"""Which renders count as alike, and what is assumed of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.render_setting import setting_of
from bot.domain.request import VideoRequest
from providers.capabilities import capability_for

ROW = capability_for("zai", "cogvideox-3")
REQUEST = VideoRequest(model="cogvideox-3", prompt="A calm sea")


def test_what_is_left_out_is_the_models_default() -> None:
    chosen = replace(REQUEST, duration_s=5, fps=30, quality="speed")
    assert setting_of(REQUEST, ROW) == setting_of(chosen, ROW)
    assert setting_of(REQUEST, ROW).settings == "text 5s 30fps speed silent"


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, duration_s=10),
        replace(REQUEST, fps=60),
        replace(REQUEST, quality="quality"),
        replace(REQUEST, size="3840x2160"),
        replace(REQUEST, images=("a" * 64,)),
        replace(REQUEST, with_audio=True),
    ],
)
def test_what_a_render_time_depends_on_tells_settings_apart(other: VideoRequest) -> None:
    assert setting_of(other, ROW).settings != setting_of(REQUEST, ROW).settings


def test_words_and_sizes_of_one_class_do_not() -> None:
    wide, tall = (replace(REQUEST, size=size) for size in ("1920x1080", "1080x1920"))
    assert setting_of(wide, ROW) == setting_of(replace(tall, prompt="Rain"), ROW)


@pytest.mark.parametrize(
    ("request_", "median_s"),
    [
        (REQUEST, 90),
        (replace(REQUEST, quality="quality", duration_s=10, fps=60), 90 * 1.75 * 1.8 * 1.2),
        (replace(REQUEST, size="3840x2160"), 900),
        (replace(REQUEST, with_audio=True), 100),
    ],
)
def test_larger_longer_smoother_and_better_ones_are_assumed_to_take_longer(
    request_: VideoRequest, median_s: float
) -> None:
    assumed = setting_of(request_, ROW).assumed
    assert assumed.quantile_s(0.5) == pytest.approx(median_s, rel=0.02)


def test_a_model_that_is_no_longer_offered_is_assumed_as_fast_as_another() -> None:
    gone = setting_of(replace(REQUEST, model="gone"), ROW)
    assert (gone.gateway, gone.model) == ("zai", "gone")
    assert gone.assumed.quantile_s(0.5) == pytest.approx(90, rel=0.02)
