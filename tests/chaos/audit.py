"""The one function that says, of a run that went through faults, whether anything was lost, doubled or changed."""

import hashlib
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence, Set
from typing import Any, cast

import orjson

from core.model import Model
from core.runs import ENDED
from tests.chaos.blows import Blow
from tests.chaos.shapes import Shape
from tests.chaos.site import Site

CHANCE = ("latency", "queue", "tokens_per_second", "retried_calls")
"""How figures are called that tell how long things took, or what faults cost: these differ from run to run."""


class Figures(Model):
    """What must come out the same, to the last bit, however much died meanwhile."""

    metrics: dict[str, Any]
    """By agent."""
    scores: str
    """sha256 over every verdict on every answer, in order."""


class Audited(Model):
    run_id: str
    findings: tuple[str, ...] = ()
    """What was wrong; empty if all is as promised."""
    outcomes: int = 0
    calls: int = 0
    """Calls that the provider saw."""
    lost: int = 0
    """Claims whose worker was lost with them."""
    late: int = 0
    """Of those, whose outcome came in after all."""
    resent: int = 0
    """Calls of lost claims that the provider saw: bought twice, or for nothing."""
    lost_for_good: int = 0
    """Questions without an answer because no call may be repeated."""


async def figures_of(site: Site, run_id: str) -> Figures:
    rows = await site.rows(
        "select run_agents.name, metrics from run_agents join runs using (run_no) where run_id = :run_id", run_id=run_id
    )
    scores = await site.rows(
        """
        select agent_no, evaluator, version, trial, case_index, value, answer
        from scores join runs using (run_no) where run_id = :run_id
        order by agent_no, evaluator, version, trial, case_index
        """,
        run_id=run_id,
    )
    return Figures(
        metrics={
            name: {key: kept for key, kept in metrics.items() if not key.startswith(CHANCE)} for name, metrics in rows
        },
        scores=hashlib.sha256(orjson.dumps([list(row) for row in scores])).hexdigest(),
    )


def _differences(own: Any, calm: Any, at: str = "") -> Generator[str]:
    """Where the two differ, and how."""
    if isinstance(own, dict) and isinstance(calm, dict):
        mine, theirs = cast("dict[str, Any]", own), cast("dict[str, Any]", calm)
        for key in sorted(mine.keys() | theirs.keys()):
            yield from _differences(mine.get(key), theirs.get(key), f"{at}/{key}")
    elif own != calm:
        yield f"{at} is {own}, not {calm}"


class Claims(Model):
    """What the ledger has of one question to one model, over all trials."""

    sent: int = 0
    told: int = 0
    """Those of which somebody told how they ended."""
    lost: int = 0
    late: int = 0


NONE = Claims()


async def audit(site: Site, shape: Shape, run: Mapping[str, Any], calm: Figures | None) -> Audited:
    """Holds record, ledger and what the provider saw against each other. `run` is the API's view of an ended run,
    `calm` the figures that it must show; None where there is nothing to compare with yet."""
    run_id = str(run["run_id"])
    claims = await _claims(site, shape, run_id)
    seen = site.witness.seen.get(str(run["name"]), Counter[tuple[str, str]]())
    findings = [*_counts(shape, run), *await _rows(site, shape, run_id), *await _deliveries(site, shape, run_id)]
    for call, times in seen.items():
        if times > (sent := claims.get(call, NONE).sent):
            findings.append(f"the provider saw {call} {times} times, and {sent} calls were claimed")
    lost_for_good = int(run["counts"]["failed"])
    if calm is not None and not lost_for_good and (own := await figures_of(site, run_id)) != calm:
        findings.append(f"other figures than in calm: {', '.join(_differences(own.model_dump(), calm.model_dump()))}")
    return Audited(
        run_id=run_id,
        findings=tuple(f"{run['name']} ({run_id}): {finding}" for finding in findings),
        outcomes=shape.outcomes,
        calls=seen.total(),
        lost=sum(claim.lost for claim in claims.values()),
        late=sum(claim.late for claim in claims.values()),
        resent=sum(max(0, times - claims.get(call, NONE).told) for call, times in seen.items()),
        lost_for_good=lost_for_good,
    )


