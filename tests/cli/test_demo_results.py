"""The demo's table adds items up by agent and category."""

from typing import Any

import pytest

from cli.demo_results import Tally, tallies


def item(latency: float | None, **other: Any) -> dict[str, Any]:
    usage = {"input_tokens": 10, "output_tokens": None}
    return {"agent_id": "a", "category": "sums", "status": "answered", "latency_s": latency, "usage": usage} | other


@pytest.mark.parametrize(("share", "seconds"), [(50, 10.5), (95, 19.05), (100, 20.0)])
def test_a_percentile_is_interpolated_as_in_the_figures_of_a_run(share: float, seconds: float) -> None:
    tally = tallies(item(float(n)) for n in range(20, 0, -1))["a", "sums"]
    assert tally.percentile(share) == pytest.approx(seconds)


def test_nothing_known_is_not_zero() -> None:
    assert Tally().percentile(50) is None
    tally = tallies([item(1.0)])["a", "sums"]
    assert (tally.input_tokens, tally.output_tokens) == (10, None)


def test_failed_questions_have_no_latency() -> None:
    assert tallies([item(5.0, status="failed")])["a", "sums"].latencies == []


def test_categories_and_agents_are_kept_apart() -> None:
    found = tallies([item(1.0), item(2.0, category=None), item(3.0, agent_id="b")])
    assert {key: tally.latencies for key, tally in found.items()} == {
        ("a", "sums"): [1.0],
        ("a", ""): [2.0],
        ("b", "sums"): [3.0],
    }
