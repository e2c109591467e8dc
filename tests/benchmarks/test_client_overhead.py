"""How the overhead of our client is judged from the rounds of one run."""

from __future__ import annotations

from benchmarks.client_overhead import figure

SLOW, STEADY, LUCKY = (9.0, 3.0), (1.2, 1.0), (0.5, 1.0)  # seconds of ours and of the other


def rounds(*costs: tuple[float, float]) -> list[dict[str, dict[str, float]]]:
    return [{"poll": {"ours": ours, "bare": bare}} for ours, bare in costs]


def test_the_round_in_the_middle_counts_and_neither_the_slow_nor_the_lucky_one() -> None:
    found = figure(rounds(SLOW, LUCKY, STEADY), "poll", "bare", sound=True)

    assert (found.name, found.value, found.baseline) == ("client_poll_bare", 1.2e6, 1.0e6)
    assert found.holds


def test_a_client_that_costs_too_much_in_most_rounds_does_not_hold() -> None:
    assert not figure(rounds(SLOW, LUCKY, SLOW), "poll", "bare", sound=True).holds


def test_a_run_whose_creates_were_not_all_alike_does_not_hold() -> None:
    assert not figure(rounds(STEADY, STEADY, STEADY), "poll", "bare", sound=False).holds
