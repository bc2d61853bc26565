"""A benchmark file is checked without any service: the line of a mistake is told, and what may have been meant."""

import json
from pathlib import Path

import pytest

from adapters.definitions.preferences import read_preference
from cli.definitions import read_file, validate_files
from cli.exits import CommandError, Exit
from core.errors import InvalidInput

GOOD = """\
name: sums
dataset:
  source:
    kind: inline
    rows: [{input: 1 + 1, expected: "2"}]
prompt:
  template: "{{ input }}"
agents:
  - name: small
    agent:
      kind: openai
      model: small
evaluators:
  - kind: numeric
"""


def written(folder: Path, text: str = GOOD) -> Path:
    place = folder / "sums.yaml"
    place.write_text(text)
    return place


def test_a_right_file_is_read(tmp_path: Path) -> None:
    assert read_file(written(tmp_path)).definition.name == "sums"


@pytest.mark.parametrize(
    ("right", "wrong", "complaints"),
    [
        ("evaluators:", "evaluator:", ["line 13", "'evaluator'", "did you mean 'evaluators'"]),
        ("kind: openai", "kind: openia", ["line 11", "There is no kind 'openia'", "Did you mean 'openai'"]),
        ("      model: small", "      model: small\n      temprature: 0", ["'temprature'", "'temperature'"]),
        ('"{{ input }}"', '"{{ input"', ["line 7"]),
        ('"{{ input }}"', '"{{ prompt }}"', ["line 7", "'prompt'", "category, choices, id, input"]),
        ("name: sums", "name: sums\ntrials: 0", ["line 2", "'trials'"]),
        ("name: sums", "name: [", ["no YAML"]),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_was_meant(
    tmp_path: Path, right: str, wrong: str, complaints: list[str]
) -> None:
    assert right in GOOD
    with pytest.raises(CommandError) as caught:
        read_file(written(tmp_path, GOOD.replace(right, wrong)))
    assert caught.value.code is Exit.USAGE
    for complaint in complaints:
        assert complaint in str(caught.value)


def test_a_system_text_is_no_template(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("prompt:\n", "prompt:\n  system: Write {{ like this.\n"))
    assert read_file(path).definition.prompt.system == "Write {{ like this."


def test_one_wrong_file_of_several_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("name: x")
    assert validate_files([written(tmp_path), wrong], as_json=False) is Exit.USAGE
    said = capsys.readouterr().err
    assert "sums.yaml is right: 1 case." in said
    assert "wrong.yaml, line 1" in said


FROM_FILE = GOOD.replace("kind: inline", "kind: file").replace(
    'rows: [{input: 1 + 1, expected: "2"}]', "path: sums.csv"
)


@pytest.mark.parametrize(
    ("content", "complaints"),
    [
        (None, ["line 3", "There is no file", "sums.csv"]),
        ("", ["line 3", "'sums' has no rows"]),
        (
            "question,expected\n1 + 1,2\n",
            ["line 2: in line 2 of the data: there is no column 'input'", "such as {input: question}"],
        ),
        ('input,expected\n1 + 1,"2\n', ["sums.yaml", "in line 2 of the data"]),
    ],
)
def test_the_data_beside_a_file_is_checked_with_it(
    tmp_path: Path, content: str | None, complaints: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "sums.csv").write_text(content)
    assert validate_files([written(tmp_path, FROM_FILE)], as_json=False) is Exit.USAGE
    said = capsys.readouterr().err
    for complaint in complaints:
        assert complaint in said


def test_a_file_is_right_with_the_number_of_its_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sums.csv").write_text("input,expected\n1 + 1,2\n2 + 2,4\n")
    assert validate_files([written(tmp_path, FROM_FILE)], as_json=True) is Exit.OK
    [told] = json.loads(capsys.readouterr().out)
    assert (told["valid"], told["cases"]) == (True, 2)


def test_data_that_the_service_may_not_read_is_told_where_its_folders_are_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sums.csv").write_text("input,expected\n1 + 1,2\n")
    file, elsewhere = written(tmp_path, FROM_FILE), tmp_path / "elsewhere"
    for folders, warned in ((str(elsewhere), True), (f"{elsewhere}, {tmp_path}", False), ("", False)):
        monkeypatch.setenv("BENCHMARK_LOCAL_FOLDERS", folders)
        assert validate_files([file], as_json=True) is Exit.OK
        [told] = json.loads(capsys.readouterr().out)
        assert [f"those are: {elsewhere}." in warning for warning in told["warnings"]] == [True] * warned


def test_data_of_a_service_is_said_not_to_be_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored = GOOD.replace("kind: inline", "kind: uploaded").replace(
        'rows: [{input: 1 + 1, expected: "2"}]', "name: sums"
    )
    assert validate_files([written(tmp_path, stored)], as_json=False) is Exit.OK
    assert "its data is elsewhere and was not looked at" in capsys.readouterr().err


def test_cases_that_an_evaluator_cannot_judge_are_told_before_anybody_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some = GOOD.replace(
        'rows: [{input: 1 + 1, expected: "2"}]', 'rows: [{input: 1 + 1, expected: "2"}, {input: 2 + 2}]'
    )
    assert validate_files([written(tmp_path, some)], as_json=True) is Exit.OK
    [told] = json.loads(capsys.readouterr().out)
    [warning] = told["warnings"]
    assert "line 14: 'numeric' cannot judge 1 of 2 cases. Case '2' has no expected answer" in warning
    none = GOOD.replace('rows: [{input: 1 + 1, expected: "2"}]', "rows: [{input: 1 + 1}]")
    assert validate_files([written(tmp_path, none)], as_json=False) is Exit.USAGE
    assert "line 14: 'numeric' can judge none of the cases" in capsys.readouterr().err


def test_a_file_may_say_where_its_schema_is(tmp_path: Path) -> None:
    assert read_file(written(tmp_path, f"$schema: ./benchmark.schema.json\n{GOOD}")).definition.name == "sums"


def test_a_mistake_in_a_judges_file_is_told_with_its_line_and_what_was_meant() -> None:
    text = "judge:\n  kind: judge\n  rubrik: Which is better?\n  judges: [{name: j, agent: {kind: simulated}}]\n"
    with pytest.raises(InvalidInput, match=r"heads.yaml, line 3: .*Did you mean 'rubric'") as caught:
        read_preference(text, source="heads.yaml")
    assert caught.value.pointer == "/judge/rubrik"
