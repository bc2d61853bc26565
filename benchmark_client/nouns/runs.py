"""Runs: starting, watching and steering them."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Generic

from pydantic import ConfigDict, PrivateAttr

from benchmark_client.answering import answered
from benchmark_client.documents import Body
from benchmark_client.models.answer import Page
from benchmark_client.models.runs import RunView
from benchmark_client.modes import Bound, M, Port, port_of
from benchmark_client.nouns.baselines import Baselines
from benchmark_client.nouns.gates import Gates
from benchmark_client.nouns.manifests import Manifests
from benchmark_client.nouns.run_parts import RunParts
from benchmark_client.nouns.run_request import run_request
from benchmark_client.outcomes import GateFailed, RunFailed, StillRunning
from benchmark_client.requests import Call, Request, following, get, given, name, patch, post
from benchmark_client.series import Series, listing
from benchmark_client.steps import Flow, Pause
from benchmark_client.verbs import ListVerb, Verb, many_of_run, of_run

ENDED: Final = frozenset({"completed", "failed", "cancelled"})
POLL_S: Final = 0.2
LONGEST_POLL_S: Final = 2.0
HELD_S: Final = 20
"""The service holds an answer back for so long at most, waiting for the run to end."""


class Runs(RunParts[M]):
    """With `revision`, a change is refused (StaleRevision) when somebody else changed the run since."""

    @Verb
    def create(
        self,
        definition: Body | None = None,
        *,
        file: str | Path | None = None,
        benchmark: str | None = None,
        agents: Sequence[Body | str] | None = None,
        overrides: Body | None = None,
        folder: str | None = None,
        idempotency_key: str | None = None,
    ) -> "Call[Run]":
        """Starts a run of a definition, of a file (YAML or JSON), or of a stored or ready-made benchmark by name.

        With `benchmark`, `agents` are asked in place of its own, `overrides` says what this run does otherwise, and
        `folder` where a ready-made one finds its data. A file is sent as it is: a dataset's path in it must be
        absolute, for the service knows nobody's folder. Sent again under the same `idempotency_key`, it is the same
        run. Raises Invalid.
        """
        rest = {"agents": agents, "overrides": overrides, "folder": folder}
        return Call(run_request(definition, file, benchmark, rest, key=idempotency_key), Run)

    @Verb
    def get(self, run_id: str) -> "Call[Run]":
        """As it is at this moment. Raises NotFound."""
        return Call(get(_path(run_id)), Run)

    @ListVerb
    def list(
        self,
        *,
        status: str | None = None,
        name: str | None = None,
        benchmark_type: str | None = None,
        schedule: str | None = None,
        most: int | None = None,
    ) -> "Series[Run]":
        """The newest first, as last recorded; those of a benchmark's name, or that a schedule started."""
        request = get("/v1/runs", status=status, name=name, benchmark_type=benchmark_type, schedule=schedule)
        return listing(Page[Run], request, most)

    @Verb
    def wait(self, run_id: str, timeout: float | None = None, *, check: bool = False) -> "Flow[Run]":
        """The run once it has ended.

        Raises StillRunning after `timeout` seconds. With `check`, raises RunFailed unless it completed, and GateFailed
        when its last gate did not let it pass.
        """
        deadline, pause = None if timeout is None else time.monotonic() + timeout, POLL_S
        while True:
            asked = time.monotonic()
            held = HELD_S if deadline is None else min(HELD_S, max(0, math.ceil(deadline - asked)))
            run: Run = yield from answered(Call(_held_back(run_id, held), Run), port_of(self).patience)
            if run.status in ENDED:
                return _checked(run) if check else run
            now = time.monotonic()
            if timeout is not None and deadline is not None and now >= deadline:
                raise StillRunning(run, timeout)
            if now - asked < POLL_S:
                # It was not held back: somebody in between, or the service, does not care to.
                yield Pause(pause if deadline is None else min(pause, deadline - now))
                pause = min(pause * 1.5, LONGEST_POLL_S)

    @Verb
    def cancel(self, run_id: str, *, revision: int | None = None) -> "Call[Run]":
        """Ends it; what was answered keeps its figures. Raises Conflict for one that has ended."""
        return Call(following(post(f"{_path(run_id)}/cancel"), revision), Run)

    @Verb
    def pause(self, run_id: str, *, revision: int | None = None) -> "Call[Run]":
        """Asks nothing more until it is resumed. Raises Conflict."""
        return Call(following(post(f"{_path(run_id)}/pause"), revision), Run)

    @Verb
    def resume(self, run_id: str, *, revision: int | None = None) -> "Call[Run]":
        """Goes on where the pause began. Raises Conflict."""
        return Call(following(post(f"{_path(run_id)}/resume"), revision), Run)

    @Verb
    def retry(self, run_id: str, *, revision: int | None = None) -> "Call[Run]":
        """Asks again what failed or was not asked; answers stay. Raises Conflict when there is nothing of it."""
        return Call(following(post(f"{_path(run_id)}/retry"), revision), Run)

    @Verb
    def amend(
        self,
        run_id: str,
        *,
        concurrency: int | Mapping[str, int] | None = None,
        budget: Body | None = None,
        trials: int | None = None,
        agents: Sequence[Body | str] | None = None,
        revision: int | None = None,
    ) -> "Call[Run]":
        """Another concurrency or budget while it runs; more trials or further agents at any time."""
        body = given(concurrency=concurrency, budget=budget, trials=trials, agents=agents)
        return Call(following(patch(_path(run_id), body), revision), Run)

    @Verb
    def rescore(self, run_id: str, evaluators: Sequence[Body], *, revision: int | None = None) -> "Call[Run]":
        """Judges the stored answers of an ended run by these evaluators; no agent is asked."""
        return Call(following(post(f"{_path(run_id)}/rescore", {"evaluators": evaluators}), revision), Run)

    @Verb
    def fork(self, run_id: str, changes: Body | None = None) -> "Call[Run]":
        """A new run that differs in these things (`limit`, `trials`, `agents`, `evaluators` ...), takes over every
        answer that it would get again, and asks the rest."""
        return Call(post(f"{_path(run_id)}/fork", {} if changes is None else changes), Run)

    @Verb
    def reproduce(self, run_id: str, *, allow: Sequence[str] | None = None) -> "Call[Run]":
        """A new run of the very same cases, prompts, agents and evaluators.

        Raises Conflict where an evaluator judges otherwise by now, unless `allow` holds `evaluator`.
        """
        return Call(post(f"{_path(run_id)}/reproduce", given(allow=allow)), Run)


