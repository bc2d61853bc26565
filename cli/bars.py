"""`--fail-under`: whether every agent's accuracy clears a bar, which a figure alone does not tell."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from cli.exits import Exit
from cli.figures import interval
from core.metrics import Proportion
from core.runs import Run, RunAgent


class Bar(NamedTuple):
    accuracy: float
    """0..1."""
    by: Literal["interval", "point"] = "interval"
    """With `point` the figure is taken as if it were certain: what most tools do, and what chance trips."""


class Ending(NamedTuple):
    """How a command ends, and why, in sentences."""

    code: Exit
    reasons: tuple[str, ...] = ()


PASSED: Final = Ending(Exit.OK)


def bar_of(accuracy: float | None, by: Literal["interval", "point"]) -> Bar | None:
    return None if accuracy is None else Bar(accuracy, by)


def cleared(run: Run, bar: Bar) -> Ending:
    """OK where all intervals lie at or above the bar, BELOW where one lies below it, else INCONCLUSIVE.

    Figures of too few answers decide nothing. An agent at the bar is called below it in 2.5 % of runs.
    """
    if run.validity == "invalid":
        return _undecided(bar, "too few answers to be valid")
    reached = {agent.agent_id: agent.metrics and agent.metrics.accuracy for agent in run.agents}
    known = {name: accuracy for name, accuracy in reached.items() if accuracy}
    below = [_told(name, found) for name, found in known.items() if _high(found, bar) < bar.accuracy]
    if below:
        return Ending(Exit.BELOW, (f"Below the {bar.accuracy:.1%} asked for: {', '.join(below)}.",))
    unknown = [name for name in reached if name not in known]
    if unknown:
        return _undecided(bar, f"no accuracy of {', '.join(unknown)}")
    doubtful = [agent for agent in run.agents if _low(known[agent.agent_id], bar) < bar.accuracy]
    if doubtful:
        named = ", ".join(_told(agent.agent_id, known[agent.agent_id]) for agent in doubtful)
        said = (
            f"Cannot tell whether it is below the {bar.accuracy:.1%} asked for: {named}; {_more(doubtful, bar)}. "
            "--fail-under-by point takes the figure for certain."
        )
        return Ending(Exit.INCONCLUSIVE, (said,))
    return PASSED


def _more(doubtful: Sequence[RunAgent], bar: Bar) -> str:
    """What would decide it for the agent that needs the most."""
    # What it imports takes long, and few commands end in doubt.
    from evaluators.gate_sizes import cases_needed, would_tell

    found = [agent.metrics for agent in doubtful if agent.metrics is not None]
    needed = [cases_needed(each.accuracy, each, bar.accuracy) for each in found if each.accuracy is not None]
    known = [each for each in needed if each is not None]
    return would_tell(max(known)) if len(known) == len(doubtful) else "more cases would tell"


def _undecided(bar: Bar, why: str) -> Ending:
    return Ending(Exit.INCONCLUSIVE, (f"Nothing to hold against the {bar.accuracy:.1%} asked for: {why}.",))


def _low(found: Proportion, bar: Bar) -> float:
    return found.value if bar.by == "point" else found.low


def _high(found: Proportion, bar: Bar) -> float:
    return found.value if bar.by == "point" else found.high


def _told(name: str, found: Proportion) -> str:
    return f"{name} {found.value:.1%} (95 % interval {interval(found, None)})"
