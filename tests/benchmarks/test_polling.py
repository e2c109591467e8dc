"""What polling is measured against is drawn as it says, and cannot be beaten."""

from __future__ import annotations

from itertools import accumulate, repeat
from statistics import median, quantiles

import pytest

from benchmarks.optimum import best
from benchmarks.renders_drawn import SETTINGS, drawn, followed

TASKS = drawn(400, seed=3)


@pytest.mark.parametrize("setting", SETTINGS)
def test_tasks_are_drawn_as_their_setting_says(setting: str) -> None:
    took_s = [task.took_s for task in drawn(2000, seed=4) if task.setting == setting]
    median_s, p95_s = SETTINGS[setting]
    assert len(took_s) == 2000
    assert median(took_s) == pytest.approx(median_s, rel=0.08)
    assert quantiles(took_s, n=20)[-1] == pytest.approx(p95_s, rel=0.12)


def test_the_same_seed_draws_the_same_tasks() -> None:
    assert drawn(5, seed=1) == drawn(5, seed=1)
    assert drawn(5, seed=1) != drawn(5, seed=2)


@pytest.mark.parametrize("wait_s", [5.0, 10.0, 30.0])
def test_the_best_schedule_finds_clips_far_sooner_than_a_fixed_one(wait_s: float) -> None:
    polls_s = tuple(accumulate(repeat(wait_s, 3000)))
    fixed = followed(TASKS, dict.fromkeys(SETTINGS, polls_s))
    found = best(TASKS, polls=fixed.polls, known_as={})
    assert found.polls == pytest.approx(fixed.polls, rel=0.02)
    assert found.delay_s < 0.7 * fixed.delay_s


def test_knowing_less_is_no_better() -> None:
    flash = {setting: "flash" for setting in SETTINGS if "flash" in setting}
    knowing, mixing = (best(TASKS, polls=25, known_as=known) for known in ({}, flash))
    assert knowing.delay_s < mixing.delay_s
