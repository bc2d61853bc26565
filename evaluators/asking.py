"""Whom evaluators would ask about one answer, and with which words: for the estimate of a run that has not begun."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.benchmarks import Evaluation
from core.cases import Case
from core.plugins import Asked, PluginSpec, find, settings_of


def asked_by(evaluations: Sequence[Evaluation], case: Case) -> Iterator[Asked]:
    """Raises InvalidPlugin."""
    for evaluation in evaluations:
        yield from _asked(evaluation, case)


def _asked(spec: PluginSpec, case: Case) -> Iterator[Asked]:
    plugin, settings = find("evaluators", spec.kind), settings_of("evaluators", spec)
    if plugin.asks is not None:
        yield from plugin.asks(settings, case)
    for number, member in enumerate(plugin.members(settings) if plugin.members else ()):
        # What stands first in a composite may settle the matter.
        yield from (replace(each, surely=each.surely and not number) for each in _asked(member, case))
