"""The format `lm-eval`: results JSON of lm-evaluation-harness, a task for the benchmark and one for each category.

Metrics are `<evaluator>,none`. Their standard error is the harness's own, over samples; where cases were asked several
times samples are not independent, and it is `N/A`.
"""

from collections.abc import AsyncGenerator, Mapping
from math import sqrt
from typing import Any

import orjson

from adapters.exports.settings import NoSettings
from adapters.exports.subject import agent_model, metrics_of, question_template, spec_of
from adapters.software import DISTRIBUTION, release
from core.exports import ExportedItem, Pages
from core.plugins import Plugin
from core.runs import Run

TASK_VERSION = 1


class Sums:
    """Of scores that are read once: how many, and their mean and spread by Welford's method."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = self._squares = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        delta = value - self.mean
        self.mean += delta / self.count
        self._squares += delta * (value - self.mean)

    @property
    def error(self) -> float | None:
        """The standard error of the mean; None for fewer than two."""
        return sqrt(self._squares / (self.count - 1) / self.count) if self.count > 1 else None


class Task:
    """Items of one category, or all of them."""

    def __init__(self) -> None:
        self.items = self.answered = 0
        self.scores: dict[str, Sums] = {}

    def add(self, item: ExportedItem) -> None:
        self.items += 1
        self.answered += item.record.status == "answered"
        for label, score in item.scores.items():
            if score.value is not None:
                self.scores.setdefault(label, Sums()).add(score.value)


class LmEvalExporter:
    media_type = "application/json"
    suffix = "json"
    one_agent = True

    def __init__(self, settings: NoSettings) -> None:
        pass

    async def write(self, run: Run, pages: Pages) -> AsyncGenerator[bytes]:
        metrics_of(run)
        whole, parts = Task(), dict[str, Task]()
        async for page in pages:
            for item in page:
                whole.add(item)
                if item.case.category is not None:
                    parts.setdefault(item.case.category, Task()).add(item)
        tasks = {run.name: whole} | {f"{run.name} {name}": part for name, part in sorted(parts.items())}
        yield orjson.dumps(_results(run, tasks), option=orjson.OPT_INDENT_2)


def _results(run: Run, tasks: Mapping[str, Task]) -> dict[str, Any]:
    labels = [evaluation.label for evaluation in run.config.evaluators]
    spec, ended = spec_of(run), run.completed_at or run.updated_at
    prompt = spec.prompt or run.config.prompt
    shots = prompt.few_shot.count or len(prompt.few_shot.examples) // 2
    began = run.started_at or run.created_at
    return {
        "results": {name: _figures(name, task, trials=run.config.trials) for name, task in tasks.items()},
        "group_subtasks": {name: [] for name in tasks},
        "configs": {name: _config(run, name, shots) for name in tasks},
        "versions": dict.fromkeys(tasks, TASK_VERSION),
        "n-shot": dict.fromkeys(tasks, shots),
        "higher_is_better": {name: dict.fromkeys(labels, True) for name in tasks},
        "n-samples": {name: {"original": task.items, "effective": task.answered} for name, task in tasks.items()},
        "config": {"model": spec.agent.kind, "model_args": _arguments(spec.agent.settings), "limit": None},
        "date": began.timestamp(),
        "model_source": spec.agent.kind,
        "model_name": agent_model(run).partition("/")[2],
        "model_name_sanitized": agent_model(run).partition("/")[2].replace("/", "__"),
        "system_instruction": prompt.system,
        "total_evaluation_time_seconds": str((ended - began).total_seconds()),
        DISTRIBUTION: {"version": release(), "run_id": run.run_id, "agent": spec.name},
    }


def _figures(name: str, task: Task, *, trials: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"alias": name}
    for label, sums in task.scores.items():
        error = sums.error if trials == 1 else None
        figures[f"{label},none"] = sums.mean
        figures[f"{label}_stderr,none"] = "N/A" if error is None else error
    return figures


def _config(run: Run, name: str, shots: int) -> dict[str, Any]:
    metrics = [
        {"metric": evaluation.label, "aggregation": "mean", "higher_is_better": True}
        for evaluation in run.config.evaluators
    ]
    told = {"task": name, "dataset_path": run.case_set, "doc_to_text": question_template(run)}
    told |= {"num_fewshot": shots, "metric_list": metrics, "output_type": "generate_until"}
    return told | {"repeats": run.config.trials, "metadata": {"version": TASK_VERSION}}


def _arguments(settings: Mapping[str, Any]) -> str:
    """As the harness takes them: `name=value,name=value`."""
    return ",".join(f"{name}={value}" for name, value in settings.items() if isinstance(value, str | int | float))


plugin = Plugin(NoSettings, LmEvalExporter, summary="Results JSON of lm-evaluation-harness.")
