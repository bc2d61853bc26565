"""`benchmark import`: files of other tools become benchmark files, which are checked before they are called right."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

import yaml
from rich.prompt import Prompt

from cli.dataset_trial import try_cases
from cli.definitions import located, read_file
from cli.exits import CommandError
from cli.output import put_json, say, talk
from core.errors import InvalidInput, listed
from core.imports import Imported, ImportedBenchmark, Importer, UnknownColumn
from core.model import Model
from core.plugins import PluginSpec, find, installed, settings_of

HEAD: Final = """\
# Made of {source} by `benchmark import`.
# Check it: benchmark validate {file}
# Run it:   benchmark run {file}       (with `benchmark dev` in another terminal)
"""
COLUMNS: Final = ("input", "expected", "choices", "category")


class ImportedFiles(Model):
    """What `--json` prints."""

    files: tuple[str, ...]
    remarks: tuple[str, ...]


def import_file(
    path: Path,
    *,
    kind: str | None,
    name: str | None,
    folder: Path,
    columns: Sequence[str],
    overwrite: bool,
    as_json: bool,
) -> None:
    """All of its files or none. Raises CommandError for what cannot be read, and for files that are there already."""
    if not path.exists():
        raise CommandError(f"There is no file or folder {path}.")
    importer = _importer(path, kind)
    found = _read(importer, path, name, _columns(columns))
    written = _written(found.benchmarks, path, folder, overwrite=overwrite)
    if as_json:
        files = tuple(str(file) for file, _ in written)
        put_json(ImportedFiles(files=files, remarks=tuple(found.remarks)).model_dump(mode="json"))
        return
    for remark in found.remarks:
        say(f"! {remark}")
    for file, cases in written:
        say(f"{file} is right: {cases:,} case{'' if cases == 1 else 's'}. Run it: benchmark run {file}")


def _importer(path: Path, kind: str | None) -> Importer:
    if kind is not None:
        return _opened(kind)
    for each in sorted(installed("importers"), key=lambda name: name == "rows"):
        importer = _opened(each)
        if importer.recognises(path):
            return importer
    raise CommandError(
        f"{path} looks like none of {listed(sorted(installed('importers')))}; say which it is with --from."
    )


def _opened(kind: str) -> Importer:
    try:
        plugin = find("importers", kind)
        return cast("Importer", plugin.build(settings_of("importers", PluginSpec(kind=kind))))
    except InvalidInput as error:
        raise CommandError(f"--from {kind}: {error}") from error


def _columns(told: Sequence[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for each in told:
        role, equals, column = each.partition("=")
        if not equals or role not in COLUMNS:
            raise CommandError(f"--column {each!r} must be written as ROLE=COLUMN, where ROLE is {listed(COLUMNS)}.")
        columns[role] = column
    return columns


def _read(importer: Importer, path: Path, name: str | None, columns: dict[str, str]) -> Imported:
    """Asks for columns that nothing tells, where somebody is there to be asked."""
    while True:
        try:
            return importer.read(path, name, columns)
        except UnknownColumn as error:
            if not sys.stdin.isatty():
                raise CommandError(f"{path}: {error} Say which: --column {error.pointer}=NAME.") from error
            say(str(error))
            asked = f"Which column is the {error.pointer}?"
            columns = {**columns, error.pointer: Prompt.ask(asked, choices=list(error.columns), console=talk())}
        except InvalidInput as error:
            raise CommandError(str(error)) from error


def _written(
    benchmarks: Sequence[ImportedBenchmark], source: Path, folder: Path, *, overwrite: bool
) -> list[tuple[Path, int]]:
    """The files and how many cases each has. They are written and tried in a folder of their own, and then moved."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".import-", dir=folder) as draft:
            made = [_drafted(each, source, Path(draft)) for each in benchmarks]
            drafts = sorted(Path(draft).iterdir())
            for each in drafts:
                if (folder / each.name).exists() and not overwrite:
                    there = folder / each.name
                    raise CommandError(f"{there} is there already; give --name, --folder or --overwrite.")
            tried = [(folder / file.name, _cases(file, folder)) for file in made]
            for each in drafts:
                each.replace(folder / each.name)
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be written: {error.strerror}.") from error
    return tried


def _drafted(benchmark: ImportedBenchmark, source: Path, draft: Path) -> Path:
    """The benchmark file; its rows are beside it."""
    definition: dict[str, Any] = json.loads(json.dumps(benchmark.definition))
    stem = str(definition["name"]).replace("/", "-").replace(" ", "-").replace(":", "-")
    file, data = draft / f"{stem}.yaml", draft / f"{stem}.jsonl"
    if benchmark.rows is not None:
        definition["dataset"] = {"source": {"kind": "file", "path": data.name}, **definition["dataset"]}
        lines = (json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in benchmark.rows)
        data.write_text("".join(lines), encoding="utf-8")
    text = yaml.safe_dump(definition, sort_keys=False, allow_unicode=True, width=120)
    file.write_text(HEAD.format(source=source.name, file=file.name) + text, encoding="utf-8")
    return file


def _cases(file: Path, folder: Path) -> int:
    """Raises CommandError for a benchmark that is not right, by the name it was to have."""
    try:
        found = read_file(file)
        cases = try_cases(located(found.definition, file), found)
    except CommandError as error:
        raise CommandError(str(error).replace(str(file.parent), str(folder)), error.code) from error
    return cases.total if cases else 0