class Run(RunView, Bound[M], Generic[M]):
    """A run as it was when it was asked for; its verbs say its id themselves."""

    model_config = ConfigDict(ignored_types=(Verb, ListVerb))
    _port: Port = PrivateAttr()

    def __repr__(self) -> str:
        return f"<Run {self.run_id} {self.name!r}: {self.status}, {self.progress:.0%}>"

    __str__ = __repr__

    refresh = of_run(Runs.get)
    wait = of_run(Runs.wait)
    cancel = of_run(Runs.cancel)
    pause = of_run(Runs.pause)
    resume = of_run(Runs.resume)
    retry = of_run(Runs.retry)
    amend = of_run(Runs.amend)
    rescore = of_run(Runs.rescore)
    fork = of_run(Runs.fork)
    reproduce = of_run(Runs.reproduce)
    items = many_of_run(Runs.items)
    item = of_run(Runs.item)
    results = of_run(Runs.results)
    report = of_run(Runs.report)
    report_page = of_run(Runs.report_page)
    export = of_run(Runs.export)
    waiting = of_run(Runs.waiting)
    attempts = many_of_run(Runs.attempts)
    events = many_of_run(Runs.events)
    history = many_of_run(Runs.history)
    judge = of_run(Gates.judge)
    manifest = of_run(Manifests.get)
    baseline_check = of_run(Baselines.check)

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED


def _checked(run: Run) -> Run:
    if run.status != "completed":
        raise RunFailed(run)
    if run.verdict == "failed":
        raise GateFailed(run.run_id)
    return run


def _held_back(run_id: str, seconds: int) -> Request:
    request = get(_path(run_id))
    return replace(request.with_headers({"Prefer": f"wait={seconds}"}), timeout_s=HELD_S + 30.0) if seconds else request


def _path(run_id: str) -> str:
    return f"/v1/runs/{name(run_id)}"
