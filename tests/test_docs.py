"""What the documents say is true: their code runs, their benchmark files are valid, their commands and links exist."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from adapters.definitions.calibrations import read_calibration
from adapters.definitions.policies import read_policy
from adapters.definitions.preferences import read_preference
from api.preferring import Field, preference_run
from cli.definitions import read_file
from cli.main import program
from core.preferences import Contestant
from core.settings import Settings
from evaluators.judge.identity import identity_of

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmark_client/*.md")])
FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)|<img [^>]*src=\"(?P<image>[^\"]+)\"")
SETTING = re.compile(r"\bBENCHMARK_[A-Z_]+\b")
READ_ELSEWHERE = {"BENCHMARK_API_URL", "BENCHMARK_SHARED"}
"""By the command line and by the tests; all others are fields of Settings."""
HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    document: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    found: list[Block] = []
    for document in DOCUMENTS:
        content = document.read_text()
        for match in FENCE.finditer(content):
            if match["language"] in languages:
                line = content.count("\n", 0, match.start()) + 2
                found.append(Block(document, line, match["language"], match["text"]))
    return found


def documents_with(language: str) -> list[Path]:
    return sorted({block.document for block in blocks(language)})


def identify(value: object) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else str(value)


@pytest.mark.parametrize("document", documents_with("python"), ids=identify)
def test_python_code_runs_from_top_to_bottom(document: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "documentation"}
    for block in blocks("python"):
        if block.document == document:
            source = "\n" * (block.line - 1) + block.text
            exec(compile(source, str(document), "exec"), namespace)


def policies() -> list[Block]:
    return [block for block in blocks("yaml") if "thresholds:" in block.text]


@pytest.mark.parametrize("block", policies(), ids=identify)
def test_policies_are_right(block: Block) -> None:
    assert read_policy(block.text, source=str(block)).thresholds


def calibrations() -> list[Block]:
    return [block for block in blocks("yaml") if "people:" in block.text]


@pytest.mark.parametrize("block", calibrations(), ids=identify)
def test_calibrations_are_right(block: Block) -> None:
    assert identity_of(read_calibration(block.text, source=str(block)).judge).judges


def preferences() -> list[Block]:
    return [block for block in blocks("yaml") if "contestants:" in block.text]


@pytest.mark.parametrize("block", preferences(), ids=identify)
def test_comparisons_head_to_head_are_right(block: Block) -> None:
    request = read_preference(block.text, source=str(block))
    field = Field(tuple(Contestant.model_validate(dict(each)) for each in request.contestants), trials=1)
    assert preference_run(request, field).agents


def benchmark_files() -> list[Block]:
    others = [*policies(), *calibrations(), *preferences()]
    return [block for block in blocks("yaml") if block not in others]


@pytest.mark.parametrize("block", benchmark_files(), ids=identify)
def test_benchmark_files_are_right(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "example.yaml"
    file.write_text(block.text)
    assert read_file(file).definition.evaluators


def test_every_setting_named_exists() -> None:
    named = {name for document in DOCUMENTS for name in SETTING.findall(document.read_text())}
    known = {f"BENCHMARK_{field.upper()}" for field in Settings.model_fields}
    assert named - known - READ_ELSEWHERE == set()


@pytest.mark.parametrize("block", blocks("toml"), ids=identify)
def test_toml_can_be_read(block: Block) -> None:
    assert tomllib.loads(block.text)


@pytest.mark.parametrize("block", blocks("sh", "console"), ids=identify)
def test_commands_exist_with_their_options(block: Block, tmp_path: Path) -> None:
    for words in commands_in(block):
        if words[0] == "make":
            assert set(words[1:]) - {word for word in words if "=" in word} <= make_targets()
        elif words[0] == "benchmark":
            with chdir(tmp_path):
                for word in words:
                    if word.endswith((".yaml", ".jsonl", ".csv")):
                        Path(word).touch()
                parse(words[1:])


def commands_in(block: Block) -> Iterator[list[str]]:
    for line in block.text.replace("\\\n", " ").splitlines():
        typed = line.removeprefix("$ ") if block.language == "console" else line
        if block.language == "console" and not line.startswith("$ "):
            continue
        words = shlex.split(typed, comments=True)
        while words and "=" in words[0]:
            words.pop(0)
        if words:
            yield [words[0].removeprefix(".venv/bin/"), *words[1:]]


def parse(words: list[str]) -> None:
    """Fails on an unknown command or option; runs nothing."""
    command: Any = typer.main.get_command(program())
    while hasattr(command, "commands"):
        assert words, "a group needs a command"
        assert words[0] in command.commands, f"there is no command {words[0]!r}"
        command, words = command.commands[words[0]], words[1:]
    command.make_context(command.name, list(words))


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def links() -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    for document in DOCUMENTS:
        text = FENCE.sub("", document.read_text())
        found += [(document, match["target"] or match["image"]) for match in LINK.finditer(text)]
    return [(document, target) for document, target in found if "://" not in target]


@pytest.mark.parametrize(("document", "target"), links(), ids=identify)
def test_links_lead_somewhere(document: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    place = (document.parent / path).resolve() if path else document
    assert place.exists()
    if anchor:
        assert anchor in anchors(place)


def anchors(document: Path) -> set[str]:
    """Headings as GitHub names them."""
    titles = (match["title"] for match in HEADING.finditer(FENCE.sub("", document.read_text())))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
