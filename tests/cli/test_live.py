"""A run is followed to its end: as a table on a terminal, as lines elsewhere, through restarts of the API."""

import io
from typing import Any

import pytest
from rich.console import Console

from benchmark_client.address import Address
from cli.client import Client
from cli.exits import CommandError, Exit
from cli.live import progress_view, watch
from cli.pace import Pace, duration
from cli.waiting import reasons
from core.runs import Run
from tests.cli import examples
from tests.cli.scripted_api import Answer, scripted_api

PATH = f"/v1/runs/{examples.RUN_ID}"
STAGES = [
    examples.run("queued", total=0),
    examples.run(answered=10, evaluated=5),
    examples.run(answered=38, failed=2, evaluated=30),
    examples.run("completed", answered=38, failed=2, evaluated=38, found=examples.metrics()),
]


def stages(*runs: Run) -> dict[str, list[Answer]]:
    return {PATH: [Answer(body=examples.told(run)) for run in runs]}


def followed(
    answers: dict[str, list[Answer]], *, terminal: bool = False, patience_s: float = 5, quiet_s: float = 60
) -> tuple[Run, str]:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=120)
    with scripted_api(answers) as api, Client(Address(api.url, "of the test"), patience_s=patience_s) as client:
        run = watch(client, examples.RUN_ID, console=console, poll_s=0.01, quiet_s=quiet_s)
    assert isinstance(console.file, io.StringIO)
    return run, console.file.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_watching_ends_with_the_run_and_gives_it_with_its_figures(terminal: bool) -> None:
    run, _ = followed(stages(*STAGES), terminal=terminal)
    assert run.status == "completed"
    assert run.agents[0].metrics == examples.metrics()


def test_without_a_terminal_each_change_of_status_is_a_plain_line() -> None:
    _, text = followed(stages(*STAGES))
    lines = text.splitlines()
    assert [line.split(" ", 1)[1].split(",")[0] for line in lines] == ["queued", "processing", "completed"]
    assert "38 of 40 answered, 38 evaluated; 2 failed" in lines[-1]
    assert "\x1b" not in text


def test_on_a_terminal_every_agent_has_a_bar_and_its_counts() -> None:
    _, text = followed(stages(*STAGES), terminal=True)
    assert "38/40 answered" in text
    assert "2 failed" in text
    assert "━" in text


def test_on_a_narrow_terminal_counts_and_status_stay_whole() -> None:
    view = progress_view(examples.run(answered=38, failed=2, evaluated=30), Pace(), width=60)
    console = Console(file=io.StringIO(), width=60)
    console.print(view)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 60
    for words in ("small", "38/40", "30 judged", "2 failed", "processing"):
        assert words in text


WAITING = {"agent_id": "small", "said": "3 questions to be asked again; the last call: Too many requests (429)."}


@pytest.mark.parametrize("terminal", [False, True])
def test_a_run_that_stands_still_says_what_it_waits_for(terminal: bool) -> None:
    still = examples.run(answered=10, evaluated=10).model_copy(update={"live": True})
    stuck = [Answer(body=examples.told(still))] * 40
    waiting = {f"{PATH}/waiting": [Answer(body={"agents": [WAITING]})]}
    answers = {PATH: [*stuck, *stages(STAGES[3])[PATH]], **waiting}
    _, text = followed(answers, terminal=terminal, quiet_s=0.02)
    assert "small: 3 questions to be asked again; the last call: Too many requests (429)." in " ".join(text.split())


def test_a_run_without_a_worker_says_so() -> None:
    queued = [Answer(body=examples.told(examples.run("queued", total=0)))] * 40
    answers = {PATH: [*queued, *stages(STAGES[3])[PATH]], f"{PATH}/waiting": [Answer(body={"agents": []})]}
    _, text = followed(answers, quiet_s=0.02)
    assert "No worker answers for it at this moment; `benchmark doctor` tells" in text


@pytest.mark.parametrize(
    ("answered", "agents", "said"),
    [
        (40, [], "Everything is asked; 38 answers are still to be judged."),
        # As while a run is cancelled whose judge is slow.
        (10, [], "Nobody is being asked; 8 answers are still to be judged."),
        (10, [WAITING], None),
    ],
)
def test_a_run_that_only_judges_says_so(answered: int, agents: list[Any], said: str | None) -> None:
    run = examples.run(answered=answered, evaluated=2).model_copy(update={"live": True})
    with (
        scripted_api({f"{PATH}/waiting": [Answer(body={"agents": agents})]}) as api,
        Client(Address(api.url, "of the test")) as client,
    ):
        found = reasons(client, run)
    assert (said in found) if said else not any("to be judged" in each for each in found)


