"""What was learnt of render times outlives the process."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.render_setting import RenderSetting
from bot.domain.render_times import EDGES_S, assumed
from storage.render_times import load_times, save_times

if TYPE_CHECKING:
    import sqlite3

SETTING = RenderSetting(
    gateway="zai",
    model="cogvideox-3",
    settings="text 5s",
    assumed=assumed(median_s=90, p95_s=270),
)


def test_before_any_render_there_is_what_is_assumed(db: sqlite3.Connection) -> None:
    assert load_times(db, SETTING) is SETTING.assumed


def test_what_was_learnt_is_kept_per_setting(db: sqlite3.Connection) -> None:
    times = SETTING.assumed
    for number in range(3):
        times = times.after_render(20 + number, 30)
        save_times(db, SETTING, times)
    found = load_times(db, SETTING)
    for share in (0.1, 0.5, 0.9):
        assert found.quantile_s(share) == pytest.approx(times.quantile_s(share), rel=1e-3)
    for other in (
        replace(SETTING, gateway="bigmodel"),
        replace(SETTING, model="cogvideox-2"),
        replace(SETTING, settings="text 10s"),
    ):
        assert load_times(db, other) is SETTING.assumed


def test_what_was_learnt_stands_against_an_assumption_that_changed(db: sqlite3.Connection) -> None:
    times = SETTING.assumed
    for _ in range(100):
        times = times.after_render(20, 25)
    save_times(db, SETTING, times)
    changed = replace(SETTING, assumed=assumed(median_s=900, p95_s=1350))
    assert load_times(db, changed).quantile_s(0.5) == pytest.approx(23, rel=0.2)


@pytest.mark.parametrize(
    "weights",
    ["[]", "7", "null", "[1, 2]", '["x"]', "{}", str([-1] * len(EDGES_S)), "[null]", "[NaN]"],
)
def test_weights_that_cannot_be_read_begin_anew(
    db: sqlite3.Connection, weights: str, caplog: pytest.LogCaptureFixture
) -> None:
    save_times(db, SETTING, SETTING.assumed.after_render(1, 2))
    db.execute("PRAGMA ignore_check_constraints = ON")
    db.execute("UPDATE render_times SET weights = ?", (weights,))
    with caplog.at_level(logging.WARNING):
        assert load_times(db, SETTING) is SETTING.assumed
    assert "begin anew" in caplog.text
    save_times(db, SETTING, SETTING.assumed.after_render(1, 2))
    assert load_times(db, SETTING) is not SETTING.assumed
