"""From an eval and a run's data source to the definition of a run of ours."""

import json
from collections.abc import Sequence

from pydantic import TypeAdapter

from api.openai_evals.answering import Answering, answering
from api.openai_evals.content import as_template, in_metadata
from api.openai_evals.criteria import Criterion, evaluations_of, models_in
from api.openai_evals.rows import StoredRows, stored_rows
from api.openai_evals.sources import Asking, DataSource, ItemReference
from api.services import Services
from core.benchmarks import AgentSpec, BenchmarkDefinition, DatasetSpec, Evaluation, FieldMapping, PromptSpec
from core.cases import Message
from core.errors import InvalidInput, InvalidRequest
from core.openai_evals import EvalRecord
from core.plugins import PluginSpec

CRITERIA = TypeAdapter(tuple[Criterion, ...])
BENCHMARK_TYPE = "openai-eval"
TAG = "openai_eval"
RECORDED = AgentSpec(name="recorded", agent=PluginSpec(kind="recorded"))


async def definition_of(
    services: Services, record: EvalRecord, source: DataSource, *, project_id: str
) -> BenchmarkDefinition:
    """Raises InvalidInput for rows, places and settings that do not fit."""
    criteria = CRITERIA.validate_python(list(record.testing_criteria))
    schema = record.data_source_config["item_schema"]
    assert isinstance(schema, dict)
    rows = await stored_rows(services, project_id, source.source, schema=schema, name=f"openai-evals/{record.eval_id}")
    asked = (source.model,) if isinstance(source, Asking) else ()
    agents = await answering(services, project_id, (*models_in(criteria), *asked))
    return BenchmarkDefinition(
        name=f"openai-evals/{record.eval_id}",
        benchmark_type=BENCHMARK_TYPE,
        dataset=_dataset(source, rows),
        prompt=_prompt(source, sampled=rows.sampled),
        agents=(_agent(source, agents),),
        evaluators=evaluations_of(criteria, agents),
        tags={TAG: record.eval_id},
    )


async def refuse_graders(services: Services, project_id: str, criteria: Sequence[Criterion]) -> None:
    """Raises InvalidRequest for graders that cannot work here, each with its place among the testing criteria."""
    agents = await answering(services, project_id, models_in(criteria))
    found: list[InvalidInput] = []
    evaluations: Sequence[Evaluation] = evaluations_of(criteria, agents)
    for mistake in services.mistakes_of_evaluators(evaluations):
        found.append(InvalidInput(str(mistake), pointer=mistake.pointer.replace("/evaluators", "/testing_criteria", 1)))
    if found:
        raise InvalidRequest(found)


def _dataset(source: DataSource, rows: StoredRows) -> DatasetSpec:
    # A row's answer belongs to graders of a run that asks nobody; a model's takes its place.
    kept = ("item", "sample") if rows.sampled and not isinstance(source, Asking) else ("item",)
    tools = json.dumps(list(source.sampling_params.tools)) if isinstance(source, Asking) else "[]"
    return DatasetSpec(
        source=PluginSpec.model_validate(
            {"kind": "uploaded", "name": rows.dataset.name, "version": rows.dataset.version}
        ),
        fields=FieldMapping(
            id="{{ number }}",
            input="{{ item | tojson }}",
            expected="",
            category="",
            tools=f"{{{{ {json.dumps(tools)} }}}}" if tools != "[]" else None,
            metadata=kept,
        ),
    )


def _prompt(source: DataSource, *, sampled: bool) -> PromptSpec:
    if not isinstance(source, Asking):
        return PromptSpec(template="{{ metadata.sample.output_text | default('') }}" if sampled else "")
    asked = source.input_messages
    if isinstance(asked, ItemReference):
        return PromptSpec(messages=in_metadata(asked.item_reference))
    messages = (each.message for each in asked.template)
    return PromptSpec(messages=tuple(Message(role=each.role, content=as_template(each.content)) for each in messages))


def _agent(source: DataSource, agents: Answering) -> AgentSpec:
    return agents(source.model, source.sampling_params.settings()) if isinstance(source, Asking) else RECORDED
