"""What is found by setting runs side by side: comparisons, leaderboards, calibrated judges, preferences."""

from collections.abc import Sequence
from pathlib import Path

from benchmark_client.documents import Body
from benchmark_client.models.answer import Page
from benchmark_client.models.comparisons import ComparisonView, FlipView, Leaderboard
from benchmark_client.models.judges import CalibrationView, PreferenceView
from benchmark_client.modes import M
from benchmark_client.nouns.definitions import one_body
from benchmark_client.nouns.noun import Noun
from benchmark_client.requests import Call, get, given, name, post
from benchmark_client.series import Series, listing
from benchmark_client.verbs import ListVerb, Verb


class Comparisons(Noun[M]):
    @Verb
    def create(
        self,
        baseline: Body | str,
        candidate: Body | str,
        *,
        confidence: float | None = None,
        correction: str | None = None,
        seed: int | None = None,
        allow: Sequence[str] | None = None,
    ) -> Call[ComparisonView]:
        """Two agents' answers to the same questions, paired: a run's id, or `{"run_id": ..., "agent": ...}`.

        `allow` names in what they may differ and be compared nevertheless, such as `prompt`.
        """
        options = given(confidence=confidence, correction=correction, seed=seed, allow=allow)
        body = {"baseline": _agent(baseline), "candidate": _agent(candidate), **options}
        return Call(post("/v1/comparisons", body), ComparisonView)

    @ListVerb
    def list(self, *, run_id: str | None = None, most: int | None = None) -> Series[ComparisonView]:
        """The newest first; those that a run is part of."""
        return listing(Page[ComparisonView], get("/v1/comparisons", run_id=run_id), most)

    @Verb
    def get(self, comparison_id: str) -> Call[ComparisonView]:
        """Raises NotFound."""
        return Call(get(f"/v1/comparisons/{name(comparison_id)}"), ComparisonView)

    @ListVerb
    def flips(
        self,
        comparison_id: str,
        *,
        direction: str | None = None,
        category: str | None = None,
        most: int | None = None,
    ) -> Series[FlipView]:
        """The questions that one answered right and the other wrong."""
        request = get(f"/v1/comparisons/{name(comparison_id)}/flips", direction=direction, category=category)
        return listing(Page[FlipView], request, most)


class Leaderboards(Noun[M]):
    @Verb
    def get(self, benchmark: str, *, case_set: str | None = None, limit: int | None = None) -> Call[Leaderboard]:
        """The agents that answered the same questions of a benchmark, best first."""
        return Call(get("/v1/leaderboards", benchmark=benchmark, case_set=case_set, limit=limit), Leaderboard)


class Calibrations(Noun[M]):
    @Verb
    def create(self, request: Body | None = None, *, file: str | Path | None = None) -> Call[CalibrationView]:
        """Has a judge judge what people judged, to tell how well they agree. Its id is its run's."""
        return Call(post("/v1/judges/calibrations", one_body(request, file)), CalibrationView)

    @ListVerb
    def list(self, *, judge: str | None = None, most: int | None = None) -> Series[CalibrationView]:
        """The newest first."""
        return listing(Page[CalibrationView], get("/v1/judges/calibrations", judge=judge), most)

    @Verb
    def get(self, calibration_id: str) -> Call[CalibrationView]:
        """Raises NotFound."""
        return Call(get(f"/v1/judges/calibrations/{name(calibration_id)}"), CalibrationView)


class Preferences(Noun[M]):
    @Verb
    def create(self, request: Body | None = None, *, file: str | Path | None = None) -> Call[PreferenceView]:
        """Has a judge compare what agents answered in earlier runs, head to head."""
        return Call(post("/v1/preferences", one_body(request, file)), PreferenceView)

    @ListVerb
    def list(self, *, most: int | None = None) -> Series[PreferenceView]:
        """The newest first."""
        return listing(Page[PreferenceView], get("/v1/preferences"), most)

    @Verb
    def get(self, run_id: str) -> Call[PreferenceView]:
        """Raises NotFound."""
        return Call(get(f"/v1/preferences/{name(run_id)}"), PreferenceView)


def _agent(told: Body | str) -> Body:
    return {"run_id": told} if isinstance(told, str) else told
