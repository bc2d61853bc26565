"""How seldom chance alone fails an agent that is merely run again."""

import pytest

from benchmarks.null_reruns import Scene, verdicts


@pytest.mark.parametrize(
    "scene",
    [
        Scene(60),
        Scene(60, ease=(0.1, 0.1)),
        Scene(60, trials=3),
        Scene(60, graded=True),
        Scene(10, trials=2, ease=(2.0, 2.0)),
    ],
    ids=["even", "mostly steady", "three trials", "graded", "two cases a category"],
)
def test_of_a_thousand_runs_of_the_same_agent_at_most_5_percent_fail(scene: Scene) -> None:
    """Against a policy of six rules that allow no decline."""
    found = list(verdicts(scene, seed=1, policy="scores"))
    assert len(found) == 1000
    assert found.count("failed") / len(found) <= 0.05


@pytest.mark.parametrize("scene", [Scene(60), Scene(120, passage=6)], ids=["lone cases", "passages"])
def test_of_runs_that_take_as_long_and_cost_as_much_as_ever_at_most_5_percent_fail(scene: Scene) -> None:
    """Against six rules that allow no more seconds, tokens or dollars; all scenes are in `benchmarks.null_reruns`."""
    found = list(verdicts(scene, seed=1, policy="ratios", pairs=200))
    assert found.count("failed") / len(found) <= 0.05
