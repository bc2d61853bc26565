"""Examples of the documentation. Each is sent in a test."""

from typing import Any

INLINE: dict[str, Any] = {
    "name": "capitals",
    "dataset": {
        "source": {
            "kind": "inline",
            "rows": [
                {"input": "Capital of France?", "expected": "Paris", "category": "europe"},
                {"input": "Capital of Japan?", "expected": "Tokyo", "category": "asia"},
            ],
        }
    },
    "prompt": {"system": "Answer with one word.", "template": "{{ input }}"},
    "agents": [
        {
            "name": "small-model",
            "agent": {"kind": "openai", "model": "small", "base_url": "http://127.0.0.1:8090/v1"},
            "concurrency": 4,
        }
    ],
    "evaluators": [{"kind": "contains"}],
}
NAMED: dict[str, Any] = {
    "benchmark": "capitals@1",
    "agents": ["small-model"],
    "overrides": {"limit": 1, "seed": 7, "trials": 2},
}
AGENT: dict[str, Any] = INLINE["agents"][0]
BENCHMARK: dict[str, Any] = {name: value for name, value in INLINE.items() if name != "agents"}
QUESTION: dict[str, Any] = {"agent": AGENT, "question": "Capital of France?"}
CREDENTIAL: dict[str, Any] = {"name": "lab-key", "origin": "https://models.example.com", "secret": "sk-..."}
LIMIT: dict[str, Any] = {"origin": "https://models.example.com", "model": "small", "requests_per_minute": 500}
COMPARISON: dict[str, Any] = {
    "baseline": {"run_id": "run_01k9rjw1qye8xs5vt1m4ywk0a4", "agent_id": "small-model"},
    "candidate": {"run_id": "run_01k9rjw1qye8xs5vt1m4ywk0a5", "agent_id": "small-model"},
    "allow": ["dataset"],
}
GATE: dict[str, Any] = {
    "policy": {
        "name": "release",
        "thresholds": [{"metric": "accuracy", "at_least": 0.8}, {"metric": "latency_p95_s", "at_most": 5}],
        "relative": [{"metric": "accuracy", "margin": 0.02}],
    },
    "baseline": "run_01k9rjw1qye8xs5vt1m4ywk0a4",
}

CALIBRATION: dict[str, Any] = {
    "name": "judge against three people",
    "judge": {"kind": "judge", "judges": [AGENT], "mode": "pairwise", "against": "second"},
    "dataset": {
        "source": {
            "kind": "inline",
            "rows": [
                {"input": "Where is Lyon?", "first": "In France.", "second": "Look it up.", "a": 1, "b": 1, "c": 2},
                {"input": "Is 7 prime?", "first": "No.", "second": "It is.", "a": 2, "b": 2, "c": 0},
            ],
        }
    },
    "answer": "first",
    "people": ["a", "b", "c"],
    "meanings": {"1": "answer", "2": "other", "0": "tie"},
}

PREFERENCE: dict[str, Any] = {
    "name": "today against last week",
    "contestants": [
        {"run_id": "run_01k9rjw1qye8xs5vt1m4ywk0a4", "agent_id": "small-model", "name": "last week"},
        {"run_id": "run_01k9rjw1qye8xs5vt1m4ywk0a5", "agent_id": "small-model", "name": "today"},
    ],
    "judge": {"kind": "judge", "judges": [AGENT], "rubric": "Which text answers the question better?"},
    "baseline": "last week",
}


SCHEDULE: dict[str, Any] = {
    "name": "nightly",
    "run": {"benchmark": "capitals", "agents": ["small-model"]},
    "when": {"cron": ["0 3 * * 1-5"], "time_zone": "Europe/Berlin", "jitter_s": 300},
    "overlap": "skip",
    "baseline": {"kind": "last_good"},
}
BACKFILL: dict[str, Any] = {"start_at": "2026-11-16T00:00:00Z", "end_at": "2026-11-20T23:59:59Z"}

WEBHOOK: dict[str, Any] = {
    "url": "https://hooks.example.com/benchmark",
    "events": ["run.completed", "run.failed", "regression.found"],
    "description": "the team's bot",
}
NOTIFICATION: dict[str, Any] = {
    "kind": "notify",
    "url": "slack://TokenA/TokenB/TokenC/#benchmarks",
    "events": ["gate.failed", "schedule.missed"],
}


API_KEY: dict[str, Any] = {
    "name": "nightly CI",
    "scopes": ["benchmark:read", "benchmark:write", "results:read"],
    "expires_at": "2099-06-30T00:00:00Z",
}


def _examples(**named: dict[str, Any]) -> dict[str, Any]:
    return {name: {"summary": name.replace("_", " "), "value": value} for name, value in named.items()}


RUN_REQUESTS = _examples(a_whole_definition=INLINE, a_stored_benchmark=NAMED)
AGENTS = _examples(a_model_behind_an_openai_compatible_server=AGENT)
BENCHMARKS = _examples(a_definition=BENCHMARK)
QUESTIONS = _examples(a_first_question=QUESTION)
LIMITS = _examples(a_model_shared_with_others=LIMIT)
CREDENTIALS = _examples(a_key_for_one_origin=CREDENTIAL)
COMPARISONS = _examples(last_weeks_run_and_todays=COMPARISON)
CALIBRATIONS = _examples(a_judge_of_pairs_and_three_people=CALIBRATION)
PREFERENCES = _examples(this_weeks_agent_against_last_weeks=PREFERENCE)
GATES = _examples(good_enough_and_not_worse_than_before=GATE)
SCHEDULES = _examples(every_working_day_at_three=SCHEDULE)
BACKFILLS = _examples(a_week_that_was_missed=BACKFILL)
WEBHOOKS = _examples(a_program_that_checks_signatures=WEBHOOK, people_in_a_channel=NOTIFICATION)
API_KEYS = _examples(a_key_for_ci=API_KEY)
BASELINES = _examples(
    the_last_good_run={"kind": "last_good"},
    a_month_of_nightly_runs={"kind": "rolling", "runs": 5, "looks": 30},
)
