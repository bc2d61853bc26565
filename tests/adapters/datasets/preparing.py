"""Making case sets the way a worker does, from specs as they are written in YAML."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from adapters.datasets.case_sets import StoredCaseSets
from adapters.datasets.source import AnswersOf, DatasetContext
from adapters.storage.opening import open_storage
from core.benchmarks import DatasetSpec
from core.cases import Case
from core.datasets import CaseSet, DatasetVersion
from core.errors import NotFound
from core.ids import DEFAULT_PROJECT


@dataclass
class Uploads:
    """The datasets of a service, in memory."""

    versions: dict[tuple[str, str], list[DatasetVersion]] = field(
        default_factory=dict[tuple[str, str], list[DatasetVersion]]
    )

    def add(self, name: str, format: str, object_key: str, *, project_id: str = DEFAULT_PROJECT) -> None:
        versions = self.versions.setdefault((project_id, name), [])
        versions.append(
            DatasetVersion(
                dataset_id=f"ds_{len(versions)}",
                name=name,
                version=len(versions) + 1,
                digest="",
                format=format,
                row_count=0,
                fields=(),
                size_bytes=0,
                object_key=object_key,
                created_at=datetime.datetime.now(datetime.UTC),
            )
        )

    async def find(self, project_id: str, name: str, version: int | None) -> DatasetVersion:
        versions = self.versions.get((project_id, name), [])
        if not versions or (version or 1) > len(versions):
            raise NotFound(f"There is no dataset {name!r}.")
        return versions[(version or 0) - 1]


@dataclass
class Answers:
    """What agents answered in earlier runs, in memory: by run and agent the digest of the cases and the texts."""

    given: dict[tuple[str, str], tuple[str, dict[tuple[int, int], str]]] = field(
        default_factory=dict[tuple[str, str], tuple[str, dict[tuple[int, int], str]]]
    )

    async def given_by(self, project_id: str, run_id: str, agent_id: str) -> AnswersOf:
        if (run_id, agent_id) not in self.given:
            raise NotFound(f"There is no run {run_id!r} with an agent {agent_id!r}.")
        return AnswersOf(list(self.given).index((run_id, agent_id)), 0, self.given[run_id, agent_id][0])

    async def texts(self, of: AnswersOf, case_indexes: Sequence[int], *, trials: int) -> Mapping[tuple[int, int], str]:
        _, texts = list(self.given.values())[of.run_no]
        return {key: text for key, text in texts.items() if key[0] < trials and key[1] in case_indexes}


class Offline:
    async def __call__(self, url: str, sink: IO[bytes], *, limit: int) -> None:
        raise NotFound(f"{url} is out of reach.")


def case_sets(folder: Path, **context: Any) -> StoredCaseSets:
    """Stored under `folder`, with nothing around but what `context` says."""
    around: dict[str, Any] = {
        "project_id": DEFAULT_PROJECT,
        "storage": open_storage(f"file://{folder}"),
        "stored": Uploads(),
        "answers": Answers(),
        "download": Offline(),
        **context,
    }
    return StoredCaseSets(DatasetContext(**around))


async def prepared(sets: StoredCaseSets, spec: dict[str, Any], *, examples: int = 0) -> CaseSet:
    return await sets.prepare(DatasetSpec.model_validate(spec), project_id=DEFAULT_PROJECT, examples=examples)


async def cases_of(sets: StoredCaseSets, spec: dict[str, Any], *, examples: int = 0) -> Sequence[Case]:
    case_set = await prepared(sets, spec, examples=examples)
    return await sets.read(case_set, 0, case_set.case_count)


def inline(rows: Sequence[dict[str, Any]], **spec: Any) -> dict[str, Any]:
    return {"source": {"kind": "inline", "rows": list(rows)}, **spec}
