"""The installed evaluators: opens those a benchmark names and refuses those that cannot work."""

from collections.abc import Sequence

from core.benchmarks import Evaluation
from core.plugins import find, settings_of
from core.ports import Evaluator, NamedEvaluator


class InstalledEvaluators:
    """The port `Evaluators` over the plugins of the group `benchmark.evaluators`."""

    def open(self, evaluations: Sequence[Evaluation]) -> Sequence[NamedEvaluator]:
        """The evaluators in order. Raises InvalidPlugin, pointing into `/evaluators`."""
        return [_opened(evaluation, f"/evaluators/{at}") for at, evaluation in enumerate(evaluations)]


def _opened(evaluation: Evaluation, pointer: str) -> NamedEvaluator:
    plugin = find("evaluators", evaluation.kind, pointer=pointer)
    evaluator: Evaluator = plugin.build(settings_of("evaluators", evaluation, pointer=pointer))
    return NamedEvaluator(label=evaluation.label, version=plugin.version, evaluate=evaluator.evaluate)