def test_a_run_that_moves_or_is_paused_is_not_asked_why() -> None:
    moving = [examples.run(answered=number) for number in range(30)]
    paused = [examples.run("paused", answered=30)] * 30
    with scripted_api(stages(*moving, *paused, STAGES[3])) as api, Client(Address(api.url, "of the test")) as client:
        watch(client, examples.RUN_ID, console=Console(file=io.StringIO()), poll_s=0.01, quiet_s=0.25)
    assert f"{PATH}/waiting" not in {path for _, path, _, _ in api.seen}


@pytest.mark.parametrize("terminal", [False, True])
def test_what_is_spent_so_far_is_shown(terminal: bool) -> None:
    spent = {"usd": 0.0123, "tokens": 4567, "calls": 38, "unpriced": 1}
    answers = {**stages(*STAGES), f"{PATH}/budget": [Answer(body={"accounts": [], "spent": spent})]}
    _, text = followed(answers, terminal=terminal, quiet_s=0)
    assert "$0.012 spent, 1 answer of unknown price, 4,567 tokens" in " ".join(text.split())


def test_what_an_ended_run_has_spent_is_all_of_it() -> None:
    costs = [{"usd": usd, "tokens": 10, "calls": 5} for usd in (0.01, 0.25)]
    budget = [Answer(body={"accounts": [], "spent": spent}) for spent in costs]
    _, text = followed({**stages(*STAGES), f"{PATH}/budget": budget}, quiet_s=60)
    assert "$0.01 spent" in text
    assert "$0.25 spent" in text.splitlines()[-1]


def test_a_reason_is_shown_with_the_status() -> None:
    _, text = followed(stages(examples.run("failed", error="No worker polls.")))
    assert "No worker polls." in text


def test_an_api_that_restarts_is_waited_for() -> None:
    away = Answer(503, {"title": "Service unavailable", "detail": "Starting."})
    run, text = followed({PATH: [*stages(STAGES[1])[PATH], away, *stages(STAGES[3])[PATH]]})
    assert run.status == "completed"
    assert "Starting. Trying again" in text


def test_an_api_that_stays_away_ends_the_watching_with_code_5() -> None:
    away = Answer(503, {"detail": "Starting."})
    with pytest.raises(CommandError, match="Starting") as caught:
        followed({PATH: [*stages(STAGES[1])[PATH], away]}, patience_s=0)
    assert caught.value.code is Exit.SERVER
    assert str(caught.value).endswith(
        f"lives on without us. Follow it again with: benchmark runs watch {examples.RUN_ID}"
    )


def test_a_run_that_is_gone_is_not_waited_for() -> None:
    with pytest.raises(CommandError, match="no such run") as caught:
        followed({PATH: [*stages(STAGES[1])[PATH], Answer(404, {"detail": "There is no such run."})]})
    assert caught.value.code is Exit.USAGE


def test_the_pace_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    for at, answered in ((0, 0), (10, 1000), (100, 1000), (110, 1010), (120, 1020), (130, 1030)):
        pace.note(examples.run(answered=answered, evaluated=answered // 2, total=2000), at=float(at))
    assert pace.per_second == pytest.approx(1.0)
    assert pace.left_s == pytest.approx((2000 - 515) / 0.5), "the last answer wants to be judged, too"
    assert pace.said == "1.0 questions/s, 49 min 30 s left"


def test_a_slow_judge_is_not_taken_for_the_end() -> None:
    pace = Pace()
    for at, judged in ((0, 0), (10, 0)):
        pace.note(examples.run(answered=40, evaluated=judged), at=float(at))
    assert pace.left_s is None
    pace.note(examples.run(answered=40, evaluated=5), at=15.0)
    assert pace.said == "0.3 judged/s, 1 min 45 s left"


def test_without_progress_no_end_is_promised() -> None:
    pace = Pace()
    pace.note(examples.run(answered=5), at=0.0)
    pace.note(examples.run(answered=5), at=5.0)
    assert pace.left_s is None


def test_durations_read_as_people_say_them() -> None:
    assert [duration(s) for s in (41.6, 185, 7800)] == ["42 s", "3 min 5 s", "2 h 10 min"]
