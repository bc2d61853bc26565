"""Files of other tools become benchmark files that are right, and what is lost on the way is told."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pyarrow  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]
import pytest
import yaml

from cli.main import run as typed
from core.benchmarks import BenchmarkDefinition
from core.cases import Case, Reply
from core.verdicts import Scored
from evaluators.registry import build_rule

PROMPTFOO = """
description: Capitals
prompts: ["What is the capital of {{country}}? Answer in {{ language | upper }}."]
providers:
  - openai:chat:gpt-4o-mini
  - {id: "anthropic:messages:claude-sonnet-4-5", label: sonnet, config: {max_tokens: 50, apiKey: sk-secret, tools: []}}
  - exec:python bot.py
defaultTest: {assert: [{type: latency, threshold: 3000}]}
tests:
  - {vars: {country: [France, Monaco], language: en}, assert: [{type: contains, value: Paris}]}
  - {description: not Osaka, vars: {country: Japan}, assert: [{type: contains, value: Tokyo}]}
  - vars: {country: Norway}
    assert: [{type: javascript, value: output.length < 3}, {type: llm-rubric, value: Names Oslo only, weight: 2}]
  - file://more.csv
sharing: true
"""


def imported(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[list[Path], list[str]]:
    """The files that are written, and the remarks."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        typed(["import", *map(str, words), "--json"])
    assert ended.value.code == 0
    told = json.loads(capsys.readouterr().out)
    return [Path(file) for file in told["files"]], told["remarks"]


def definition(file: Path) -> BenchmarkDefinition:
    return BenchmarkDefinition.model_validate(yaml.safe_load(file.read_text("utf-8")))


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.with_suffix(".jsonl").read_text("utf-8").splitlines()]


def test_a_configuration_of_promptfoo_becomes_benchmarks_and_nothing_is_dropped_in_silence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "promptfooconfig.yaml"
    source.write_text(PROMPTFOO)
    (tmp_path / "more.csv").write_text("country,language,__expected\nChile,en,Santiago\nPeru,en,contains: Lima\n")
    files, remarks = imported(capsys, source, "--folder", tmp_path / "out")
    assert len(files) == 3
    contains, rubric, equals = files
    # Four tests want a word; a list of values is a test for each, and a line of the table is one.
    assert [row["var_country"] for row in rows(contains)] == ["France", "Monaco", "Japan", "Peru"]
    assert [row["id"] for row in rows(contains)] == ["1", "1.2", "2 not Osaka", "5"]
    assert [row["want_contains"] for row in rows(contains)] == [["Paris"], ["Paris"], ["Tokyo"], ["Lima"]]
    assert [row["expected"] for row in rows(contains)] == ["Paris", "Paris", "Tokyo", "Lima"]
    assert rows(rubric)[0]["want_llm_rubric"] == "Names Oslo only"
    assert rows(equals)[0]["want_equals"] == ["Santiago"]
    agents = {agent.name: agent.agent.model_dump() for agent in definition(contains).agents}
    assert agents == {
        "gpt-4o-mini": {"kind": "openai", "model": "gpt-4o-mini"},
        "sonnet": {"kind": "anthropic", "model": "claude-sonnet-4-5", "max_tokens": 50},
    }
    lost = ("sharing", "exec:python bot.py", "apiKey", "tools", "javascript", "weight", "asserted in 3 ways")
    said = "\n".join(remarks).replace("The key of", "apiKey")
    assert [word for word in lost if word not in said] == []
    assert "sk-secret" not in "".join(file.read_text() for file in (tmp_path / "out").iterdir())


ASSERTIONS: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "equals", "value": "Paris."}, "Paris.", "paris."),
    ({"type": "icontains", "value": "PAR"}, "in paris", "in rome"),
    ({"type": "contains-all", "value": ["a", "b"]}, "b a", "a"),
    ({"type": "contains-any", "value": ["a", "b"]}, "b", "c"),
    ({"type": "not-contains", "value": "sorry"}, "Paris", "I am sorry"),
    ({"type": "regex", "value": "^[A-Z]+$"}, "PARIS", "Paris"),
    ({"type": "starts-with", "value": "a.b"}, "a.b and", "axb and"),
    ({"type": "is-json"}, '{"a": 1}', 'it is {"a": 1}'),
    ({"type": "contains-json", "value": {"required": ["a"]}}, 'it is {"a": 1}', '{"b": 1}'),
    ({"type": "word-count", "value": {"max": 2}}, "two words", "these are three"),
]


