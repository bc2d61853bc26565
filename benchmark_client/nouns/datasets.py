"""Datasets: uploading data, and looking at what is stored."""

from dataclasses import replace
from pathlib import Path

from benchmark_client.documents import content_of
from benchmark_client.models.answer import Page
from benchmark_client.models.catalogue import Kinds
from benchmark_client.models.datasets import DatasetVersion, Preview
from benchmark_client.modes import M
from benchmark_client.nouns.noun import Noun
from benchmark_client.requests import UPLOAD_S, Call, Document, get, name, post
from benchmark_client.series import Series, listing
from benchmark_client.verbs import ListVerb, Verb


class Datasets(Noun[M]):
    @Verb
    def upload(
        self, file: str | Path | bytes, *, dataset: str | None = None, filename: str | None = None
    ) -> Call[DatasetVersion]:
        """Stores JSONL, JSON, CSV, TSV or Parquet, also gzipped: a file by its path, or bytes with a `filename`.

        The ending of the name tells the format. `dataset` is what it shall be called: by default as the file, without
        its endings. The same bytes again are the same version. Raises Invalid, which names the line.
        """
        content = file if isinstance(file, bytes) else content_of(file)
        called = filename or ("" if isinstance(file, bytes) else Path(file).name)
        body = Document(content, "application/octet-stream")
        request = post("/v1/datasets", body, name=dataset, filename=called)
        return Call(replace(request, timeout_s=UPLOAD_S), DatasetVersion)

    @ListVerb
    def list(self, *, most: int | None = None) -> Series[DatasetVersion]:
        """The newest version of each, by name."""
        return listing(Page[DatasetVersion], get("/v1/datasets"), most)

    @Verb
    def get(self, dataset: str, *, version: int | None = None) -> Call[DatasetVersion]:
        """By name, `name@version` or id. Raises NotFound."""
        return Call(get(f"/v1/datasets/{name(dataset)}", version=version), DatasetVersion)

    @ListVerb
    def versions(self, dataset: str, *, most: int | None = None) -> Series[DatasetVersion]:
        """The newest first."""
        return listing(Page[DatasetVersion], get(f"/v1/datasets/{name(dataset)}/versions"), most)

    @Verb
    def preview(self, dataset: str, *, version: int | None = None, limit: int = 10) -> Call[Preview]:
        """The first rows, at most 100, as they are before any mapping."""
        return Call(get(f"/v1/datasets/{name(dataset)}/rows", version=version, limit=limit), Preview)

    @Verb
    def kinds(self) -> Call[Kinds]:
        """Where cases may come from: the installed kinds, each with the JSON Schema of its settings."""
        return Call(get("/v1/datasets/kinds"), Kinds)
