"""The JSON Schemas that are published: of the files people write, and of what commands print with `--json`.

What is printed may get further fields in later versions, so that these schemas allow fields they do not name.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from pydantic import TypeAdapter

from adapters.definitions.calibrations import calibration_schema
from adapters.definitions.policies import policy_schema
from adapters.definitions.preferences import preference_schema
from adapters.definitions.schema import DIALECT, definition_schema
from benchmark_client.models.agents import AgentView
from cli.definitions import Checked
from cli.exits import CommandError
from cli.findings import Finding
from cli.importing import ImportedFiles
from cli.output import put_json, put_text
from cli.printed import Kind, Price, ReadyAndStored, Results, Version
from core.api_keys import ApiKey, ApiKeyWithSecret
from core.audit import AuditCheck
from core.baselines import BaselineCheck, BenchmarkBaseline
from core.calibrations import Calibration
from core.cases import Reply
from core.comparisons import Comparison
from core.datasets import DatasetVersion
from core.definitions import AuditEvent
from core.errors import listed
from core.estimates import Estimate
from core.gates import Gate
from core.items import AttemptRecord, ItemRecord
from core.leaderboards import Leaderboard
from core.limit_views import KeyView, LimitRule
from core.manifests import FieldDifference, KeptManifest
from core.preferences import Preference
from core.prices import OperatorPrice
from core.runs import Run
from core.schedules import Schedule, Tick
from core.webhooks import Webhook, WebhookDelivery, WebhookWithSecret

FILES: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "benchmark": definition_schema,
    "policy": policy_schema,
    "calibration": calibration_schema,
    "preference": preference_schema,
}
PRINTED: Final[Mapping[str, Any]] = {
    "agents add": AgentView,
    "agents kinds": list[Kind],
    "agents list": list[AgentView],
    "agents test": Reply,
    "audit list": list[AuditEvent],
    "audit verify": AuditCheck,
    "baselines checks": list[BaselineCheck],
    "baselines set": BenchmarkBaseline,
    "baselines show": BenchmarkBaseline,
    "benchmarks list": ReadyAndStored,
    "compare": Comparison | list[Comparison],
    "datasets kinds": list[Kind],
    "datasets list": list[DatasetVersion],
    "datasets show": DatasetVersion,
    "datasets upload": DatasetVersion,
    "doctor": list[Finding],
    "estimate": Estimate,
    "evaluators list": list[Kind],
    "gate": Gate,
    "import": ImportedFiles,
    "judges calibrate": Calibration,
    "judges list": list[Calibration],
    "judges show": Calibration,
    "keys create": ApiKeyWithSecret,
    "keys list": list[ApiKey],
    "keys revoke": ApiKey,
    "keys rotate": ApiKeyWithSecret,
    "keys show": ApiKey,
    "keys update": ApiKey,
    "leaderboard": Leaderboard,
    "limits list": list[KeyView],
    "limits rules": list[LimitRule],
    "limits set": LimitRule,
    "manifest": KeptManifest | list[FieldDifference],
    "preferences list": list[Preference],
    "preferences show": Preference,
    "preferences start": Preference,
    "prices list": list[OperatorPrice],
    "prices set": OperatorPrice,
    "prices show": Price,
    "report": Run,
    "reproduce": Run,
    "run": Run,
    "runs attempts": list[AttemptRecord],
    "runs cancel": Run,
    "runs fork": Run,
    "runs items": list[ItemRecord],
    "runs list": list[Run],
    "runs pause": Run,
    "runs rescore": Run,
    "runs results": Results,
    "runs resume": Run,
    "runs retry": Run,
    "runs show": Run,
    "runs tune": Run,
    "runs watch": Run,
    "schedules backfill": Schedule,
    "schedules create": Schedule,
    "schedules list": list[Schedule],
    "schedules pause": Schedule,
    "schedules resume": Schedule,
    "schedules runs": list[Tick],
    "schedules show": Schedule,
    "schedules trigger": Schedule,
    "schedules update": Schedule,
    "validate": list[Checked],
    "version": Version,
    "webhooks create": WebhookWithSecret,
    "webhooks deliveries": list[WebhookDelivery],
    "webhooks list": list[Webhook],
    "webhooks redeliver": WebhookDelivery,
    "webhooks rotate": WebhookWithSecret,
    "webhooks show": Webhook,
    "webhooks test": WebhookDelivery,
    "webhooks update": Webhook,
}
"""By the words of the command."""


def print_schema(of: str) -> None:
    """Raises CommandError for what has none."""
    if of in FILES:
        put_json(FILES[of]())
    elif of in PRINTED:
        put_json(printed_schema(of))
    else:
        raise CommandError(f"There is no schema of {of!r}; there are: {listed([*FILES, *PRINTED])}.")


def list_schemas() -> None:
    put_text("\n".join([*FILES, *PRINTED]))


def printed_schema(command: str) -> dict[str, Any]:
    """JSON Schema 2020-12 of what the command prints with --json."""
    schema = TypeAdapter[Any](PRINTED[command]).json_schema(mode="serialization")
    name = f"{command.replace(' ', '-')}.schema.json"
    return {"$schema": DIALECT, "$id": name, **_opened(schema), "title": f"benchmark {command} --json"}


def _opened(part: Any) -> Any:
    """The schema without what forbids fields it does not name."""
    if isinstance(part, dict):
        entries = cast("dict[str, Any]", part).items()
        return {key: _opened(value) for key, value in entries if not (key == "additionalProperties" and value is False)}
    return [_opened(each) for each in cast("list[Any]", part)] if isinstance(part, list) else part
