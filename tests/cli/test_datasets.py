"""`benchmark datasets`: what is stored can be used, by the lines that are printed."""

from pathlib import Path

import pytest
import yaml

from cli.datasets import upload_dataset
from core.benchmarks import DatasetSpec
from core.plugins import settings_of
from tests.cli.scripted_api import Answer, scripted_api


def test_an_upload_prints_the_lines_that_ask_its_questions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "support.csv"
    file.write_text("question,right,topic\nWho?,me,us\n")
    stored = {"name": "support", "version": 3, "row_count": 1, "fields": ["question", "label", "topic"]}
    with scripted_api({"/v1/datasets": [Answer(201, stored)]}) as api:
        upload_dataset(api.url, file, name=None, as_json=False)
    told = capsys.readouterr()
    assert "Stored dataset 'support', version 3: 1 row.\n" in told.err
    lines = told.out[told.out.index("dataset:\n") : told.out.index("Its columns: question, label, topic.")]
    dataset = DatasetSpec.model_validate(yaml.safe_load(lines)["dataset"])
    settings_of("datasets", dataset.source)
    assert dataset.source.model_dump() == {"kind": "uploaded", "name": "support", "version": 3}
    assert dataset.model_dump(exclude_unset=True)["fields"] == {"input": "question", "expected": "label"}