@pytest.mark.parametrize(("assertion", "right", "wrong"), ASSERTIONS, ids=lambda value: str(value)[:40])
async def test_an_assertion_judges_here_as_it_does_there(assertion: dict[str, Any], right: str, wrong: str) -> None:
    from adapters.imports.promptfoo_assertions import judging_of
    from adapters.imports.remarks import Remarks

    judging = judging_of([assertion], "Test 1", Remarks())
    assert judging is not None
    [evaluation] = BenchmarkDefinition.model_validate(
        {"name": "x", "dataset": {"source": {"kind": "inline"}}, "evaluators": judging.evaluators}
    ).evaluators
    spec = type(evaluation).model_validate(
        {key: value for key, value in evaluation.model_dump().items() if key != "name"}
    )
    evaluator, case = build_rule(spec), Case(id="1", input="?", metadata=dict(judging.values))
    values = [await evaluator.evaluate(case, Reply(text=text)) for text in (right, wrong)]
    assert [verdict.value for verdict in values if isinstance(verdict, Scored)] == [1.0, 0.0]


def inspect_log(path: Path) -> Path:
    """As inspect_ai writes it: in a zip, by Zstandard."""
    from inspect_ai._util.error import EvalError
    from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalSample, EvalSpec, write_eval_log_async
    from inspect_ai.model import ModelOutput
    from inspect_ai.scorer import Score

    def sample(id: str, epoch: int, text: str, target: str | list[str] = "Paris", **more: Any) -> EvalSample:
        output = ModelOutput.from_content("m", text)
        scores = {"match": Score(value="C")}
        return EvalSample(id=id, epoch=epoch, input=f"{id}?", target=target, output=output, scores=scores, **more)

    spec = EvalSpec(
        created="2026-11-23T12:00:00+00:00",
        task="caps",
        dataset=EvalDataset(),
        model="openai/gpt-4o",
        config=EvalConfig(),
    )
    broke = EvalError(message="boom", traceback="", traceback_ansi="")
    samples = [sample("France", 1, "Paris"), sample("France", 2, "Lyon"), sample("Japan", 1, "Edo", ["Tokyo", "Edo"])]
    log = EvalLog(status="success", eval=spec, samples=[*samples, sample("X", 1, "", error=broke)])
    # The writer that blocks leaves a changed asyncio behind, in which no loop is closed.
    asyncio.run(write_eval_log_async(log, str(path)))
    return path


