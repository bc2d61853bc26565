"""Manifests: what a run was made of."""

from benchmark_client.models.results import KeptManifest, ManifestDifferences
from benchmark_client.modes import M
from benchmark_client.nouns.noun import Noun
from benchmark_client.requests import Call, get, name
from benchmark_client.verbs import Verb


class Manifests(Noun[M]):
    @Verb
    def get(self, run_id: str, *, round: int | None = None) -> Call[KeptManifest]:
        """Cases, prompts, agents, evaluators, code, prices and settings; of the last round unless one is told."""
        return Call(get(f"/v1/runs/{name(run_id)}/manifest", round=round), KeptManifest)

    @Verb
    def differences(self, run_id: str, baseline: str) -> Call[ManifestDifferences]:
        """Every field in which the run's manifest differs from that of the run `baseline`."""
        request = get(f"/v1/runs/{name(run_id)}/manifest/differences", baseline=baseline)
        return Call(request, ManifestDifferences)
