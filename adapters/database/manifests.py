"""What runs were made of: gathered from the record when figures are made, kept, and never changed."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import LargeBinary, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import sessions
from adapters.database.judge_models import QUERY as JUDGED_BY
from adapters.database.schedule_tables import ManifestRow
from adapters.database.tables import ResultRow, RunRow
from adapters.software import installed_software
from core.errors import Conflict, NotFound
from core.manifests import (
    AgentPart,
    DatasetPart,
    EvaluatorPart,
    FieldDifference,
    KeptManifest,
    Manifest,
    Served,
    differences,
)
from core.runs import Run

BALLOTS = "$.**.ballots[*].model"
SETTINGS = {"trials", "delivery", "failed_counts_as", "stopping", "priority", "budget", "metrics"}
SEALED = "sha256(convert_to(cast({} as text), 'UTF8'))"
KEEP = text(f"""
insert into run_manifests (run_id, round, digest, content, seal)
select :run_id, :round, :digest, told.content, {SEALED.format("told.content")}
from (select cast(:content as jsonb) as content) as told on conflict do nothing
""")
INTACT = literal_column(SEALED.format("run_manifests.content"), LargeBinary) == ManifestRow.seal


class ManifestRepository:
    """Implements `core.ports.Manifests`; `build` is what the operator calls this process's build."""

    def __init__(self, engine: AsyncEngine, *, build: str | None = None) -> None:
        self._engine = engine
        self._sessions = sessions(engine)
        self._build = build

    async def keep(self, run: Run, versions: Sequence[tuple[str, str]]) -> None:
        """Of this round, with the (label, version) of its evaluators; the first one told stays."""
        manifest = await self._gathered(run, dict(versions))
        row = {
            "run_id": run.run_id,
            "round": run.round,
            "digest": manifest.digest,
            "content": manifest.model_dump_json(),
        }
        async with self._sessions.begin() as session:
            await session.execute(KEEP, row)

    async def get(self, project_id: str, run_id: str, *, round: int | None = None) -> KeptManifest:
        """Of the last round without one. Raises NotFound, and Conflict for one that no longer fits its seal.

        The seal has no key: it finds accidents, not forgers."""
        row = ManifestRow
        query = select(row, INTACT).join(RunRow, RunRow.run_id == row.run_id).where(RunRow.project_id == project_id)
        query = query.where(row.run_id == run_id)
        if round is not None:
            query = query.where(row.round == round)
        async with self._sessions() as session:
            kept = (await session.execute(query.order_by(row.round.desc()).limit(1))).one_or_none()
        if kept is None:
            raise NotFound(f"The run {run_id!r} has no manifest: there is one as soon as its figures are made.")
        found, intact = kept
        if not intact:
            raise Conflict(
                f"The manifest of {run_id!r} was changed in the database after it was kept, so nobody knows what "
                "the run was made of: its content no longer has the digest that was taken of it."
            )
        return KeptManifest.model_validate(
            {**found.content, "manifest_digest": found.digest, "created_at": found.created_at}
        )

    async def differences(
        self, project_id: str, baseline: str, candidate: str, *, agents: tuple[str, str] | None = None
    ) -> tuple[FieldDifference, ...]:
        """In what the two runs differ, of these two agents alone if some are named; nothing is known of runs without
        manifests."""
        try:
            sides = [await self.get(project_id, each) for each in (baseline, candidate)]
        except NotFound:
            return ()
        return differences(*sides, agents=agents)

    async def _gathered(self, run: Run, versions: dict[str, str]) -> Manifest:
        config = run.config
        served = await self._served(run.run_id)
        return Manifest(
            run_id=run.run_id,
            round=run.round,
            benchmark=config.name,
            dataset=DatasetPart(spec=config.dataset, case_set=run.case_set, cases=run.case_count),
            agents={
                spec.name: AgentPart(spec=spec, prompt=spec.prompt or config.prompt, served=tuple(served.get(no, ())))
                for no, spec in enumerate(config.agents)
            },
            evaluators={
                each.label: EvaluatorPart(
                    version=versions[each.label],
                    evaluation=each,
                    served=await self._judged_by(run, each.label, versions[each.label]),
                )
                for each in config.evaluators
            },
            settings=config.model_dump(mode="json", include=SETTINGS),
            software=await asyncio.to_thread(installed_software, self._build),
        )

    async def _judged_by(self, run: Run, label: str, version: str) -> tuple[str, ...]:
        """The models that judged, by this evaluator or one inside it, by the providers' own names."""
        scores = [score for agent in run.agents for score in (agent.metrics.scores if agent.metrics else ())]
        if not any(score.evaluator == label and score.judging for score in scores):
            return ()
        where = {"run": run.run_id, "evaluator": label, "version": version, "path": BALLOTS, "names": "{}"}
        async with self._engine.connect() as connection:
            found = await connection.scalars(JUDGED_BY, where)
            return tuple(sorted({model for model in found if model is not None}))

    async def _served(self, run_id: str) -> dict[int, list[Served]]:
        """By agent number."""
        row = ResultRow
        run_no = select(RunRow.run_no).where(RunRow.run_id == run_id).scalar_subquery()
        query = (
            select(row.agent_no, row.model, row.fingerprint, func.count().label("answers"))
            .where(row.run_no == run_no, row.status == "answered")
            .group_by(row.agent_no, row.model, row.fingerprint)
            .order_by(row.agent_no, func.count().desc(), row.model, row.fingerprint)
        )
        found: dict[int, list[Served]] = {}
        async with self._sessions() as session:
            for agent_no, model, fingerprint, answers in await session.execute(query):
                served = Served(model=model, fingerprint=fingerprint, answers=answers)
                found.setdefault(agent_no, []).append(served)
        return found
