"""`--fail-under`: whether every agent's accuracy clears a bar, which a figure alone does not tell."""

from typing import Literal, NamedTuple

from cli.exits import Exit
from cli.figures import interval
from cli.output import say
from core.metrics import Proportion
from core.runs import Run


class Bar(NamedTuple):
    accuracy: float
    """0..1."""
    by: Literal["interval", "point"] = "interval"
    """With `point` the figure is taken as if it were certain: what most tools do, and what chance trips."""


def bar_of(accuracy: float | None, by: Literal["interval", "point"]) -> Bar | None:
    return None if accuracy is None else Bar(accuracy, by)


def cleared(run: Run, bar: Bar) -> Exit:
    """OK where all intervals lie at or above the bar, BELOW where one lies below it, else INCONCLUSIVE; says why.

    Figures of too few answers decide nothing. An agent at the bar is called below it in 2.5 % of runs.
    """
    if run.validity == "invalid":
        return _undecided(bar, "too few answers to be valid")
    reached = {agent.agent_id: agent.metrics and agent.metrics.accuracy for agent in run.agents}
    known = {name: accuracy for name, accuracy in reached.items() if accuracy}
    below = [_told(name, found) for name, found in known.items() if _high(found, bar) < bar.accuracy]
    if below:
        say(f"Below the {bar.accuracy:.1%} asked for: {', '.join(below)}.")
        return Exit.BELOW
    unknown = [name for name in reached if name not in known]
    if unknown:
        return _undecided(bar, f"no accuracy of {', '.join(unknown)}")
    doubtful = [_told(name, found) for name, found in known.items() if _low(found, bar) < bar.accuracy]
    if doubtful:
        say(
            f"Cannot tell whether it is below the {bar.accuracy:.1%} asked for: {', '.join(doubtful)}. "
            "More cases would tell; --fail-under-by point takes the figure for certain."
        )
        return Exit.INCONCLUSIVE
    return Exit.OK


def _undecided(bar: Bar, why: str) -> Exit:
    say(f"Nothing to hold against the {bar.accuracy:.1%} asked for: {why}.")
    return Exit.INCONCLUSIVE


def _low(found: Proportion, bar: Bar) -> float:
    return found.value if bar.by == "point" else found.low


def _high(found: Proportion, bar: Bar) -> float:
    return found.value if bar.by == "point" else found.high


def _told(name: str, found: Proportion) -> str:
    return f"{name} {found.value:.1%} (95 % interval {interval(found, None)})"
