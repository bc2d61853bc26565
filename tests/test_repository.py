"""The house rules that a machine can check, over every file that git tracks."""

import ast
import re
import subprocess
import tomllib
from importlib.metadata import distribution, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 350
LONGEST_FUNCTION = 40
"""Lines without the docstring. The house aims at 30; this is where it stops being a matter of taste."""
LONGEST_TEST = 60
"""A test may tell a whole story."""
MIGRATIONS = ROOT / "adapters/database/migrations/versions"
"""A migration is a list of statements: no shorter for being cut."""
LARGEST_FILE = 2 * 1024 * 1024
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
REGISTRIES = ("pythonhosted", "pypi", "npmjs", "debian")
REGISTRY_HOST = re.compile(rf"\b(?:{'|'.join(REGISTRIES)})\.(?:org|com|io)\b")
PATH_OF_A_MACHINE = re.compile(r"(?<![\w.~-])/(?:work|farm|root|Users|home/[a-z]+)/")
SECRET = re.compile(r"\bsk-[A-Za-z0-9]{20,}|\bAKIA[0-9A-Z]{16}|-----BEGIN (?:RSA |EC )?PRIVATE KEY")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?: ; (?P<marker>[^\\]+))? \\$")
COMPILED_HERE = re.compile(r"^Tag: \S+-linux_", re.MULTILINE)
LOCKS = (
    "requirements/all.txt",
    "requirements/service.txt",
    "requirements/bootstrap.txt",
    "requirements/demo-model.txt",
)
OWN_NAME = "ai-benchmark-service"


def tracked(ending: str = "") -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in listed.split("\0") if name.endswith(ending) and name]
    return [path for path in paths if path.is_file()]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def text_of(path: Path) -> str:
    """Empty for what is no text: pictures and the like."""
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


def test_every_module_says_what_it_is() -> None:
    silent = [named(path) for path in tracked(".py") if parsed(path).body and not ast.get_docstring(parsed(path))]
    assert silent == []


def test_a_package_re_exports_nothing() -> None:
    busy = [named(path) for path in tracked("__init__.py") if len(parsed(path).body) > 1]
    assert busy == []


def test_files_stay_short() -> None:
    long = {
        named(path): lines for path in tracked(".py") if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_functions_stay_short() -> None:
    long: dict[str, int] = {}
    for path in tracked(".py"):
        if MIGRATIONS in path.parents:
            continue
        most = LONGEST_TEST if ROOT / "tests" in path.parents else LONGEST_FUNCTION
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and body_lines(node) > most:
                long[f"{named(path)}: {node.name}"] = body_lines(node)
    assert long == {}


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return (function.end_lineno or 0) - first.lineno + 1


def test_files_are_named_by_a_noun() -> None:
    vague = [named(path) for path in tracked(".py") if VAGUE_NAMES & set(path.relative_to(ROOT).with_suffix("").parts)]
    assert vague == []


@pytest.mark.parametrize("unwanted", [REGISTRY_HOST, PATH_OF_A_MACHINE, SECRET], ids=["registry", "path", "secret"])
def test_no_file_tells_of_the_machine_it_was_written_on(unwanted: re.Pattern[str]) -> None:
    found = {named(path): match[0] for path in tracked() if (match := unwanted.search(text_of(path)))}
    assert found == {}


def test_nothing_large_is_tracked() -> None:
    assert [named(path) for path in tracked() if path.stat().st_size > LARGEST_FILE] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_with_hashes_and_no_addresses(lock: str) -> None:
    lines = [line for line in (ROOT / lock).read_text().splitlines() if not line.lstrip().startswith("#")]
    pins = [index for index, line in enumerate(lines) if not line.startswith(" ")]
    assert pins
    assert [lines[index] for index in pins if not PIN.match(lines[index])] == []
    assert [lines[index] for index in pins if not lines[index + 1].startswith("    --hash=sha256:")] == []
    assert [line for line in lines if "://" in line] == []


def test_the_lock_pins_what_the_project_needs_and_nothing_else() -> None:
    """Walks from pyproject.toml over what the installed packages need: `make lock` mends what this finds."""
    pins = locked()
    needed: set[str] = set()
    waiting = declared()
    while waiting:
        requirement, extras = waiting.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            continue
        if name == OWN_NAME or f"{name}[{sorted(requirement.extras)}]" in needed:
            continue
        needed |= {name, f"{name}[{sorted(requirement.extras)}]"}
        assert name in pins, f"{requirement} is not in the lock"
        assert requirement.specifier.contains(pins[name], prereleases=True), f"{requirement}, but locked {pins[name]}"
        asked = (Requirement(text) for text in requires(name) or [])
        waiting += [(one, requirement.extras) for one in asked if canonicalize_name(one.name) not in left_out()]
    here = {name for name in pins if name not in elsewhere()}
    assert here - needed == set()


def test_set_up_needs_no_compiler() -> None:
    """A wheel of a registry says for which Linux it was built; one that was compiled here says only `linux`."""
    tags = {name: (distribution(name).read_text("WHEEL") or "") for name in set(locked()) - elsewhere()}
    assert [name for name, text in tags.items() if COMPILED_HERE.search(text)] == []
    assert not left_out() & set(locked())


def left_out() -> set[str]:
    """What a dependency asks for, and we do without."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {canonicalize_name(name) for name in project["tool"]["uv"]["exclude-dependencies"]}


def declared() -> list[tuple[Requirement, set[str]]]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    texts = list(project["project"]["dependencies"])
    for more in (project["project"].get("optional-dependencies", {}), project["dependency-groups"]):
        texts += [text for group in more.values() for text in group]
    return [(Requirement(text), set[str]()) for text in texts]


def locked() -> dict[str, str]:
    matches = (PIN.match(line) for line in (ROOT / "requirements/all.txt").read_text().splitlines())
    return {canonicalize_name(match["name"]): match["version"] for match in matches if match}


def elsewhere() -> set[str]:
    """What the lock pins for other systems than this one."""
    found: set[str] = set()
    for line in (ROOT / "requirements/all.txt").read_text().splitlines():
        match = PIN.match(line)
        if match and match["marker"]:
            requirement = Requirement(f"{match['name']} ; {match['marker']}")
            if requirement.marker and not requirement.marker.evaluate():
                found.add(canonicalize_name(match["name"]))
    return found
