"""What people read of a run: figures with their intervals, and dashes for what is not known."""

import io

import pytest
from rich.console import Console, RenderableType

from cli.figures import accuracy, interval, money, seconds, thousands
from cli.listings import runs_view
from cli.results import duration, results_table
from core.metrics import Bounds, Figure, Interval, Mean, Proportion, ScoreSummary, TrialMetrics
from core.runs import Run
from core.verdicts import Spent
from tests.cli import examples


def rendered(what: RenderableType, width: int = 200) -> str:
    console = Console(width=width, file=io.StringIO())
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_an_agent_is_shown_with_interval_latencies_tokens_and_cost() -> None:
    text = rendered(results_table(examples.run("completed", found=examples.metrics())))
    for figure in ("75.0%", "50.0% to 90.0%", "250 ms", "1.5 s", "12,345", "678", "56.7", "$0.0012"):
        assert figure in text


def test_every_category_is_shown_with_its_interval_and_size() -> None:
    text = rendered(results_table(examples.run("completed", found=examples.metrics())))
    assert "arithmetic" in text
    assert "75.0%  50.0% to 90.0%  n=40  2 failed" in text


def test_repeated_trials_are_shown_with_their_chances() -> None:
    trials = TrialMetrics(
        most=4,
        mean_of_means=Mean(value=0.42, low=0.3, high=0.5, n=50),
        pass_at_k={1: 0.42, 2: 0.5, 3: 0.55, 4: 0.61},
        pass_hat_k={1: 0.42, 2: 0.273, 3: 0.22, 4: 0.2},
        flip_rate=0.294,
        item_variance=0.15,
        trial_variance=0.05,
    )
    found = examples.metrics().model_copy(update={"trials": trials})
    text = rendered(results_table(examples.run("completed", found=found)))
    assert "pass^k" in text
    [row] = [line for line in text.splitlines() if line.split()[:2] == ["small", "4"]]
    assert row.split()[2:] == ["42.0%", "61.0%", "20.0%", "29.4%", "25.0%"]
    assert "pass^k" not in rendered(results_table(examples.run("completed", found=examples.metrics())))


def test_what_judges_cost_is_shown_apart_from_the_agent() -> None:
    plain = examples.metrics()
    spent = Spent(calls=1_204, input_tokens=90_000, output_tokens=7_700, cost_usd=3.25)
    judged = ScoreSummary(
        evaluator="judge",
        version="1",
        mean=None,
        accuracy=None,
        scored=5,
        unscored=14,
        unscored_causes={"undecided": 3, "judge": 11},
        judging=spent,
    )
    found = plain.model_copy(update={"scores": (judged,), "judging": spent})
    text = rendered(results_table(examples.run("completed", found=found)))
    [row] = [line for line in text.splitlines() if "1,204" in line]
    assert row.split()[2:] == ["1,204", "90,000", "7,700", "$3.25", "3", "11"]
    assert "Judges" not in rendered(results_table(examples.run("completed", found=plain)))


def test_figures_of_all_answers_together_are_shown_with_what_they_are_of() -> None:
    score = ScoreSummary(
        evaluator="bleu",
        version="1",
        mean=None,
        accuracy=None,
        scored=2000,
        unscored=0,
        figures={"corpus_bleu": Figure(value=0.28765, low=0.271, high=0.304, n=2000)},
    )
    plain = examples.metrics()
    text = rendered(results_table(examples.run("completed", found=plain.model_copy(update={"scores": (score,)}))))
    [row] = [line for line in text.splitlines() if "corpus_bleu" in line]
    assert row.split()[1:] == ["bleu", "corpus_bleu", "0.288", "0.271", "to", "0.304", "2,000"]
    assert "All answers together" not in rendered(results_table(examples.run("completed", found=plain)))


def test_graded_scores_are_not_shown_as_a_percentage() -> None:
    text = rendered(results_table(examples.run("completed", found=examples.metrics(None))))
    assert "0.422" in text
    assert "42.2%" not in text


def test_failures_are_listed_by_cause_apart_from_answers() -> None:
    found = examples.metrics(errors={"timeout": 3, "throttled": 1}, unscored=2)
    lines = rendered(results_table(examples.run("completed", found=found))).splitlines()
    assert any("timeout" in line and "3" in line for line in lines)
    assert any("throttled" in line and "1" in line for line in lines)
    assert any("could not judge" in line and "2" in line for line in lines)


def test_what_counts_as_wrong_and_what_is_unknown_is_said() -> None:
    found = examples.metrics(errors={"timeout": 2, "unknown": 20})
    plain = rendered(results_table(examples.run("completed", found=found)))
    assert "never counted as wrong" in plain
    assert "unknown; the score" not in plain
    strict = {"counted_wrong": 2, "bounds": Bounds(low=0.6, high=0.8, unknown=20)}
    text = rendered(results_table(examples.run("completed", found=found.model_copy(update=strict))))
    assert "small: 2 failures count as wrong answers, as the run asks." in text
    assert "small: 20 outcomes are unknown; the score lies between 60.0% and 80.0%, whatever they were." in text
    assert "never counted as wrong" not in text


