"""Measures how alike the answers to each repeated case are, once: what is recorded is never paid for again."""

import asyncio
from collections.abc import Sequence

import numpy as np

from core.columns import Columns
from core.limits import JUDGED_FOR, Asker
from core.metrics import AgentMetrics
from core.outcomes import ItemKey
from core.ports import RunRecords, Verdicts
from core.repetitions import LABEL, Likeness, RepeatedAnswers
from core.runs import Run
from core.work import BatchVerdict, Share

AT_ONCE = 50
"""Cases whose answers are read and measured together, and recorded before the next."""
Yardsticks = Sequence[tuple[str, str]]


class Repetitions:
    def __init__(self, *, runs: RunRecords, verdicts: Verdicts, answers: RepeatedAnswers, likeness: Likeness) -> None:
        self._runs = runs
        self._verdicts = verdicts
        self._answers = answers
        self._likeness = likeness

    async def measured(self, run: Run, agent_no: int, metrics: AgentMetrics, *, asks: bool) -> AgentMetrics:
        """The agent's figures with its semantic consistency, where the run wants it and cases have two answers; without
        `asks` of what was measured before."""
        version = self._likeness.version(run.config)
        if version is None:
            return metrics
        columns = await self._runs.columns(run.run_id, agent_no, [(LABEL, version)])
        if asks and await self._measure(run, agent_no, version, columns):
            columns = await self._runs.columns(run.run_id, agent_no, [(LABEL, version)])
        return self._likeness.told(metrics, _current(columns))

    async def _measure(self, run: Run, agent_no: int, version: str, columns: Columns) -> bool:
        lacking = _lacking(columns)
        share = Share(
            run_id=run.run_id,
            run_no=await self._runs.number(run.run_id),
            agent_no=agent_no,
            case_count=run.case_count or 0,
            round=run.round,
        )
        JUDGED_FOR.set(Asker(run_id=run.run_id, project_id=run.project_id, weight=run.config.priority))
        for start in range(0, len(lacking), AT_ONCE):
            cases = lacking[start : start + AT_ONCE]
            texts = await self._answers.texts(share.run_no, agent_no, cases)
            found = await asyncio.gather(*(self._likeness.of(run.config, texts[case]) for case in texts))
            verdicts = [
                BatchVerdict(ItemKey(len(texts[case]) - 1, case), LABEL, version, verdict)
                for case, verdict in zip(texts, found, strict=True)
            ]
            await self._verdicts.record(share, verdicts, primary="")
        return bool(lacking)


def _answers_of(columns: Columns) -> dict[int, int]:
    """How many answers each case has."""
    counts = np.bincount(columns.case_index[columns.cause < 0].astype(np.int64))
    return {int(case): int(counts[case]) for case in np.flatnonzero(counts > 1)}


def _lacking(columns: Columns) -> list[int]:
    """Cases without a measure of all the answers they have."""
    scored = columns.evaluators[-1].scored
    known = set(zip(columns.case_index[scored].tolist(), columns.trial[scored].tolist(), strict=True))
    return [case for case, answers in _answers_of(columns).items() if (case, answers - 1) not in known]


def _current(columns: Columns) -> Columns:
    """Without measures of fewer answers than a case has by now."""
    answers = _answers_of(columns)
    current = [
        trial == answers.get(case, 0) - 1
        for case, trial in zip(columns.case_index.tolist(), columns.trial.tolist(), strict=True)
    ]
    return columns.only(np.array(current, dtype=np.bool_))
