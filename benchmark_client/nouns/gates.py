"""Gates: whether a run shows what a policy asks for."""

from pydantic import JsonValue

from benchmark_client.answering import answered
from benchmark_client.documents import Body
from benchmark_client.models.comparisons import Gate
from benchmark_client.modes import M, port_of
from benchmark_client.nouns.noun import Noun
from benchmark_client.outcomes import GateFailed
from benchmark_client.requests import Call, get, given, name, post
from benchmark_client.steps import Flow
from benchmark_client.verbs import Verb


class Gates(Noun[M]):
    @Verb
    def judge(self, run_id: str, policy: Body, *, baseline: str | None = None, check: bool = False) -> Flow[Gate]:
        """Passed, failed or inconclusive, with every rule and why; rules that compare need the id of a `baseline` run.

        With `check`, raises GateFailed for one that failed.
        """
        request = post(f"/v1/runs/{name(run_id)}/gate", given(policy=policy, baseline=baseline))
        gate = yield from answered(Call(request, Gate), port_of(self).patience)
        if check and gate.verdict == "failed":
            raise GateFailed(run_id, gate)
        return gate

    @Verb
    def get(self, run_id: str) -> Call[Gate]:
        """The run's newest judgement. Raises NotFound."""
        return Call(get(f"/v1/runs/{name(run_id)}/gate"), Gate)

    @Verb
    def schema(self) -> Call[dict[str, JsonValue]]:
        """The JSON Schema of a policy."""
        return Call(get("/v1/schemas/gate.json"), dict[str, JsonValue])