def test_the_evaluator_that_decides_is_named_and_the_others_are_shown() -> None:
    found = examples.metrics()
    share = Proportion(value=0.25, low=0.1, high=0.4, successes=10, n=40)
    summaries = (
        ScoreSummary(evaluator="exact", version="1", mean=None, accuracy=found.accuracy, scored=40, unscored=0),
        ScoreSummary(evaluator="strict", version="1", mean=None, accuracy=share, scored=40, unscored=3),
    )
    text = rendered(results_table(examples.run("completed", found=found.model_copy(update={"scores": summaries}))))
    assert "Right or wrong by 'exact'" in text
    [row] = [line for line in text.splitlines() if "strict" in line]
    assert row.split() == ["small", "strict", "25.0%", "10.0%", "to", "40.0%", "40", "3"]


def test_a_run_that_was_to_decide_and_could_not_says_so() -> None:
    told = examples.run("completed", found=examples.metrics()).model_dump()
    stopping = {"threshold": 0.8, "error": 0.05}
    dataset = {**examples.CONFIG["dataset"], "order": "drawn", "seed": 1}
    run = Run.model_validate(
        {**told, "config": {**examples.CONFIG, "dataset": dataset, "stopping": stopping}}, extra="ignore"
    )
    said = "small: undecided after all cases whether it is above or below 0.8 (wrong with a chance of at most 0.05)."
    assert said in rendered(results_table(run))


@pytest.mark.parametrize("width", [60, 80, 140])
def test_a_list_of_runs_breaks_no_word_however_narrow_the_terminal(width: int) -> None:
    text = rendered(runs_view([examples.run("completed", found=examples.metrics())], width=width), width)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    for word in (examples.RUN_ID, "sums", "completed", "100%", "small 75.0%"):
        assert word in text


def test_an_agent_without_figures_says_why() -> None:
    text = rendered(results_table(examples.run("failed", error="The key was refused.")))
    assert "The key was refused." in text


def test_markup_in_a_category_stays_text() -> None:
    found = examples.metrics()
    named = found.model_copy(update={"category_scores": {"[red]x[/red]": found.category_scores["arithmetic"]}})
    assert "[red]x[/red]" in rendered(results_table(examples.run("completed", found=named)))


def test_what_is_not_known_is_a_dash() -> None:
    assert [accuracy(None, None), interval(None, None), money(None), thousands(None)] == ["-"] * 4


def test_small_sums_and_times_keep_their_digits() -> None:
    assert [money(0), money(0.000456), money(12.345)] == ["$0.00", "$0.00046", "$12.35"]
    assert [seconds(0.00001), seconds(0.0421), seconds(61.26)] == ["< 1 ms", "42 ms", "61.3 s"]


def test_figures_of_trials_and_times_are_shown_with_their_intervals_where_they_have_some() -> None:
    some = Interval(low=0.2, high=0.4)
    trials = TrialMetrics(
        most=2,
        mean_of_means=Mean(value=0.3, low=0.2, high=0.4, n=50),
        pass_at_k={1: 0.3, 2: 0.35},
        pass_at_k_intervals={1: some, 2: some},
        pass_hat_k={1: 0.3, 2: 0.25},
        flip_rate=0.1,
        flip_rate_interval=Interval(low=0.05, high=0.155),
        item_variance=None,
        trial_variance=None,
    )
    plain = examples.metrics()
    assert plain.latency is not None
    latency = plain.latency.model_copy(
        update={"intervals": {"p50": Interval(low=0.2, high=0.3), "p95": Interval(low=1.2, high=None)}}
    )
    found = plain.model_copy(update={"trials": trials, "latency": latency, "clusters": 12})
    text = rendered(results_table(examples.run("completed", found=found)))
    for figure in ("20.0%-40.0%", "5.0%-15.5%", "200 ms to 300 ms", "1.2 s or more"):
        assert figure in text
    assert "The cases come in 12 clusters: intervals take these as independent, not the cases." in text


def test_a_bound_that_tells_nothing_is_left_out() -> None:
    latency = examples.metrics().latency
    assert latency is not None

    def told(value: float, low: float | None, high: float | None) -> str:
        bounds = Interval(low=low, high=high)
        return duration(latency.model_copy(update={"p50": value, "intervals": {"p50": bounds}}), "p50")

    assert told(0.0004, 0.0001, None) == "< 1 ms"
    assert told(0.0004, 0.0001, 0.0006) == "< 1 ms"
    assert told(0.0004, 0.0001, 0.02) == "< 1 ms\n< 1 ms to 20 ms"
    assert told(2, None, 3) == "2.0 s\n3.0 s or less"
    assert told(2, 1, None) == "2.0 s\n1.0 s or more"


def test_figures_stay_in_one_piece_in_80_columns() -> None:
    some = Interval(low=0.123, high=0.456)
    trials = TrialMetrics(
        most=2,
        mean_of_means=Mean(value=0.3, low=0.2, high=0.4, n=50),
        pass_at_k={1: 0.3, 2: 0.35},
        pass_at_k_intervals={1: some, 2: some},
        pass_hat_k={1: 0.3, 2: 0.25},
        pass_hat_k_intervals={1: some, 2: some},
        flip_rate=0.1,
        flip_rate_interval=some,
        item_variance=None,
        trial_variance=None,
    )
    found = examples.metrics().model_copy(update={"trials": trials})
    run = examples.run("completed", found=found)
    agent = run.agents[0].model_copy(update={"agent_id": "an-agent-with-a-name-of-more-than-forty-characters"})
    text = rendered(results_table(run.model_copy(update={"agents": (agent,)})), width=80)
    assert text.count("12.3%-45.6%") == 4
    assert max(len(line) for line in text.splitlines()) <= 80
