"""`benchmark compare`, `gate` and `leaderboard` as they are typed, against a real API on loopback."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import open_engine
from api.description import recorded_examples
from cli.comparing import Contest, compare
from cli.exits import CommandError
from cli.gating import hurdle_of
from cli.main import run
from core.runs import RunStatus
from core.settings import Settings
from tests.api.conftest import NOBODY, served
from tests.cli import examples
from tests.cli.scripted_api import Answer, scripted_api
from tests.evaluators.cases import shares
from tests.recorded import Recorded, record

POLICY = """\
name: release
thresholds:
  - {at_least: 0.8}
relative:
  - {margin: 0.05}
"""


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    said: str


Typed = Callable[..., Awaitable[Done]]


@pytest.fixture
async def engine(migrated_database_url: str) -> AsyncIterator[AsyncEngine]:
    async with open_engine(migrated_database_url) as engine:
        yield engine


@pytest.fixture
async def benchmark(
    migrated_database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Typed]:
    """Types a command that asks an API over this database."""
    settings = Settings(database_url=migrated_database_url, storage_url=tmp_path.as_uri(), temporal_address=NOBODY)
    with (tmp_path / "api.log").open("w") as log:
        structlog.configure(logger_factory=structlog.WriteLoggerFactory(log))
        async with served(settings) as client:

            async def typed(*words: str) -> Done:
                code = await asyncio.to_thread(typed_code, *words, "--api", str(client.base_url))
                streams = capsys.readouterr()
                return Done(code, streams.out, streams.err)

            yield typed
        structlog.reset_defaults()


def typed_code(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        run(words)
    return int(ended.value.code or 0)


@pytest.fixture
def policy(tmp_path: Path) -> str:
    file = tmp_path / "gate.yaml"
    file.write_text(POLICY)
    return str(file)


async def test_two_runs_are_compared_in_words_and_tables(benchmark: Typed, engine: AsyncEngine) -> None:
    before = await record(engine, Recorded({"small": shares(60, 120)}, categories=("even", "odd")))
    after = await record(engine, Recorded({"small": [*shares(80, 100), *[0.0] * 15, *[None] * 5]}))
    done = await benchmark("compare", before, after, "--flips", "3")
    assert done.code == 0, done.said
    assert "Improved: 69.6% against 52.2% over 115 cases" in " ".join(done.out.split())
    assert "exact" in done.out
    assert "even" in done.out
    assert "case-60" in done.out
    assert re.search(r"All cases that changed: http://\S+/v1/comparisons/\w+/flips", done.said)
    assert "Note: Of the baseline's questions 100.0% were scored and of the candidate's 95.8%" in done.said


def test_a_policy_that_cannot_be_read_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff")
    for name, said in (
        ("none.yaml", "cannot be read: No such file or directory."),
        ("binary.yaml", "is no UTF-8 text"),
    ):
        with pytest.raises(CommandError, match=said):
            hurdle_of(tmp_path / name, None)


def test_a_case_that_changed_is_shown_with_what_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    made = recorded_examples()["create_comparison"]["answers"]["201"]["application/json"]
    pages = {"baseline_items": "/v1/runs/run_a/items?case_id=7", "candidate_items": "/v1/runs/run_b/items?case_id=7"}
    flip = {"case_id": "7", "category": None, "direction": "better", "baseline": 0.0, "candidate": 1.0, **pages}
    answers = {
        "/v1/comparisons": [Answer(201, made)],
        made["links"]["flips"]: [Answer(body={"items": [flip]})],
        "/v1/runs/run_b/items": [Answer(body={"items": [{"input": "What is the capital of France? " * 9}]})],
    }
    with scripted_api(answers) as api:
        compare(api.url, Contest("run_a:small-model", "run_b:small-model"), as_json=False)
    assert "What is the capital of France? What is the capital of ... " in capsys.readouterr().out
    assert api.seen[-1][1] == pages["candidate_items"]


async def test_a_comparison_for_programs_is_json(benchmark: Typed, engine: AsyncEngine) -> None:
    runs = [await record(engine, Recorded({"a": shares(5, 10), "b": shares(6, 10)})) for _ in range(2)]
    found = json.loads((await benchmark("compare", f"{runs[0]}:a", "latest:b", "--json")).out)
    assert (found["finding"], found["candidate"]["run_id"]) == ("cannot_tell", runs[1])
    both: list[Any] = json.loads((await benchmark("compare", *runs, "--json")).out)
    assert [each["candidate"]["agent_id"] for each in both] == ["a", "b"]


async def test_what_cannot_be_compared_ends_with_2_and_says_how_it_could(benchmark: Typed, engine: AsyncEngine) -> None:
    run_ = await record(engine, Recorded({"a": shares(5, 10), "b": shares(6, 10)}))
    other = await record(engine, Recorded({"c": shares(5, 10)}, case_set="other"))
    done = await benchmark("compare", run_, run_)
    assert (done.code, done.out) == (2, "")
    assert "Say which agents of the run: RUN:AGENT, with one of a, b." in done.said
    assert "share no agent" in (await benchmark("compare", run_, other)).said
    refused = await benchmark("compare", f"{run_}:a", other)
    assert refused.code == 2
    assert '"dataset"' in refused.said
    assert (await benchmark("compare", f"{run_}:a", other, "--allow", "dataset")).code == 0


async def test_a_gates_verdict_is_the_exit_code(benchmark: Typed, engine: AsyncEngine, policy: str) -> None:
    good = await record(engine, Recorded({"small": shares(190, 200)}))
    bad = await record(engine, Recorded({"small": shares(100, 200)}))
    passed = await benchmark("gate", good, "--policy", policy, "--baseline", good)
    assert passed.code == 0, passed.said
    assert "accuracy at least 80.0%" in " ".join(passed.out.split())
    failed = await benchmark("gate", bad, "--policy", policy, "--baseline", good)
    assert failed.code == 1
    assert "Gate 'release': failed.\n  small: accuracy 50.0%" in failed.said
    doubt = await benchmark("gate", good, "--policy", policy, "--json")
    assert doubt.code == 3
    assert "There is no baseline" in json.loads(doubt.out)["reasons"][0]


async def test_a_baseline_alone_fails_what_is_worse(benchmark: Typed, engine: AsyncEngine) -> None:
    good = await record(engine, Recorded({"small": shares(190, 200)}))
    bad = await record(engine, Recorded({"small": shares(100, 200)}))
    assert (await benchmark("gate", bad, "--baseline", good)).code == 1
    assert (await benchmark("gate", good, "--baseline", good)).code == 0
    assert (await benchmark("gate", good)).code == 2


async def test_a_policy_that_is_wrong_ends_with_2_and_its_line(
    benchmark: Typed, engine: AsyncEngine, tmp_path: Path
) -> None:
    run_ = await record(engine, Recorded({"small": shares(1, 2)}))
    file = tmp_path / "wrong.yaml"
    file.write_text("name: a\nthresholds:\n  - {atleast: 0.8}\n")
    done = await benchmark("gate", run_, "--policy", str(file))
    assert done.code == 2
    assert "line 3: there is no key 'atleast' here; did you mean 'at_least'?" in done.said
    assert json.loads((await benchmark("gate", "--schema")).out)["title"] == "GatePolicy"


async def test_a_leaderboard_shows_ranks_and_ties(benchmark: Typed, engine: AsyncEngine) -> None:
    await record(engine, Recorded({"a": shares(180, 200), "b": shares(100, 200), "c": shares(102, 200)}))
    done = await benchmark("leaderboard", "sums")
    assert "a leads alone." in done.out
    found = json.loads((await benchmark("leaderboard", "sums", "--json")).out)
    assert found["sentence"] == "a leads alone."
    rows = [line.split() for line in done.out.splitlines() if "%" in line]
    settings = found["standings"][0]["settings"]
    assert [row[:3] for row in rows][1:] == [["1", "a", settings], ["2", "(2-3)", "c"], ["3", "(2-3)", "b"]]
    assert rows[1][3] == "90.0%"
    assert (await benchmark("leaderboard", "nothing")).code == 2


BEFORE = "run_01k9rjw1qye8xs5vt1m4ywk0a0"
VERDICT: dict[str, Any] = {
    "verdict": "failed",
    "reasons": ["small: accuracy changed by -8.0 points."],
    "policy": {"name": "not worse"},
    "rules": [],
    "tiers": {},
}


@pytest.mark.parametrize(
    ("verdict", "status", "code"),
    [("passed", "completed", 0), ("failed", "completed", 1), ("inconclusive", "completed", 3), ("passed", "failed", 4)],
)
def test_a_run_held_against_the_newest_one_ends_with_its_verdict(
    verdict: str, status: RunStatus, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "sums.yaml"
    file.write_text(json.dumps(examples.CONFIG))
    ended = examples.told(examples.run(status, found=examples.metrics(), answered=40, evaluated=40))
    before = ended | {"run_id": BEFORE, "created_at": "2026-01-01T00:00:00Z"}
    listed = {"items": [before], "next_cursor": None}
    answers = {
        "/v1/runs": [Answer(body=listed), Answer(202, ended), Answer(body=listed)],
        f"/v1/runs/{examples.RUN_ID}": [Answer(body=ended)],
        f"/v1/runs/{examples.RUN_ID}/gate": [Answer(201, VERDICT | {"verdict": verdict})],
    }
    with scripted_api(answers) as api:
        assert typed_code("run", str(file), "--baseline", "latest", "--api", api.url) == code
    said = capsys.readouterr().err
    gates = [json.loads(body) for _, path, _, body in api.seen if path.endswith("/gate")]
    assert [gate["baseline"] for gate in gates] == ([] if status == "failed" else [BEFORE])
    assert (f"Gate 'not worse': {verdict}." in said) == (status == "completed")


async def test_the_latest_run_is_an_earlier_one_of_the_same_kind_and_what_differs_is_told(
    benchmark: Typed, engine: AsyncEngine
) -> None:
    small = {"small": shares(180, 200)}
    alike = await record(engine, Recorded(small))
    other = await record(engine, Recorded(small, case_set="other"))
    await record(engine, Recorded(small, schedule_id="sched_nightly"))
    by_hand = await record(engine, Recorded(small))
    later = await record(engine, Recorded(small, schedule_id="sched_nightly", case_set="third"))
    held = await benchmark("gate", by_hand, "--baseline", "latest")
    assert f"The baseline is {alike}, of " in held.said, "neither the newer one of other cases nor the schedule's"
    nightly = await benchmark("gate", later, "--baseline", "latest")
    assert "It asked other cases." in nightly.said
    assert other not in nightly.said
    first = await benchmark("gate", alike, "--baseline", "latest")
    assert first.code == 2
    assert "no earlier completed run of 'sums' that a schedule did not start" in first.said


def test_a_gate_wants_a_run_that_is_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sums.yaml"
    file.write_text(json.dumps(examples.CONFIG))
    assert typed_code("run", str(file), "--baseline", "latest", "--no-watch", "--api", "http://127.0.0.1:1") == 2
    assert "leave --no-watch away" in capsys.readouterr().err