def _counts(shape: Shape, run: Mapping[str, Any]) -> Generator[str]:
    counts = run["counts"]
    told = counts["answered"] + (counts["failed"] if shape.delivery == "at_most_once" else 0)
    if run["status"] != "completed" or counts["total"] != shape.outcomes or told != shape.outcomes:
        yield f"it ended as {run['status']} with {counts} instead of {shape.outcomes} outcomes"
    if counts["evaluated"] != counts["answered"]:
        yield f"{counts['answered']} answers, and {counts['evaluated']} of them evaluated"


async def _rows(site: Site, shape: Shape, run_id: str) -> Sequence[str]:
    [(results, answered, scores, unscored, unfinished)] = await site.rows(
        """
        select
          (select count(*) from results where results.run_no = runs.run_no),
          (select count(*) from results where results.run_no = runs.run_no and status = 'answered'),
          (select count(*) from scores where scores.run_no = runs.run_no),
          (select count(*) from scores where scores.run_no = runs.run_no and value is null),
          (select count(*) from attempts where attempts.run_no = runs.run_no and status = 'open')
        from runs where run_id = :run_id
        """,
        run_id=run_id,
    )
    wanted = (shape.outcomes, 2 * answered, 0, 0)
    found = (results, scores, unscored, unfinished)
    return [] if found == wanted else [f"(results, scores, unscored, open claims) are {found} instead of {wanted}"]


async def _deliveries(site: Site, shape: Shape, run_id: str) -> Sequence[str]:
    """A lost call is sent again once in a round, or never."""
    [(after_loss, most_lost)] = await site.rows(
        """
        with mine as (select attempts.* from attempts join runs using (run_no) where run_id = :run_id),
        lost as (select * from mine where status in ('unknown', 'late'))
        select
          (select count(*) from mine join lost using (run_no, agent_no, trial, case_index)
           where mine.number > lost.number and mine.status <> 'unsent'),
          (select coalesce(max(times), 0) from (
             select count(*) as times from lost group by agent_no, trial, case_index, round) as each)
        """,
        run_id=run_id,
    )
    if shape.delivery == "at_most_once" and after_loss:
        return [f"{after_loss} calls were sent after one was lost, and none may be"]
    return [f"a question lost {most_lost} calls in one round, and two is the most"] if most_lost > 2 else []


async def _claims(site: Site, shape: Shape, run_id: str) -> Mapping[tuple[str, str], Claims]:
    rows = await site.rows(
        """
        select agent_no, case_index, count(*) filter (where attempts.status <> 'unsent') as sent,
          count(*) filter (where attempts.status in ('answered', 'failed', 'retried')) as told,
          count(*) filter (where attempts.status in ('unknown', 'late')) as lost,
          count(*) filter (where attempts.status = 'late') as late
        from attempts join runs using (run_no) where run_id = :run_id group by agent_no, case_index
        """,
        run_id=run_id,
    )
    return {
        (shape.models[agent_no], f"{index} + {index}"): Claims(sent=sent, told=told, lost=lost, late=late)
        for agent_no, index, sent, told, lost, late in rows
    }


async def audit_losses(site: Site, blows: Iterable[Blow]) -> Sequence[str]:
    """Holds all lost claims against those that were open when faults struck their owners."""
    may_lose: Counter[str] = Counter()
    for blow in blows:
        may_lose.update(blow.may_lose)
    rows = await site.rows(
        "select owner, count(*) from attempts where status in ('unknown', 'late') group by owner order by owner"
    )
    return [
        f"{lost} claims of {owner} were lost, and {may_lose[owner]} were open when something struck it"
        for owner, lost in rows
        if lost > may_lose[owner]
    ]


async def audit_runs(site: Site, names: Set[str]) -> Sequence[str]:
    """Exactly what was submitted has run, each once; but for the runs in the calm before."""
    rows = await site.rows("select name, count(*), min(status) from runs where name not like 'calm-%' group by name")
    doubled = [f"{count} runs of the one submission {name!r}" for name, count, _ in rows if count != 1]
    unknown = [f"a run {name!r} that nobody submitted" for name, _, _ in rows if name not in names]
    unfinished = [f"the run {name!r} is still {status}" for name, _, status in rows if status not in ENDED]
    return [*doubled, *unknown, *unfinished]
