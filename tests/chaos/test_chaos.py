"""A few faults at once, in every build: what runs show however much dies meanwhile. `make soak` has all of them."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from random import Random

import psutil
import pytest

from tests.chaos.acts import SELDOM, Act, perform, play
from tests.chaos.audit import Figures, audit, audit_losses, audit_runs
from tests.chaos.blows import Blow
from tests.chaos.faults import KILL_API, KILL_TEMPORAL, KILL_WORKER, RESTART_POSTGRES
from tests.chaos.link_faults import RESET_LINKS
from tests.chaos.shapes import Shape
from tests.chaos.site import Site, open_site
from tests.chaos.traffic import CALM, calm_figures, traffic

SHAPE = Shape("short", 40, models=("sums-a", "sums-b"), concurrency=20)
EVERYTHING = Act((KILL_WORKER, RESTART_POSTGRES, KILL_TEMPORAL, KILL_API, RESET_LINKS))


@pytest.mark.timeout(300)
async def test_runs_show_the_same_to_the_last_bit_though_everything_was_killed_meanwhile(tmp_path: Path) -> None:
    async with open_site(tmp_path, seats=2) as site:
        calm = await calm_figures(site, SHAPE)
        async with traffic(site, calm, shapes=[SHAPE]) as visitor:
            blows = await perform(site, EVERYTHING, Random(7))
        assert visitor.findings == []
        assert [blow.troubles for blow in blows if blow.troubles] == []
        assert await audit_losses(site, blows) == []
        assert await audit_runs(site, visitor.names) == []
        await the_audit_would_have_told(site, calm[SHAPE.name], blows)
        family = site.family()
    assert len(family) > len(site.seats)
    _, left = psutil.wait_procs(family, timeout=5)
    assert left == []


async def the_audit_would_have_told(site: Site, calm: Figures, blows: Sequence[Blow]) -> None:
    """Somebody tampers with a run that had nothing wrong."""
    [(run_id, run_no)] = await site.rows("select run_id, run_no from runs where name like 'calm-%'")
    run = {"run_id": run_id, "name": f"{CALM}-{SHAPE.name}-1", "status": "completed"}
    run["counts"] = {"total": 80, "answered": 80, "failed": 0, "evaluated": 80}
    assert (await audit(site, SHAPE, run, calm)).findings == ()
    site.witness.seen[run["name"]] = Counter({("sums-a", "7 + 7"): 2})
    mine = f"where run_no = {run_no} and agent_no = 0 and case_index = 7"
    await site.change(
        f"delete from results {mine}",
        f"update scores set answer = '15' {mine} and evaluator = 'exact'",
        f"update attempts set status = 'unknown', owner = 'nobody' {mine}",
    )
    findings = (await audit(site, SHAPE, run, calm)).findings
    told = ("are (79, 160, 0, 0) instead of", "2 times, and 1 calls were claimed", "/scores is")
    assert [any(word in finding for finding in findings) for word in told] == [True] * len(told), findings
    assert await audit_losses(site, blows) == ["1 claims of nobody were lost, and 0 were open when something struck it"]


def test_a_seed_gives_the_same_play_with_every_fault_in_it_alone_and_among_others() -> None:
    acts = [list(islice(play(seed), 200)) for seed in (3, 3, 4)]
    assert acts[0] == acts[1] != acts[2]
    alone = {act.faults[0].name for act in acts[0] if len(act.faults) == 1}
    among_others = {fault.name for act in acts[0] if len(act.faults) > 1 for fault in act.faults}
    assert alone >= {fault.name for fault in SELDOM} | {KILL_WORKER.name, KILL_TEMPORAL.name, RESTART_POSTGRES.name}
    assert among_others >= {KILL_WORKER.name, KILL_TEMPORAL.name, RESTART_POSTGRES.name}