@pytest.mark.parametrize("ending", ["eval", "json"])
def test_a_log_of_inspect_becomes_recorded_answers(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [file], remarks = imported(capsys, inspect_log(tmp_path / f"log.{ending}"), "--folder", tmp_path)
    made = definition(file)
    [agent] = made.agents
    assert (made.name, agent.name, agent.agent.kind) == ("caps", "openai/gpt-4o", "recorded")
    assert agent.prompt is not None
    assert agent.prompt.template == "{{ metadata.answer }}"
    assert made.dataset.fields.cluster == "sample"
    assert [evaluation.model_dump() for evaluation in made.evaluators] == [
        {"kind": "contains", "name": "match", "also_accept": "targets"}
    ]
    told = [(row["id"], row["expected"], row["answer"]) for row in rows(file)]
    assert told == [("France-1", "Paris", "Paris"), ("Japan-1", "Tokyo", "Edo"), ("France-2", "Paris", "Lyon")]
    assert any("1 sample ended with an error" in remark and "not scored as wrong" in remark for remark in remarks)


def test_a_folder_as_hugging_face_has_it_is_asked_by_its_test_split(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mmlu" / "data"
    folder.mkdir(parents=True)
    table: Any = pyarrow.table({"question": ["2+2?"], "choices": [["3", "4"]], "answer": [1], "subject": ["math"]})  # type: ignore[attr-defined]
    for split in ("train", "test"):
        pyarrow.parquet.write_table(table, folder / f"{split}-00000-of-00001.parquet")  # type: ignore[attr-defined]
    [file], remarks = imported(capsys, tmp_path / "mmlu", "--folder", tmp_path / "out")
    made = definition(file)
    assert made.dataset.source.settings["path"] == str(folder / "test-00000-of-00001.parquet")
    fields = made.dataset.fields
    assert (fields.input, fields.expected, fields.choices, fields.category) == (
        "question",
        "answer",
        "choices",
        "subject",
    )
    assert [evaluation.kind for evaluation in made.evaluators] == ["choice"]
    assert any("'test' is asked" in remark for remark in remarks)


def test_columns_that_nothing_tells_are_named_and_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "fragen.jsonl"
    source.write_text('{"frage": "2+2?", "antwort": "4"}\n')
    with pytest.raises(SystemExit):
        typed(["import", str(source), "--folder", str(tmp_path)])
    assert "antwort, frage" in (said := capsys.readouterr().err.replace("\n", " "))
    assert "--column input=NAME" in said
    told = ("--name", "Fragen", "--column", "input=frage", "--column", "expected=antwort")
    [file], _ = imported(capsys, source, "--folder", tmp_path, *told)
    made = definition(file)
    assert (made.name, made.dataset.fields.expected) == ("Fragen", "antwort")


EQUALS = "{type: equals, value: x}"
MANY = [f"openai:m{number}" for number in range(9)]
MINIMAL = "prompts: ['{{q}}']\nproviders: [openai:gpt-5-mini]\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"c.yaml": MINIMAL + "tests: file://c2.yaml", "c2.yaml": "[file://c2.yaml]"}, "names itself among its tests"),
        ({"c.yaml": MINIMAL + "tests: file://t.jsonl", "t.jsonl": '{"vars": {}}\n{oh'}, "line 2, is no JSON"),
        ({"c.yaml": MINIMAL + "tests: file://t.csv", "t.csv": b"q\n\xff\xfe"}, "no text in UTF-8: byte 2"),
        ({"c.yaml": MINIMAL + "tests: [7]"}, "7 is no test"),
        ({"c.yaml": MINIMAL + "tests: [{assert: yes}]"}, "Test 1: `assert` is no list of assertions"),
        ({"c.yaml": MINIMAL + f"tests: [{{vars: {{a: &v {list(range(1100))}, b: *v}}}}]"}, "make 1,210,000 tests"),
        ({"c.yaml": "prompts: [a, b]\nproviders: [openai: {config: 7}]\ntests: []"}, "not 7"),
        ({"c.yaml": f"prompts: {list('abcdef')}\nproviders: {MANY}\ntests: [{{assert: [{EQUALS}]}}]"}, "are 54 agents"),
    ],
)  # fmt: skip
def test_what_promptfoo_would_not_read_either_is_refused_in_words_and_leaves_nothing(
    files: dict[str, str | bytes], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SystemExit) as ended:
        typed(["import", str(tmp_path / "c.yaml"), "--folder", str(tmp_path / "out")])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_files_may_be_named_by_their_whole_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tests.csv").write_text("q,__expected\n2+2,4\n3+3,6,too,much\n5+5\n")
    source = tmp_path / "in" / "promptfooconfig.yaml"
    source.parent.mkdir()
    source.write_text(MINIMAL + f"tests: file://{tmp_path}/tests.csv")
    [file], _ = imported(capsys, source, "--folder", tmp_path / "out")
    assert [json.loads(line)["var_q"] for line in file.with_suffix(".jsonl").read_text().splitlines()] == ["2+2", "3+3"]


def test_a_file_of_nobody_is_refused_and_one_that_is_there_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "rows.jsonl").write_text('{"question": "2+2?", "answer": "4"}\n')
    (tmp_path / "rows.yaml").write_text("mine")
    for name, said in (("notes.txt", "--from"), ("rows.jsonl", "is there already")):
        with pytest.raises(SystemExit) as ended:
            typed(["import", str(tmp_path / name), "--folder", str(tmp_path)])
        assert ended.value.code == 2
        assert said in capsys.readouterr().err
    assert (tmp_path / "rows.yaml").read_text() == "mine"
