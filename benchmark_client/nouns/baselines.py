"""Baselines: what a benchmark's completed runs are held against, and what came of it."""

from benchmark_client.documents import Body
from benchmark_client.models.answer import Page
from benchmark_client.models.schedules import BaselineCheck, BenchmarkBaseline
from benchmark_client.modes import M
from benchmark_client.nouns.noun import Noun
from benchmark_client.requests import Call, delete, following, get, name, put
from benchmark_client.series import Series, listing
from benchmark_client.verbs import ListVerb, Verb


class Baselines(Noun[M]):
    @Verb
    def set(self, benchmark: str, baseline: Body, *, revision: int | None = None) -> Call[BenchmarkBaseline]:
        """From now on: `{"kind": "run", "run_id": ...}`, `{"kind": "last_good"}` or `{"kind": "rolling"}`."""
        return Call(following(put(_path(benchmark), baseline), revision), BenchmarkBaseline)

    @Verb
    def get(self, benchmark: str) -> Call[BenchmarkBaseline]:
        """Raises NotFound."""
        return Call(get(_path(benchmark)), BenchmarkBaseline)

    @Verb
    def delete(self, benchmark: str, *, revision: int | None = None) -> Call[None]:
        """What was found stays."""
        return Call(following(delete(_path(benchmark)), revision), type(None))

    @Verb
    def check(self, run_id: str) -> Call[BaselineCheck]:
        """How a completed run did against its baseline. Raises NotFound."""
        return Call(get(f"/v1/runs/{name(run_id)}/baseline-check"), BaselineCheck)

    @ListVerb
    def checks(
        self, *, watch: str | None = None, outcome: str | None = None, most: int | None = None
    ) -> Series[BaselineCheck]:
        """The newest first; `outcome="regression"` gives the regressions."""
        return listing(Page[BaselineCheck], get("/v1/baseline-checks", watch=watch, outcome=outcome), most)


def _path(benchmark: str) -> str:
    return f"/v1/benchmarks/{name(benchmark)}/baseline"
