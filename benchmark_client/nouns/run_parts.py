"""What is known of a run: its questions and answers, its figures, its calls and its events."""

from collections.abc import Sequence

from pydantic import JsonValue

from benchmark_client.models.answer import Page
from benchmark_client.models.budgets import Accounts
from benchmark_client.models.events import Event
from benchmark_client.models.results import AttemptRecord, ItemDetail, ItemView, Results, WaitingView
from benchmark_client.modes import M
from benchmark_client.nouns.noun import Noun
from benchmark_client.requests import Call, get, name
from benchmark_client.series import Series, listing, stream
from benchmark_client.verbs import ListVerb, Verb


class RunParts(Noun[M]):
    """Verbs that read a run by its id."""

    @ListVerb
    def items(
        self,
        run_id: str,
        *,
        agent: str | None = None,
        status: str | None = None,
        cause: str | None = None,
        category: str | None = None,
        case_id: str | None = None,
        evaluator: str | None = None,
        correct: bool | None = None,
        min_score: float | None = None,
        max_score: float | None = None,
        min_latency_s: float | None = None,
        max_latency_s: float | None = None,
        min_cost_usd: float | None = None,
        max_cost_usd: float | None = None,
        text: str | None = None,
        most: int | None = None,
    ) -> Series[ItemView]:
        """Every question to every agent, with its answer and verdicts; those that all filters let through.

        `evaluator` says whose verdict the filters of scores (0 to 1) mean; by default that of the first. `text` is
        looked for in answers, and in why there is none.
        """
        request = get(
            f"{_path(run_id)}/items",
            agent=agent,
            status=status,
            cause=cause,
            category=category,
            case_id=case_id,
            evaluator=evaluator,
            correct=correct,
            min_score=min_score,
            max_score=max_score,
            min_latency_s=min_latency_s,
            max_latency_s=max_latency_s,
            min_cost_usd=min_cost_usd,
            max_cost_usd=max_cost_usd,
            text=text,
        )
        return listing(Page[ItemView], request, most)

    @Verb
    def item(self, run_id: str, item_id: str) -> Call[ItemDetail]:
        """One of them with the whole case and every call that was made for it. Raises NotFound."""
        return Call(get(f"{_path(run_id)}/items/{name(item_id)}"), ItemDetail)

    @Verb
    def results(self, run_id: str, *, include: str | None = None) -> Call[Results]:
        """The figures of each agent with their intervals; `include="raw_responses"` brings answers along."""
        return Call(get(f"{_path(run_id)}/results", include=include), Results)

    @Verb
    def report(self, run_id: str) -> Call[dict[str, JsonValue]]:
        """The report of the last aggregation, as it was stored. Raises NotFound before there is one."""
        return Call(get(f"{_path(run_id)}/report"), dict[str, JsonValue])

    @Verb
    def export(self, run_id: str, format: str = "csv", *, agent: str | None = None) -> Call[bytes]:
        """The run as a file: csv, jsonl, parquet, junit, inspect, lm-eval, every-eval-ever, or others that it has.

        Raises Conflict before the run has ended, Invalid for a format with room for one agent where `agent` is missing.
        """
        return Call(get(f"{_path(run_id)}/export", format=format, agent=agent), bytes)

    @Verb
    def report_page(self, run_id: str, *, baseline: str | None = None) -> Call[str]:
        """The report for people: one HTML file that needs nothing but itself. `baseline` is the agent that the others
        are held against, by default the first."""
        request = get(f"{_path(run_id)}/report.html", baseline=baseline)
        return Call(request.with_headers({"Accept": "text/html"}), str)

    @Verb
    def waiting(self, run_id: str) -> Call[WaitingView]:
        """What a run that does not move waits for."""
        return Call(get(f"{_path(run_id)}/waiting"), WaitingView)

    @Verb
    def budget(self, run_id: str) -> Call[Accounts]:
        """What it may spend and has spent, itself and its project."""
        return Call(get(f"{_path(run_id)}/budget"), Accounts)

    @ListVerb
    def attempts(
        self,
        run_id: str,
        *,
        agent: str | None = None,
        status: str | None = None,
        case: int | None = None,
        most: int | None = None,
    ) -> Series[AttemptRecord]:
        """Every call to an agent, the lost ones included; `case` is an index of the case set."""
        request = get(f"{_path(run_id)}/attempts", agent=agent, status=status, case=case)
        return listing(Page[AttemptRecord], request, most)

    @ListVerb
    def events(
        self, run_id: str, *, after: int = 0, types: Sequence[str] = (), away_s: float | None = None
    ) -> Series[Event]:
        """What happened and happens to the run, from its first event on until it has ended.

        Goes on where it was when the service restarts: no event is missed or told twice. `after` is the number of the
        last event that is known already; `types` such as `run.progress` leave out all others. `away_s` as of
        `client.events.follow`.
        """
        return stream(get(f"{_path(run_id)}/events", type=types), after, away_s)

    @ListVerb
    def history(
        self, run_id: str, *, after: int = 0, types: Sequence[str] = (), most: int | None = None
    ) -> Series[Event]:
        """As `events`, but only what has happened by now."""
        return listing(Page[Event], get(f"{_path(run_id)}/events", after=after, type=types), most)


def _path(run_id: str) -> str:
    return f"/v1/runs/{name(run_id)}"
