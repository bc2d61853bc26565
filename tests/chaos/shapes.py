"""The runs that are submitted: a few shapes of one small benchmark, whose figures are known from a calm run."""

from dataclasses import dataclass
from typing import Any, Literal

TIMEOUT_S = 6.0


@dataclass(frozen=True)
class Shape:
    name: str
    questions: int
    models: tuple[str, ...] = ("sums-a",)
    trials: int = 1
    concurrency: int = 12
    delivery: Literal["at_least_once", "at_most_once"] = "at_least_once"

    @property
    def outcomes(self) -> int:
        """How many result rows a run has in the end."""
        return self.questions * len(self.models) * self.trials

    def body(self, run: str, url: str) -> dict[str, Any]:
        """What is posted; the run's name travels to the provider as the system message."""
        rows = [{"input": f"{number} + {number}", "expected": str(2 * number)} for number in range(self.questions)]
        return {
            "name": run,
            "dataset": {"source": {"kind": "inline", "rows": rows}},
            "prompt": {"system": run},
            "agents": [self._agent(model, url) for model in self.models],
            "evaluators": [{"kind": "exact"}, {"kind": "numeric"}],
            "trials": self.trials,
            "delivery": self.delivery,
        }

    def _agent(self, model: str, url: str) -> dict[str, Any]:
        return {
            "name": model,
            "agent": {"kind": "openai", "model": model, "base_url": url},
            "concurrency": self.concurrency,
            "timeout_s": TIMEOUT_S,
            "price": {"input": 1.0, "output": 2.0},
        }


PLAIN = Shape("plain", 200)
TWO_AGENTS = Shape("two-agents", 100, models=("sums-a", "sums-b"))
TRIALS = Shape("trials", 60, trials=3)
AT_MOST_ONCE = Shape("at-most-once", 200, delivery="at_most_once")
EVERY_SHAPE = (PLAIN, TWO_AGENTS, TRIALS, AT_MOST_ONCE)
