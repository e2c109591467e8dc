"""What `make bench` says of a figure, and to a name that it does not know."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.figures import Figure, table

ROOT = Path(__file__).resolve().parents[2]


def figure(**changes: object) -> Figure:
    fields: dict[str, Any] = {"name": "ack", "value": 3.0, "unit": "ms", "target": 2.0}
    fields.update(changes)
    return Figure(**fields)


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        pytest.param({"target": 3.0}, True, id="a value at its target holds"),
        pytest.param({"target": 2.9}, False, id="a value above its target does not"),
        pytest.param(
            {"target_of": "ratio", "baseline": 1.5}, True, id="a ratio at its target holds"
        ),
        pytest.param(
            {"target_of": "ratio", "baseline": 1.4}, False, id="a ratio above it does not"
        ),
        pytest.param({"target_of": "ratio"}, False, id="a ratio to nothing does not"),
        pytest.param(
            {"target": 9.0, "sound": False}, False, id="a figure of a broken run does not"
        ),
    ],
)
def test_a_figure_holds_when_its_run_was_sound_and_its_target_is_met(
    changes: dict[str, Any], *, holds: bool
) -> None:
    assert figure(**changes).holds is holds


def test_the_table_shows_the_baseline_the_target_and_what_does_not_hold() -> None:
    shown = table([figure(target_of="ratio", baseline=1.0, note="ten rounds")]).splitlines()

    assert shown[2].split() == [
        "ack",
        "3.00",
        "ms",
        "1.00",
        "3.00",
        "<=",
        "2",
        "x",
        "baseline",
        "NO",
    ]
    assert shown[3] == "ack: ten rounds"


def test_a_figure_goes_into_the_results_with_its_ratio_and_whether_it_holds() -> None:
    kept = figure(target_of="ratio", baseline=2.0).to_dict()

    assert (kept["ratio"], kept["holds"]) == (1.5, True)


def test_an_unknown_name_is_refused_with_the_names_that_there_are() -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "speed"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert "no figure 'speed'" in ended.stderr
    assert "memory_5000_jobs" in ended.stderr
