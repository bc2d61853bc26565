"""A tour through every operation of the API, with a worker and a model on loopback. A test goes it, and what it sees
can be kept as the examples of the documentation: `make openapi` does."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx2

from adapters.database.baselines import BaselineRepository
from adapters.database.comparisons import ComparisonRepository
from adapters.database.engine import open_engine, sessions
from adapters.database.manifests import ManifestRepository
from adapters.database.runs import RunRepository
from api import examples
from core.runs import ENDED
from core.settings import Settings
from tests.api.live import CAPITALS, until
from tests.api.recorder import Recorder
from tests.providers import Asked
from workflows.watch.baselines import BaselineWatch

WAIT = {"Prefer": "wait=20"}
AGENT = {"name": "small-model"}
BENCHMARK = {"name": "capitals"}
PRICE = {"base_url": "https://api.openai.com/v1"}


def answer(asked: Asked) -> str:
    """Of the model of the tour, which knows capitals, and otherwise judges."""
    return CAPITALS.get(asked.prompt, '{"rationale": "It answers the question.", "verdict": "first"}')


class Tour:
    """The stations in their order; each finds what the ones before it left."""

    def __init__(self, recorder: Recorder, settings: Settings, *, model: str) -> None:
        self._do = recorder
        self._settings = settings
        self._model = model
        self.run = self.other = self.fork = ""

    async def go(self) -> None:
        await self.service()
        await self.definitions()
        await self.settings_of_operators()
        await self.runs()
        await self.results()
        await self.comparisons()
        await self.changes()
        await self.steering()
        await self.judges()
        await self.schedules()
        await self.baselines()
        await self.webhooks()
        await self.api_keys()
        await self.removals()

    def _here(self, body: Any) -> Any:
        """The example with the model of this tour in the place of its own."""
        if isinstance(body, dict):
            return {name: self._here(inner) for name, inner in cast("dict[str, Any]", body).items()}
        if isinstance(body, list):
            return [self._here(each) for each in cast("list[Any]", body)]
        return self._model if body == examples.AGENT["agent"]["base_url"] else body

    async def service(self) -> None:
        for operation in ("get_health", "get_readiness", "get_version", "get_metrics", "get_openapi"):
            await self._do(operation, 200)
        for operation in ("get_benchmark_schema", "get_gate_schema", "list_evaluators", "list_agent_kinds"):
            await self._do(operation, 200)
        for operation in ("list_dataset_kinds", "list_ready_made_benchmarks"):
            await self._do(operation, 200)

    async def definitions(self) -> None:
        await self._do("put_credential", 201, json=examples.CREDENTIAL)
        await self._do("get_credential", 200, path={"name": "lab-key"})
        await self._do("create_agent", 201, json=self._here(examples.AGENT))
        await self._do("get_agent", 200, path=AGENT)
        await self._do("list_agent_versions", 200, path=AGENT)
        await self._do("test_agent", 200, json=self._here(examples.QUESTION))
        await self._do("test_stored_agent", 200, path=AGENT, json={"question": "Capital of France?"})
        rows = b'{"input": "Capital of France?", "expected": "Paris"}\n'
        await self._do("upload_dataset", 201, params={"name": "capitals", "filename": "capitals.jsonl"}, content=rows)
        for operation in ("get_dataset", "list_dataset_versions", "preview_dataset"):
            await self._do(operation, 200, path=BENCHMARK)
        await self._do("create_benchmark", 201, json=self._here(examples.BENCHMARK))
        for operation in ("get_benchmark", "list_benchmark_versions"):
            await self._do(operation, 200, path=BENCHMARK)
        for operation in ("list_agents", "list_benchmarks", "list_credentials", "list_datasets"):
            await self._do(operation, 200)

    async def settings_of_operators(self) -> None:
        price = {"base_url": PRICE["base_url"], "input": 0.25, "output": 2.0}
        await self._do("set_price", 200, path={"model": "gpt-5-mini"}, json=price)
        await self._do("get_price", 200, path={"model": "gpt-5-mini"})
        await self._do("list_prices", 200)
        rule = (await self._do("set_limits", 201, json=examples.LIMIT)).json()
        await self._do("get_limit_rule", 200, path={"rule_id": rule["rule_id"]})
        await self._do("list_limit_rules", 200)
        await self._do("set_budget", 200, json={"max_usd": 50.0, "unknown_price": "ignore"})
        await self._do("get_budget", 200)
        await self._do("set_baseline", 200, path=BENCHMARK, json={"kind": "last_good"})
        await self._do("get_baseline", 200, path=BENCHMARK)

    async def runs(self) -> None:
        self.run = (await self._do("create_run", 202, json=self._here(examples.INLINE))).json()["run_id"]
        await self._do("create_run", 200, params={"dry_run": "true"}, json=self._here(examples.INLINE))
        await self._ended(self.run)
        accepted = await self._do("run_benchmark", 202, json=examples.NAMED)
        await self._do("run_benchmark", 200, params={"dry_run": "true"}, json=examples.NAMED)
        self.other = accepted.json()["run_id"]
        await self._ended(self.other)
        await self._do("list_runs", 200)
        await self._do("list_events", 200)
        at = {"run_id": self.run}
        await self._do("list_run_events", 200, path=at)
        stream = {"Accept": "text/event-stream"}
        last = (await self._do("list_run_events", 200, path=at, headers=stream)).text.rpartition("\nid: ")[2]
        await self._do("list_run_events", 204, path=at, headers=stream | {"Last-Event-ID": last.split("\n")[0]})

    async def results(self) -> None:
        at = {"run_id": self.run}
        for operation in ("get_results", "get_report", "list_items", "list_attempts", "get_waiting"):
            await self._do(operation, 200, path=at)
        for operation in ("get_manifest", "get_run_budget", "get_report_page"):
            await self._do(operation, 200, path=at)
        await self._do("get_item", 200, path={**at, "item_id": "0-0-0"})
        for format in ("csv", "jsonl", "junit", "lm-eval"):
            await self._do("export_run", 200, path=at, params={"format": format})
        await self._do("get_manifest_differences", 200, path={"run_id": self.other}, params={"baseline": self.run})

    async def comparisons(self) -> None:
        self.fork = (await self._do("fork_run", 202, path={"run_id": self.run}, json={"trials": 2})).json()["run_id"]
        await self._ended(self.fork)
        body = examples.COMPARISON | {
            "baseline": {"run_id": self.run, "agent_id": "small-model"},
            "candidate": {"run_id": self.other, "agent_id": "small-model"},
        }
        made = (await self._do("create_comparison", 201, json=body)).json()["comparison_id"]
        await self._do("list_comparisons", 200)
        await self._do("get_comparison", 200, path={"comparison_id": made})
        await self._do("list_flips", 200, path={"comparison_id": made})
        await self._do("judge_run", 201, path={"run_id": self.fork}, json=examples.GATE | {"baseline": self.run})
        await self._do("get_gate", 200, path={"run_id": self.fork})
        await self._do("get_leaderboard", 200, params={"benchmark": "capitals"})

    async def changes(self) -> None:
        at = {"run_id": self.fork}
        tag = (await self._do("get_run", 200, path=at)).headers["etag"]
        await self._do("amend_run", 202, path=at, json={"trials": 3}, headers={"If-Match": tag})
        await self._ended(self.fork)
        await self._do("rescore_run", 202, path=at, json={"evaluators": [{"kind": "exact"}, {"kind": "contains"}]})
        await self._ended(self.fork)
        again = await self._do("reproduce_run", 202, path={"run_id": self.run}, json={})
        await self._ended(again.json()["run_id"])

    async def steering(self) -> None:
        # So many cases that some are still to be asked when the pause, and later the cancelling, arrives.
        rows = [{"input": f"{number} + {number}", "expected": "0"} for number in range(400)]
        long = self._here(examples.INLINE) | {"dataset": {"source": {"kind": "inline", "rows": rows}}}
        at = {"run_id": (await self._do("create_run", 202, json=long)).json()["run_id"]}
        await self._do("pause_run", 202, path=at)
        await until(self._do.api, at["run_id"], "paused")
        await self._do("resume_run", 202, path=at)
        await self._do("cancel_run", 202, path=at)
        await self._ended(at["run_id"])
        await self._do("retry_run", 202, path=at)
        await self._ended(at["run_id"])

    async def judges(self) -> None:
        made = (await self._do("create_calibration", 202, json=self._here(examples.CALIBRATION))).json()
        await self._ended(made["run_id"])
        await self._do("get_calibration", 200, path={"calibration_id": made["calibration_id"]})
        await self._do("list_calibrations", 200)
        runs = zip(examples.PREFERENCE["contestants"], (self.run, self.fork), strict=True)
        contestants = [each | {"run_id": run_id} for each, run_id in runs]
        body = self._here(examples.PREFERENCE) | {"contestants": contestants}
        made = (await self._do("create_preference", 202, json=body)).json()
        await self._ended(made["run_id"])
        await self._do("get_preference", 200, path={"run_id": made["run_id"]})
        page = (await self._do("get_report_page", 200, path={"run_id": made["run_id"]})).text
        assert 'id="preference"' in page
        assert 'id="judges"' in page
        await self._do("list_preferences", 200)

    async def schedules(self) -> None:
        at = {"schedule": "nightly"}
        await self._do("create_schedule", 201, json=examples.SCHEDULE)
        await self._do("list_schedules", 200)
        tag = (await self._do("get_schedule", 200, path=at)).headers["etag"]
        await self._do("change_schedule", 200, path=at, json={"catch_up_s": 3600}, headers={"If-Match": tag})
        await self._do("pause_schedule", 202, path=at, json={"note": "while the model is being moved"})
        await self._do("resume_schedule", 202, path=at, json={"note": "it has been moved"})
        await self._do("trigger_schedule", 202, path=at, json={"overlap": "allow_all"})
        async with asyncio.timeout(60):
            while True:
                if (await self._do("list_scheduled_runs", 200, path=at)).json()["items"]:
                    break
                await asyncio.sleep(0.2)
        past = {"start_at": "2026-11-16T00:00:00Z", "end_at": "2026-11-16T01:00:00Z"}
        await self._do("backfill_schedule", 202, path=at, json=past)
        await self._do("delete_schedule", 204, path=at)

    async def baselines(self) -> None:
        async with watching(self._settings) as watch:
            await watch.look()
        await self._do("get_baseline_check", 200, path={"run_id": self.other})
        await self._do("list_baseline_checks", 200)

    async def webhooks(self) -> None:
        receiver = self._model.removesuffix("/v1") + "/hooks"
        made = (await self._do("create_webhook", 201, json=examples.WEBHOOK | {"url": receiver})).json()
        at = {"webhook_id": made["webhook_id"]}
        await self._do("list_webhooks", 200)
        await self._do("get_webhook", 200, path=at)
        await self._do("change_webhook", 200, path=at, json={"description": "the bot of another team"})
        sent = {**at, "delivery_id": (await self._do("test_webhook", 200, path=at)).json()["delivery_id"]}
        await self._do("list_deliveries", 200, path=at)
        await self._do("get_delivery", 200, path=sent)
        await self._do("redeliver", 202, path=sent)
        await self._do("rotate_webhook_secret", 200, path=at, json={"keep_s": 3600})
        await self._do("delete_webhook", 204, path=at)

    async def api_keys(self) -> None:
        await self._do("get_whoami", 200)
        made = (await self._do("create_api_key", 201, json=examples.API_KEY)).json()
        at = {"api_key_id": made["api_key_id"]}
        await self._do("list_api_keys", 200)
        tag = (await self._do("get_api_key", 200, path=at)).headers["etag"]
        changed = {"scopes": ["benchmark:read", "results:read"], "expires_at": None}
        await self._do("change_api_key", 200, path=at, json=changed, headers={"If-Match": tag})
        await self._do("rotate_api_key", 200, path=at, json={"keep_s": 3600})
        await self._do("revoke_api_key", 200, path=at)

    async def removals(self) -> None:
        [key, *_] = (await self._do("list_limits", 200)).json()["items"]
        await self._do("reset_limits", 204, path={"key_id": key["key_id"]})
        [rule] = (await self._do("list_limit_rules", 200)).json()["items"]
        await self._do("remove_limit_rule", 204, path={"rule_id": rule["rule_id"]})
        await self._do("remove_price", 204, path={"model": "gpt-5-mini"}, params=PRICE)
        await self._do("remove_credential", 204, path={"name": "lab-key"})
        await self._do("delete_baseline", 204, path=BENCHMARK)
        await self._do("delete_budget", 204)
        await self._do("list_audit_events", 200)
        whole = (await self._do("verify_audit_log", 200)).json()
        await self._do("verify_audit_log", 200, params={"known": whole["head"]})

    async def _ended(self, run_id: str) -> None:
        async with asyncio.timeout(100):
            while True:
                found = await self._do("get_run", 200, path={"run_id": run_id}, headers=WAIT)
                if found.json()["status"] in ENDED:
                    assert found.headers["preference-applied"] == WAIT["Prefer"]
                    return


@asynccontextmanager
async def watching(settings: Settings) -> AsyncGenerator[BaselineWatch]:
    async with open_engine(settings.database_url) as engine:
        made = sessions(engine)
        yield BaselineWatch(
            baselines=BaselineRepository(made),
            runs=RunRepository(engine),
            comparisons=ComparisonRepository(made),
            manifests=ManifestRepository(engine),
        )


async def gone(api: httpx2.AsyncClient, settings: Settings, description: dict[str, Any], *, model: str) -> Recorder:
    """What was recorded on a tour through this API. Raises AssertionError where an answer is not as described."""
    recorder = Recorder(api, description)
    await Tour(recorder, settings, model=model).go()
    return recorder
